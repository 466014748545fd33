package plan

import (
	"slices"
	"time"
)

// This file answers the questions of screens about a record, so that they say what
// Decide would do without rules of their own.

// BackTo returns the version that a rollback would go back to: the one named, for 0 the
// default. The Refusal says why there is none.
func BackTo(now time.Time, p Policy, r *Record, version int64) (*Version, *Refusal) {
	d := decider{now: now, p: p, r: r, q: Request{Verb: VerbRollback, Version: version}}
	switch open := r.Step != Steady; {
	case r.Active == 0:
		ref := d.notYetMade()
		return nil, &ref
	case open && r.Claim.Verb == VerbRollback && (version == 0 || r.Opens(version)):
		return clone(r.Next()), nil
	case version == r.Active, version == 0 && r.Step == Switching:
		return &Version{Version: r.Active, KeyID: r.Live().KeyID}, nil
	case r.Opens(version):
		ref := d.openOther()
		return nil, &ref
	}
	return d.rollbackTarget()
}

// UndoOf returns the version that a reinstate would enable by default; 0 if there is
// none.
func UndoOf(now time.Time, p Policy, r *Record) int64 {
	w, _ := decider{now: now, p: p, r: r, q: Request{Verb: VerbReinstate}}.reinstateWhich()
	if w.underWay || w.done != nil { // it is being enabled already, or was lately
		return 0
	}
	return w.version
}

// Reinstating reports whether a reinstate is what the record has already, and a run still
// has to enable the version or to look at it again.
func Reinstating(now time.Time, p Policy, r *Record, q Request) bool {
	if r == nil || q.Verb != VerbReinstate {
		return false
	}
	w, ref := decider{now: now, p: p, r: r, q: q}.reinstateWhich()
	return ref == nil && w.underWay
}

// Asks reports whether a run looks at the last use of a draining version before it is
// disabled, and how long it must not have been used.
func (e Version) Asks(today Retire) (within time.Duration, asks bool) {
	terms := Careful(e.Retire, today)
	return terms.UnlessUsedWithin, terms.Action != RetireKeep && !terms.UsageOff
}

// LastSigned returns the event of the last signed alias move that was not answered, as
// far as the record shows; not ok if there is none. After the switch is finished, that
// is the move of another run than the one that finished it, if there was one.
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
			return last, ok // older events belong to an earlier fence
		case e.Run != finisher:
			return e, true
		case !ok:
			last, ok = e, true // the finisher's own counts if there is no other
		}
	}
	return last, ok
}

// FenceText describes why there is a fence.
func FenceText(r *Record) string {
	what := "an alias move was signed and not answered"
	if r.Fence.Run == "" {
		what = "nobody knows what was signed before the record was rebuilt"
	}
	return what + "; AWS may still apply it until " + Stamp(r.Fence.Until)
}

// Knows reports whether the record has an entry of a version.
func (r *Record) Knows(version int64) bool { return r.Entry(version) != nil }

// Numbers returns the versions of the record: the live one, an open one, those that
// drain and those retired, of each kind the newest first.
func (r *Record) Numbers() []int64 {
	var all []int64
	if r.Active != 0 {
		all = append(all, r.Active)
	}
	if r.Target > r.Active {
		all = append(all, r.Target) // that of a rollback is among the old ones
	}
	for _, old := range [][]Version{r.Draining(), r.Retired()} {
		for _, v := range slices.Backward(old) {
			all = append(all, v.Version)
		}
	}
	return all
}
