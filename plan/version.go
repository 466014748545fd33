package plan

import (
	"slices"
	"time"
)

// Version is one entry of a record: a KMS key that is a version of the alias, was
// one, or was made to be one. A version has one entry, whatever becomes of it.
type Version struct {
	Version int64
	KeyID   string
	// State says what has become of a version that was live or was to be. It is
	// empty for the live version and for one just made.
	State State
	// Adopted says that the version was taken as found: it may have no v<n> yet.
	Adopted bool
	// CreatedAt is KMS's creation date of a target; prepublish counts from it.
	CreatedAt time.Time
	// Since is when the version went live.
	Since time.Time
	// Left is when the version stopped being live; zero if it never was.
	Left time.Time
	// LeftUnknown says that Left is only when the record was rebuilt: when the version
	// stopped being live, and whether it ever was, is not known.
	LeftUnknown bool
	// DrainUntil is until when the version stays enabled at least. It never gets
	// earlier.
	DrainUntil time.Time
	// Retire is the plan's terms at the switch.
	Retire Retire
	// KeptAt is when the drain of a version that stays enabled was over.
	KeptAt time.Time
	// DisabledAt is when the version was disabled, or was found so.
	DisabledAt time.Time
	// DisabledUnknown says that DisabledAt is only when the version was found
	// disabled: in a rebuild, or after somebody else had disabled it.
	DisabledUnknown bool
	// DeleteAt is when the version will be deleted; set once that is scheduled.
	DeleteAt time.Time
	// CheckedAt is when a run last asked whether the version may be disabled or
	// deleted.
	CheckedAt time.Time
	// LookAfter is when a run checks a reinstated version again.
	LookAfter time.Time
	// ReinstatedAt is when a person last had the version enabled again.
	ReinstatedAt time.Time
	// Fence is that of a call against the version: a disabling or a deletion.
	Fence *Fence
	Rest  Rest
}

// State is what has become of a version that is not live.
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

// enabled reports whether the record has the version enabled.
func (v Version) enabled() bool { return v.State == "" || v.State == Draining || v.State == Kept }

// These bound what stands in the record itself, of which DynamoDB takes 400 KB;
// older events live in ledger items. A version that is disabled may have to be
// deleted yet, or brought back, for which its entry is needed; one that is kept
// or deleted is over.
const (
	MaxEvents   = 32
	MaxRetired  = 50
	MaxDisabled = 500
)

// Live is the version behind the alias; nil only until `adopt --create` has made
// the alias.
func (r *Record) Live() *Version { return r.Entry(r.Active) }

// Next is the version that the open generation puts behind the alias; nil if none
// is made yet, or no generation is open.
func (r *Record) Next() *Version { return r.Entry(r.Target) }

// Entry is what the record has of a version; nil if it does not list it.
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

// EntryOf is what the record has of a KMS key; nil if it does not list it.
func (r *Record) EntryOf(keyID string) *Version {
	for i := range r.Versions {
		if r.Versions[i].KeyID == keyID {
			return &r.Versions[i]
		}
	}
	return nil
}

// Draining lists the versions that drain, in the order in which they stopped being
// live.
func (r *Record) Draining() []Version {
	return r.in(func(s State) bool { return s == Draining })
}

// Retired lists the versions whose drain is over, in the order in which that was.
func (r *Record) Retired() []Version { return r.in(State.Retired) }

// Old lists the versions that drain and then those whose drain is over.
func (r *Record) Old() []Version { return append(r.Draining(), r.Retired()...) }

func (r *Record) in(of func(State) bool) []Version {
	var found []Version
	for _, v := range r.Versions {
		if of(v.State) {
			found = append(found, v)
		}
	}
	return found
}

// put sets the entry of a version, at the end of the list: the entries of one state
// stand in the order in which they got it.
func (r *Record) put(v Version) {
	r.drop(v.Version)
	r.Versions = append(r.Versions, v)
}

func (r *Record) drop(version int64) {
	r.Versions = slices.DeleteFunc(r.Versions, func(v Version) bool { return v.Version == version })
}

// VersionOfKey finds which version a KMS key is.
func (r *Record) VersionOfKey(keyID string) (version int64, ok bool) {
	if v := r.EntryOf(keyID); v != nil {
		return v.Version, true
	}
	return 0, false
}
