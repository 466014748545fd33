package plan

import "time"

// Decide is the only place that decides what comes next for a key. It is pure: all that
// it needs to know comes in as arguments, and if something is missing, it decides on a
// look. A nil record means there is none.
//
// The order is that of decide, from top to bottom:
//
//  1. Account, table and record must be the plan's; else nothing is touched.
//  2. A rebuild, and a key without a record, are decided separately. A record that the
//     ledger contradicts is not touched.
//  3. The answers to this run's signatures are recorded.
//  4. A signal ends the run. A key of this run that can have no name any more is
//     disabled. A failure ends the run, too.
//  5. A person's verb, or cron: an open generation, what is due, old versions.
//  6. A run that carries out a saved decision stops before what was not saved: asSaved.
func Decide(now time.Time, p Policy, r *Record, q Request, o Observed) Decision {
	p.Judging = Judging{} // what an audit accepts never changes what a run does
	d := decider{now: now, p: p, r: r, q: q, o: o}
	next := d.identifyFirst(d.copyFirst(d.inTime(d.asSaved(d.decide()))))
	if k := next.Act.Kind; !k.Writes() {
		next.Act.Try = max(next.Act.Try, o.Tries[k])
		return *next
	}
	next.Act.Key, next.Act.At, next.Act.Self, next.Act.Caller = p.Key(), now, o.Self, o.Caller.ARN
	next.Act.Calls, next.Act.Ledgered = o.Calls, o.ledgered()
	if c := next.Act.Claims(); c != nil && c.Verb == VerbSchedule {
		next.Act.Schedule = p.Schedule.Text()
	}
	next.Act.Rev = 1
	if w, rebuilds := next.Act.Write.(RebuildWrite); rebuilds {
		next.Act.Rev = w.Record.Rev + RevGap
	} else if r != nil {
		next.Act.Rev = r.Rev + 1
	}
	if next.Act.TableID == "" {
		next.Act.TableID = o.Table.ID
	}
	next.Act.News = d.told(next.Act)
	return *next
}

// decider has the arguments of one decision. A method that returns a *Decision returns
// what has to come next; nil means that nothing has to, and the caller continues.
type decider struct {
	now time.Time
	p   Policy
	r   *Record
	q   Request
	o   Observed
}

// decide goes through the order. The end of a run gives the lease back: see conclude.
func (d decider) decide() *Decision {
	if ref := d.unfit(); ref != nil {
		return refuse(*ref)
	}
	rebuilds := d.q.Verb == VerbAdopt && d.q.FromKMS
	switch {
	case (rebuilds || d.r == nil) && d.o.Throttled != nil && !d.q.Interrupted:
		return d.throttled(*d.o.Throttled)
	case rebuilds:
		return d.rebuild()
	case d.r == nil:
		return d.firstSight()
	}
	if next := d.restored(); next != nil {
		return next
	}
	if d.o.MayHaveMade != nil && d.o.Failure == nil {
		switch f := d.o.Throttled; {
		case f == nil:
			return look(LookWrite)
		case !d.q.Interrupted:
			return d.throttled(*f)
		}
	}
	if next := d.answered(); next != nil {
		return next
	}
	if d.q.Interrupted {
		return d.conclude(stop(Interrupted))
	}
	if next := d.leftoverKey(); next != nil {
		return next
	}
	if f := d.o.Failure; f != nil {
		return d.failed(*f)
	}
	if f := d.o.Throttled; f != nil {
		return d.throttled(*f)
	}
	switch d.q.Verb {
	case VerbAdopt:
		return d.conclude(d.adoptDrift())
	case VerbRotate:
		return d.rotate()
	case VerbRollback:
		return d.rollback()
	case VerbHold:
		return d.hold()
	case VerbRelease:
		return d.release()
	case VerbReinstate:
		return d.reinstate()
	case VerbRetire:
		return d.retireNow()
	}
	return d.scheduled()
}

