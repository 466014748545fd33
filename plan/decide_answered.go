package plan

import "slices"

// moveAnswered records the answer to an alias move of the open generation.
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
		if d.r.Fenced(d.now) && d.mayStrike(s, d.r.Fence) {
			// Another run finished the generation; only this signature is left.
			return d.note(Note{Did: did(EventAnswered), Answered: true})
		}
	case No:
		if !d.mayStrike(s, d.r.Fence) {
			return nil
		}
		if d.r.Step != Switching { // another run finished the generation, so the no does not count
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

// mayHaveStruck reports whether this run may have made a write after its confirming one
// without knowing: the write succeeded, its answer was lost, another run wrote after
// it, and the SDK's repetition failed because of that. Such a write may have struck the
// signature off already. Striking it off twice would remove a fence that stands for
// another run's signature, so it is not struck off any more, and the fence runs out.
func (d decider) mayHaveStruck(s *Signature) bool {
	known, events := s.Revs, d.r.Events
	if len(known) == 0 || len(events) == 0 || events[0].Rev > known[0]+1 {
		return true // the record does not have all events since then
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
	w := FinishWrite{Answered: true, Window: window, Leaving: d.leaving()}
	return &Decision{Act: d.onBehalf(Writing(d.r.Target, d.r.Next().KeyID, w))}
}

// leaving returns the terms for the version that the open generation takes the alias from.
func (d decider) leaving() Leaving {
	return Leaving{Drain: d.r.Claim.Drain, Retire: d.p.RetireOf(d.r.Claim.Spec, d.r.Claim.Usage)}
}

// oldAnswered records the answer to a call against an old version.
func (d decider) oldAnswered(s *Signature) *Decision {
	v := d.r.EntryOf(s.KeyID)
	if v == nil || v.Fence == nil || (s.What == FencedDisable) != v.enabled() {
		return nil // a person has reinstated the version, and look_after is set
	}
	// The signature must belong to this fence. And a yes to a call that was signed long
	// ago does not show the state now: the version was enabled since, or it would not
	// have such a fence.
	if !d.mayStrike(s, v.Fence) {
		return nil
	}
	var w Write
	switch {
	case s.Answer == nil && !d.thrownAway(s):
		return nil
	case s.Answer == nil:
		w = MarkNoWrite{What: s.What, Was: s.Was}
	case s.Answer.Verdict == Yes && s.What == FencedDisable:
		w = RetiredWrite{Answered: true}
	case s.Answer.Verdict == Yes:
		w = DeletingWrite{Answered: true, DeleteAt: d.now.Add(d.p.Retire.DeletionWindow)}
	case s.Answer.Verdict == No:
		w = MarkNoWrite{What: s.What, Was: s.Was,
			Error: d.errorOf(string(s.What)+" "+VersionName(v.Version), *s.Answer)}
	default:
		return nil // after an unknown the run waits for the end of the fence
	}
	return &Decision{Act: Writing(v.Version, s.KeyID, w)}
}
