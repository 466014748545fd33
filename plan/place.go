package plan

import "time"

// AliasPlace tells whether the alias is where the record says, as Decide judges
// it before every claim and every switch; if not, the Decision is the stop that
// says why. It is for screens: a run with nothing due does not look. o has to
// have Alias, and on drift Moved; r has to have an active version.
func AliasPlace(now time.Time, p Policy, r *Record, o Observed) (d Decision, ok bool) {
	return decider{now: now, p: p, r: r, o: o}.aliasInPlace()
}

// Ahead is what a scheduled run would decide of the key itself, for screens:
// what it owes to old versions is left out, and r is not nil. A write or a look
// stands for "there is something to do".
func Ahead(now time.Time, p Policy, r *Record, o Observed) Decision {
	d := decider{now: now, p: p, r: r, q: Request{Verb: VerbSchedule}, o: o}
	if ref := d.unfit(); ref != nil {
		return refuse(*ref)
	}
	return d.steadyOrOpen()
}
