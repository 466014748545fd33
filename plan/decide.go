package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Request is what is asked for: the verb and its arguments.
type Request struct {
	Verb    Verb
	Reason  string
	Create  bool      // adopt --create: make the alias, which must not exist
	FromKMS bool      // adopt --from-kms: rebuild the record
	Version int64     // rollback, reinstate: the version named; 0 is the default one
	Abandon bool      // rotate: give an open generation up
	Again   bool      // rotate, rollback: once more within the hour
	Until   time.Time // hold: when it ends by itself; zero is never
	// Interrupted asks for the way out: what was signed and not sent is
	// noted as answered, the lease is given back.
	Interrupted bool
}

// Decide is the only place where it is decided what happens next to a key. It
// is pure: what it needs of the world comes in as arguments, and what is still
// missing it asks for, one look at a time. A nil record means there is none.
//
// The order is: what AWS has answered is written down; then what makes the
// record or the table unfit to touch; then an open generation; then what is
// due.
func Decide(now time.Time, p Policy, r *Record, q Request, o Observed) Decision {
	d := decider{now: now, p: p, r: r, q: q, o: o}
	next := placed(d.decide(), o)
	if k := next.Act.Kind; !k.Writes() {
		next.Act.Try = max(next.Act.Try, o.Tries[k])
		return *next
	}
	next.Act.Key, next.Act.At, next.Act.Self, next.Act.Caller = p.Key(), now, o.Self, o.Caller.ARN
	next.Act.Calls = o.Calls
	if c := next.Act.Claims(); c != nil && c.Verb == VerbSchedule {
		next.Act.Schedule = p.Schedule.Text()
	}
	next.Act.Rev = 1
	if r != nil {
		next.Act.Rev = r.Rev + 1
	}
	if next.Act.TableID == "" {
		next.Act.TableID = o.Table.ID
	}
	return *next
}

// placed has a run learn where it is before it looks at anything else, and so
// before its first write: in another account nothing of the plan is there, and
// what is missing there must not be made. The quiet path asks for neither.
func placed(next *Decision, o Observed) *Decision {
	switch k := next.Act.Kind; {
	case k == Stop || k == Wait:
		return next
	case o.Caller == nil:
		return look(LookCaller)
	case o.Table == nil:
		return look(LookTable)
	}
	return next
}

// decider holds the arguments of one decision. Its methods return the decision,
// or nil where they have none: then the caller goes on to what comes after them.
type decider struct {
	now time.Time
	p   Policy
	r   *Record
	q   Request
	o   Observed
}

func (d decider) decide() *Decision {
	if ref := d.unfit(); ref != nil {
		return refuse(*ref)
	}
	if d.q.Verb == VerbAdopt && d.q.FromKMS {
		return d.rebuild()
	}
	if d.r == nil {
		return d.firstSight()
	}
	if next := d.answered(); next != nil {
		return next
	}
	if d.q.Interrupted {
		return d.ending(stop(Interrupted))
	}
	if next := d.strayKey(); next != nil {
		return next
	}
	if f := d.o.Failure; f != nil {
		return d.failed(*f)
	}
	switch d.q.Verb {
	case VerbAdopt:
		return d.ending(d.adoptDrift())
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
	}
	return d.scheduled()
}

// scheduled decides for cron: what is owed, an open generation, what is due,
// and only when none of these has more to do, the marks on old versions.
func (d decider) scheduled() *Decision {
	if next := d.owed(); next != nil {
		return d.ending(next)
	}
	next := d.steadyOrOpen()
	if !next.leavesMarks() {
		return d.besideFailed(next)
	}
	mark, left := d.marks()
	if mark != nil {
		return mark
	}
	// Report too many draining versions only now: the marks above may just have
	// ended one of those drains.
	if next = d.ending(next); next.Act.Kind != Stop {
		return next
	}
	return d.withOld(next, left)
}

func (d decider) steadyOrOpen() *Decision {
	if d.r.Step != Steady {
		return d.underLease(d.open())
	}
	return d.steady()
}

// leavesMarks tells whether a decision is an end after which old versions may
// be retired: the key is in order, or what keeps it is not about them.
func (n Decision) leavesMarks() bool {
	if n.Act.Kind != Stop {
		return false
	}
	switch n.Act.Outcome {
	case Settled, Waiting, Frozen:
		return true
	case Refused:
		switch n.Act.Refusal.Code {
		case CodeMaxDraining, CodeOverdue, CodeBeforeSwitch:
			return true
		}
	}
	return false
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
		return d.ending(end)
	case LeftOut:
		return d.ending(refuse(d.overdue(due.Window)))
	case InFreeze:
		return d.ending(d.inFreeze(due))
	}
	why := d.whyDue(due)
	if stopped := d.mayClaim(); stopped != nil {
		return stopped
	}
	if next := d.aliasInPlace(); next != nil {
		return d.ending(next)
	}
	if ref := d.unsupported(*d.o.Alias); ref != nil {
		return d.ending(refuse(*ref))
	}
	if ref := d.otherTerms(*d.o.Alias); ref != nil { // a new version would not be what the plan says
		return d.ending(refuse(*ref))
	}
	if next := d.newKeyReady(); next != nil {
		return d.ending(next)
	}
	c := Claim{
		ID: d.o.Self.ClaimID, At: d.now, Verb: VerbSchedule, Window: due.Window.Start,
		Drain: d.p.Drain, Prepublish: d.p.Prepublish,
		Spec: d.o.Alias.Spec, Usage: d.o.Alias.Usage,
	}
	d.freezeRotation(&c)
	return &Decision{Act: Writing(d.r.Generation+1, "", ClaimWrite{Claim: c}), Reasons: why}
}

