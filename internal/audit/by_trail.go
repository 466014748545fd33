package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Change is a call by which somebody else than keyturn has disabled a KMS key or scheduled its
// deletion, as a trail has it.
type Change struct {
	// Key is the key's name in the plan.
	Key, KeyID           string
	Operation, RequestID string
	At                   time.Time
	By                   string
	// Undone is when another call has undone it; zero if none is known.
	Undone time.Time
}

// brought reports whether the call may have brought a finding about: nothing has undone it
// since, or only after a run had found what it did.
func (ch Change) brought(f *Finding) bool {
	if (f.ended == drainEnd{}) {
		return ch.Undone.IsZero()
	}
	return !ch.At.After(f.ended.found) && (ch.Undone.IsZero() || ch.Undone.After(f.ended.found))
}

// named are the findings of which KMS shows neither who brought them about nor when, and a
// trail may have the call.
var named = map[plan.Code][]string{
	plan.CodeActiveDisabled:   {"DisableKey", "ScheduleKeyDeletion"},
	plan.CodeBadTarget:        {"DisableKey", "ScheduleKeyDeletion"},
	plan.CodeVersionDisabled:  {"DisableKey"},
	plan.CodeVersionGone:      {"ScheduleKeyDeletion"},
	plan.CodeDeletionUnknown:  {"ScheduleKeyDeletion"},
	plan.CodeDisabledByOthers: {"DisableKey"},
}

// NameChanges adds to findings what a trail shows of them: who has done it, when, and how long
// before the deadline of a drain. Of several calls the last one counts.
func NameChanges(findings []Finding, changes []Change) {
	for i := range findings {
		f := &findings[i]
		var last *Change
		for _, ch := range changes {
			if f.KeyID != "" && ch.KeyID == f.KeyID && ch.Key == f.Key &&
				slices.Contains(named[f.Code], ch.Operation) && ch.brought(f) &&
				(last == nil || ch.At.After(last.At)) {
				last = &ch
			}
		}
		if last != nil {
			f.by(*last)
		}
	}
}

// by names the call that brought a finding about.
func (f *Finding) by(ch Change) {
	f.Since, f.AtEarliest = ch.At, false
	if ch.RequestID != "" {
		f.Evidence.RequestIDs = append(f.Evidence.RequestIDs, ch.RequestID)
	}
	if f.ended == (drainEnd{}) {
		f.What += fmt.Sprintf("; the trail has %s by %s on %s", ch.Operation, ch.By, plan.Stamp(ch.At))
		return
	}
	f.What = fmt.Sprintf("%s was disabled by %s at %s, %s (%s); a run found it so at %s", plan.VersionName(f.Version),
		ch.By, plan.Stamp(ch.At), f.ended.distance(ch.At), plan.Stamp(f.ended.deadline), plan.Stamp(f.ended.found))
}

// distance describes how long before or after the deadline of a drain a moment is.
func (e drainEnd) distance(at time.Time) string {
	if at.Before(e.deadline) {
		return plan.Age(e.deadline.Sub(at)) + " before its deadline"
	}
	return plan.Age(at.Sub(e.deadline)) + " after its deadline"
}
