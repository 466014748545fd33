package plan

// markAnswered writes down what came of this run's own marking, whatever else
// holds.
func (d decider) markAnswered() *Decision {
	m := d.o.Marking
	if m == nil || !m.Confirmed || m.Noted {
		return nil
	}
	version, mark, ok := d.markOf(*m)
	if !ok { // the entry is not there any more: a person reinstated it, and look_after is set
		return nil
	}
	// Only the mark that this signature was made for is struck off. It may have
	// been already, by a write of this run whose answer was lost, and another
	// run have marked the version since: that mark ends later, and stands for a
	// signature which is still out. Nor does a yes to what was signed long ago
	// say how the version is now: it was enabled again, or there were no such mark.
	if mark.Until.Sub(m.Date) > FenceFor+SignedSkew {
		return nil
	}
	act := Act{Version: version, KeyID: m.KeyID, Answered: true}
	switch {
	case m.Answer == nil:
		if !d.q.Interrupted && !d.frozen() && m.Op == d.r.Op {
			return nil // to be sent
		}
		act.Kind, act.Note = WriteMarkNo, Note{Did: did(EventUnsent)}
	case m.Answer.Verdict == Yes && m.What == MarkDisable:
		act.Kind = WriteRetired
	case m.Answer.Verdict == Yes:
		act.Kind, act.DeleteAt = WriteDeleting, d.now.Add(d.p.Retire.DeletionWindow)
	case m.Answer.Verdict == No:
		act.Kind = WriteMarkNo
		act.What = m.What
		act.Note = Note{Error: d.errorOf(m.What+" "+VersionName(version), *m.Answer)}
	default:
		return nil // an unknown waits for the mark to be over
	}
	return &Decision{Act: act}
}

// markOf finds the entry that a marking was made for.
func (d decider) markOf(m Marking) (version int64, mark *Mark, ok bool) {
	if m.What == MarkDisable {
		for _, e := range d.r.Draining {
			if e.KeyID == m.KeyID && e.Mark != nil {
				return e.Version, e.Mark, true
			}
		}
		return 0, nil, false
	}
	for _, t := range d.r.Retired {
		if t.KeyID == m.KeyID && t.Mark != nil {
			return t.Version, t.Mark, true
		}
	}
	return 0, nil, false
}
