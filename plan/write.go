package plan

import "time"

// Write is a change of the record, made by one conditional write. Its fields are
// what it needs beside the record it changes; when it is made, and by whom, is its
// act's Writer.
type Write interface {
	kind() Kind
	// applyTo makes the change.
	applyTo(n *Record, a Act)
	// words are what the event says beside the kind.
	words() []EventKind
}

// silent is a write whose event says no more than its kind.
type silent struct{}

func (silent) words() []EventKind { return nil }

// AdoptWrite makes a record: the alias is taken as it was found.
type AdoptWrite struct {
	silent
	AliasARN string
	Anchor   time.Time
	Window   time.Time
	Live     Version
}

func (AdoptWrite) kind() Kind { return WriteAdopt }

func (w AdoptWrite) applyTo(n *Record, a Act) {
	n.born(a, w.AliasARN, w.Anchor)
	n.Generation, n.Step, n.Window = 1, Steady, w.Window
	n.goLive(w.Live)
}

// FirstClaimWrite makes a record whose version and alias are to be made.
type FirstClaimWrite struct {
	AliasARN string
	Anchor   time.Time
	Claim    Claim
}

func (FirstClaimWrite) kind() Kind           { return WriteFirstClaim }
func (w FirstClaimWrite) words() []EventKind { return w.Claim.words() }

func (w FirstClaimWrite) applyTo(n *Record, a Act) {
	n.born(a, w.AliasARN, w.Anchor)
	n.Generation, n.Step, n.Claim = 1, Claimed, &w.Claim
	n.lease(a)
}

// ClaimWrite opens a generation. A rollback's has its target already.
type ClaimWrite struct {
	Claim  Claim
	Target *Version
}

func (ClaimWrite) kind() Kind           { return WriteClaim }
func (w ClaimWrite) words() []EventKind { return w.Claim.words() }

func (w ClaimWrite) applyTo(n *Record, a Act) {
	n.Generation++
	n.Step, n.Claim = Claimed, &w.Claim
	n.aim(w.Target)
	// A claim is made only with no fence alive, so signers are counted from zero.
	n.Fence, n.Attempts, n.LastError = nil, nil, nil
	n.lease(a)
}

// LeaseWrite takes the lease: over, from a run whose lease has ended, or anew.
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

func (LeaseWrite) applyTo(n *Record, a Act) { n.lease(a) }

// CreatedWrite says that the version is made and waits for its switch.
type CreatedWrite struct {
	silent
	Target Version
}

func (CreatedWrite) kind() Kind { return WriteCreated }

func (w CreatedWrite) applyTo(n *Record, _ Act) {
	n.Step, n.Lease = Created, nil
	n.aim(&w.Target)
}

// ConfirmWrite says that an alias move was signed and is about to be sent.
type ConfirmWrite struct {
	silent
	Target Version
	// Signed is the X-Amz-Date of the signature.
	Signed time.Time
}

func (ConfirmWrite) kind() Kind { return WriteConfirm }

func (w ConfirmWrite) applyTo(n *Record, a Act) {
	n.Step = Switching
	n.aim(&w.Target)
	n.lease(a)
	n.Fence = n.Fence.signed(FencedMove, w.Signed, a)
}

// Leaving is what becomes of a version that stops being live: how long it drains, and
// the plan's terms after that.
type Leaving struct {
	Drain  time.Duration
	Retire Retire
}

// FinishWrite makes the target live; the version before drains.
type FinishWrite struct {
	silent
	Leaving
	// Target is set where no write before has named it: adopt --create.
	Target *Version
	// Answered says that a confirmed signature was answered yes.
	Answered bool
	Window   time.Time
}

func (FinishWrite) kind() Kind { return WriteFinish }

func (w FinishWrite) applyTo(n *Record, a Act) {
	if w.Target != nil {
		n.aim(w.Target)
	}
	if w.Answered {
		n.Fence = n.Fence.struck()
	}
	n.leave(a.At, w.Leaving)
	to := n.Next()
	n.goLive(Version{Version: to.Version, KeyID: to.KeyID, Since: a.At})
	n.Step, n.Target, n.SwitchedAt, n.Window = Steady, 0, a.At, w.Window
	n.Lease, n.Attempts, n.LastError = nil, nil, nil
	n.Hold = n.Hold.persons()
}

// AdoptDriftWrite takes the key found behind the alias as a new generation; what was
// live, and what an open generation has made or is about, drain from now.
type AdoptDriftWrite struct {
	silent
	Leaving
	Live    Version
	Dropped *Version
	Window  time.Time
}

func (AdoptDriftWrite) kind() Kind { return WriteAdoptDrift }

func (w AdoptDriftWrite) applyTo(n *Record, a Act) {
	n.Generation++
	if w.Dropped != nil {
		n.giveUp(*w.Dropped, a.At, w.Leaving)
	}
	if n.Live().KeyID != w.Live.KeyID {
		n.leave(a.At, w.Leaving)
	}
	n.goLive(w.Live)
	n.Step, n.Target, n.Claim = Steady, 0, nil
	n.SwitchedAt, n.Window = a.At, w.Window
	n.Fence, n.Lease, n.Attempts, n.LastError = nil, nil, nil, nil
	n.Hold = n.Hold.persons()
}

// AbandonWrite gives the open generation up. What was made for it drains with a full
// deadline; if the alias was seen on it, it is live, and the version before drains.
type AbandonWrite struct {
	Leaving
	// Claim is that of the next generation; nil if there is none.
	Claim  *Claim
	Target *Version
	// Ended is set without a Claim: what giving the open generation up has carried out.
	Ended *Claim
	// Dropped is the version that is given up.
	Dropped *Version
	// Moved says that the alias was seen on the open target, which is live now.
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
	if w.Moved {
		t := *n.Next()
		n.leave(a.At, Leaving{Drain: n.Claim.Drain, Retire: w.Retire})
		n.goLive(Version{Version: t.Version, KeyID: t.KeyID, Since: a.At})
		n.SwitchedAt = a.At
	}
	if w.Dropped != nil {
		n.giveUp(*w.Dropped, a.At, w.Leaving)
	}
	n.Window = w.Window
	n.Fence, n.Attempts, n.LastError, n.Lease = nil, nil, nil, nil
	n.Hold = n.Hold.persons() // what the key held itself for was the generation given up
	if w.Claim == nil {
		// What was given up is not the last one done. What has given it up is, so
		// that who types it again is told, and nothing more is done.
		n.Step, n.Target, n.Claim = Steady, 0, clone(w.Ended)
		return
	}
	n.Generation++
	n.Step, n.Claim = Claimed, clone(w.Claim)
	n.aim(w.Target)
	n.lease(a)
}

// RebuildWrite puts a record in place that was made from what KMS has.
type RebuildWrite struct {
	silent
	// Record is all of it but revision, op and event.
	Record *Record
}

func (RebuildWrite) kind() Kind { return WriteRebuild }

func (w RebuildWrite) applyTo(n *Record, a Act) {
	*n = *w.Record.Clone()
	n.TableID = a.TableID
	n.Rev += RevGap - 1
}

// words name the verb of a person's claim.
func (c Claim) words() []EventKind {
	if c.Verb == VerbRotate || c.Verb == VerbRollback {
		return did(byVerb(c.Verb))
	}
	return nil
}
