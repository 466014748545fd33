package plan

import (
	"cmp"
	"slices"
)

// Wrote takes in that a write of this run has succeeded.
func (o *Observed) Wrote(a Act) {
	o.Calls = nil
	switch w := a.Write.(type) {
	case ConfirmWrite:
		o.SignedMove.Confirmed, o.SignedMove.Op = true, a.Self.Op
	case MarkWrite:
		s := *o.lastSigned(w.What)
		s.Confirmed, s.Op = true, a.Self.Op
	}
	if s := o.SignedMove; s != nil && s.Confirmed {
		s.Revs = append(slices.Clip(s.Revs), a.Rev)
	}
	switch w := a.Write.(type) {
	case AdoptWrite, AdoptDriftWrite, RebuildWrite:
		o.AdoptedHere = true
	case FirstClaimWrite:
		o.claimed(w.Claim)
	case ClaimWrite:
		o.claimed(w.Claim)
	case Note:
		o.noted(w)
	case FinishWrite:
		if o.SignedMove != nil {
			o.SignedMove.Noted = true
		}
	case AbandonWrite:
		o.ClaimedHere = a.ClaimID()
		if w.Claim != nil {
			o.MayMake = w.Claim.ID
		}
		o.Alias, o.Target, o.Probe, o.SignedMove = nil, nil, nil, nil
	default:
		o.wroteOld(a)
	}
}

func (o *Observed) claimed(c Claim) {
	o.ClaimedHere, o.MayMake = c.ID, c.ID
	o.Target, o.Probe, o.SignedMove, o.Gate = nil, nil, nil, nil
}

func (o *Observed) noted(n Note) {
	if n.Answered && o.SignedMove != nil {
		o.SignedMove.Noted = true
	}
	switch {
	case n.KeyFor != "":
		o.MayMake = n.KeyFor
	case n.NoKey:
		o.MayMake = ""
	}
	if o.Failure != nil {
		o.Failure.Noted = true
	}
}

// wroteOld takes in the writes about old versions and holds.
func (o *Observed) wroteOld(a Act) {
	switch w := a.Write.(type) {
	case HoldWrite, ReleaseWrite:
		o.DidVerb = true
	case ReinstateWrite:
		o.DidVerb, o.VerbVersion = true, a.Version
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{Listed: s.Listed, Aliases: s.Aliases, Named: s.Named} })
	case LookAgainWrite:
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{SeesTo: w.LookAfter} })
	case LookedWrite:
		o.Restored = o.Restored || o.DidVerb && a.Version == o.VerbVersion
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	case KeptWrite:
		o.OldBegun++
	case CheckedWrite:
		o.OldBegun++
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{Asked: true, AskedAt: a.At} })
	case MarkNoWrite:
		o.oldNoted(a)
	case DeletingWrite:
		o.oldNoted(a)
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	case RetiredWrite:
		o.oldNoted(a)
		o.MarkRefusal = cmp.Or(w.Refusal, o.MarkRefusal)
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	}
}

// Begun reports whether what a person's verb asks for stands in the record, by this
// run's own write, or because an open generation is the same.
func (o *Observed) Begun() bool {
	return o.ClaimedHere != "" || o.Joined != "" || o.DidVerb || o.AdoptedHere
}

// oldNoted takes in that the record says what became of the call against an old
// version.
func (o *Observed) oldNoted(a Act) {
	if o.SignedOld != nil && o.SignedOld.KeyID == a.KeyID {
		o.SignedOld.Noted = true
	}
}

// LostTo takes in that a write of this run met a record that somebody else had
// written. It may have landed all the same: its answer was lost, others wrote on
// top, and the repetition failed on that. What stands at its revision tells. What
// a person's verb is about must not be done twice, nor over what came after it;
// of signatures nothing is concluded: see mayHaveStruck.
func (o *Observed) LostTo(a Act, r *Record) {
	o.Lost()
	if r == nil {
		return
	}
	at := slices.IndexFunc(r.Events, func(e Event) bool { return e.Rev == a.Rev })
	switch {
	case at < 0 && (len(r.Events) == 0 || r.Events[0].Rev <= a.Rev):
		return // it is before that revision still, or made anew
	case at < 0: // so much was written since that only the ledger tells
		o.Joined = cmp.Or(o.Joined, a.ClaimID())
	case r.Events[at].Run != a.Self.Run:
	default:
		o.Joined = cmp.Or(o.Joined, a.ClaimID())
		switch a.Kind {
		case WriteHold, WriteRelease, WriteReinstate:
			o.wroteOld(a)
		}
	}
}

// Lost takes in that somebody else wrote the record meanwhile: unsent signed
// bytes are thrown away, what may have changed is forgotten, answers are kept.
func (o *Observed) Lost() {
	o.Forget()
	for _, s := range []**Signature{&o.SignedMove, &o.SignedOld} {
		if *s != nil && !(*s).Confirmed {
			*s = nil
		}
	}
}
