package plan

import "time"

// What a mark is for.
const (
	MarkDisable = "disable"
	MarkDelete  = "delete"
)

// Careful joins the terms frozen at the switch with those of today's plan: of
// each, the more careful one wins. Keep beats disable beats delete, longer
// beats shorter, asking beats not asking.
func Careful(a, b Retire) Retire {
	out := a
	if rank(b.Action) < rank(a.Action) {
		out.Action = b.Action
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

// UseSeen is what GetKeyLastUsage says of a key.
type UseSeen struct {
	// Failed says why it could not be learnt: denied, failing, unsupported.
	// Then the key counts as in use.
	Failed    string
	LastAt    time.Time // zero: not since TrackedSince
	Operation string    // "Decrypt"
	TrackedAt time.Time // since when KMS has recorded uses of this key
}

// Quiet tells whether a key was certainly not used within d: its last use, and
// the start of the recording, must both be longer ago, and an hour more, for
// KMS may be that late.
func (u UseSeen) Quiet(now time.Time, d time.Duration) bool {
	if u.Failed != "" || u.TrackedAt.IsZero() {
		return false
	}
	before := now.Add(-d - usageDelay)
	return u.LastAt.Before(before) && u.TrackedAt.Before(before)
}

// OldSeen is what a run knows of one old version.
type OldSeen struct {
	Asked     bool // this run wrote that it asks
	Key       *KeySeen
	Listed    bool
	Aliases   []AliasListed
	Use       *UseSeen
	Looking   bool // this run wrote that it sees to a reinstated version
	Cancelled bool
	Restored  bool // EnableKey was answered yes
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

// Marking is a call against an old version that this run has signed: what
// became of it.
type Marking struct {
	KeyID     string
	What      string    // MarkDisable or MarkDelete
	Date      time.Time // X-Amz-Date of the signed bytes
	Confirmed bool      // the mark is written
	Op        string    // of that write
	Answer    *Answer
	Noted     bool
}
