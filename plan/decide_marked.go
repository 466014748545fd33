package plan

// oldAnswered writes down what came of a call against an old version.
func (d decider) oldAnswered(s *Signature) *Decision {
	v := d.r.EntryOf(s.KeyID)
	if v == nil || v.Fence == nil || (s.What == FencedDisable) != (v.State == Draining) {
		return nil // a person has reinstated it, and look_after is set
	}
	// Only the fence that this signature was made for is struck off. Nor does a yes to
	// what was signed long ago say how the version is now: it was enabled again, or
	// there were no such fence.
	if !d.mayStrike(s, v.Fence) {
		return nil
	}
	var w Write
	switch {
	case s.Answer == nil && !d.thrownAway(s):
		return nil
	case s.Answer == nil:
		w = MarkNoWrite{What: s.What}
	case s.Answer.Verdict == Yes && s.What == FencedDisable:
		w = RetiredWrite{Answered: true}
	case s.Answer.Verdict == Yes:
		w = DeletingWrite{Answered: true, DeleteAt: d.now.Add(d.p.Retire.DeletionWindow)}
	case s.Answer.Verdict == No:
		w = MarkNoWrite{What: s.What, Error: d.errorOf(string(s.What)+" "+VersionName(v.Version), *s.Answer)}
	default:
		return nil // an unknown waits for the fence to be over
	}
	return &Decision{Act: Writing(v.Version, s.KeyID, w)}
}
