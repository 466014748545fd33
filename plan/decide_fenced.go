package plan

import (
	"fmt"
	"time"
)

// toSend reports whether a signature may be sent: the very write that confirmed it
// made the record as it is. Once anything else was written, it is thrown away for
// good: the fence may have been taken down since, or another generation claimed.
func (d decider) toSend(s *Signature) bool {
	return s != nil && s.Confirmed && s.Answer == nil && !s.Noted && s.Op == d.r.Op &&
		s.Generation == d.signedFor(s.What) && (s.What != FencedMove || d.r.Step == Switching)
}

// through takes a call about a version through its fence: it is signed, the signature
// is confirmed by a write, and exactly those bytes are sent. Before a signature comes
// the look, if there is one.
func (d decider) through(s *Signature, terms Terms, v Version, before *Decision) *Decision {
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
	case d.toSend(s) && s.KeyID == v.KeyID && s.What == terms.What:
		call.Kind = f.send
	case made && skew <= SignedSkew:
		return &Decision{Act: Writing(v.Version, v.KeyID, f.confirm(v, s))}
	case made && d.o.Tries[f.sign] >= MaxTries:
		return stop(Failed, Reason{CodeSkew, fmt.Sprintf("signatures are dated %s off AWS's time", skew.Round(time.Second))})
	case before != nil:
		return before
	default: // what was made before is thrown away, and made again with the time as it is now
		call.Kind = f.sign
	}
	return &Decision{Act: call}
}

// signedFor is the generation that a signature is for; 0 if it is for none.
func (d decider) signedFor(what Fenced) int64 {
	if what == FencedMove {
		return d.r.Generation
	}
	return 0
}

// answered writes down what came of this run's signatures, whatever else holds: a
// yes finishes the generation even under a hold or another's lease, a no takes one
// signature out of its fence.
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

// thrownAway reports whether a signature that was not answered will not be sent any
// more.
func (d decider) thrownAway(s *Signature) bool {
	return d.q.Interrupted || fencings[s.What].frozen && d.frozen() || !d.toSend(s)
}

// mayStrike reports whether this run may take its signature out of a fence. To strike
// it off twice would take down a fence that stands for another run's.
func (d decider) mayStrike(s *Signature, f *Fence) bool {
	if fencings[s.What].byDate {
		return f != nil && f.Until.Sub(s.Date) <= FenceFor+SignedSkew
	}
	return !d.mayHaveStruck(s)
}
