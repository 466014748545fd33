package plan

import "time"

// applyOld makes the changes that concern old versions, holds and abandoned
// generations.
func applyOld(n *Record, a Act) {
	switch a.Kind {
	case WriteAbandon:
		n.abandon(a)
	case WriteHold:
		h := *a.Hold
		h.By = a.Caller
		n.Hold = &h
	case WriteRelease:
		n.Hold, n.Attempts, n.LastError = nil, nil, nil
	case WriteReinstate:
		n.reinstate(a)
	case WriteLookAgain:
		n.drain(a.KeyID, func(d *Draining) { d.LookAfter = a.LookAfter })
	case WriteLooked:
		// Only now it certainly works, so only now its drain begins: KMS may
		// have refused to enable it for days.
		n.drain(a.KeyID, func(d *Draining) {
			d.LookAfter, d.DrainUntil = time.Time{}, latest(d.DrainUntil, a.At.Add(a.Drain))
		})
	case WriteChecked:
		n.drain(a.KeyID, func(d *Draining) { d.CheckedAt = a.At })
		n.retiree(a.KeyID, func(t *Retired) { t.CheckedAt = a.At })
	case WriteKept:
		n.retire(a.KeyID, func(t *Retired) { t.KeptAt = a.At })
	case WriteMark:
		n.eachMark(a.KeyID, func(m **Mark) { *m = marked(*m, a) })
	case WriteMarkNo:
		n.eachMark(a.KeyID, func(m **Mark) { *m = struck(*m) })
		if a.Note.Error != nil {
			n.LastError = clone(a.Note.Error)
		}
	case WriteUnmark:
		n.drain(a.KeyID, func(d *Draining) { d.Mark = nil })
		n.retiree(a.KeyID, func(t *Retired) { t.Mark, t.DisabledAt, t.DisabledUnknown = nil, a.At, false })
	case WriteRetired:
		if a.Answered {
			n.eachMark(a.KeyID, func(m **Mark) { *m = struck(*m) })
		}
		n.retire(a.KeyID, func(t *Retired) {
			t.DisabledAt, t.DeleteAt = a.At, a.DeleteAt
			t.DisabledUnknown = !a.Answered && t.Mark == nil // nothing of keyturn's was out: somebody else did it
			if t.Mark != nil && !a.At.Before(t.Mark.Until) {
				t.Mark = nil
			}
		})
		if a.Note.Error != nil {
			n.LastError = clone(a.Note.Error)
		}
	case WriteDeleting:
		if a.Answered {
			n.eachMark(a.KeyID, func(m **Mark) { *m = struck(*m) })
		}
		n.retiree(a.KeyID, func(t *Retired) { t.DeleteAt = a.DeleteAt })
	}
}

// abandon gives the open generation up. What was made for it drains with a
// full deadline; if the alias was seen on it, it is active, and the version
// before drains.
func (n *Record) abandon(a Act) {
	if a.Moved {
		t := n.Target
		n.push(Draining{Version: n.Active.Version, KeyID: n.Active.KeyID, Since: a.At,
			DrainUntil: a.At.Add(n.Claim.Drain), Retire: a.Retire, Rest: n.Active.Rest})
		n.Active = &Active{Version: t.Version, KeyID: t.KeyID, Since: a.At, Rest: t.Rest}
		n.dropEntry(t.KeyID)
		n.SwitchedAt = a.At
	}
	if d := a.Dropped; d != nil {
		n.push(Draining{Version: d.Version, KeyID: d.KeyID, DrainUntil: a.At.Add(a.Drain), Retire: a.Retire, Rest: d.Rest})
	}
	n.Window = a.Window
	n.Fence, n.Attempts, n.LastError, n.Lease = nil, nil, nil, nil
	if a.Claim == nil {
		// What was given up is not the last one done. What has given it up is, so
		// that who types it again is told, and nothing more is done.
		n.Step, n.Target, n.Claim = Steady, nil, clone(a.Ended)
		n.Hold = n.Hold.persons()
		return
	}
	n.Generation++
	n.Step, n.Claim, n.Target = Claimed, clone(a.Claim), clone(a.Target)
	n.Hold = n.Hold.persons() // what the key held itself for was the generation given up
	n.lease(a)
}