// scheduled decides for cron: reinstated versions first, then an open generation or
// what is due, and only when these are done, the marks on old versions.
func (d decider) scheduled() *Decision {
	if next := d.checkReinstated(); next != nil {
		return d.conclude(next)
	}
	next := d.steadyOrOpen()
	if !next.allowsOldWork() {
		return d.orOldFailed(next)
	}
	mark, more := d.retireOld()
	if mark != nil {
		return mark
	}
	// Report too many draining versions only now: the marks above may just have
	// ended one of those drains.
	if next = d.conclude(next); next.Act.Kind != Stop {
		return next
	}
	return d.withOld(next, more)
}

func (d decider) steadyOrOpen() *Decision {
	if d.r.Step != Steady {
		return d.underLease(d.open())
	}
	return d.steady()
}

// steady decides for a key with no generation open.
func (d decider) steady() *Decision {
	if d.o.AdoptedHere {
		return stop(Adopted, Reason{CodeAdopted, "taken under management in this run; nothing rotates in it"})
	}
	due := DueAt(d.now, d.p, d.r)
	switch due.State {
	case NotDue:
		end := stop(Settled, d.notDue(due))
		end.Act.Until = due.Next // the runner may wait for it
		return d.conclude(end)
	case LeftOut:
		return d.conclude(refuse(d.overdue(due.Window)))
	case InFreeze:
		return d.conclude(d.inFreeze(due))
	}
	why := d.whyDue(due)
	if stopped := d.mayClaim(); stopped != nil {
		return stopped
	}
	if next := d.aliasInPlace(); next != nil {
		return d.conclude(next)
	}
	if ref := d.unsupported(*d.o.Alias); ref != nil {
		return d.conclude(refuse(*ref))
	}
	if ref := d.otherKind(*d.o.Alias); ref != nil { // a new version would be of the same kind
		return d.conclude(refuse(*ref))
	}
	if next := d.newKeyReady(); next != nil {
		return d.conclude(next)
	}
	c := Claim{
		ID: d.o.Self.ClaimID, At: d.now, Verb: VerbSchedule, Window: due.Window.Start,
		Drain: d.p.Drain, Prepublish: d.p.Prepublish,
		Spec: d.o.Alias.Spec, Usage: d.o.Alias.Usage,
	}
	d.freezeRotation(&c)
	return &Decision{Act: Writing(d.r.Generation+1, "", ClaimWrite{Claim: c}), Reasons: why}
}

// mayClaim stops a scheduled claim while there is a lease, a fence or a hold, or too
// many versions drain.
func (d decider) mayClaim() *Decision {
	switch {
	case d.r.Leased(d.now) && d.r.Lease.Run != d.o.Self.Run:
		return d.standBy()
	case d.r.Held(d.now):
		return d.conclude(d.held())
	case d.r.Fenced(d.now):
		return d.waitForFence()
	}
	if n := d.awaiting(); n >= d.p.MaxDraining {
		if d.o.Listing == nil {
			return look(LookListing)
		}
		return refuse(d.tooManyDraining(n)) // not recorded yet: see scheduled
	}
	return nil
}

// identifyFirst puts the looks at the caller and the table before any other act, and the
// look at the ledger before any write. In another account nothing of the plan exists, and
// must not be made there. A run that only stops or waits needs none of them. But a person is
// not told that a verb is done already before the ledger shows that the record is not an
// older copy.
func (d decider) identifyFirst(next *Decision) *Decision {
	done := d.q.Verb != VerbSchedule && d.r != nil && next.Act.Outcome == Settled
	switch k := next.Act.Kind; {
	case k == Stop && done && d.o.LedgerRev == nil:
		return look(LookLedger)
	case k == Stop || k == Wait:
		return next
	case d.o.Caller == nil:
		return look(LookCaller)
	case d.o.Table == nil:
		return look(LookTable)
	case k.Writes() && d.o.LedgerRev == nil:
		return look(LookLedger)
	}
	return next
}
