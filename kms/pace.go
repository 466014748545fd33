package kms

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// published are the requests per second that KMS allows an account in a Region by default.
// Each operation has its own, and every pool, program and person shares it.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
var published = map[string]rate.Limit{
	createKey: 5, createAlias: 5, updateAlias: 5, disableKey: 5, enableKey: 5, cancelKeyDeletion: 5,
	getKeyLastUsage: 5, scheduleKeyDeletion: 15, enableKeyRotation: 15,
}

// The operations that keep a pace.
const (
	createKey           = "CreateKey"
	createAlias         = "CreateAlias"
	updateAlias         = "UpdateAlias"
	disableKey          = "DisableKey"
	enableKey           = "EnableKey"
	cancelKeyDeletion   = "CancelKeyDeletion"
	getKeyLastUsage     = "GetKeyLastUsage"
	scheduleKeyDeletion = "ScheduleKeyDeletion"
	enableKeyRotation   = "EnableKeyRotation"
)

// How a pace is found. Nobody tells a run how many others share a quota, or whether AWS
// has raised it, so it tries. The figures are from waves of 200 to 10,000 keys and 1 to 16
// pools in virtual time; see internal/rehearsal/wave.
const (
	// firstShare is the share of the published quota with which a run begins: with less, one
	// alone loses seconds; with more, eight are throttled until each has found its share.
	firstShare = 0.25
	// updateShare is that of UpdateAlias, whose first yes comes half a second after CreateKey's:
	// with the same share it would hold all others back.
	updateShare = 0.5
	// doubles is how long a run takes at least to double its pace until it has met a
	// limit, and most how much one yes adds.
	doubles = time.Second
	most    = 1.3
	// raised is how long it takes to double beyond the published quota.
	raised = 15 * time.Second

	// After a throttled call the pace is less than that of the yeses among the last answers,
	// recent of them: together, the runs get no more of these than the quota.
	recent = 8
	// How much less falls from steepest of a run that has had no yes yet, which shares its
	// luck with whoever began in the same second, to gentlest of one that knows its share
	// after some yeses. Few answers prove little, so worst is the most.
	steepest = 0.4
	gentlest = 0.07
	knows    = 30
	worst    = 0.6
	// Without a yes in between, throttled calls take the pace to a part of what it was
	// after the first of them, and each yes then brings back a part of the difference: the
	// cause may have been another program that is gone.
	deepest = 0.5
	regain  = 0.1
	// least is the slowest pace, in calls per second: the last key of a run must not wait
	// for minutes because of bad luck.
	least = rate.Limit(0.25)

	// A yes adds to the pace what makes up for a throttled call, times the share of calls
	// that may be throttled: early at first, so that a run gets near its share, and less and
	// less, the more it has had.
	early   = 0.035
	lasting = 0.002
	halves  = 60
	// Where nothing was throttled for longer than settled, AWS may have raised the quota or
	// other runs may have ended, and the pace grows faster and faster.
	settled = 100 * time.Second
)

// pace spaces out the calls of one operation. It grows with each yes of a call that had
// to wait for its turn, and falls when AWS throttles.
type pace struct {
	host    Host
	limiter *rate.Limiter
	quota   rate.Limit

	mu sync.Mutex
	// found reports whether AWS has throttled, and fell when it did last.
	found bool
	fell  time.Time
	// known is the pace after the last call that was throttled after a yes; barren reports
	// whether there was no yes since.
	known  rate.Limit
	barren bool
	// yeses counts them. accepted are those among the last answers, and within how many
	// seconds they came, both with the newest counting most. answered is when the last came.
	yeses, accepted, within float64
	answered                time.Time
	// open are turns that were reserved and not taken yet. spare are turns that were reserved
	// and given back.
	open, spare int
	// awaited reports whether somebody has waited for the next turn.
	awaited bool
}

func newPace(host Host, operation string, quota rate.Limit) *pace {
	share := rate.Limit(firstShare)
	if operation == updateAlias {
		share = updateShare
	}
	p := &pace{host: host, quota: quota, accepted: 1, within: 1 / float64(quota*share)}
	p.begin(host.Now(), quota*share, 0)
	return p
}

// burst is how many turns add up while nobody takes them. With one, a run that comes late for a
// turn would lose a part of the next.
const burst = 2

