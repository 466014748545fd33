package audit

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

const (
	// resumedWithin is how long an open generation may be without a run that works
	// on it. Cron in one pool alone starts four runs in that time.
	resumedWithin = time.Hour
	// begunWithin is how long a window may be due before a run begins.
	begunWithin = 2 * time.Hour
)

// generation judges what is open: leases that are over, fences, refusals.
func (c *checker) generation() {
	r := c.r
	if r.Fenced(c.now) {
		c.add(Finding{Code: plan.CodeFence, Level: Warning, Mode: Race,
			What: plan.FenceText(r)})
	}
	if r.Step == plan.Steady || r.Leased(c.now) {
		return
	}
	f := Finding{Code: plan.CodeGenerationOpen, Level: Warning, Mode: Partial, Hint: c.run()}
	name := plan.VersionName(r.Generation)
	since := c.begun()
	if l := r.Lease; l != nil {
		f.What = fmt.Sprintf("generation %d is %s; the lease of %s/%s was over at %s and nobody has taken over",
			r.Generation, r.Step, l.Pool, l.Host, plan.Stamp(l.Until))
		since = l.Until
	} else {
		f.What = fmt.Sprintf("generation %d has been %s since %s and no run is working on it",
			r.Generation, r.Step, plan.Stamp(since))
	}
	stands := plan.ClaimUnlike(c.p, r)
	if stands == nil {
		stands = plan.Standing(c.p, r)
	}
	switch {
	case r.Step == plan.Created && c.waiting():
		f.What, f.Hint = name+" waits for its switch", plan.Hint{}
	case r.Held(c.now): // the hold is a finding of its own
		f.What, f.Hint = fmt.Sprintf("generation %d has been %s since %s and stands still, for the key is held",
			r.Generation, r.Step, plan.Stamp(c.begun())), plan.Hint{}
		if r.Step == plan.Created {
			f.What = fmt.Sprintf("the switch to %s has been due since %s and stands still, for the key is held",
				name, plan.Stamp(c.opened()))
		}
	case stands != nil:
		f.Level, f.What, f.Hint = Person, fmt.Sprintf("generation %d is %s: %s", r.Generation, r.Step, stands.What),
			stands.Hint
	case r.Step == plan.Created:
		c.switchDue(&f, name)
	case c.stops():
		freeze, _ := c.p.FrozenAt(c.now)
		f.What, f.Hint = fmt.Sprintf("generation %d has been %s since %s and stands still, frozen until %s: %s",
			r.Generation, r.Step, plan.Stamp(c.begun()), plan.Stamp(freeze.To), freeze.Reason), plan.Hint{}
	case c.now.Before(r.NextKey()):
		f.What += ", and none makes another key for it before " + plan.Stamp(r.NextKey()) + c.lastError()
		f.Hint = c.release().Noted("once the cause is gone: then the next run goes on at once")
	case c.stoodStill(since) > resumedWithin:
		f.Level = Person
	}
	c.add(f)
}

// freezes reports whether a freeze stops what is open: a scheduled generation of which
// no move was confirmed.
func (c *checker) freezes() bool {
	return c.r.Step != plan.Switching && c.r.Claim != nil && c.r.Claim.Verb == plan.VerbSchedule
}

// stops reports whether a freeze does so now.
func (c *checker) stops() bool {
	_, frozen := c.p.FrozenAt(c.now)
	return frozen && c.freezes()
}

// stoodStill returns how long a generation could have gone on and did not.
func (c *checker) stoodStill(since time.Time) time.Duration {
	if c.freezes() {
		return c.p.Unfrozen(since, c.now)
	}
	return c.now.Sub(since)
}

