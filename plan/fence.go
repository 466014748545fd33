package plan

import "time"

// The spans of time of the fence.
const (
	// FenceFor is how long a signed request may do harm, counted from its
	// confirmation. AWS refuses a KMS signature after 5 minutes; 15 is the
	// longest it publishes for any service; the rest is for clocks.
	FenceFor = 20 * time.Minute
	// SignedSkew is by how much the date of a signature may differ from AWS's
	// time before the bytes are thrown away.
	SignedSkew = time.Minute
)

// Fence says until when a call to KMS that was signed and not answered may still be
// alive, and how many of them there are. That of an alias move stands at the top of
// the record, that of a call against an old version in its entry. package kms says
// why a call is signed, confirmed and sent.
type Fence struct {
	What  Fenced
	Until time.Time
	// Signers is how many signatures were confirmed and not struck off since.
	Signers int
	// Run is the run that confirmed a signature last.
	Run string
	// Since is when the first of these signatures was confirmed.
	Since time.Time
	Rest  Rest
}

// Fenced is a kind of call that goes through a fence.
type Fenced string

// The calls that KMS carries out on no condition, and that do harm if they arrive
// late.
const (
	FencedMove    Fenced = "move"    // UpdateAlias
	FencedDisable Fenced = "disable" // DisableKey of an old version
	FencedDelete  Fenced = "delete"  // ScheduleKeyDeletion of an old version
)

// fencing says in what the fences of two kinds of calls differ.
type fencing struct {
	sign, send Kind
	// confirm is the write between the two.
	confirm func(Version, *Signature) Write
	// joined says that another run may sign, too, while the fence is alive: all of
	// them move the alias to the same version. A version is disabled by one run.
	joined bool
	// byDate says how a run proves that its signature was not struck off already: by
	// its date, for the fence of a later one ends later. Else it knows all of its own
	// writes since (see mayHaveStruck). Only by its date a signature is told from those of a
	// fence that is over, so only then a new fence counts anew.
	byDate bool
	// frozen says that what was not sent is thrown away in a freeze.
	frozen bool
}

var fencings = map[Fenced]fencing{
	FencedMove:    {sign: SignMove, send: SendMove, confirm: confirmsMove, joined: true},
	FencedDisable: {sign: SignMark, send: SendMark, confirm: confirmsMark, byDate: true, frozen: true},
	FencedDelete:  {sign: SignMark, send: SendMark, confirm: confirmsMark, byDate: true, frozen: true},
}

func confirmsMove(v Version, s *Signature) Write { return ConfirmWrite{Target: v, Signed: s.Date} }

func confirmsMark(_ Version, s *Signature) Write { return MarkWrite{What: s.What, Signed: s.Date} }

// alive reports whether something that was signed may still arrive at now.
func (f *Fence) alive(now time.Time) bool { return f != nil && now.Before(f.Until) }

// signed is the fence after one more signature was confirmed: it ends when that one,
// too, is certainly dead.
func (f *Fence) signed(what Fenced, date time.Time, a Act) *Fence {
	n := Fence{Since: a.At}
	if f.alive(a.At) || f != nil && !fencings[what].byDate {
		n = *f
	}
	n.What, n.Run = what, a.Self.Run
	n.Signers++
	n.Until = latest(n.Until, date.Add(FenceFor), a.At.Add(FenceFor))
	return &n
}

// struck is the fence without one signature: its answer is in hand, or it was never
// sent. Without any it is gone; else it runs out.
func (f *Fence) struck() *Fence {
	if f == nil || f.Signers <= 1 {
		return nil
	}
	n := *f
	n.Signers--
	return &n
}
