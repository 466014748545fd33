package plan

import (
	"fmt"
	"strings"
	"time"
)

// Careful joins the terms frozen at the switch with those of today's plan: of
// each, the more careful one wins. Keep beats disable beats delete, longer
// beats shorter, asking beats not asking.
func Careful(a, b Retire) Retire {
	out := a
	if rank(b.Action) < rank(a.Action) {
		out.Action = b.Action
	}
	if rank(out.Action) == 0 {
		out.Action = RetireKeep // also for an action we do not know
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

// DrainEnd is when the drain of a version is over: at the deadline that was
// written at the switch, or later, if today's plan gives it longer.
func (p Policy) DrainEnd(e Version) time.Time {
	if e.Left.IsZero() {
		return e.DrainUntil
	}
	return latest(e.DrainUntil, e.Left.Add(p.Drain))
}

// AwaitsDisabling tells whether the drain is to end in the version's disabling,
// by the terms of its switch. Today's plan may have grown more careful; then the
// version is kept once it has drained, and is in the list no more.
func (e Version) AwaitsDisabling() bool { return rank(e.Retire.Action) > 0 }

func rank(a RetireAction) int {
	switch a {
	case RetireDisable:
		return 1
	case RetireDelete:
		return 2
	}
	return 0 // keep, and what we do not know
}

// usageDelay is how late KMS may know of a use.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
const usageDelay = time.Hour

// UseSeen is what KMS says of a key's use: GetKeyLastUsage, and ListGrants, for
// who holds a grant may need the key long after its last use. EBS asks KMS for a
// volume only when it is attached.
// https://docs.aws.amazon.com/kms/latest/developerguide/determining-access-grants.html
type UseSeen struct {
	// Failed says why it could not be learnt: denied, failing, unsupported.
	// Then the key counts as in use.
	Failed    string
	LastAt    time.Time // zero: not since TrackedAt
	Operation string    // "Decrypt"
	TrackedAt time.Time // since when KMS has recorded uses of this key
	Grants    int
}

// Quiet tells whether a key has no grants and was certainly not used within d:
// its last use, and the start of the recording, must both be longer ago, and an
// hour more, for KMS may be that late.
func (u UseSeen) Quiet(now time.Time, d time.Duration) bool {
	if u.Failed != "" || u.TrackedAt.IsZero() || u.Grants > 0 {
		return false
	}
	before := now.Add(-d - usageDelay)
	return u.LastAt.Before(before) && u.TrackedAt.Before(before)
}

// Why says what of its use keeps a key from being retired, if Quiet does not hold;
// known is false where nobody can know.
func (u UseSeen) Why(now time.Time, d time.Duration) (why string, known bool) {
	before := now.Add(-d - usageDelay)
	var all []string
	switch {
	case !u.LastAt.IsZero() && !u.LastAt.Before(before):
		all = append(all, fmt.Sprintf("last used %s, %s ago (%s)", Stamp(u.LastAt), Age(now.Sub(u.LastAt)), u.Operation))
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

// OldSeen is what a run knows of one old version.
type OldSeen struct {
	// Asked: this run wrote that it asks, at AskedAt. It is this run's turn
	// only while the record says so: another may have asked since.
	Asked   bool
	AskedAt time.Time
	Key     *KeySeen
	Listed  bool
	Aliases []AliasListed
	// Named is the version under which this run has named it; AWS has said yes.
	Named int64
	Use   *UseSeen
	UseAt time.Time // when it was asked for
	// SeesTo is the look_after that this run wrote when it took it on itself
	// to see to a reinstated version; it stands for that turn only.
	SeesTo    time.Time
	Cancelled bool      // CancelKeyDeletion was answered yes
	EnabledAt time.Time // when the EnableKey was decided that was answered yes
	Failed    *Failure  // what ended this run's work on this version
}

// asks tells whether it is this run's turn to ask about an old version.
func (s OldSeen) asks(checked time.Time) bool {
	return s.Asked && (s.AskedAt.IsZero() || s.AskedAt.Equal(checked))
}

// forget drops what was seen of the version; what this run did is kept.
func (s *OldSeen) forget() {
	s.Key, s.Listed, s.Aliases = nil, false, nil
}

// old gives what is known of an old version, the zero value if nothing is.
func (o Observed) old(keyID string) OldSeen { return o.Old[keyID] }

// learnOld changes what is known of an old version.
func (o *Observed) learnOld(keyID string, change func(*OldSeen)) {
	if o.Old == nil {
		o.Old = map[string]OldSeen{}
	}
	s := o.Old[keyID]
	change(&s)
	o.Old[keyID] = s
}