// push adds a draining version. A rollback's target stands among the draining
// or kept ones already: its deadline only ever moves out.
func (n *Record) push(d Draining) {
	for i, e := range n.Draining {
		if e.KeyID == d.KeyID {
			n.Draining[i].DrainUntil = latest(e.DrainUntil, d.DrainUntil)
			return
		}
	}
	if n.listed(d.KeyID) {
		return
	}
	n.Draining = append(n.Draining, d)
}

// reinstate puts a retired or marked version back among the draining ones,
// with a new deadline; a mark on it becomes the time to look again.
func (n *Record) reinstate(a Act) {
	d := Draining{Version: a.Version, KeyID: a.KeyID, Since: a.At, Retire: a.Retire}
	for _, e := range n.Draining {
		if e.KeyID == a.KeyID {
			d = e
		}
	}
	for _, t := range n.Retired {
		if t.KeyID == a.KeyID {
			d.Since, d.LeftUnknown, d.Rest = t.Since, t.LeftUnknown, t.Rest
		}
	}
	n.dropEntry(a.KeyID)
	d.Mark, d.CheckedAt, d.LookAfter, d.ReinstatedAt = nil, time.Time{}, a.LookAfter, a.At
	d.DrainUntil = latest(d.DrainUntil, a.At.Add(a.Drain))
	n.Draining = append(n.Draining, d)
}

// retire moves a version from the draining to the retired ones.
func (n *Record) retire(keyID string, change func(*Retired)) {
	var draining []Draining
	for _, e := range n.Draining {
		if e.KeyID != keyID {
			draining = append(draining, e)
			continue
		}
		t := Retired{Version: e.Version, KeyID: e.KeyID, Since: e.Since, LeftUnknown: e.LeftUnknown, Mark: e.Mark,
			Rest: e.Rest}
		change(&t)
		n.Retired = append(n.Retired, t)
	}
	n.Draining = draining
	n.leaveOut()
}

// leaveOut takes out the oldest of the retired ones where there are too many of
// their kind.
func (n *Record) leaveOut() {
	over := map[bool]int{true: -MaxDisabled, false: -MaxRetired}
	for _, t := range n.Retired {
		over[t.disabled()]++
	}
	var kept []Retired
	for _, t := range n.Retired {
		if over[t.disabled()]--; over[t.disabled()] < 0 {
			kept = append(kept, t)
			continue
		}
		n.LeftOut = max(n.LeftOut, t.Version)
	}
	n.Retired = kept
}

// disabled tells whether a version is disabled for good as yet: its deletion is
// not scheduled.
func (t Retired) disabled() bool { return !t.DisabledAt.IsZero() && t.DeleteAt.IsZero() }

// Forgotten tells whether a version may have had an entry among the retired ones
// that was left out since: that it has none proves nothing.
func (r *Record) Forgotten(version int64) bool { return version <= r.LeftOut }

func (n *Record) drain(keyID string, change func(*Draining)) {
	for i := range n.Draining {
		if n.Draining[i].KeyID == keyID {
			change(&n.Draining[i])
		}
	}
}

func (n *Record) retiree(keyID string, change func(*Retired)) {
	for i := range n.Retired {
		if n.Retired[i].KeyID == keyID {
			change(&n.Retired[i])
		}
	}
}

func (n *Record) eachMark(keyID string, change func(**Mark)) {
	n.drain(keyID, func(d *Draining) { change(&d.Mark) })
	n.retiree(keyID, func(t *Retired) { change(&t.Mark) })
}

// marked counts one more signature against a version and moves the end of the
// mark out to where that one is certainly dead. A mark that is over counts for
// nothing: whatever was signed for it is dead.
func marked(m *Mark, a Act) *Mark {
	n := Mark{What: a.What, Since: a.At}
	if m != nil && a.At.Before(m.Until) {
		n = *m
		n.What = a.What
	}
	n.Run = a.Self.Run
	n.Signers++
	n.Until = latest(n.Until, a.Signed.Add(FenceFor), a.At.Add(FenceFor))
	return &n
}

// struck takes one answered signature off; a mark whose sole signer was
// answered is over.
func struck(m *Mark) *Mark {
	if m == nil || m.Signers <= 1 {
		return nil
	}
	n := *m
	n.Signers--
	return &n
}
