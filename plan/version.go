package plan

import (
	"cmp"
	"slices"
	"time"
)

// Version is an entry of a record: a KMS key that is a version of the alias, was
// one, or was made to be one. A version has one entry in whatever state it is.
type Version struct {
	Version int64
	KeyID   string
	// State is that of a version which was live or was a target. It is empty for the
	// live version and for one just made.
	State State
	// Adopted reports whether the version was taken as found: it may have no v<n> yet.
	Adopted bool
	// CreatedAt is KMS's creation date of a target; prepublish counts from it.
	CreatedAt time.Time
	// Since is when the version went live.
	Since time.Time
	// Left is when the version stopped being live; zero if it never was.
	Left time.Time
	// LeftUnknown reports whether Left is only when the record was rebuilt, because it is
	// not known when the version stopped being live or whether it ever was.
	LeftUnknown bool
	// DrainUntil is until when the version stays enabled at least. It is never moved
	// to an earlier time. A version that a person retired keeps it: it is not deleted before.
	DrainUntil time.Time
	// Retire has the plan's terms at the switch.
	Retire Retire
	// KeptAt is when the drain of a version that stays enabled was over.
	KeptAt time.Time
	// DisabledAt is when the version was disabled, or was found so.
	DisabledAt time.Time
	// DisabledUnknown reports whether DisabledAt is only when the version was found
	// disabled: in a rebuild, or after somebody else had disabled it.
	DisabledUnknown bool
	// DeleteAt is when the version will be deleted; set once that is scheduled.
	DeleteAt time.Time
	// CheckedAt is when a run last began to check whether the version may be disabled
	// or deleted.
	CheckedAt time.Time
	// LookAfter is when a run looks again whether a reinstated version is enabled.
	LookAfter time.Time
	// ReinstatedAt is when a person last had the version enabled again.
	ReinstatedAt time.Time
	// Hold keeps runs from disabling or deleting the version, live or old.
	Hold *Hold
	// RetiredBy is the person who wants the version disabled before its time, once a call for
	// that was marked, or it was found so. It stays on the version that was disabled so; see
	// forgetRetirers.
	RetiredBy string
	// Fence is the mark on the version: the fence of a disabling or a deletion.
	Fence *Fence
	Rest  Rest
}

// Held reports whether somebody holds the version at now.
func (v Version) Held(now time.Time) bool { return v.Hold.inForce(now) }

// State is the state of a version that is not live.
type State string

// The states of versions that are not live.
const (
	// Draining versions stay enabled until DrainUntil at least.
	Draining State = "draining"
	// Kept versions have drained and stay enabled.
	Kept State = "kept"
	// Disabled versions are disabled, and their deletion is not scheduled.
	Disabled State = "disabled"
	// Deleting versions are disabled, and KMS deletes them at DeleteAt.
	Deleting State = "deleting"
	// Gone versions were found deleted.
	Gone State = "gone"
)

// Retired reports whether the version's drain is over.
func (s State) Retired() bool { return s != "" && s != Draining }

// enabled reports whether the version is enabled as far as the record knows.
func (v Version) enabled() bool { return v.State == "" || v.State == Draining || v.State == Kept }

// These bound the events of a record.
const (
	// NewestEvents is how many events a record keeps that are in the ledger, too.
	NewestEvents = 3
	// MaxUncopied is how many events a run leaves out of the ledger before it copies
	// them, even if its work is not done yet.
	MaxUncopied = 32
)

// Live returns the version behind the alias; nil only until `adopt --create` has made
// the alias.
func (r *Record) Live() *Version { return r.Entry(r.Active) }

// Next returns the target of the open generation; nil if none is made yet, or no
// generation is open.
func (r *Record) Next() *Version { return r.Entry(r.Target) }

// HeldVersions returns the versions that somebody holds at now, by number.
func (r *Record) HeldVersions(now time.Time) []Version {
	held := slices.DeleteFunc(slices.Clone(r.Versions), func(v Version) bool { return !v.Held(now) })
	slices.SortFunc(held, func(a, b Version) int { return cmp.Compare(a.Version, b.Version) })
	return held
}

// HoldOf returns the hold of a version, for 0 that of the key; nil if there is none.
func (r *Record) HoldOf(version int64) *Hold {
	if version == 0 {
		return r.Hold
	}
	if v := r.Entry(version); v != nil {
		return v.Hold
	}
	return nil
}

// PutsBackFrom reports whether the open generation takes the alias away from a key, on
// which somebody else has put it.
func (r *Record) PutsBackFrom(keyID string) bool {
	return r.Step != Steady && r.Claim != nil && r.Claim.Expects != "" && r.Claim.Expects == keyID
}

// Entry returns the entry of a version; nil if there is none.
func (r *Record) Entry(version int64) *Version {
	if version == 0 {
		return nil
	}
	for i := range r.Versions {
		if r.Versions[i].Version == version {
			return &r.Versions[i]
		}
	}
	return nil
}

// EntryOf returns the entry of a KMS key; nil if there is none.
func (r *Record) EntryOf(keyID string) *Version {
	for i := range r.Versions {
		if r.Versions[i].KeyID == keyID {
			return &r.Versions[i]
		}
	}
	return nil
}

// Draining returns the versions that drain, in the order in which they stopped being
// live.
func (r *Record) Draining() []Version {
	return r.filter(func(s State) bool { return s == Draining })
}

// Retired returns the versions whose drain is over, in the order in which it ended.
func (r *Record) Retired() []Version { return r.filter(State.Retired) }

// Old returns the versions that drain and then those whose drain is over.
func (r *Record) Old() []Version { return append(r.Draining(), r.Retired()...) }

func (r *Record) filter(of func(State) bool) []Version {
	var found []Version
	for _, v := range r.Versions {
		if of(v.State) {
			found = append(found, v)
		}
	}
	return found
}

// put sets the entry of a version, at the end of the list: entries of the same state
// are in the order in which they got it.
func (r *Record) put(v Version) {
	r.drop(v.Version)
	r.Versions = append(r.Versions, v)
}

func (r *Record) drop(version int64) {
	r.Versions = slices.DeleteFunc(r.Versions, func(v Version) bool { return v.Version == version })
}

// VersionOfKey returns the version that a KMS key is.
func (r *Record) VersionOfKey(keyID string) (version int64, ok bool) {
	if v := r.EntryOf(keyID); v != nil {
		return v.Version, true
	}
	return 0, false
}
