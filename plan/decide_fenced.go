package plan

import (
	"fmt"
	"time"
)

// maySend reports whether a signature may be sent: the write that confirmed it must be
// the last write of the record. After any other write it is thrown away for good,
// because the fence may have been removed, or another generation claimed.
func (d decider) maySend(s *Signature) bool {
	return s != nil && s.Confirmed && s.Answer == nil && !s.Noted && s.Op == d.r.Op &&
		s.Generation == d.signedFor(s.What) && (s.What != FencedMove || d.r.Step == Switching)
}

// fencedCall decides the next act of a fenced call: it is signed, a write confirms the
// signature, and exactly those bytes are sent. before is the look that comes before a
// signature; nil if there is none.
func (d decider) fencedCall(s *Signature, terms Terms, v Version, before *Decision) *Decision {
	f := fencings[terms.What]
	call := Act{Version: v.Version, KeyID: v.KeyID, Terms: terms}
	if terms.What == FencedMove {
		call.Name = d.p.Alias
	}
	made := s != nil && !s.Confirmed && s.What == terms.What && s.KeyID == v.KeyID &&
		s.Generation == d.signedFor(terms.What)
	skew := time.Duration(0)
	if made {
		skew = s.Date.Sub(d.now).Abs()
	}
	switch {
	case d.maySend(s) && s.KeyID == v.KeyID && s.What == terms.What:
		call.Kind = f.send
	case made && skew <= SignedSkew:
		return &Decision{Act: Writing(v.Version, v.KeyID, f.confirm(v, s))}
	case made && d.o.Tries[f.sign] >= MaxTries:
		why := fmt.Sprintf("signatures are dated %s off AWS's time", skew.Round(time.Second))
		return stop(Failed, Reason{CodeSkew, why})
	case before != nil:
		return before
	default: // an earlier signature is thrown away: this one has the current time
		call.Kind = f.sign
	}
	return &Decision{Act: call}
}

// signedFor returns the generation that a signature belongs to; 0 if to none.
func (d decider) signedFor(what Fenced) int64 {
	if what == FencedMove {
		return d.r.Generation
	}
	return 0
}

// answered records the answers to this run's signatures before anything else: a yes
// finishes the generation even under a hold or another run's lease, a no removes one
// signature from its fence.
func (d decider) answered() *Decision {
	for _, s := range []*Signature{d.o.SignedMove, d.o.SignedOld} {
		if s == nil || !s.Confirmed || s.Noted {
			continue
		}
		next := d.oldAnswered
		if s.What == FencedMove {
			next = d.moveAnswered
		}
		if n := next(s); n != nil {
			return n
		}
	}
	return nil
}

// thrownAway reports whether an unanswered signature will not be sent any more.
func (d decider) thrownAway(s *Signature) bool {
	return d.q.Interrupted || fencings[s.What].frozen && d.frozen() && d.q.Verb != VerbRetire || !d.maySend(s)
}

// mayStrike reports whether this run may remove its signature from a fence. Striking it
// off twice would remove a fence that stands for another run's signature.
func (d decider) mayStrike(s *Signature, f *Fence) bool {
	if fencings[s.What].byDate {
		// Another run may have marked the version within the skew: a person's retire waits for
		// no turn.
		return f != nil && f.Run == d.o.Self.Run && f.Until.Sub(s.Date) <= FenceFor+SignedSkew
	}
	return !d.mayHaveStruck(s)
}
