package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// maxAge is how far a signature's date may be from the sandbox's clock, either
// way. Five minutes is what KMS and DynamoDB allow.
const maxAge = 5 * time.Minute

// slack is how far behind a client may be that learnt the time from a Date
// header: the header has whole seconds only, and so has the signature's date.
const slack = 2 * time.Second

// maxMoves bounds the remembered history of the clock. A move takes a second,
// so the oldest one that is forgotten is long past any signature's life.
const maxMoves = 1000

// move says which offset holds from a host second on, until the next move.
type move struct {
	// From is the host's time, a full second.
	From time.Time `json:"from"`
	// Offset is the sandbox's time minus the host's.
	Offset string `json:"offset"`
	offset time.Duration
}

// clock is the sandbox's time: the host's clock plus an offset that only
// grows. Because offsets change on full seconds of the host only, each host
// second has exactly one, and a date that a client signed by the host's clock
// can be translated.
type clock struct {
	host func() time.Time
	// moves has the oldest first and is never empty. The last may lie in the future.
	moves []move
}

// newClock starts a clock that shows start within a second, or the host's time
// if start is zero.
func newClock(host func() time.Time, start time.Time) *clock {
	from := host().UTC().Truncate(time.Second)
	c := &clock{host: host}
	c.append(from, 0)
	if !start.IsZero() {
		c.moves[0] = newMove(from, start.Sub(from))
	}
	return c
}

func newMove(from time.Time, offset time.Duration) move {
	return move{From: from, Offset: offset.String(), offset: offset}
}

func (c *clock) append(from time.Time, offset time.Duration) {
	c.moves = append(c.moves, newMove(from, offset))
	if excess := len(c.moves) - maxMoves; excess > 0 {
		c.moves = append([]move(nil), c.moves[excess:]...)
	}
}

// restore replaces the history by one that was saved.
func (c *clock) restore(moves []move) error {
	if len(moves) == 0 {
		return errors.New("no clock")
	}
	for i := range moves {
		offset, err := time.ParseDuration(moves[i].Offset)
		if err != nil {
			return fmt.Errorf("clock: %w", err)
		}
		moves[i] = newMove(moves[i].From.UTC(), offset)
	}
	c.moves = moves
	return nil
}

// now returns the sandbox's time, in UTC and without a monotonic reading.
func (c *clock) now() time.Time {
	host := c.host()
	return host.Add(c.offsetAt(host)).UTC().Round(0)
}

// offsetAt returns the offset that held at a moment of the host's clock.
func (c *clock) offsetAt(host time.Time) time.Duration {
	for i := len(c.moves) - 1; i > 0; i-- {
		if !host.Before(c.moves[i].From) {
			return c.moves[i].offset
		}
	}
	return c.moves[0].offset
}

// schedule advances the clock at the next full host second that has no
// other move, and returns that second. to is given the time the clock would
// have shown then.
func (c *clock) schedule(to func(time.Time) time.Time) (time.Time, error) {
	return c.put(c.soonest().Add(time.Second), to)
}

// jump advances the clock from the beginning of this host second on.
func (c *clock) jump(to func(time.Time) time.Time) (time.Time, error) { return c.put(c.soonest(), to) }

// soonest is this host second, or that of the last move if it is yet to come.
func (c *clock) soonest() time.Time {
	second, last := c.host().UTC().Truncate(time.Second), c.moves[len(c.moves)-1]
	if second.Before(last.From) {
		return last.From
	}
	return second
}

// put advances the clock from a host second on, instead of what the last move
// says of that second.
func (c *clock) put(from time.Time, to func(time.Time) time.Time) (time.Time, error) {
	last := c.moves[len(c.moves)-1]
	before := from.Add(last.offset)
	after := to(before)
	if after.Before(before) {
		return time.Time{}, fmt.Errorf("the sandbox's clock never goes back: it shows %s, later than %s",
			before.Format(time.RFC3339), after.UTC().Format(time.RFC3339))
	}
	offset := after.Sub(from)
	if !from.Add(offset).Equal(after) {
		return time.Time{}, fmt.Errorf("%s is too far away", after.UTC().Format(time.RFC3339))
	}
	switch {
	case offset == last.offset:
	case from.Equal(last.From):
		c.moves[len(c.moves)-1] = newMove(from, offset)
	default:
		c.append(from, offset)
	}
	return from, nil
}

// signedAt returns the sandbox time at which a request dated date was signed. A
// date can be of either clock: a client that has learnt the sandbox's time
// from an answer signs by that, any other by the host's. Where both clocks
// have shown the date, the clock the client is known to use decides: botocore,
// and the aws CLI with it, never corrects its clock; every other client is
// taken to, since a wrong refusal makes it look at the Date header and sign
// again, while a wrong acceptance would revive a request from before a move.
func (c *clock) signedAt(date time.Time, userAgent string) time.Time {
	host := c.host()
	byHost := !date.After(host) && !date.Before(c.moves[0].From.Add(-maxAge))
	neverCorrects := strings.Contains(strings.ToLower(userAgent), "botocore")
	if byHost && (neverCorrects || !c.showed(date, host)) {
		return date.Add(c.offsetAt(date))
	}
	return date
}

// showed reports whether the sandbox's clock has shown a time until now, give or
// take what a client may be off.
func (c *clock) showed(date, host time.Time) bool {
	for i, m := range c.moves {
		if m.From.After(host) {
			break
		}
		end := host.Add(maxAge)
		if i+1 < len(c.moves) && !c.moves[i+1].From.After(host) {
			end = c.moves[i+1].From
		}
		if !date.Before(m.From.Add(m.offset-slack)) && date.Before(end.Add(m.offset)) {
			return true
		}
	}
	return false
}