// begin sets the pace, with the next turn so many turns away.
func (p *pace) begin(now time.Time, limit rate.Limit, turns int) {
	p.limiter, p.spare = rate.NewLimiter(limit, burst), 0
	for range burst - 1 + turns {
		p.limiter.ReserveN(now, 1)
	}
}

// turn is the right to make one call at a time.
type turn struct {
	at time.Time
	// waited reports whether the pace, and not the work, has set the time.
	waited bool
}

// reserve returns the next turn.
func (p *pace) reserve() turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.host.Now()
	p.open++
	if p.spare > 0 {
		p.spare--
		return turn{at: now}
	}
	delay := p.limiter.ReserveN(now, 1).DelayFrom(now)
	waited := p.awaited || delay > 0
	p.awaited = false
	return turn{at: now.Add(delay), waited: waited}
}

// untilTurn returns how long it takes until there is a turn.
func (p *pace) untilTurn() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	missing := 1 - p.limiter.TokensAt(p.host.Now())
	if p.spare > 0 || missing <= 0 {
		return 0
	}
	p.awaited = true
	return time.Duration(missing / float64(p.limiter.Limit()) * float64(time.Second))
}

// giveBack returns a turn that was not used. More than those of a second would be a burst.
func (p *pace) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	p.spare = min(p.spare+1, max(1, int(p.limiter.Limit())))
}

// until waits for a turn, and takes it. Its only error is the context's: then the turn is given
// back. Work under way goes first: a lease is in hand, and perhaps a key without a name. So it
// waits for one call at most, and not for all that have reserved turns.
func (p *pace) until(ctx context.Context, t turn) error {
	if err := p.host.Pause(ctx, min(t.at.Sub(p.host.Now()), p.interval())); err != nil {
		p.giveBack()
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	return nil
}

// interval is the time between two turns.
func (p *pace) interval() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(float64(time.Second) / float64(p.limiter.Limit()))
}

// learn adapts the pace to the answer of a call.
func (p *pace) learn(t turn, a plan.Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.host.Now()
	switch {
	case awscall.Throttled(a):
		before := rate.Limit(p.accepted / p.within)
		p.heard(now)
		p.fall(now, t, before)
	case a.Verdict == plan.Yes:
		p.heard(now)
		p.yeses++
		p.accepted++
		p.barren = false
		if t.waited {
			p.grow(now)
		}
	}
}

// heard takes in when an answer came. Where the run had nothing to call, that counts as one
// turn: it says nothing about the quota.
func (p *pace) heard(now time.Time) {
	if !p.answered.IsZero() {
		p.accepted -= p.accepted / recent
		p.within += min(now.Sub(p.answered).Seconds(), 1/float64(p.limiter.Limit())) - p.within/recent
	}
	p.answered = now
}

// step is the part of the pace that a throttled call takes away.
func (p *pace) step() float64 { return max(gentlest, steepest/(1+p.yeses/knows)) }

// target is the share of calls that may be throttled.
func (p *pace) target() float64 { return early/(1+p.yeses/halves) + lasting }

// fall takes the pace to less than that of the yeses before, once for all calls that were
// under way: they are of the pace before.
func (p *pace) fall(now time.Time, t turn, before rate.Limit) {
	if p.found && !t.at.After(p.fell) {
		return
	}
	limit := p.limiter.Limit()
	limit = max(min(limit, before)*rate.Limit(1-p.step()), limit*(1-worst))
	if !p.barren {
		p.known = limit
	}
	p.found, p.fell, p.barren = true, now, true
	// The next turn is behind those that are open. What was called at the faster pace is not
	// made up for at the slower one.
	p.begin(now, max(limit, p.known*deepest, least), p.open+1)
}

// grow adds to the pace.
func (p *pace) grow(now time.Time) {
	limit := p.limiter.Limit()
	switch {
	case p.found:
		quiet := now.Sub(p.fell).Seconds() / settled.Seconds()
		limit += max(0, p.known-limit) * regain
		limit *= rate.Limit(1 + p.target()*p.step()*(1+quiet*quiet))
	case limit < p.quota:
		limit = min(p.quota, limit*rate.Limit(min(most, doubling(limit, doubles))))
	default:
		limit *= rate.Limit(doubling(limit, raised))
	}
	p.limiter.SetLimitAt(now, limit)
}

// doubling returns by what each yes multiplies a pace that doubles in a time.
func doubling(limit rate.Limit, in time.Duration) float64 {
	return math.Exp2(1 / (float64(limit) * in.Seconds()))
}
