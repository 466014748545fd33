package plan

import (
	"fmt"
	"time"
)

// This file holds what a person must see to although no run says so: a run with nothing
// due does not look, and one that is not started says nothing. Status and audit ask here,
// so that they agree.

const (
	// resumedWithin is how long an open generation may be without a run that works on it.
	// Cron in one pool alone starts four runs in that time.
	resumedWithin = time.Hour
	// begunWithin is how long a window may be due before a run begins.
	begunWithin = 2 * time.Hour
)

// Overdue returns the refusal for a window that no run has rotated for in time, or that a
// run was refused for; nil if there is none.
func Overdue(now time.Time, p Policy, r *Record) *Refusal {
	if r.Active == 0 || r.Step != Steady {
		return nil
	}
	d := decider{now: now, p: p, r: r}
	due := DueAt(now, p, r)
	window, since := p.firstDue(due, r)
	switch {
	case due.State == LeftOut:
		ref := d.overdue(due.Window)
		return &ref
	case due.State != IsDue, r.Held(now), r.Leased(now):
		return nil
	case r.LastError != nil && r.LastError.beforeClaim() && !r.LastError.At.Before(since):
		return r.LastError.recorded(p)
	case p.Unfrozen(latest(since, r.ResumedAt()), now) <= begunWithin:
		return nil
	}
	ref := Refusal{Code: CodeOverdue, About: Stamp(window), Hint: LookAtCron(p),
		What: fmt.Sprintf("window %s has been due since %s and the record shows no run that began "+
			"it%s", Stamp(window), Stamp(since), r.LastErrorText())}
	if e := r.LastError; e != nil && !e.At.Before(since) { // cron runs, and is stopped
		ref.Hint = Try("keyturn", "run", "--key", p.Name, "-v").Noted("says what stops it")
	}
	return &ref
}

// OverdueSince returns when the window that Overdue is about became overdue: once it had been
// due for as long as a run may take to begin, or was left out before that. Time in a freeze
// does not count, nor what was before [Record.ResumedAt]. If a run was refused for the window,
// it is when the window became due.
func OverdueSince(now time.Time, p Policy, r *Record) time.Time {
	due := DueAt(now, p, r)
	_, since := p.firstDue(due, r)
	switch {
	case due.State == LeftOut:
		return p.afterUnfrozen(due.Window.Start, min(p.StartWithin, begunWithin))
	case r.LastError != nil && r.LastError.beforeClaim() && !r.LastError.At.Before(since):
		return since
	}
	return p.afterUnfrozen(latest(since, r.ResumedAt()), begunWithin)
}

// firstDue returns the first window since the last one done that needed a rotation, and since
// when it has been due: else nothing would be late for two hours whenever the next window
// opens, and by an hourly schedule never. If the newest event is not of these terms, nobody
// knows which windows the plan had before; then it is the window that is due now. Of those
// that start_within left out nothing is due any more.
func (p Policy) firstDue(due Due, r *Record) (window, since time.Time) {
	window, since = due.Window.Start, due.Next
	if due.State != IsDue || p.StartWithin > 0 || len(r.Events) == 0 ||
		r.Events[len(r.Events)-1].Who.Terms != p.Digest() {
		return window, since
	}
	first, claim := p.opens(p.Schedule.Next(p.Schedule.Window(r.Window, r.Anchor), r.Anchor), r)
	if claim = latest(claim, r.Live().Since); first.IsZero() || !claim.Before(since) {
		return window, since
	}
	return first, claim
}

// StoodStill returns the refusal for an open generation that no run has gone on with in
// time; nil if there is none. What the last run was refused for is another refusal: see
// Standing and ClaimUnlike.
func StoodStill(now time.Time, p Policy, r *Record) *Refusal {
	if r.Step == Steady || r.Leased(now) || r.HeldBack(now) || now.Before(r.NextKey()) {
		return nil
	}
	d := decider{now: now, p: p, r: r}
	since, patience := r.IdleSince(), resumedWithin
	ref := Refusal{Code: CodeGenerationOpen, About: VersionName(r.Generation), Hint: RunNow(p), What: IdleText(r)}
	if r.Step == Created {
		since = r.SwitchDue()
		ref.Hint, ref.What = LookAtCron(p), fmt.Sprintf("the switch to %s has been due since %s and no run has made "+
			"it%s",
			VersionName(r.Generation), Stamp(since), r.LastErrorText())
		if len(p.BeforeSwitch) > 0 {
			patience = GatePatience
			ref = d.gateStuck()
		}
	}
	since = latest(since, r.ResumedAt())
	idle := now.Sub(since)
	if r.Freezes() {
		idle = p.Unfrozen(since, now)
		if d.frozen() {
			return nil
		}
	}
	if idle <= patience {
		return nil
	}
	return &ref
}

