package plan

import (
	"fmt"
	"strings"
	"time"
)

// Careful combines the terms frozen at the switch with those of today's plan: of
// each term, the more careful one wins. Keep wins over disable and disable over
// delete, longer over shorter, and looking at the last use over not looking.
func Careful(a, b Retire) Retire {
	out := a
	if rank(b.Action) < rank(a.Action) {
		out.Action = b.Action
	}
	if rank(out.Action) == 0 {
		out.Action = RetireKeep // also for an unknown action
	}
	out.UsageOff = a.UsageOff && b.UsageOff
	out.UnlessUsedWithin = 0
	for _, t := range []Retire{a, b} {
		if !t.UsageOff {
			out.UnlessUsedWithin = max(out.UnlessUsedWithin, t.UnlessUsedWithin)
		}
	}
	out.DeleteAfter = max(a.DeleteAfter, b.DeleteAfter)
	out.DeletionWindow = max(a.DeletionWindow, b.DeletionWindow)
	return out
}

// DrainEnd returns when the drain of a version is over: at the deadline that was
// written at the switch, or later if today's plan has a longer drain.
func (p Policy) DrainEnd(e Version) time.Time {
	if e.Left.IsZero() {
		return e.DrainUntil
	}
	return latest(e.DrainUntil, e.Left.Add(p.Drain))
}

// drainOf returns when the drain of a version would have been over that a person retired
// before; zero for others.
func (p Policy) drainOf(v Version) time.Time {
	if v.DrainUntil.IsZero() {
		return time.Time{}
	}
	return p.DrainEnd(v)
}

// AwaitsDisabling reports whether the version is disabled after its drain, by the terms
// of its switch. If today's plan is more careful, the version is kept once it has
// drained, and is in the list no more.
func (e Version) AwaitsDisabling() bool { return rank(e.Retire.Action) > 0 }

func rank(a RetireAction) int {
	switch a {
	case RetireDisable:
		return 1
	case RetireDelete:
		return 2
	}
	return 0 // keep, and unknown actions
}

// usageDelay is how long KMS may take to show a use.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
const usageDelay = time.Hour

// UseSeen is what KMS shows of a key's use: the answers of GetKeyLastUsage and of
// ListGrants. Grants count, because the holder of a grant may need the key long after
// its last use: EBS asks KMS for a volume only when it is attached.
// https://docs.aws.amazon.com/kms/latest/developerguide/determining-access-grants.html
type UseSeen struct {
	// Failed says why the use is not known: denied, failing, unsupported.
	// Then the key counts as in use.
	Failed string
	// Cause is the kind of error that Failed describes.
	Cause CauseKind
	// LastAt is when the key was used last; zero if not since TrackedAt.
	LastAt time.Time
	// Operation is that of the last use: "Decrypt".
	Operation string
	// RequestID is the id of that call, which CloudTrail has.
	RequestID string
	// TrackedAt is since when KMS has recorded uses of this key.
	TrackedAt time.Time
	// Grants is how many grants the key has.
	Grants int
}

// UseFailed returns the use of a key that could not be learnt, by the answer of KMS.
func UseFailed(a Answer) UseSeen { return UseSeen{Failed: a.Text(), Cause: a.Cause.Kind} }

// Quiet reports whether a key has no grants and was certainly not used within d: its
// last use, and the start of the recording, must both be at least an hour longer ago,
// because KMS may be that late.
func (u UseSeen) Quiet(now time.Time, d time.Duration) bool {
	if u.Failed != "" || u.TrackedAt.IsZero() || u.Grants > 0 {
		return false
	}
	before := now.Add(-d - usageDelay)
	return u.LastAt.Before(before) && u.TrackedAt.Before(before)
}

// Why describes the use that keeps a key from being retired, if it is not Quiet.
// known is false if KMS does not show its use.
func (u UseSeen) Why(now time.Time, d time.Duration) (why string, known bool) {
	before := now.Add(-d - usageDelay)
	var all []string
	switch {
	case !u.LastAt.IsZero() && !u.LastAt.Before(before):
		all = append(all,
			fmt.Sprintf("last used %s, %s ago (%s)", Stamp(u.LastAt), Age(now.Sub(u.LastAt)), u.Operation))
	case u.Failed != "":
		return "its use could not be learnt: " + u.Failed, false
	case u.TrackedAt.IsZero():
		return "KMS does not record its use", false
	case !u.TrackedAt.Before(before):
		all = append(all, "KMS has recorded its use only since "+Stamp(u.TrackedAt))
	}
	switch u.Grants {
	case 0:
	case 1:
		all = append(all, "1 grant lets others use it")
	default:
		all = append(all, fmt.Sprintf("%d grants let others use it", u.Grants))
	}
	return strings.Join(all, "; "), true
}

// OldSeen is what a run knows about one old version.
type OldSeen struct {
	// Checking reports whether this run wrote that it checks the version. It is this
	// run's turn only while the record says so: another run may have written since.
	Checking bool
	// CheckingSince is when that was.
	CheckingSince time.Time
	Key           *KeySeen
	// Listed reports whether Aliases, the aliases of the key, were listed.
	Listed  bool
	Aliases []AliasListed
	// Named is the version under which this run has named the key, with a yes of AWS.
	Named int64
	Use   *UseSeen
	// UseAt is when the run looked at the use.
	UseAt time.Time
	// SeesTo is the look_after that this run wrote when it began to enable a
	// reinstated version again; it counts for that turn only.
	SeesTo time.Time
	// Cancelled reports whether CancelKeyDeletion was answered yes.
	Cancelled bool
	// EnabledAt is when the EnableKey was decided that was answered yes.
	EnabledAt time.Time
	// EnabledFor is the reinstated_at for which that was: a yes says nothing once the version
	// was retired and reinstated again.
	EnabledFor time.Time
	// ReadSince reports whether the record was read since then.
	ReadSince bool
	// Failed is what ended this run's work on this version.
	Failed *Failure
}

// reinstated reports whether this run has enabled a version for its last reinstate.
func (s OldSeen) reinstated(v Version) bool {
	return !s.EnabledAt.IsZero() && s.EnabledFor.Equal(v.ReinstatedAt)
}

// checking reports whether it is this run's turn to check an old version.
func (s OldSeen) checking(checked time.Time) bool {
	return s.Checking && (s.CheckingSince.IsZero() || s.CheckingSince.Equal(checked))
}

// CheckFailed reports whether this run could not end its check of an old version, and no run
// has begun another one since: until tomorrow none will.
func (o Observed) CheckFailed(v Version) bool {
	s := o.old(v.KeyID)
	return s.Failed != nil && !s.CheckingSince.IsZero() && s.checking(v.CheckedAt)
}

// forget drops what was seen of the version, and leaves what this run did.
func (s *OldSeen) forget() {
	s.Key, s.Listed, s.Aliases = nil, false, nil
}

// old returns what the run knows about an old version; the zero value is nothing.
func (o Observed) old(keyID string) OldSeen { return o.Old[keyID] }

// learnOld changes what the run knows about an old version.
func (o *Observed) learnOld(keyID string, change func(*OldSeen)) {
	if o.Old == nil {
		o.Old = map[string]OldSeen{}
	}
	s := o.Old[keyID]
	change(&s)
	o.Old[keyID] = s
}
