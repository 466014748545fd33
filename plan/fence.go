package plan

import "time"

// The spans of time of the fence.
const (
	// FenceFor is how long a signed request may do harm, counted from its
	// confirmation. AWS refuses a KMS signature after 5 minutes; 15 is the
	// longest that it publishes for any service; the rest covers clock differences.
	FenceFor = 20 * time.Minute
	// SignedSkew is by how much the date of a signature may differ from AWS's
	// time before the bytes are thrown away.
	SignedSkew = time.Minute
)

// Fence says until when a call to KMS that was signed and not answered may still
// arrive, and how many such calls there are. The fence of an alias move is a field of
// the record, that of a call against an old version a field of its entry. Package kms
// says why a call is signed, confirmed and sent.
type Fence struct {
	What  Fenced
	Until time.Time
	// Signers is how many signatures were confirmed and not struck off.
	Signers int
	// Run is the run that confirmed the last signature.
	Run string
	// Since is when the first of these signatures was confirmed.
	Since time.Time
	Rest  Rest
}

// Fenced is a kind of call that goes through a fence.
type Fenced string

// The calls that KMS carries out without a condition, and that do harm if they arrive
// late.
const (
	// FencedMove is UpdateAlias.
	FencedMove Fenced = "move"
	// FencedDisable is DisableKey of an old version.
	FencedDisable Fenced = "disable"
	// FencedDelete is ScheduleKeyDeletion of an old version.
	FencedDelete Fenced = "delete"
)

// fencing describes how the fence of one kind of call differs from others.
type fencing struct {
	sign, send Kind
	// confirm is the write between the two.
	confirm func(Version, *Signature) Write
	// shared reports whether another run may sign, too, while the fence is alive: all of
	// them move the alias to the same version. A version is disabled by one run.
	shared bool
	// byDate reports whether a run proves by its date that its signature was not struck
	// off already: the fence of a later signature ends later. Otherwise the run must know
	// all of its own writes since (see mayHaveStruck). Only the date distinguishes a
	// signature from those of a fence that is over, so only then a new fence counts from
	// zero.
	byDate bool
	// frozen reports whether a signature that was not sent is thrown away in a freeze.
	frozen bool
}

var fencings = map[Fenced]fencing{
	FencedMove:    {sign: SignMove, send: SendMove, confirm: confirmsMove, shared: true},
	FencedDisable: {sign: SignMark, send: SendMark, confirm: confirmsMark, byDate: true, frozen: true},
	FencedDelete:  {sign: SignMark, send: SendMark, confirm: confirmsMark, byDate: true, frozen: true},
}

func confirmsMove(v Version, s *Signature) Write { return ConfirmWrite{Target: v, Signed: s.Date} }

func confirmsMark(_ Version, s *Signature) Write { return MarkWrite{What: s.What, Signed: s.Date} }

// alive reports whether a signed call may still arrive at now.
func (f *Fence) alive(now time.Time) bool { return f != nil && now.Before(f.Until) }

// signed returns the fence after one more signature was confirmed: it ends when AWS
// certainly refuses that one, too.
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

// struck returns the fence without one signature, which was answered or never sent. It
// is nil after the last one.
func (f *Fence) struck() *Fence {
	if f == nil || f.Signers <= 1 {
		return nil
	}
	n := *f
	n.Signers--
	return &n
}