// whyDue says which window is due, and how old the version is that it rotates.
func (d decider) whyDue(due Due) []Reason {
	start := due.Window.Start
	opened := fmt.Sprintf("window %s is due", Stamp(start))
	if start.After(d.now) {
		opened = fmt.Sprintf("window %s opens in %s, less than prepublish", Stamp(start), Age(start.Sub(d.now)))
	}
	return []Reason{{CodeWindowDue, opened},
		{"age", fmt.Sprintf("%s is %s old", VersionName(d.r.Active), Age(d.now.Sub(d.r.Live().Since)))}}
}

// inFreeze ends a run whose window waits for the end of a freeze. What holds the key is
// said first: it does not end by itself.
func (d decider) inFreeze(due Due) *Decision {
	if d.r.Held(d.now) {
		return d.held()
	}
	why := d.whyDue(due)
	if due.Missed {
		why = []Reason{{CodeLeftOut, d.overdue(due.Window).What}}
	}
	return stop(Frozen, append(why, frozenReason(due.Freeze))...)
}

// mayClaim answers whether a scheduled generation may be claimed at all: no
// live lease, no fence alive, no hold, not too many versions still draining.
func (d decider) mayClaim() *Decision {
	switch {
	case d.r.Leased(d.now) && d.r.Lease.Run != d.o.Self.Run:
		return d.standBy()
	case d.r.Held(d.now):
		return d.ending(d.held())
	case d.r.Fenced(d.now):
		return d.waitForFence()
	}
	if n := d.awaiting(); n >= d.p.MaxDraining {
		if d.o.Listing == nil {
			return look(LookListing)
		}
		return refuse(d.tooManyDraining(n)) // not put down yet: see scheduled
	}
	return nil
}

// moveAnswered writes down what came of an alias move of the open generation.
func (d decider) moveAnswered(s *Signature) *Decision {
	if s.Generation != d.r.Generation {
		return nil
	}
	if s.Answer == nil {
		if !d.thrownAway(s) || !d.mayStrike(s, d.r.Fence) {
			return nil
		}
		return d.note(Note{Did: did(EventUnsent), Answered: true, Free: d.leaseMine()})
	}
	switch s.Answer.Verdict {
	case Yes:
		if d.r.Step == Switching && d.r.Target != 0 && d.r.Next().KeyID == s.KeyID {
			return d.finish()
		}
		if d.r.Fenced(d.now) && d.mayStrike(s, d.r.Fence) { // another run finished it; only our signature is left
			return d.note(Note{Did: did(EventAnswered), Answered: true})
		}
	case No:
		if !d.mayStrike(s, d.r.Fence) {
			return nil
		}
		if d.r.Step != Switching { // another run finished it meanwhile: nothing to hold against it
			return d.note(Note{Did: did(EventAnswered), Answered: true})
		}
		n := Note{Did: did(EventMoveNo), Answered: true, Error: d.errorOf("move the alias", *s.Answer)}
		if s.Answer.Soft {
			n.Extend = d.leaseMine()
		} else {
			n.Free, n.Attempt = d.leaseMine(), true
			n.SelfHold = d.exhausted(n.Error)
		}
		return d.note(n)
	}
	return nil
}

// unheard tells whether this run may have made a write since its confirming
// one that it does not know of: the write succeeded, its answer was lost,
// another run wrote on top, and the SDK's repetition then failed on that. Such
// a write may have struck the signature off already, and to strike it off
// twice would take down a fence that stands for another run's. So nothing is
// struck off any more, and the fence runs out.
func (d decider) unheard(s *Signature) bool {
	known, events := s.Revs, d.r.Events
	if len(known) == 0 || len(events) == 0 || events[0].Rev > known[0]+1 {
		return true // the ledger does not reach back to it
	}
	for _, e := range events {
		if e.Run == d.o.Self.Run && e.Rev > known[0] && !slices.Contains(known, e.Rev) {
			return true
		}
	}
	return false
}

