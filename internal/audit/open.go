package audit

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// generation judges what is open: leases that are over, fences, refusals.
func (c *checker) generation() {
	r := c.r
	if r.Fenced(c.now) {
		c.add(Finding{Code: plan.CodeFence, Level: Warning, Mode: Race,
			What: plan.FenceText(r), Since: r.Fence.Since})
	}
	if r.Step == plan.Steady || r.Leased(c.now) {
		return
	}
	f := Finding{Code: plan.CodeGenerationOpen, Level: Warning, Mode: Partial, Hint: c.run(), What: plan.IdleText(r),
		Since: r.IdleSince()}
	stands := plan.ClaimUnlike(c.p, r)
	if stands == nil {
		stands = plan.Standing(c.p, r)
	}
	freeze, frozen := c.p.FrozenAt(c.now)
	switch idle := plan.StoodStill(c.now, c.p, r); {
	case r.Step == plan.Created && c.now.Before(r.SwitchDue()):
		return // it waits for its switch, as planned
	case r.HeldBack(c.now): // the hold is a finding of its own
		f.What, f.Hint = c.idle()+" and stands still, because the key is held", plan.Hint{}
	case stands != nil:
		f.Code, f.Level, f.What, f.Hint = stands.Code, Person,
			fmt.Sprintf("generation %d is %s: %s", r.Generation, r.Step, stands.What), stands.Hint
	case idle != nil:
		f.Code, f.Level, f.What, f.Hint = idle.Code, Person, idle.What, idle.Hint
	case frozen && r.Freezes():
		f.What, f.Hint = fmt.Sprintf("%s and stands still, frozen until %s: %s", c.idle(), plan.Stamp(freeze.To),
			freeze.Reason), plan.Hint{}
	case r.Step == plan.Created && len(c.p.BeforeSwitch) > 0:
		f.What, f.Hint = fmt.Sprintf("%s has been waiting for before_switch since %s", plan.VersionName(r.Generation),
			plan.Stamp(r.SwitchDue())), plan.Hint{}
	case r.Step == plan.Created:
		f.What, f.Hint = c.idle()+" and no run has made it"+r.LastErrorText(), c.lookAtCron()
	case c.now.Before(r.NextKey()):
		f.What += ", and none makes another key for it before " + plan.Stamp(r.NextKey()) + r.LastErrorText()
		f.Hint = c.release().Noted("once the cause is gone: then the next run goes on at once")
	}
	c.add(f)
}

// idle describes since when the open generation could have gone on.
func (c *checker) idle() string {
	r := c.r
	if r.Step == plan.Created {
		return fmt.Sprintf("the switch to %s has been due since %s", plan.VersionName(r.Generation),
			plan.Stamp(r.SwitchDue()))
	}
	since := r.SwitchedAt
	if r.Claim != nil {
		since = r.Claim.At
	}
	return fmt.Sprintf("generation %d has been %s since %s", r.Generation, r.Step, plan.Stamp(since))
}

// schedule looks for windows that no run has rotated for.
func (c *checker) schedule() {
	if ref := plan.Overdue(c.now, c.p, c.r); ref != nil {
		c.add(Finding{Code: ref.Code, Level: Person, Mode: Partial, What: ref.What, Hint: ref.Hint,
			Since: c.overdueSince(ref.Code)})
	}
}

// overdueSince returns when a window became overdue, or when a run was first refused for it.
func (c *checker) overdueSince(code plan.Code) time.Time {
	since := plan.OverdueSince(c.now, c.p, c.r)
	if code == plan.CodeOverdue {
		return since
	}
	for _, e := range c.told.events {
		if e.Is(plan.EventRefused) && e.Is(plan.EventKind(code)) && !e.At.Before(since) {
			return e.At
		}
	}
	return c.r.LastError.At
}

// holds reports keys that are held, and versions. For how long a version is held does not
// matter: that stops no rotation, and some are held for good.
func (c *checker) holds() {
	for _, v := range c.r.HeldVersions(c.now) {
		name := plan.VersionName(v.Version)
		c.add(Finding{Code: plan.CodeHeld, Level: Warning, Version: v.Version, KeyID: v.KeyID, Since: v.Hold.Since,
			What: name + " is " + v.Hold.Text(c.now), Hint: plan.Try("keyturn", "release", c.p.Name+"/"+name)})
	}
	h := c.r.Hold
	switch {
	case !c.r.Held(c.now):
	case h.Self:
		c.add(Finding{Code: plan.CodeHeldItself, Level: Person, Mode: Partial,
			Since: h.Since, What: "the key holds itself since " + plan.Stamp(h.Since) + ": " + h.Reason,
			Hint: c.release().Noted("first see to what it says")})
	case plan.HeldTooLong(c.now, c.p, c.r) != nil:
		ref := plan.HeldTooLong(c.now, c.p, c.r)
		c.add(Finding{Code: ref.Code, Level: Person, Mode: Partial, Since: h.Since.Add(c.p.Judging.HoldMax),
			What: h.Text(c.now) + "; " + ref.What, Hint: ref.Hint})
	default:
		c.add(Finding{Code: plan.CodeHeld, Level: Warning, Since: h.Since, What: h.Text(c.now), Hint: c.release()})
	}
}
