package plan

import (
	"slices"
	"strings"
)

// asSaved stops a run that carries out a saved decision before its first act that was not
// saved like that. Looks, leases, and what records an answer or cleans up after this run
// go on.
func (d decider) asSaved(next *Decision) *Decision {
	s := d.q.Saved
	if s == nil {
		return next
	}
	finish, finishes := next.Act.Write.(FinishWrite)
	switch a := next.Act; {
	case a.Kind == DisableFresh, a.Kind == SendMark: // the latter was compared before it was signed
		return next
	case finishes && finish.Answered: // its terms were compared before the move was signed
		return next
	case a.Kind.IsSaved(), a.Kind == SignMove, a.Kind == SignMark:
		if diffs := d.unsaved(*s, SavedActOf(d.p, d.r, d.o, a)); len(diffs) > 0 {
			return d.conclude(refuse(UnlikeSaved(d.p, diffs)))
		}
	case a.Kind == Stop && a.Outcome == Waiting:
		if diffs := append(s.GenerationDiffers(d.r), s.oldLeft(d.r, next.Reasons)...); len(diffs) > 0 {
			return d.conclude(refuse(UnlikeSaved(d.p, diffs)))
		}
	case a.Kind == Stop && slices.Contains([]Outcome{Settled, HeldBack, Frozen}, a.Outcome):
		return d.endsAsSaved(*s, next)
	}
	return next
}

// unsaved returns how an act differs from what was saved.
func (d decider) unsaved(s Saved, act SavedAct) []Difference {
	var diffs []Difference
	if d.r != nil && d.r.Step != Steady && !act.Kind.OldWork() {
		diffs = s.GenerationDiffers(d.r)
	}
	opens := act.Kind == WriteClaim || act.Kind == WriteFirstClaim || act.Kind == WriteAdopt
	if opens && d.o.Alias != nil && d.o.Alias.KeyID != s.Alias {
		diffs = append(diffs, Difference{aliasNames, named(s.Alias), named(d.o.Alias.KeyID)})
	}
	switch act.Kind { // what is not to be sent is not signed
	case SignMove:
		act.Kind = SendMove
		diffs = append(diffs, d.leftOutBefore(s, act)...)
		finish := SavedAct{Kind: WriteFinish, Version: act.Version, Terms: leavingTerms(d.leaving())}
		if at := slices.IndexFunc(s.Acts, finish.sameAct); at >= 0 {
			diffs = append(diffs, s.Acts[at].differs(finish)...)
		}
	case SignMark:
		act.Kind = SendMark
	}
	if opens && d.o.Source != nil { // before it is begun, and not half-way
		diffs = append(diffs, d.newKeyDiffers(s, act.Version)...)
	}
	at := slices.IndexFunc(s.Acts, act.sameAct)
	if at < 0 {
		return append(diffs, Difference{act.text(), actNot, actDone})
	}
	return append(diffs, s.Acts[at].differs(act)...)
}

// leftOutBefore returns what was saved, and this run leaves out before it moves the alias: to
// try the version, and to ask before_switch.
func (d decider) leftOutBefore(s Saved, move SavedAct) []Difference {
	now := Saved{Acts: []SavedAct{move}}
	if d.o.Probe != nil {
		now.Acts = append(now.Acts, SavedAct{Kind: TryTarget, Version: move.Version})
	}
	if d.o.Gate != nil {
		now.Acts = append(now.Acts, SavedAct{Kind: AskGate, Version: move.Version})
	}
	var diffs []Difference
	for _, act := range s.Acts {
		if now.leavesOut(d.r, act) && !slices.ContainsFunc(now.Acts, act.sameAct) {
			diffs = append(diffs, Difference{act.text(), actDone, actNot})
		}
	}
	return diffs
}

// newKeyDiffers returns how the key that a claim leads to differs from the saved one.
func (d decider) newKeyDiffers(s Saved, version int64) []Difference {
	now := SavedActOf(d.p, d.r, d.o, Act{Kind: CreateKey, Version: version})
	if at := slices.IndexFunc(s.Acts, now.sameAct); at >= 0 {
		return s.Acts[at].differs(now)
	}
	return nil
}

