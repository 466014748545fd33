package plan

import "time"

// Calls counts calls of KMS that the work on a key is about to make, each with a quota of
// its own. EnableKeyRotation is left out: it has three times the quota of the others.
type Calls struct {
	CreateKey, CreateAlias, UpdateAlias int
}

// None reports whether there are none.
func (c Calls) None() bool { return c == Calls{} }

// CallsAhead returns the calls that the next work on a key's versions will make, as far as
// record and plan show them: where a generation is due or open. It decides nothing; by it a
// run begins no more keys than it has turns for.
func CallsAhead(now time.Time, p Policy, r *Record, q Request) (c Calls) {
	if r == nil || r.Active == 0 {
		return c
	}
	waits := p.Prepublish > 0 || len(p.BeforeSwitch) > 0
	switch {
	case r.Step == Switching, r.Step == Created:
		c.UpdateAlias = 1
		return c
	case r.Step == Steady && q.Verb == VerbSchedule && DueAt(now, p, r).State != IsDue,
		r.Step == Steady && q.Verb != VerbSchedule && q.Verb != VerbRotate,
		r.Step == Claimed && r.Claim.Verb == VerbRollback:
		return c
	case !waits || q.Verb == VerbRotate:
		c.UpdateAlias = 1
	}
	c.CreateKey, c.CreateAlias = 1, 1
	if live := r.Live(); live.Adopted && r.Generation <= live.Version+1 {
		c.CreateAlias++ // the adopted version gets its own name first
	}
	return c
}
