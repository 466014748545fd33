package plan

import "time"

// Write is a change of the record, made by one conditional write. Its fields are what
// the change needs besides the record; its act's Writer says when it is made, and by
// which run.
type Write interface {
	kind() Kind
	// applyTo makes the change.
	applyTo(n *Record, a Act)
	// words returns the words that the event has in addition to the kind's.
	words() []EventKind
}

// silent is embedded in writes whose event has only the word of their kind.
type silent struct{}

func (silent) words() []EventKind { return nil }

// AdoptWrite makes a record for an alias that is taken as found.
type AdoptWrite struct {
	silent
	AliasARN string
	Anchor   time.Time
	Window   time.Time
	Live     Version
}

func (AdoptWrite) kind() Kind { return WriteAdopt }

func (w AdoptWrite) applyTo(n *Record, a Act) {
	n.initialize(a, w.AliasARN, w.Anchor)
	n.Generation, n.Step, n.Window = 1, Steady, w.Window
	n.goLive(w.Live)
}

// FirstClaimWrite makes a record before its version and alias are made.
type FirstClaimWrite struct {
	AliasARN string
	Anchor   time.Time
	Claim    Claim
}

func (FirstClaimWrite) kind() Kind           { return WriteFirstClaim }
func (w FirstClaimWrite) words() []EventKind { return w.Claim.words() }

func (w FirstClaimWrite) applyTo(n *Record, a Act) {
	n.initialize(a, w.AliasARN, w.Anchor)
	n.Generation, n.Step, n.Claim = 1, Claimed, &w.Claim
	n.takeLease(a)
}

// ClaimWrite opens a generation. A rollback has its target already.
type ClaimWrite struct {
	Claim  Claim
	Target *Version
}

func (ClaimWrite) kind() Kind           { return WriteClaim }
func (w ClaimWrite) words() []EventKind { return w.Claim.words() }

func (w ClaimWrite) applyTo(n *Record, a Act) {
	n.Generation++
	n.Step, n.Claim = Claimed, &w.Claim
	n.setTarget(w.Target)
	// A claim is made only with no fence alive, so signers are counted from zero.
	n.Fence, n.MovesUntil, n.Attempts, n.LastError = nil, time.Time{}, nil, nil
	n.takeLease(a)
}

// LeaseWrite takes the lease of a run whose lease has ended, or renews the own one.
type LeaseWrite struct {
	silent
	Renew bool
}

func (w LeaseWrite) kind() Kind {
	if w.Renew {
		return WriteRenew
	}
	return WriteTakeover
}

func (LeaseWrite) applyTo(n *Record, a Act) { n.takeLease(a) }

// CreatedWrite says that the version is made and waits for its switch.
type CreatedWrite struct {
	silent
	Target Version
}

func (CreatedWrite) kind() Kind { return WriteCreated }

func (w CreatedWrite) applyTo(n *Record, _ Act) {
	n.Step, n.Lease = Created, nil
	n.setTarget(&w.Target)
}

// ConfirmWrite records that an alias move was signed and is about to be sent.
type ConfirmWrite struct {
	silent
	Target Version
	// Signed is the X-Amz-Date of the signature.
	Signed time.Time
}

func (ConfirmWrite) kind() Kind { return WriteConfirm }

func (w ConfirmWrite) applyTo(n *Record, a Act) {
	n.Step = Switching
	n.setTarget(&w.Target)
	n.takeLease(a)
	n.Fence = n.Fence.signed(FencedMove, w.Signed, a)
	n.MovesUntil = n.Fence.Until
}

// Leaving has the terms for a version that stops being live: how long it drains, and
// how it retires after that.
type Leaving struct {
	Drain  time.Duration
	Retire Retire
}

// FinishWrite makes the target live; the version before drains.
type FinishWrite struct {
	silent
	Leaving
	// Target is set for adopt --create, where no earlier write has set it.
	Target *Version
	// Answered reports whether a confirmed signature was answered yes.
	Answered bool
	Window   time.Time
}

func (FinishWrite) kind() Kind { return WriteFinish }

