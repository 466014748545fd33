package plan

import (
	"fmt"
	"slices"
	"time"
)

// A person's verb wants one change. Other runs may carry it out, and other persons may
// undo it, while this run is paused. So a run pursues one claim: the one that it wrote,
// or the open one of its kind that it joined. It ends with success only if the record
// or the ledger shows that this claim was finished. A key in order proves nothing: it
// may be in order because somebody gave the claim up.

// claimEnd is how a claim has ended.
type claimEnd string

const (
	stillOpen claimEnd = "open"
	finished  claimEnd = "finished"
	givenUp   claimEnd = "given up"
	// notLooked: the record does not show it any more, and the run has not looked into
	// the ledger.
	notLooked claimEnd = "not looked"
	// notKnown: neither of them shows it.
	notKnown claimEnd = "not known"
)

// Join takes in the record that the next decision is about. It sets the claim that a
// person's verb pursues, once the record shows an open one of its kind. A run joins one
// claim at most.
func (o *Observed) Join(now time.Time, p Policy, q Request, r *Record) {
	if r != nil {
		o.RecordRev = max(o.RecordRev, r.Rev)
	}
	if o.ClaimedHere != "" || o.Joined != "" || r == nil {
		return
	}
	if (decider{now: now, p: p, r: r, q: q, o: *o}).joins() {
		o.Joined = r.Claim.ID
	}
}

// joins reports whether the open generation is what the verb wants, so that this run
// continues it instead of claiming another one.
func (d decider) joins() bool {
	id := d.r.openClaim()
	if id == "" {
		return false
	}
	verb := d.r.Claim.Verb
	switch d.q.Verb {
	case VerbRotate:
		return (verb == VerbSchedule || verb == VerbRotate) && !d.mayAbandon()
	case VerbRollback:
		want := d.rollbackVersion()
		return verb == VerbRollback && d.r.Target != 0 && (want == 0 || d.r.Target == want) && d.putBackMeant()
	case VerbAdopt:
		return d.r.Active == 0 && !(d.q.Create && d.termsChanged())
	}
	return false
}

// mayAbandon reports whether the person wants to give the open generation up: only the
// one that was open when this run began.
func (d decider) mayAbandon() bool {
	return d.q.Abandon && (d.o.First == nil || d.o.First.openClaim() == d.r.openClaim())
}

// rollbackVersion returns the version that a rollback is about: the one named, otherwise
// the default when this run began; 0 if it is not known.
func (d decider) rollbackVersion() int64 {
	if d.q.Version != 0 {
		return d.q.Version
	}
	if d.o.First == nil || d.o.First.Active == 0 {
		return 0
	}
	t, ref := BackTo(d.now, d.p, d.o.First, 0)
	if ref != nil {
		return 0
	}
	return t.Version
}

// pursues returns the id of the claim that this run pursues; "" if there is none yet.
func (d decider) pursues() string {
	switch {
	case d.o.ClaimedHere != "":
		return d.o.ClaimedHere
	case d.o.Joined != "":
		return d.o.Joined
	case d.joins():
		return d.r.Claim.ID
	}
	return ""
}

// pursued decides for a run that pursues a claim: it continues the claim while it is
// open; then the end of the claim is the result for the person.
func (d decider) pursued() *Decision {
	id := d.pursues()
	if id == "" {
		return nil
	}
	switch end, by := d.claimEndOf(id); end {
	case stillOpen:
		return d.underLease(d.open())
	case finished:
		if d.endedUnmoved(id) { // no answer shows where the alias is
			return d.doneIfSeen("")
		}
		return d.conclude(d.carriedOutBy(id, by))
	case givenUp:
		return d.conclude(refuse(d.overtaken(by)))
	case notLooked:
		return &Decision{Act: Act{Kind: LookClaim, Name: id}}
	}
	return d.conclude(d.unknownEnding())
}

