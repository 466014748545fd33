package plan

import (
	"slices"
	"time"
)

// What screens ask about a record, so that they say what Decide would do and
// know no rule of their own.

// BackTo is the version that a rollback without a version named would go back
// to; the Refusal says why there is none.
func BackTo(now time.Time, p Policy, r *Record) (*Version, *Refusal) {
	d := decider{now: now, p: p, r: r, q: Request{Verb: VerbRollback}}
	switch {
	case r.Active == 0:
		ref := d.notYetMade()
		return nil, &ref
	case r.Step != Steady && r.Claim.Verb == VerbRollback:
		return clone(r.Next()), nil
	case r.Step == Switching:
		return &Version{Version: r.Active, KeyID: r.Live().KeyID}, nil
	}
	return d.rollbackTarget()
}

// UndoOf is the version that a reinstate without a version named would enable;
// 0 if there is none.
func UndoOf(now time.Time, p Policy, r *Record) int64 {
	w, _ := decider{now: now, p: p, r: r, q: Request{Verb: VerbReinstate}}.reinstateWhich()
	if w.underWay { // it is being enabled already
		return 0
	}
	return w.version
}

// Asks tells whether a draining version is asked about its last use before it
// may be disabled, and how long it must not have been used.
func (e Version) Asks(today Retire) (within time.Duration, asks bool) {
	terms := Careful(e.Retire, today)
	return terms.UnlessUsedWithin, terms.Action != RetireKeep && !terms.UsageOff
}

// LastSigned is the event of the alias move that was signed last and, as far as
// the record shows, not answered; false if it does not know of one. Once the
// switch is finished that is the move of another run than the one that finished
// it, if there was one.
func LastSigned(r *Record) (last Event, ok bool) {
	finisher := ""
	for _, e := range slices.Backward(r.Events) {
		switch {
		case !e.Is(EventConfirm):
			if r.Step == Steady {
				finisher = e.Run
			}
			continue
		case r.Fence != nil && e.At.Before(r.Fence.Until.Add(-2*FenceFor-SignedSkew)):
			return last, ok // what follows is of an earlier fence
		case e.Run != finisher:
			return e, true
		case !ok:
			last, ok = e, true // the finisher's own: if there is none of another
		}
	}
	return last, ok
}

// FenceText says why a fence stands.
func FenceText(r *Record) string {
	what := "an alias move was signed and not answered"
	_, known := LastSigned(r)
	if !known && slices.ContainsFunc(r.Events, func(e Event) bool { return e.Is(EventRebuild) }) {
		what = "nobody knows what was signed before the record was rebuilt"
	}
	return what + "; AWS may still apply it until " + Stamp(r.Fence.Until)
}

// Knows reports whether a version stands anywhere in the record.
func (r *Record) Knows(version int64) bool { return r.Entry(version) != nil }

// Numbers lists the versions that stand in the record: the live one, an open one,
// those that drain and those retired, of each kind the newest first.
func (r *Record) Numbers() []int64 {
	var all []int64
	if r.Active != 0 {
		all = append(all, r.Active)
	}
	if r.Target > r.Active {
		all = append(all, r.Target) // a rollback's stands among the old ones
	}
	for _, old := range [][]Version{r.Draining(), r.Retired()} {
		for _, v := range slices.Backward(old) {
			all = append(all, v.Version)
		}
	}
	return all
}
