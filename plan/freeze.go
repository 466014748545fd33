package plan

import (
	"strings"
	"time"
)

// Freeze is a span of time, [From, To), in which the schedule begins nothing: no
// claim, no first signature of a generation, no mark on an old version.
type Freeze struct {
	From, To time.Time
	Reason   string
}

// FrozenAt reports whether t lies in a freeze, and returns it. Freezes that overlap or
// follow one another are one.
func (p Policy) FrozenAt(t time.Time) (Freeze, bool) {
	return p.FrozenWithin(t, t)
}

// FrozenWithin reports whether a freeze covers a moment of [from, to], and returns the
// first one.
func (p Policy) FrozenWithin(from, to time.Time) (Freeze, bool) {
	var first *Freeze
	for i, f := range p.Freeze {
		if !f.From.After(to) && f.To.After(from) && (first == nil || f.From.Before(first.From)) {
			first = &p.Freeze[i]
		}
	}
	if first == nil {
		return Freeze{}, false
	}
	return p.joined(*first), true
}

// joined returns a freeze together with those that begin before it is over.
func (p Policy) joined(f Freeze) Freeze {
	reasons := []string{f.Reason}
	for longer := true; longer; {
		longer = false
		for _, g := range p.Freeze {
			if g.From.After(f.To) || !g.To.After(f.To) {
				continue
			}
			f.To, longer = g.To, true
			if g.Reason != "" && g.Reason != reasons[len(reasons)-1] {
				reasons = append(reasons, g.Reason)
			}
		}
	}
	f.Reason = strings.TrimPrefix(strings.Join(reasons, "; "), "; ")
	return f
}

// Unfrozen returns how much of the time from one moment to another lies in no freeze.
func (p Policy) Unfrozen(from, to time.Time) time.Duration {
	sum := time.Duration(0)
	for from.Before(to) {
		f, frozen := p.FrozenWithin(from, to)
		if !frozen {
			return sum + to.Sub(from)
		}
		if f.From.After(from) {
			sum += f.From.Sub(from)
		}
		from = f.To
	}
	return sum
}

// afterUnfrozen returns when so much time outside of freezes has passed since a moment.
func (p Policy) afterUnfrozen(from time.Time, d time.Duration) time.Time {
	for {
		f, frozen := p.FrozenWithin(from, from.Add(d))
		if !frozen {
			return from.Add(d)
		}
		if f.From.After(from) {
			d -= f.From.Sub(from)
		}
		from = f.To
	}
}

// frozen reports whether now lies in a freeze.
func (d decider) frozen() bool {
	_, frozen := d.p.FrozenAt(d.now)
	return frozen
}

// deletionSlack is how much later than scheduled KMS may delete a key.
// https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
const deletionSlack = 24 * time.Hour

// mayDelete reports whether a deletion may be scheduled now: neither now nor the time
// of the deletion may lie in a freeze. The request may arrive as late as a signature
// lives.
func (d decider) mayDelete() bool {
	due := d.now.Add(d.p.Retire.DeletionWindow)
	_, dueFrozen := d.p.FrozenWithin(due, due.Add(deletionSlack+FenceFor))
	return !dueFrozen && !d.frozen()
}
