package plan

import (
	"cmp"
	"slices"
	"time"
)

// These bound the versions that a record lists. The record of a key whose versions are
// kept is read by every run of every pool, so it has to stay within one read unit of
// DynamoDB, 4 KB. An item may have 400 KB.
//
// What is left out is not lost: its v<n> names it, and KMS shows its state. See
// decide_leftout.go.
const (
	// MaxKept is how many kept versions are listed: those that were live last.
	MaxKept = 4
	// MaxDisabled is how many versions are listed that are disabled and not deleted yet:
	// those that were disabled last.
	MaxDisabled = 500
	// MaxGone is how many deleted versions are listed.
	MaxGone = 50
	// MaxHeld is how many versions may be held. They are listed beside the others.
	MaxHeld = 20
	// MaxRetirers is how many versions whose drain would be over have the name of the person
	// who retired them: those that were disabled last.
	MaxRetirers = 20
)

// These bound other texts of a record, in bytes.
const (
	// maxMessage bounds what last stopped a run. It may quote AWS.
	maxMessage = 1024
	// maxReasons bounds the reasons of a hold together: the last two always fit.
	maxReasons = 2*MaxReason + len("…"+betweenReasons)
)

// leaveOut drops the entries over the bounds.
func (n *Record) leaveOut(at time.Time) {
	var kept, disabled, gone []Version
	for _, v := range n.Retired() {
		switch {
		case v.Held(at), v.State == Kept && v.Fence != nil: // beside the others: they push none out
		case v.State == Kept:
			kept = append(kept, v)
		case v.State == Gone, v.State == Deleting && !at.Before(v.DeleteAt):
			gone = append(gone, v)
		default:
			disabled = append(disabled, v)
		}
	}
	slices.SortStableFunc(kept, liveLast)
	n.dropOver(at, kept, MaxKept)
	n.dropOver(at, disabled, MaxDisabled)
	n.dropOver(at, gone, MaxGone)
}

// forgetRetirers drops who retired a version, where that explains nothing any more.
func (n *Record) forgetRetirers(at time.Time) {
	have := 0
	for i := len(n.Versions) - 1; i >= 0; i-- {
		v := &n.Versions[i]
		if v.RetiredBy == "" || v.enabled() || at.Before(v.DrainUntil) {
			continue
		}
		if have++; have > MaxRetirers {
			v.RetiredBy = ""
		}
	}
}

// liveLast orders versions by when they stopped being live.
func liveLast(a, b Version) int {
	return cmp.Or(a.Left.Compare(b.Left), cmp.Compare(a.Version, b.Version))
}

// dropOver drops the first of some versions until only most are left, or only such that
// are needed.
func (n *Record) dropOver(at time.Time, versions []Version, most int) {
	over := len(versions) - most
	for _, v := range versions {
		if over <= 0 {
			return
		}
		if n.needs(at, v) {
			continue
		}
		n.drop(v.Version)
		n.LeftOut = max(n.LeftOut, v.Version)
		over--
	}
}

// needs reports whether the entry of a retired version is needed for something that is
// still to be done: it is a target or held, or a signed call against it may still arrive,
// or has to be looked at after it ran out.
func (n *Record) needs(at time.Time, v Version) bool {
	return v.Version == n.Target || v.Held(at) || v.Fence.alive(at) ||
		v.Fence != nil && (v.State == Disabled || v.State == Kept)
}

// Forgotten reports whether the entry of a version may have been left out: then its
// absence proves nothing.
func (r *Record) Forgotten(version int64) bool {
	return version > 0 && version <= r.LeftOut && r.Entry(version) == nil
}

// LeftOutBelow returns the highest number below a version's whose entry may have been left
// out; 0 if there is none.
func (r *Record) LeftOutBelow(version int64) int64 {
	n := min(version-1, r.LeftOut)
	for n > 0 && !r.Forgotten(n) {
		n--
	}
	return max(n, 0)
}