// finish ends a generation on this run's own yes.
func (d decider) finish() *Decision {
	window := latest(d.r.Window, d.r.Claim.Window, d.p.Schedule.Window(d.now, d.r.Anchor).Start)
	w := FinishWrite{Answered: true, Window: window,
		Leaving: Leaving{Drain: d.r.Claim.Drain, Retire: d.p.RetireOf(d.r.Claim.Spec, d.r.Claim.Usage)}}
	return &Decision{Act: d.asked(Writing(d.r.Target, d.r.Next().KeyID, w))}
}

// failed ends this run's work after a definite or repeated failure: noted
// once, counted if it was definite, the lease given back.
func (d decider) failed(f Failure) *Decision {
	end := stop(Failed, Reason{CodeFailed, f.Text()})
	ref := d.refusalOf(f)
	if ref != nil {
		end = refuse(*ref)
	}
	if d.leavesNameless() {
		return d.disableNameless()
	}
	if d.r.Leased(d.now) && !d.leaseMine() {
		return end
	}
	if d.o.Caller == nil || d.o.Table == nil {
		return end // what failed may be that very look; nothing was written, so nothing is to be undone
	}
	if d.r.Step == Steady || f.Noted {
		if d.r.Held(d.now) && d.r.Hold.Self {
			return d.ending(d.held())
		}
		return d.ending(end)
	}
	n := Note{Did: did(EventFailed), Free: d.leaseMine(), Error: d.errorOf(f.Doing, f.Answer)}
	n.Unnamed, n.NoKey = d.leftKey(), d.unused()
	// What a person's adopt has found is not of the open generation.
	found := d.q.Verb == VerbAdopt && d.r.Active != 0
	if ref != nil {
		n.Did, n.Error = did(EventRefused, EventKind(ref.Code)), d.refusedFor(*ref)
	}
	if f.Answer.Verdict == No && !f.Answer.Soft && !found {
		n.Attempt = true
		n.SelfHold = d.exhausted(n.Error)
	}
	n.Refusal = ref
	return d.note(n)
}

// exhausted tells why the key must hold itself if one more definite refusal
// is counted now, or "".
func (d decider) exhausted(last *LastError) string {
	count := 1
	if a := d.r.Attempts; a != nil {
		if d.now.Sub(a.LastAt) < AttemptEvery {
			return ""
		}
		count = a.Count + 1
	}
	if count < d.p.MaxAttempts {
		return ""
	}
	return fmt.Sprintf("%d definite refusals of generation %d, the last: %s: %s", count, d.r.Generation, last.Code, last.Message)
}

func (d decider) leaseMine() bool { return d.r.LeasedTo(d.o.Self.Run, d.now) }

func (d decider) errorOf(doing string, a Answer) *LastError {
	code := cmp.Or(a.Code, string(a.Verdict))
	return &LastError{Code: Code(code), Message: doing + ": " + a.Message, At: d.now, Run: d.o.Self.Run}
}

func (d decider) refusedFor(ref Refusal) *LastError {
	return &LastError{Code: ref.Code, About: ref.About, Message: ref.What, At: d.now, Run: d.o.Self.Run}
}

func (d decider) note(n Note) *Decision {
	return &Decision{Act: Writing(d.r.Generation, "", n)}
}

// ending gives the lease back, and puts a refusal into the record, before the
// end itself.
func (d decider) ending(end *Decision) *Decision {
	if d.r == nil || end.Act.Kind != Stop {
		return end
	}
	if d.leavesNameless() {
		return d.disableNameless()
	}
	ref := end.Act.Refusal
	n := Note{Free: d.leaseMine(), Did: did(EventFree)}
	if ref != nil && !ref.Unwritten && !ref.Recorded && !d.knows(*ref) {
		n.Did = did(EventRefused, EventKind(ref.Code))
		n.Error = d.refusedFor(*ref)
	}
	if ref != nil && ref.SelfHold != "" && !d.r.Held(d.now) {
		// Also if the refusal is known: the key may have been released since.
		n.Did, n.SelfHold = did(EventRefused, EventKind(ref.Code)), ref.SelfHold
	}
	if d.toSend(d.o.SignedMove) { // it will not be, after this
		n.Answered = true
	}
	n.Unnamed = n.Free && d.leftKey()
	if !n.Free && n.Error == nil && n.SelfHold == "" && !n.Answered {
		return end
	}
	n.Refusal = ref
	return d.note(n)
}

func (d decider) knows(ref Refusal) bool {
	e := d.r.LastError
	return e != nil && e.Code == ref.Code && e.About == ref.About
}

func look(k Kind) *Decision { return &Decision{Act: Act{Kind: k}} }

func stop(o Outcome, why ...Reason) *Decision {
	return &Decision{Act: Act{Kind: Stop, End: End{Outcome: o}}, Reasons: why}
}

func refuse(ref Refusal) *Decision {
	return &Decision{Act: Act{Kind: Stop, End: End{Outcome: Refused, Refusal: &ref}},
		Reasons: []Reason{{ref.Code, ref.What}}}
}

func latest(times ...time.Time) time.Time {
	var t time.Time
	for _, u := range times {
		if u.After(t) {
			t = u
		}
	}
	return t
}
