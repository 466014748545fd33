package plan

import (
	"fmt"
	"time"
)

// failed ends this run's work after a definite or repeated failure. It records the
// failure once, counts it if it was definite, and gives the lease back.
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
	if d.o.Caller == nil || d.o.Table == nil || d.o.LedgerRev == nil {
		return end // that look may be what failed; nothing was written, so nothing needs undoing
	}
	if d.r.Step == Steady || f.Noted {
		if d.r.Held(d.now) && d.r.Hold.Self {
			return d.conclude(d.held())
		}
		return d.conclude(end)
	}
	n := Note{Did: did(EventFailed), Free: d.leaseMine(), Error: d.errorOf(f.Doing, f.Answer)}
	n.Unnamed, n.NoKey = d.leftKey(), d.unused()
	if ref != nil {
		n.Did, n.Error = did(EventRefused, EventKind(ref.Code)), d.refusedFor(*ref)
	}
	if f.Answer.Verdict == No && !f.Answer.Soft && d.worksOnOpen() {
		n.Attempt = true
		n.SelfHold = d.exhausted(n.Error)
	}
	n.Refusal = ref
	return d.note(n)
}

// worksOnOpen reports whether the open generation is what this run works on: then a definite
// refusal counts for it.
func (d decider) worksOnOpen() bool {
	switch d.q.Verb {
	case VerbHold, VerbRelease, VerbReinstate, VerbRetire:
		return false
	case VerbAdopt: // one of a key that somebody put behind the alias does not
		return d.r.Active == 0
	}
	return true
}

// exhausted describes why the key must hold itself if one more definite refusal is
// counted now; "" if it need not.
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
	return fmt.Sprintf("%d definite refusals of generation %d, the last: %s", count, d.r.Generation, last.Message)
}

// inTime ends a run for which AWS, or its own host, is too slow: before it looks, or takes
// the lease, once more. Otherwise it would keep the key from others and get nowhere, or two
// runs would take the lease from each other for ever.
func (d decider) inTime(next *Decision) *Decision {
	k := next.Act.Kind
	_, lease := next.Act.Write.(LeaseWrite)
	if d.o.Late < MostLate || k == Stop || k == Wait || k == SignMove || k == SignMark || k.Changes() ||
		k.Writes() && !lease {
		return next
	}
	return d.conclude(stop(Failed, Reason{CodeTooSlow, fmt.Sprintf("too slow: %d times what this run had seen, or its "+
		"lease, was over before it could act on it; AWS answers slowly, or this process was stopped", d.o.Late)}))
}

func (d decider) leaseMine() bool { return d.r.LeasedTo(d.o.Self.Run, d.now) }

// throttled frees the lease and waits: throttled is not failed, and other keys, or other
// pools, need the calls. Then this run looks at the key again.
func (d decider) throttled(f Failure) *Decision {
	if d.r != nil && d.leaseMine() && d.o.MayHaveMade == nil {
		return d.note(Note{Did: did(EventFree), Free: true, NoKey: d.unused(), Unnamed: d.leftKey()})
	}
	return &Decision{Act: Act{Kind: Wait, End: End{Until: d.now.Add(ThrottledFor)}},
		Reasons: []Reason{{CodeThrottled, f.Text()}}}
}

func (d decider) errorOf(doing string, a Answer) *LastError {
	return &LastError{Code: a.FaultCode(), Message: cutText(doing+": "+a.Text(), maxMessage), At: d.now,
		Run: d.o.Self.Run}
}

func (d decider) refusedFor(ref Refusal) *LastError {
	return &LastError{Code: ref.Code, About: cutText(ref.About, maxMessage), Message: cutText(ref.What, maxMessage),
		At: d.now, Run: d.o.Self.Run}
}

func (d decider) note(n Note) *Decision {
	return &Decision{Act: Writing(d.r.Generation, "", n)}
}

// conclude puts a last write before the end of a run, which gives the lease back and
// records a refusal.
func (d decider) conclude(end *Decision) *Decision {
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
	if e := d.notEnabled(); e != nil && n.Error == nil {
		n.Did, n.Error = did(EventFailed), e
	}
	if d.maySend(d.o.SignedMove) { // it will not be sent any more
		n.Answered = true
	}
	n.Unnamed = n.Free && d.leftKey()
	if !n.Free && n.Error == nil && n.SelfHold == "" && !n.Answered {
		return end
	}
	n.Refusal = ref
	return d.note(n)
}

// notEnabled returns why this run could not enable a version that a person wants enabled,
// if the record does not say so yet. It must not take the place of a refusal that only the
// record shows.
func (d decider) notEnabled() *LastError {
	f := d.o.OldFailed
	if f == nil || f.Kind != EnableKey && f.Kind != CancelDeletion || Standing(d.p, d.r) != nil ||
		LeftAlone(d.p, d.r) != nil {
		return nil
	}
	e := d.errorOf(f.Doing, f.Answer)
	e.About = f.About
	if was := d.r.LastError; was != nil && was.Run == e.Run && was.Code == e.Code && was.About == e.About {
		return nil
	}
	return e
}

func (d decider) knows(ref Refusal) bool {
	e := d.r.LastError
	return e != nil && e.Code == ref.Code && e.About == cutText(ref.About, maxMessage)
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
