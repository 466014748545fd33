package iam

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// denies protects keys whatever else is allowed, by this policy or another one
// on the same role.
//
// A Deny by kms:ResourceAliases holds while the alias is on the key, and up to
// five minutes longer: that delays a retirement, and harms nothing. A run's own
// key that lost to another's has no alias and may be disabled.
//
// kms:TrailingDaysWithoutKeyUsage counts whole days since the last use; for a
// key never used, since it was made or since KMS keeps count.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
func (w *writer) denies() {
	end := []string{"kms:DisableKey", "kms:ScheduleKeyDeletion"}
	w.deny("NeverLiveNorKept", end, w.keys(), named(w.each(func(k plan.Policy) []string {
		if w.role == Cron && k.Retire.Action != plan.RetireKeep {
			return []string{k.Alias}
		}
		return names(k) // a person's verbs end no version at all
	})))
	if w.role != Cron {
		return
	}
	for _, d := range w.quiet() {
		w.deny("NeverInUse"+days(d)+"Days", end, w.keys(),
			condition{"NumericLessThan", "kms:TrailingDaysWithoutKeyUsage", []string{days(d)}},
			named(w.each(func(k plan.Policy) []string {
				if len(asksForUse(k)) == 0 || k.Retire.UnlessUsedWithin.Truncate(24*time.Hour) != d {
					return nil
				}
				return []string{versions(k)}
			})))
	}
}

// quiet are the spans of unless_used_within in the plan, in whole days. Less
// than a day the condition cannot say.
func (w *writer) quiet() []time.Duration {
	var list []time.Duration
	for _, k := range w.plan.Keys {
		d := k.Retire.UnlessUsedWithin.Truncate(24 * time.Hour)
		if len(asksForUse(k)) > 0 && d > 0 && !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	slices.Sort(list)
	return list
}