// Freezes reports whether a freeze stops the open generation: a scheduled one of which no
// move was confirmed.
func (r *Record) Freezes() bool {
	return r.Step != Steady && r.Step != Switching && r.Claim != nil && r.Claim.Verb == VerbSchedule
}

// IdleSince returns since when no run has worked on the open generation.
func (r *Record) IdleSince() time.Time {
	switch {
	case r.Lease != nil:
		return r.Lease.Until
	case r.Claim != nil:
		return r.Claim.At
	}
	return r.SwitchedAt
}

// IdleText describes since when no run has worked on the open generation.
func IdleText(r *Record) string {
	if l := r.Lease; l != nil {
		return fmt.Sprintf("generation %d is %s; the lease of %s/%s was over at %s and nobody has taken over",
			r.Generation, r.Step, l.Pool, l.Host, Stamp(l.Until))
	}
	return fmt.Sprintf("generation %d has been %s since %s and no run is working on it", r.Generation, r.Step,
		Stamp(r.IdleSince()))
}

// LastErrorText describes what last stopped a run, to end a sentence; "" if nothing has.
func (r *Record) LastErrorText() string {
	if e := r.LastError; e != nil {
		return fmt.Sprintf("; the last error is of %s: %s", Stamp(e.At), e.Message)
	}
	return ""
}

// UseUnknown returns the refusal for a drained version that stays enabled for as long as
// KMS does not show its use; nil for others. Runs record it and end with 0, because it
// stops nothing.
func UseUnknown(now time.Time, p Policy, v Version, use UseSeen) *Refusal {
	within, asks := v.Asks(p.Retire)
	if v.State != Draining || v.Fence != nil || v.Held(now) || !asks || now.Before(p.DrainEnd(v)) ||
		use.Quiet(now, within) {
		return nil
	}
	why, known := use.Why(now, within)
	if known {
		return nil
	}
	hint := Noted("KMS there does not show the use of keys: set retire: keep for " + p.Name + ", or for what is " +
		"retired " +
		"from now on unless_used_within: off")
	switch use.Cause {
	case CauseDenied:
		hint = Try("keyturn", "init", "--iam", RoleCron).Noted("prints what cron needs, kms:GetKeyLastUsage and " +
			"kms:ListGrants among it; or set retire: keep for " + p.Name)
	case CauseThrottled, CauseTimeout, CauseRefused, CauseUnreachable, CauseHostUnknown, CauseTLS:
		hint = Noted("the next run asks again")
	}
	return &Refusal{Code: CodeLastUse, About: VersionName(v.Version), Version: v.Version, Hint: hint,
		What: fmt.Sprintf("%s finished draining at %s and stays enabled: %s", VersionName(v.Version),
			Stamp(p.DrainEnd(v)), why)}
}

// Long reports whether a hold looks forgotten: it is older than a plan's hold_max.
func (h Hold) Long(now time.Time, most time.Duration) bool {
	return most > 0 && !h.Self && now.Sub(h.Since) > most
}

// HeldItself returns the refusal for a key that holds itself; nil for others. A run with
// nothing due does not tell it.
func HeldItself(now time.Time, p Policy, r *Record) *Refusal {
	if !r.Held(now) || !r.Hold.Self {
		return nil
	}
	return decider{now: now, p: p, r: r}.held().Act.Refusal
}

// HeldTooLong returns the refusal for a key that a person has held for longer than the plan
// allows; nil for others. A run on a held key ends with 0, whatever its age.
func HeldTooLong(now time.Time, p Policy, r *Record) *Refusal {
	if !r.Held(now) || !r.Hold.Long(now, p.Judging.HoldMax) {
		return nil
	}
	return &Refusal{Code: CodeHoldTooLong,
		What: fmt.Sprintf("hold_max is %s, and meanwhile no run rotates the key: is the hold still meant?",
			FormatDuration(p.Judging.HoldMax)),
		Hint: Try("keyturn", "release", p.Name).Noted("ends it; if it is meant, set hold_max, or accept " +
			"hold-too-long in the plan")}
}

// Text describes who holds a key or a version, since when and why.
func (h Hold) Text(now time.Time) string {
	text := fmt.Sprintf("held by %s since %s", h.By, Stamp(h.Since))
	if age := now.Sub(h.Since); age >= time.Minute {
		text += ", " + Age(age) + " ago"
	}
	if !h.Until.IsZero() {
		text += ", until " + Stamp(h.Until)
	}
	return text + ": " + h.Reason
}

// RunNow returns the hint to go on with a key now.
func RunNow(p Policy) Hint { return Try("keyturn", "run", "--key", p.Name) }

// LookAtCron returns the hint for what a run should have done since.
func LookAtCron(p Policy) Hint {
	return RunNow(p).Noted("tries it now; then look at cron in the pools, and at what its runs said")
}
