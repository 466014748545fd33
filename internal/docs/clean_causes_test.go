package docs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// cause returns why a finding is false at a moment; "" if what it says is so, for a reason
// that an audit may have a finding for.
type cause func(s *truth, f document.Finding) string

// causes are those of all that an audit may find at rest.
var causes = map[plan.Code]cause{
	plan.CodeHeldItself:       heldItself,
	plan.CodeHoldTooLong:      held,
	plan.CodeHeld:             held,
	plan.CodeSealBroken:       sealBroken,
	plan.CodeOrphan:           orphan,
	plan.CodeLateVersion:      lateVersion,
	plan.CodeRecordRestored:   recordRestored,
	plan.CodeDeletionUnwanted: deletionUnwanted,
	plan.CodeMaxDraining:      tooManyDrain,
	plan.CodeDrainsOverlap:    drainsOverlap,
	plan.CodeDrainOver:        drainOver,
	plan.CodeOverdue:          overdue,
	plan.CodePlansDiffer:      plansDiffer,
	plan.CodeWindowMissed:     windowMissed,
	plan.CodeLedgerBehind:     ledgerBehind,
	plan.CodeAutoRotation:     autoRotation,
	plan.CodeGenerationOpen:   generationOpen,
}

// falsely returns why a finding is false; "" if it is true.
func (s *truth) falsely(f document.Finding) string {
	is, known := causes[f.Code]
	switch {
	case !known:
		return "nothing in a clean history leads to it"
	case s.record == nil && f.Code != plan.CodeOrphan:
		return "there is no record"
	case s.record != nil && s.older() && f.Code != plan.CodeRecordRestored && f.Code != plan.CodeOrphan:
		return "the record is an older copy, of which it follows"
	}
	return is(s, f)
}