// claimEndOf returns how a claim has ended, and the event that says so, if one is known.
// It uses the events of the record first, then those of the ledger.
func (d decider) claimEndOf(id string) (claimEnd, *Event) {
	if d.r.openClaim() == id {
		return stillOpen, nil
	}
	if end, e := claimEndIn(d.r.Events, id); e != nil {
		return end, e
	}
	// The claim of a steady record is the last one that was finished.
	last := d.r.Step == Steady && d.r.Claim != nil && d.r.Claim.ID == id
	switch told := d.o.Told; {
	case last:
		return finished, nil
	case told == nil || told.Claim != id:
		return notLooked, nil
	default:
		if end, e := claimEndIn(told.Events, id); e != nil {
			return end, e
		}
	}
	return notKnown, nil
}

// claimEndIn finds the event that ended a claim.
func claimEndIn(events []Event, id string) (claimEnd, *Event) {
	for _, e := range events {
		switch {
		case e.GaveUp == id:
			return givenUp, &e
		case e.Is(EventFinish) && e.Claim == id:
			return finished, &e
		}
	}
	return "", nil
}

// ClaimTold is what the ledger says about a claim.
type ClaimTold struct {
	Claim string
	// Events are those that name the claim.
	Events []Event
	// Failed says why the ledger could not be read; "" if it was.
	Failed string
}

// OfClaim returns the events that name a claim.
func OfClaim(events []Event, id string) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Claim != id && e.GaveUp != id })
}

// endedUnmoved reports whether a claim was carried out by giving an open switch up, without a
// move of the alias.
func (d decider) endedUnmoved(id string) bool {
	return d.r.Step == Steady && d.r.Active != 0 && d.r.Claim != nil && d.r.Claim.ID == id &&
		d.doneAt().After(d.r.SwitchedAt)
}

// carriedOutBy ends a verb that was carried out, by this run or another one. It also
// says what came after.
func (d decider) carriedOutBy(id string, by *Event) *Decision {
	outcome := Settled
	if d.q.Verb == VerbAdopt {
		outcome = Adopted
	}
	if d.r.Step == Steady && d.r.Claim != nil && d.r.Claim.ID == id {
		return stop(outcome, d.doneReason())
	}
	text := "it was carried out" + whoWhen(by)
	return stop(outcome, Reason{CodeDone, text + "; since then " + d.standsNow()})
}

// standsNow describes the current state of the record.
func (d decider) standsNow() string {
	live := "nothing is live yet"
	if a := d.r.Live(); a != nil {
		live = fmt.Sprintf("%s has been live since %s", VersionName(a.Version), Stamp(a.Since))
	}
	if d.r.Step != Steady {
		live += fmt.Sprintf(" and generation %d is open (%s to %s)", d.r.Generation, d.r.Claim.Verb, d.openTarget())
	}
	return live
}

// whoWhen describes when an event was and who caused it; "" for no event.
func whoWhen(e *Event) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf(" at %s by %s", Stamp(e.At), e.byText())
}

// overtaken refuses a verb whose claim somebody else gave up.
func (d decider) overtaken(by *Event) Refusal {
	did := "gave it up"
	switch {
	case by.Is(EventRebuild):
		did = "rebuilt the record from KMS"
	case by.Is(EventAdopt):
		did = "adopted what the alias names"
	case by.Is(EventFinish):
		did = "gave it up, with nothing in its place"
	}
	what := fmt.Sprintf("this %s was not carried out: %s %s at %s", d.q.Verb, by.byText(), did, Stamp(by.At))
	if by.Reason != "" {
		what += ": " + by.Reason
	}
	return d.overtakenBy(what + "; " + d.standsNow())
}

// overtakenBy refuses a verb that came too late: somebody else has changed the key since
// this run began.
func (d decider) overtakenBy(what string) Refusal {
	return Refusal{Code: CodeOvertaken, Unwritten: true, What: what,
		Hint: Try("keyturn", "history", d.p.Name)}
}

// unknownEnding ends a verb if neither the record nor the ledger shows how its claim
// ended.
func (d decider) unknownEnding() *Decision {
	why := "its claim is not open, and neither the record nor the ledger says how it ended"
	if t := d.o.Told; t != nil && t.Failed != "" {
		why = "the record does not say it any more, and the ledger could not be read: " + t.Failed
	}
	what := fmt.Sprintf("whether this %s was carried out is not known: %s; %s", d.q.Verb, why, d.standsNow())
	return stop(Failed, Reason{CodeNotKnown, what})
}
