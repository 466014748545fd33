package plan

import (
	"fmt"
	"time"
)

// The claim allows one CreateKey. Each further one for that generation, by any run, is
// counted in the record first. So at most max_attempts keys are made for a generation,
// although each run may find that KMS refuses the name, or may die before it knows.

// mayMake returns what comes before this run makes a key for the open generation.
func (d decider) mayMake() *Decision {
	if d.o.MayMake == d.r.Claim.ID {
		return nil
	}
	v := VersionName(d.r.Generation)
	if next := d.r.NextKey(); d.now.Before(next) {
		return stop(Failed, Reason{CodeKeyLater, fmt.Sprintf(
			"no other key is made for %s before %s: the one before, if there is one, had no name at %s",
			v, Stamp(next), Stamp(d.r.Attempts.UnnamedAt))})
	}
	if n := d.r.keys(); n >= int64(d.p.MaxAttempts) {
		tries := Counted(int(n), "key")
		return d.noMoreKeys(fmt.Sprintf("%s may have been made for %s, and none has got its name", tries, v))
	}
	return d.note(Note{Did: did(EventAnotherKey), KeyFor: d.r.Claim.ID})
}

// noMoreKeys stops a generation for which the highest number of keys was made.
func (d decider) noMoreKeys(why string) *Decision {
	switch {
	case !d.r.Held(d.now):
		return d.note(Note{Did: did(EventNoMoreKeys), Free: d.leaseMine(), SelfHold: why})
	case d.r.Hold.Self:
		return d.held()
	}
	return stop(Failed, Reason{CodeKeyCount, why}) // a person holds the key, and runs this verb all the same
}

// keys returns how many keys runs have begun to make for the open generation.
func (r *Record) keys() int64 {
	if r.Attempts == nil {
		return 1
	}
	return 1 + r.Attempts.Keys
}

// NextKey returns when a run may make another key for the open generation; zero if it
// may at once.
func (r *Record) NextKey() time.Time {
	if r.Step != Claimed || r.Attempts == nil || r.Attempts.UnnamedAt.IsZero() {
		return time.Time{}
	}
	return r.Attempts.UnnamedAt.Add(AttemptEvery)
}

// leftKey reports whether this run has made a key for the open generation, or may
// have made one, and could not name it.
func (d decider) leftKey() bool {
	if d.r.Step != Claimed || d.r.Target != 0 {
		return false
	}
	if d.o.Unnamed == d.r.Generation && d.o.Tries[NameVersion] > 0 {
		return true
	}
	// The first unanswered CreateKey may be a short outage: the next run continues at
	// once.
	return d.o.Made == nil && d.keyUnsure() && d.r.keys() > 1
}

// keyUnsure reports whether a CreateKey of this run for the open generation was not
// answered. It may have made a key, so it counts as one.
func (d decider) keyUnsure() bool { return d.o.KeyUnsure == d.r.Claim.ID }

// unused reports whether this run has counted a key that it certainly did not make.
func (d decider) unused() bool {
	return d.o.MayMake == d.r.Claim.ID && d.o.ClaimedHere != d.r.Claim.ID && !d.keyUnsure()
}