// unless returns a text if a condition does not hold.
func unless(holds bool, format string, args ...any) string {
	if holds {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func is(f document.Finding, l audit.Level) bool { return f.Level == string(l) }

// heldItself: refusals of this generation; or, before a rebuild, events that were lost, or a
// version that no event tells.
func heldItself(s *truth, _ document.Finding) string {
	r := s.record
	if !s.held() || !r.Hold.Self {
		return "the key does not hold itself"
	}
	if strings.Contains(r.Hold.Reason, "definite refusals") {
		hours := map[time.Time]bool{}
		for _, at := range s.refusals {
			if r.Claim != nil && !at.Before(r.Claim.At) {
				hours[at.Truncate(time.Hour)] = true
			}
		}
		return unless(len(hours) >= 5, "calls of this generation were refused in %d hours", len(hours))
	}
	i := slices.IndexFunc(s.writes, func(w write) bool { return w.event.Is(plan.EventRebuild) && w.after.Hold != nil })
	lost := slices.ContainsFunc(s.writes[:max(i, 0)], func(w write) bool { return s.lost(w) })
	untold := slices.ContainsFunc(slices.Collect(maps.Keys(s.kms.Names)), func(name string) bool {
		_, version, ok := plan.SplitVersion(name)
		return ok && strings.Contains(r.Hold.Reason, "how "+plan.VersionName(version)+" came about") &&
			!slices.ContainsFunc(s.writes, func(w write) bool {
				return w.event.KeyID == s.kms.Names[name] && !w.event.Is(plan.EventRebuild)
			})
	})
	return unless(lost || untold, "no event was lost before a rebuild, and each version is told")
}

// held: a person holds the key, for so long.
func held(s *truth, f document.Finding) string {
	if v := s.record.EntryOf(f.KeyID); v != nil {
		return unless(f.Code == plan.CodeHeld && s.versionHeld(v.Version), "no person holds the version")
	}
	since, _ := s.heldBy()
	if since.IsZero() || s.record.Hold.Self {
		return "no person holds the key"
	}
	long := s.now.Sub(since) > 30*day
	return unless(long == (f.Code == plan.CodeHoldTooLong), "the key is held since %s", since.Format(time.RFC3339))
}

// sealBroken: the event of the claim that made this version is really lost.
func sealBroken(s *truth, f document.Finding) string {
	tag := s.kms.Tags[f.KeyID]["keyturn:ledger"]
	w, ok := s.written(tag)
	switch {
	case !ok:
		return "no claim has the hash that its tag has"
	case f.Observed != "":
		return "no event contradicts a seal"
	}
	return unless(s.lost(w), "the event of its claim is there, revision %d", w.event.Rev)
}

// orphan: keyturn made the key for a claim, no record has it, and nothing but its own name
// names it. One that is to be disabled was never live.
func orphan(s *truth, f document.Finding) string {
	tags, names, state := s.kms.Tags[f.KeyID], s.names(f.KeyID), s.kms.State[f.KeyID]
	claimed := slices.ContainsFunc(s.writes, func(w write) bool {
		return w.event.Claim != "" && w.event.Claim == tags["keyturn:claim"]
	})
	own := []string{alias + "/v" + tags["keyturn:version"]}
	switch {
	case !claimed:
		return "no claim made it"
	case s.record != nil && s.record.EntryOf(f.KeyID) != nil:
		return "the record has it"
	case len(names) > 0 && !slices.Equal(names, own):
		return fmt.Sprintf("%s names it", names)
	case !is(f, audit.Person):
		return ""
	case state != "Enabled":
		return "it is " + state
	}
	return unless(!s.wasLive(f.KeyID), "it was live, and is to be disabled")
}

// lateVersion: the version has its name, and its claim was given up.
func lateVersion(s *truth, f document.Finding) string {
	tags := s.kms.Tags[f.KeyID]
	claim := tags["keyturn:claim"]
	begun := slices.IndexFunc(s.writes, func(w write) bool { return claim != "" && w.event.Claim == claim })
	switch {
	case begun < 0:
		return "no claim made it"
	case s.kms.Names[alias+"/v"+tags["keyturn:version"]] != f.KeyID:
		return "its name does not name it"
	case s.record.EntryOf(f.KeyID) != nil:
		return "the record has it"
	}
	gone := slices.ContainsFunc(s.writes[begun:], func(w write) bool {
		return w.event.GaveUp == claim || w.event.Is(plan.EventRebuild)
	})
	return unless(gone, "its claim was not given up")
}

// recordRestored: another record was written later than this one.
func recordRestored(s *truth, _ document.Finding) string {
	return unless(s.older(), "the record is the one written last")
}

// deletionUnwanted: this version is being deleted, and the plan keeps or disables.
func deletionUnwanted(s *truth, f document.Finding) string {
	v, state := s.record.EntryOf(f.KeyID), s.kms.State[f.KeyID]
	switch {
	case v == nil || v.State != plan.Deleting || state != "PendingDeletion":
		return "it is " + state
	}
	return unless(s.terms.retire != deletes, "the plan deletes")
}

// tooManyDrain: so many versions await disabling, and will when the next claim is due. It
// needs a person while a claim is due now.
func tooManyDrain(s *truth, f document.Finding) string {
	at, due := s.due()
	open := s.record.Step != plan.Steady
	switch n := s.inTheWay(); {
	case n < maxDraining:
		return fmt.Sprintf("%d await disabling when a claim is due, at %s", n, at.Format(time.RFC3339))
	case is(f, audit.Person) != (due && !open && !s.held()):
		return fmt.Sprintf("due: %v, open: %v, held: %v", due, open, s.held())
	}
	return ""
}

func drainsOverlap(s *truth, _ document.Finding) string {
	_, open := s.drains()
	return unless(len(open) > 1, "%d versions drain", len(open))
}

// drainOver: the drain of this version is over, it is enabled, and the key is held, the
// version is in use, or no run could end it yet.
func drainOver(s *truth, f document.Finding) string {
	over, _ := s.drains()
	i := slices.IndexFunc(over, func(v plan.Version) bool { return v.KeyID == f.KeyID })
	if i < 0 {
		return "its drain lasts, or it is not enabled"
	}
	return unless(s.stays(over[i]) || s.unended(over[i]), "the next run disables it")
}

// overdue: a claim has been possible for two hours, and versions that await disabling are in
// its way, or no run came.
func overdue(s *truth, _ document.Finding) string {
	at, due := s.due()
	at = laterOf(at, s.resumed())
	switch {
	case !due || s.now.Sub(at) <= 2*time.Hour:
		return "nothing has been due for two hours; next is " + at.Format(time.RFC3339)
	case s.record.Step != plan.Steady || s.held():
		return "the key is held, or a generation is open"
	}
	return unless(s.inTheWay() >= maxDraining || !s.ranSince(at), "nothing was in the way of runs")
}

// plansDiffer: the terms of the writes that it names really came back, and pools had other
// plans meanwhile.
func plansDiffer(s *truth, f document.Finding) string {
	turns := s.turns()
	if turns == nil {
		return "no two plans came back both"
	}
	var revs []int64
	for _, t := range turns {
		revs = append(revs, t.first.Rev)
	}
	last := turns[len(turns)-1].first.At
	switch {
	case f.Evidence == nil || !slices.Equal(f.Evidence.Revs, revs):
		return fmt.Sprintf("the turns began with revisions %v", revs)
	case is(f, audit.Person) != (s.now.Sub(last) <= 7*day):
		return "the last turn was at " + last.Format(time.RFC3339)
	}
	return unless(s.mixed(turns[1].first.At, last), "no pool had another plan than the other")
}

func windowMissed(s *truth, f document.Finding) string {
	missed := s.windowsMissed()
	return unless(slices.ContainsFunc(missed, f.Since.Equal), "missed were %v", missed)
}

// ledgerBehind: these events stand in the record alone, for an hour, because the run that
// wrote them could not copy them.
func ledgerBehind(s *truth, f document.Finding) string {
	alone, run := s.alone()
	if f.Evidence == nil || !slices.Equal(f.Evidence.Revs, alone) {
		return fmt.Sprintf("%v stand in the record alone", alone)
	}
	return unless(s.hindered[run], "all calls of run %s were answered", run)
}

// autoRotation: KMS rotates this version otherwise than the plan says, or than the version
// before, and it was adopted or made by another plan.
func autoRotation(s *truth, f document.Finding) string {
	v := s.record.EntryOf(f.KeyID)
	for n := int64(1); v == nil && n <= s.record.LeftOut; n++ {
		// The list of the record left it out, and KMS shows it to be a kept version.
		if s.kms.Names[fmt.Sprintf("%s/v%d", alias, n)] == f.KeyID && s.kms.State[f.KeyID] == "Enabled" {
			v = &plan.Version{Version: n, State: plan.Kept, Adopted: s.kms.Tags[f.KeyID]["keyturn:claim"] == ""}
		}
	}
	if v == nil || v.State.Retired() && v.State != plan.Kept {
		return "it is no version that anybody can use"
	}
	want, ok := s.terms.rotates()
	if !ok {
		before := s.before()
		if v.Version != s.record.Active || before == nil {
			return "it is not the live version, or there was none before it"
		}
		want = s.rotation(before.KeyID)
	}
	if days := s.rotation(f.KeyID); days == want {
		return fmt.Sprintf("its rotation is as it should be: %d", days)
	}
	if v.Adopted || !ok {
		return ""
	}
	for _, w := range s.writes {
		if w.event.Is(plan.EventClaim) && w.event.Claim == s.kms.Tags[f.KeyID]["keyturn:claim"] {
			then, ok := s.witness.terms[w.event.Run].rotates()
			return unless(!ok || then != want, "it was made by a plan that says the same")
		}
	}
	return ""
}

// generationOpen: a generation is open, and the key is held, or no run has come for an hour,
// which needs a person.
func generationOpen(s *truth, f document.Finding) string {
	idle := laterOf(s.record.Claim.At, s.resumed())
	switch {
	case s.record.Step == plan.Steady:
		return "no generation is open"
	case is(f, audit.Person):
		return unless(!s.held() && s.now.Sub(idle) > time.Hour && !s.ranSince(s.now.Add(-time.Hour)), "a run came")
	}
	return unless(s.held(), "the key is not held")
}