// switchDue adds to a finding why a switch that is due was not made: a freeze,
// before_switch if the plan has one, or that no run has started.
func (c *checker) switchDue(f *Finding, name string) {
	since := c.opened()
	freeze, frozen := c.p.FrozenAt(c.now)
	switch {
	case frozen:
		f.What, f.Hint = fmt.Sprintf("the switch to %s has been due since %s, and frozen until %s: %s", name,
			plan.Stamp(since), plan.Stamp(freeze.To), freeze.Reason), plan.Hint{}
	case len(c.p.BeforeSwitch) == 0:
		f.What = fmt.Sprintf("the switch to %s has been due since %s and no run has made it%s", name,
			plan.Stamp(since), c.lastError())
		f.Hint = c.lookAtCron()
		if c.stoodStill(since) > resumedWithin {
			f.Level = Person
		}
	case c.stoodStill(since) > plan.GatePatience:
		f.Level = Person
		f.What = fmt.Sprintf("%s has been waiting for before_switch since %s", name, plan.Stamp(since))
		f.Hint = plan.Noted("look at the command of before_switch: " + plan.Shell(c.p.BeforeSwitch...))
	default:
		f.What, f.Hint = fmt.Sprintf("%s has been waiting for before_switch since %s", name, plan.Stamp(since)),
			plan.Hint{}
	}
}

// begun returns when the open generation was claimed.
func (c *checker) begun() time.Time {
	if c.r.Claim == nil {
		return c.r.SwitchedAt
	}
	return c.r.Claim.At
}

// opened returns when a version that waits may be switched to.
func (c *checker) opened() time.Time {
	if at := c.r.SwitchDue(); !at.IsZero() {
		return at
	}
	return c.r.SwitchedAt
}

func (c *checker) waiting() bool { return c.now.Before(c.opened()) }

// schedule looks for windows that no run has rotated for.
func (c *checker) schedule() {
	if c.r.Active == 0 || c.r.Step != plan.Steady {
		return
	}
	due := plan.DueAt(c.now, c.p, c.r)
	switch {
	case due.State == plan.LeftOut:
		c.add(Finding{Code: plan.CodeOverdue, Level: Person, Mode: Partial,
			What: fmt.Sprintf("window %s was not begun within start_within (%s) and is left out",
				plan.Stamp(due.Window.Start), plan.FormatDuration(c.p.StartWithin)),
			Hint: plan.Try("keyturn", "rotate", c.p.Name, "--reason", "...")})
	case due.State != plan.IsDue || c.r.Held(c.now) || c.r.Leased(c.now):
	case c.p.Unfrozen(due.Next, c.now) > begunWithin:
		f := Finding{Code: plan.CodeOverdue, Level: Person, Mode: Partial,
			What: fmt.Sprintf("window %s has been due since %s and the record shows no run that began it%s",
				plan.Stamp(due.Window.Start),
				plan.Stamp(due.Next), c.lastError()),
			Hint: c.lookAtCron()}
		if e := c.r.LastError; e != nil && !e.At.Before(due.Next) { // cron runs, and is stopped
			f.Hint = plan.Try("keyturn", "run", "--key", c.p.Name, "-v").Noted("says what stops it")
		}
		c.add(f)
	}
}

func (c *checker) lastError() string {
	if e := c.r.LastError; e != nil {
		return fmt.Sprintf("; the last error is of %s: %s", plan.Stamp(e.At), e.Message)
	}
	return ""
}

// holds reports keys that are held.
func (c *checker) holds() {
	h := c.r.Hold
	switch {
	case !c.r.Held(c.now):
	case h.Self:
		c.add(Finding{Code: plan.CodeHeldItself, Level: Person, Mode: Partial,
			What: "the key holds itself since " + plan.Stamp(h.Since) + ": " + h.Reason,
			Hint: c.release().Noted("first see to what it says")})
	default:
		c.add(Finding{Code: plan.CodeHeld, Level: Warning, What: fmt.Sprintf("held by %s since %s: %s", h.By,
			plan.Stamp(h.Since), h.Reason),
			Hint: c.release()})
	}
}
