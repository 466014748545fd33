package docs

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// wanted gathers what is so and no finding says.
type wanted struct {
	found   []document.Finding
	missing []string
}

// want notes that a finding is wanted if something is so; about a KMS key, if one is given.
func (w *wanted) want(is bool, code plan.Code, keyID string) {
	if is && !slices.ContainsFunc(w.found, func(f document.Finding) bool {
		return f.Code == code && (keyID == "" || f.KeyID == keyID)
	}) {
		w.missing = append(w.missing, fmt.Sprint(code, " ", keyID))
	}
}

// missing returns what is so and no finding says.
func (s *truth) missing(found []document.Finding) []string {
	w := &wanted{found: found}
	r := s.record
	for id := range s.kms.State {
		made := s.kms.Tags[id]["keyturn:claim"] != "" && len(s.names(id)) == 0
		w.want(made && (r == nil || !s.older() && r.EntryOf(id) == nil), plan.CodeOrphan, id)
	}
	switch {
	case r == nil:
	case s.older():
		w.want(true, plan.CodeRecordRestored, "")
	default:
		for _, v := range r.Versions {
			s.wantOf(w, v)
		}
		s.wantHold(w)
		s.wantSchedule(w)
		s.wantLedger(w)
	}
	return w.missing
}

func (s *truth) wantOf(w *wanted, v plan.Version) {
	state := s.kms.State[v.KeyID]
	w.want(v.State == plan.Deleting && state == "PendingDeletion" && s.terms.retire != deletes,
		plan.CodeDeletionUnwanted, v.KeyID)
	// On a held key, one that its terms or the plan keep would stay enabled without the hold, too.
	kept := !v.AwaitsDisabling() || s.terms.retire == "keep"
	w.want(v.State == plan.Draining && state == "Enabled" && s.stays(v) && (!s.held() && !v.Held(s.now) ||
		s.held() && !kept), plan.CodeDrainOver, v.KeyID)
	w.want(v.Held(s.now), plan.CodeHeld, v.KeyID)
	if days, ok := s.terms.rotates(); ok && state == "Enabled" &&
		(v.Version == s.record.Active || v.State == plan.Draining || v.State == plan.Kept) {
		w.want(s.rotation(v.KeyID) != days, plan.CodeAutoRotation, v.KeyID)
	}
	tag, ok := s.written(s.kms.Tags[v.KeyID]["keyturn:ledger"])
	w.want(ok && s.lost(tag), plan.CodeSealBroken, "") // the newest says it for all
}

func (s *truth) wantHold(w *wanted) {
	since, _ := s.heldBy()
	self := s.held() && s.record.Hold.Self
	long := s.now.Sub(since) > 30*day
	w.want(self, plan.CodeHeldItself, "")
	w.want(s.held() && !self && long, plan.CodeHoldTooLong, "")
	w.want(s.held() && !self && !long, plan.CodeHeld, "")
}

func (s *truth) wantSchedule(w *wanted) {
	r := s.record
	_, open := s.drains()
	many := s.inTheWay() >= maxDraining
	w.want(many, plan.CodeMaxDraining, "")
	w.want(!many && len(open) > 1, plan.CodeDrainsOverlap, "")
	at, due := s.due()
	late := due && s.now.Sub(laterOf(at, s.resumed())) > 2*time.Hour
	w.want(late && r.Step == plan.Steady && !s.held(), plan.CodeOverdue, "")
	waits := r.Step == plan.Created && s.now.Before(r.Next().CreatedAt.Add(r.Claim.Prepublish))
	w.want(r.Step != plan.Steady && !waits, plan.CodeGenerationOpen, "")
	for _, start := range s.windowsMissed() {
		if !slices.ContainsFunc(w.found, func(f document.Finding) bool {
			return f.Code == plan.CodeWindowMissed && f.Since != nil && f.Since.Equal(start)
		}) {
			w.missing = append(w.missing, fmt.Sprint(plan.CodeWindowMissed, " ", start))
		}
	}
}

func (s *truth) wantLedger(w *wanted) {
	alone, _ := s.alone()
	w.want(len(alone) > 0, plan.CodeLedgerBehind, "")
	if turns := s.turns(); turns != nil {
		w.want(s.mixed(turns[1].first.At, turns[len(turns)-1].first.At), plan.CodePlansDiffer, "")
	}
}
