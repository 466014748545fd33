package iam

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// The Denies hold whatever else is allowed, by these policies or another one on
// the same role.
//
// Those that say "other than these" protect what is not of the plan. Such a Deny
// holds the whole list in one statement: two lists would each deny what only the
// other one has. Those that say "these" protect the plan's own keys from a bug
// and from a wrong plan; any number of statements may share their list.
//
// Conditions by kms:ResourceAliases see the aliases as they were up to five
// minutes ago: a stranger's key must have had its alias for that long.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html

// neverTag keeps the tag of keyturn, which gives reach and shows whose a version
// is, off every key that has a name: tags come with CreateKey.
func (w *writer) neverTag() {
	w.deny("NeverTagNamed", []string{"kms:TagResource"}, w.anyKey(), given("kms:ResourceAliases"))
}

// neverOthers takes out of reach what bears another alias and no version alias of
// ours. A version of ours may have been given a second alias since, and an alias
// must move off it all the same.
func (w *writer) neverOthers() {
	reach := []string{"kms:CreateAlias", "kms:UpdateAlias", "kms:EnableKey", "kms:EnableKeyRotation",
		"kms:CancelKeyDeletion"}
	reach = append(reach, w.everyProbe()...)
	slices.Sort(reach)
	w.deny("NeverOthers", reach, w.anyKey(), namedOtherwise(append(w.names(), w.also()...)), namedByNone(w.versions()))
}

// neverEndOthers ends nothing that has any other name: such a version is live, or
// somebody uses it by another alias. A run's own key that lost to another's has no
// alias, and may be disabled.
func (w *writer) neverEndOthers() {
	w.deny("NeverEndOthers", ends(), w.anyKey(), namedOtherwise(w.versions()))
}

// neverMoveVersions keeps version aliases where they are. Where a pattern stands
// for the plan's aliases, it stands for those of their versions, too.
func (w *writer) neverMoveVersions() {
	if len(w.Patterns) > 0 {
		w.deny("NeverMoveVersions", []string{"kms:UpdateAlias"}, w.aliasARNs(w.versions()))
	}
}

// neverOthersItems protects the records of other plans in the same table.
func (w *writer) neverOthersItems() {
	w.deny("NeverOthersItems", []string{"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PartiQLDelete",
		"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PutItem", "dynamodb:UpdateItem"}, w.tables(),
		condition{w.like("ForAnyValue:StringNotEquals"), "dynamodb:LeadingKeys", w.items(w.all)})
}

func ends() []string { return []string{"kms:DisableKey", "kms:ScheduleKeyDeletion"} }

// neverLiveNorKept ends no key that the alias names, even where that looks like
// the name of a version, and no version that cron is to keep. A person may retire any.
func (w *writer) neverLiveNorKept() {
	w.deny("NeverLiveNorKept", ends(), w.anyKey(), named(w.each(func(k plan.Policy) []string {
		if w.Role == Cron && k.Retire.Action == plan.RetireKeep {
			return []string{k.Alias, versions(k.Alias)}
		}
		return []string{k.Alias}
	})))
}

// neverDeleted deletes no version that is only to be disabled. A person's verbs delete none.
func (w *writer) neverDeleted() {
	w.deny("NeverDeleted", []string{"kms:ScheduleKeyDeletion"}, w.anyKey(), named(w.each(func(k plan.Policy) []string {
		if w.Role == Cron && k.Retire.Action != plan.RetireDisable {
			return nil
		}
		return []string{versions(k.Alias)}
	})))
}

// neverDeletedSooner leaves each version the plan's deletion window.
func (w *writer) neverDeletedSooner() {
	if w.Role != Cron {
		return
	}
	for d, patterns := range w.spans(deleted, func(k plan.Policy) time.Duration { return k.Retire.DeletionWindow }) {
		short := condition{"NumericLessThan", "kms:ScheduleKeyDeletionPendingWindowInDays", []string{days(d)}}
		w.deny("NeverDeletedWithin"+days(d)+"Days", []string{"kms:ScheduleKeyDeletion"}, w.anyKey(), short,
			named(patterns))
	}
}

// neverInUse ends no version that was used lately.
//
// kms:TrailingDaysWithoutKeyUsage counts whole days since the last use; for a
// key never used, since it was made or since KMS keeps count.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
func (w *writer) neverInUse() {
	if w.Role != Cron {
		return
	}
	quiet := func(k plan.Policy) []string {
		if len(asksForUse(k)) == 0 {
			return nil
		}
		return []string{versions(k.Alias)}
	}
	for d, patterns := range w.spans(quiet, func(k plan.Policy) time.Duration { return k.Retire.UnlessUsedWithin }) {
		w.deny("NeverInUse"+days(d)+"Days", ends(), w.anyKey(),
			condition{"NumericLessThan", "kms:TrailingDaysWithoutKeyUsage", []string{days(d)}}, named(patterns))
	}
}

// spans yields what some keys have in common, by a span of theirs in whole days,
// the shortest first. Less than a day the conditions cannot say.
func (w *writer) spans(
	of func(plan.Policy) []string,
	span func(plan.Policy) time.Duration,
) iter.Seq2[time.Duration, []string] {
	by := map[time.Duration][]string{}
	for _, k := range w.keys {
		if d := span(k).Truncate(24 * time.Hour); d > 0 && len(of(k)) > 0 {
			by[d] = append(by[d], of(k)...)
		}
	}
	return func(yield func(time.Duration, []string) bool) {
		for _, d := range slices.Sorted(maps.Keys(by)) {
			if !yield(d, by[d]) {
				return
			}
		}
	}
}
