package plan

import (
	"cmp"
	"slices"
	"time"
)

// Wrote takes in a successful write of this run.
func (o *Observed) Wrote(a Act) {
	o.Calls, o.WroteRev, o.JustWrote = nil, a.Rev, true
	if k := a.Kind; k != WriteTakeover && k != WriteRenew && k != WriteNote {
		o.Late = 0
	}
	switch w := a.Write.(type) {
	case ConfirmWrite:
		o.SignedMove.Confirmed, o.SignedMove.Op = true, a.Self.Op
	case MarkWrite:
		s := *o.lastSigned(w.What)
		s.Confirmed, s.Op = true, a.Self.Op
		if w.Retires && !w.Entry.enabled() {
			s.Was = w.Entry
		}
	}
	if s := o.SignedMove; s != nil && s.Confirmed {
		s.Revs = append(slices.Clip(s.Revs), a.Rev)
	}
	o.AdoptedHere = o.AdoptedHere || a.adopts()
	switch w := a.Write.(type) {
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
	o.ClaimedHere, o.MayMake, o.GaveLease = c.ID, c.ID, false
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
	o.GaveLease = o.GaveLease || n.Free
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
		o.Restored = a.Version
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	case KeptWrite:
		o.OldBegun++
	case CheckedWrite:
		o.OldBegun++
		o.learnOld(a.KeyID, func(s *OldSeen) {
			if !s.SeesTo.IsZero() { // of a reinstated version it is the result that is written
				s.SeesTo = time.Time{}
				return
			}
			*s = OldSeen{Checking: true, CheckingSince: a.At}
		})
	case MarkNoWrite:
		o.oldNoted(a)
	case DeletingWrite:
		o.oldNoted(a)
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	case RetiredWrite:
		o.oldNoted(a)
		o.MarkRefusal, o.DidVerb = cmp.Or(w.Refusal, o.MarkRefusal), o.DidVerb || w.Retires
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	}
}

// Begun reports whether the record has the change that a person's verb wants, by this run's
// own write or by an open generation that it joined.
func (o *Observed) Begun() bool {
	return o.ClaimedHere != "" || o.Joined != "" || o.DidVerb || o.AdoptedHere
}

// oldNoted takes in that the record has the answer to the call against an old version.
func (o *Observed) oldNoted(a Act) {
	if o.SignedOld != nil && o.SignedOld.KeyID == a.KeyID {
		o.SignedOld.Noted = true
	}
}

// LostTo takes in that a write of this run failed because somebody else had written the
// record. The write may have succeeded all the same: its answer was lost, others wrote
// after it, and the repetition failed because of that. The event at its revision shows
// which. A person's verb must not be done twice, nor after what others did since. For
// signatures nothing follows: see mayHaveStruck.
func (o *Observed) LostTo(a Act, r *Record) {
	o.Lost()
	if r == nil {
		return
	}
	at := slices.IndexFunc(r.Events, func(e Event) bool { return e.Rev == a.Rev })
	switch {
	case at < 0 && (len(r.Events) == 0 || r.Events[0].Rev <= a.Rev):
		return // the record has not reached that revision, or was made again
	case at < 0 && (a.isVerb() || a.ClaimID() != ""): // only the ledger still has that event
		o.MayHaveMade = &a
	case at >= 0 && a.wrote(r.Events[at]):
		o.made(a)
	}
}

// heard takes in what the ledger says about a write that was perhaps made.
func (o *Observed) heard(ledger []Event) {
	a := o.MayHaveMade
	o.MayHaveMade = nil
	if slices.ContainsFunc(ledger, a.wrote) {
		o.made(*a)
	}
}

// wrote reports whether an event is that of the write. A run that works on several versions of a
// key may have an earlier write at the same revision, which arrived late.
func (a Act) wrote(e Event) bool {
	other := a.isVerb() && (e.Version != a.Version || !e.Is(kinds[a.Kind].event))
	return e.Rev == a.Rev && e.Run == a.Self.Run && !other
}

// made takes in that a write was made whose answer was lost, and that others wrote after it.
func (o *Observed) made(a Act) {
	o.WroteRev = max(o.WroteRev, a.Rev)
	o.Joined = cmp.Or(o.Joined, a.ClaimID())
	o.AdoptedHere = o.AdoptedHere || a.adopts()
	if a.isVerb() {
		o.wroteOld(a)
	}
}

// adopts reports whether a write takes the key as it is.
func (a Act) adopts() bool {
	switch a.Write.(type) {
	case AdoptWrite, AdoptDriftWrite, RebuildWrite:
		return true
	}
	return false
}

// isVerb reports whether a write is all that a person's verb asks for.
func (a Act) isVerb() bool {
	return a.Kind == WriteHold || a.Kind == WriteRelease || a.Kind == WriteReinstate
}

// Lost takes in that somebody else wrote the record meanwhile. It throws unconfirmed
// signatures away and drops what may have changed. Answers stay.
func (o *Observed) Lost() {
	o.JustWrote = false
	o.Forget()
	for _, s := range []**Signature{&o.SignedMove, &o.SignedOld} {
		if *s != nil && !(*s).Confirmed {
			*s = nil
		}
	}
}
