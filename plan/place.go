package plan

import "time"

// AliasPlace tells whether the alias is where the record says, as Decide judges
// it before every claim and every switch; if not, the Decision is the stop that
// says why. It is for screens: a run with nothing due does not look. o has to
// have Alias, and on drift Moved; r has to have an active version.
func AliasPlace(now time.Time, p Policy, r *Record, o Observed) (d Decision, ok bool) {
	return decider{now: now, p: p, r: r, o: o}.aliasInPlace()
}