// endsAsSaved decides for a run with nothing more to do: all that was saved must be done.
// If another run did it, the end says which.
func (d decider) endsAsSaved(s Saved, end *Decision) *Decision {
	now := Saved{Alias: s.Alias}
	switch {
	case d.r != nil && d.r.Live() != nil && (s.opened(d.r) || d.o.Alias == nil):
		now.Alias = d.r.Live().KeyID // what was seen may be from before this run's own move
	case d.o.Alias != nil:
		now.Alias = d.o.Alias.KeyID
	}
	told, next := d.withTold(s)
	if next != nil {
		return next
	}
	rotation, next := d.rotationDiffers(s, told)
	if next != nil {
		return next
	}
	if diffs := append(s.Differences(now, told, end.Reasons), rotation...); len(diffs) > 0 {
		return d.conclude(refuse(UnlikeSaved(d.p, diffs)))
	}
	if d.o.WroteRev != 0 || len(s.Acts) == 0 || d.r == nil {
		return end
	}
	done := *end
	text := "what was saved was done" + whoWhen(s.doneBy(told))
	done.Reasons = append([]Reason{{CodeSavedDone, text}}, end.Reasons...)
	return &done
}

// withTold returns the record with what the ledger tells of the saved generation, if that is
// finished and the record has dropped the event. next is the look that it needs first.
func (d decider) withTold(s Saved) (told *Record, next *Decision) {
	if !s.finished(d.r) {
		return d.r, nil
	}
	id := d.r.Claim.ID
	if _, e := claimEndIn(d.r.Events, id); e != nil {
		return d.r, nil
	}
	switch told := d.o.Told; {
	case told == nil || told.Claim != id:
		return nil, &Decision{Act: Act{Kind: LookClaim, Name: id}}
	case told.Failed != "":
		return nil, d.conclude(stop(Failed, Reason{CodeNotKnown, "whether what was saved was done is not known: the " +
			"record does not say it any more, and the ledger could not be read: " + told.Failed}))
	}
	r := d.r.Clone()
	r.Events = slices.Concat(d.o.Told.Events, r.Events)
	return r, nil
}

// rotationDiffers returns how the automatic rotation of a version differs from the saved one,
// once it is live. No step waits for it, so that the generation is finished does not show it:
// an event does, or the look in next.
func (d decider) rotationDiffers(s Saved, told *Record) (diffs []Difference, next *Decision) {
	at := slices.IndexFunc(s.Acts, func(a SavedAct) bool { return a.Kind == EnableRotation })
	if at < 0 || !s.finished(told) {
		return nil, nil
	}
	for _, e := range told.Events {
		if e.Claim == told.Claim.ID && slices.ContainsFunc(e.Calls, func(c Answered) bool {
			return c.Operation == kinds[EnableRotation].operation && c.Answer == string(Yes)
		}) {
			return nil, nil
		}
	}
	act := Act{Kind: LookRotation, Version: told.Active, KeyID: told.Live().KeyID}
	has, asked := d.o.Rotations[act.KeyID]
	if !asked {
		return nil, &Decision{Act: act}
	}
	is := Term{"auto_rotation", FormatDuration(has.Every)}
	switch {
	case has.Unknown != "":
		is.Value = "not known (" + has.Unknown + ")"
	case has.Every == 0:
		is.Value = "off"
	}
	return s.Acts[at].differs(SavedAct{Terms: []Term{is}}), nil
}

// doneBy returns the event that did what was saved; nil if the record does not show it.
func (s Saved) doneBy(r *Record) *Event {
	if s.opened(r) {
		_, e := claimEndIn(r.Events, r.Claim.ID)
		return e
	}
	last := s.Acts[len(s.Acts)-1]
	for _, e := range slices.Backward(r.Events) {
		if e.Version == last.Version && e.Is(kinds[last.Kind].event) {
			return &e
		}
	}
	return nil
}

// UnlikeSaved returns the refusal to do otherwise than was saved.
func UnlikeSaved(p Policy, diffs []Difference) Refusal {
	texts := make([]string, len(diffs))
	for i, diff := range diffs {
		texts[i] = diff.Text()
	}
	return Refusal{Code: CodeUnlikeSaved, Unwritten: true, Differences: diffs,
		What: "what is decided now is not what was saved: " + strings.Join(texts, "; "),
		Hint: Try("keyturn", "run", "--dry-run", "--key", p.Name).Noted(
			"shows what would be done now; save it again with --out FILE and have it reviewed")}
}