func (w FinishWrite) applyTo(n *Record, a Act) {
	if w.Target != nil {
		n.setTarget(w.Target)
	}
	if w.Answered {
		n.strikeMove(a.At)
	}
	n.endSelfHold()
	n.drainLive(a.At, w.Leaving)
	to := n.Next()
	// Also if it is what was live: put back, it does not drain.
	n.goLive(Version{Version: to.Version, KeyID: to.KeyID, Since: a.At})
	n.Step, n.Target, n.SwitchedAt, n.Window = Steady, 0, a.At, w.Window
	n.SwitchedFrom = n.Claim.Expects
	n.Lease, n.Attempts, n.LastError = nil, nil, nil
}

// AdoptDriftWrite takes the key found behind the alias as a new generation. The version
// that was live, and the target of an open generation, drain from now.
type AdoptDriftWrite struct {
	silent
	Leaving
	Live    Version
	Dropped *Version
	Window  time.Time
}

func (AdoptDriftWrite) kind() Kind { return WriteAdoptDrift }

func (w AdoptDriftWrite) applyTo(n *Record, a Act) {
	n.endSelfHold()
	n.Generation++
	if w.Dropped != nil {
		n.drainDropped(*w.Dropped, a.At, w.Leaving)
	}
	if n.Live().KeyID != w.Live.KeyID {
		n.drainLive(a.At, w.Leaving)
	}
	n.goLive(w.Live)
	n.Step, n.Target, n.Claim = Steady, 0, nil
	n.SwitchedAt, n.SwitchedFrom, n.Window = a.At, "", w.Window
	n.Fence, n.MovesUntil, n.Lease, n.Attempts, n.LastError = nil, time.Time{}, nil, nil, nil
}

// AbandonWrite gives the open generation up. Its version drains with a full deadline.
// If the alias was seen on that version, it becomes live and the version before drains.
type AbandonWrite struct {
	Leaving
	// Claim is that of the next generation; nil if there is none.
	Claim  *Claim
	Target *Version
	// Ended is set if Claim is nil: the claim that giving up has already carried out.
	Ended *Claim
	// Dropped is the version that is given up.
	Dropped *Version
	// Moved reports whether the alias was seen on the target, which becomes live.
	Moved  bool
	Window time.Time
}

func (AbandonWrite) kind() Kind { return WriteAbandon }

func (w AbandonWrite) words() []EventKind {
	if w.Claim == nil {
		return nil
	}
	return w.Claim.words()
}

func (w AbandonWrite) applyTo(n *Record, a Act) {
	n.endSelfHold() // the key held itself because of the generation given up
	if w.Moved {
		t := *n.Next()
		n.drainLive(a.At, Leaving{Drain: n.Claim.Drain, Retire: w.Retire})
		n.goLive(Version{Version: t.Version, KeyID: t.KeyID, Since: a.At})
		n.SwitchedAt, n.SwitchedFrom = a.At, ""
	}
	if w.Dropped != nil {
		n.drainDropped(*w.Dropped, a.At, w.Leaving)
	}
	n.Window = w.Window
	n.Fence, n.Attempts, n.LastError, n.Lease = nil, nil, nil, nil
	if w.Claim == nil {
		// The last claim that is done is the one that has given up, so that a repetition
		// of its verb does nothing more.
		n.Step, n.Target, n.Claim = Steady, 0, clone(w.Ended)
		return
	}
	n.Generation++
	n.MovesUntil = time.Time{}
	n.Step, n.Claim = Claimed, clone(w.Claim)
	n.setTarget(w.Target)
	n.takeLease(a)
}

// RebuildWrite replaces the record by one that was made from what KMS shows.
type RebuildWrite struct {
	silent
	// Record is the new record without revision, op and event.
	Record *Record
	// Replaced are the events that the older record told otherwise than the ledger.
	Replaced []Event
	// Follows is the newest event of the ledger; zero if the record has a newer one.
	Follows Link
	// Ended are the versions that drained by the older record, and are disabled.
	Ended []Ended
}

func (RebuildWrite) kind() Kind { return WriteRebuild }

func (w RebuildWrite) applyTo(n *Record, a Act) {
	*n = *w.Record.Clone()
	n.TableID = a.TableID
	n.Rev += RevGap - 1
}

// words returns the word for the verb of a person's claim.
func (c Claim) words() []EventKind {
	if c.Verb == VerbRotate || c.Verb == VerbRollback {
		return did(ByVerb(c.Verb))
	}
	return nil
}
