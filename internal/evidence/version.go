package evidence

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// State is what a version is for a span of time.
type State string

// The states. A version is active while it is behind the alias.
const (
	// Made: it exists, and was not yet active.
	Made   State = "made"
	Active State = "active"
	// Perhaps: it is not known whether it was active.
	Perhaps  State = "perhaps"
	Draining State = "draining"
	Kept     State = "kept"
	Disabled State = "disabled"
	Deleting State = "deleting"
	Gone     State = "gone"
)

// Span is a time in one state.
type Span struct {
	State State
	From  time.Time
	// To is zero if it lasts.
	To time.Time
	// Rev is the revision of the event that begins it; 0 if no event does.
	Rev int64
	// Earlier reports whether it began at a time before From that is not known.
	Earlier bool
}

// Version is a version of a key.
type Version struct {
	Version int64
	KeyID   string
	// Adopted reports whether keyturn took it as it was found.
	Adopted bool
	// Created is when its KMS key was made, by the ledger or else by KMS.
	Created Fact
	// Live is when it first became active, and Left when it last stopped being so.
	Live, Left Fact
	// Kept is when it had drained and stayed enabled.
	Kept Fact
	// Disabled is when it was disabled, or found so, and Deleting when its deletion was
	// scheduled, or found so.
	Disabled, Deleting Fact
	// FoundDisabled and FoundDeleting report whether somebody else did it, or a call of
	// keyturn whose answer was lost.
	FoundDisabled, FoundDeleting bool
	// Ended is when a run found that somebody else had ended its drain, and EndedUntil the
	// deadline of that drain. KMS does not show when it was.
	Ended      Fact
	EndedUntil time.Time
	// DeleteAt is when KMS deletes it.
	DeleteAt time.Time
	// DrainUntil is the deadline of its last drain, and Retire what comes after it.
	DrainUntil time.Time
	Retire     plan.Retire
	// FoundEnabled are the times at which it was found enabled though it had been disabled.
	FoundEnabled []Fact
	// Spans follow one another; the last one lasts.
	Spans []Span
	// KMS is its state as DescribeKey shows it: "Enabled", or "no such key"; "" if KMS was
	// not asked or did not answer.
	KMS string
	// Use is its last use; nil if KMS was not asked.
	Use *plan.UseSeen
}

// NoKey is the state of a version whose KMS key is not there.
const NoKey = "no such key"

// State returns the state of a version now; "" if nothing tells it.
func (v Version) State() State {
	if len(v.Spans) == 0 {
		return ""
	}
	return v.Spans[len(v.Spans)-1].State
}

// ActiveFor returns how long a version was active in all, and how often. atLeast reports
// whether it was so before the ledger began, too.
func (v Version) ActiveFor(now time.Time) (d time.Duration, times int, atLeast bool) {
	for _, s := range v.Spans {
		if s.State == Active {
			d += s.until(now).Sub(s.From)
			times++
			atLeast = atLeast || s.Earlier
		}
	}
	return d, times, atLeast
}

// PerhapsFor returns for how long it is not known whether a version was active.
func (v Version) PerhapsFor(now time.Time) (d time.Duration) {
	for _, s := range v.Spans {
		if s.State == Perhaps {
			d += s.until(now).Sub(s.From)
		}
	}
	return d
}

func (s Span) until(now time.Time) time.Time {
	if s.To.IsZero() {
		return now
	}
	return s.To
}

// become ends the state of a version and begins another. The same state goes on.
func (v *Version) become(state State, at time.Time, rev int64) {
	if n := len(v.Spans); n > 0 {
		if v.Spans[n-1].State == state {
			return
		}
		v.Spans[n-1].To = at
	}
	v.Spans = append(v.Spans, Span{State: state, From: at, Rev: rev})
}

// within reports whether a version was there at some time since a moment.
func (v Version) within(since time.Time) bool {
	return v.State() != Gone || !v.Spans[len(v.Spans)-1].From.Before(since)
}

// protecting are the operations of KMS that protect data with a key: NIST's originator
// usage. Others, such as Decrypt and Verify, use what was protected before.
var protecting = []string{"Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyWithoutPlaintext",
	"GenerateDataKeyPairWithoutPlaintext", "Sign", "GenerateMac", "Encapsulate"}

// perhaps are those of which KMS does not tell which of the two they were.
var perhaps = []string{"ReEncrypt", "DeriveSharedSecret"}

// lateAfter is how long after a version has left its consumers may still hold its name.
const lateAfter = time.Hour

// LateUse is a use of a version that protects data, after the version had left.
type LateUse struct {
	Version   int64
	KeyID     string
	Operation string
	At        time.Time
	// Left is when the version had stopped being active.
	Left time.Time
	// Perhaps reports whether the operation may as well have used what was protected before.
	Perhaps bool
}

// late returns the late use of a version that KMS shows; nil if it shows none.
func (v Version) late() *LateUse {
	if v.Use == nil || v.State() == Active || v.State() == Perhaps || !v.Left.Known() ||
		!v.Use.LastAt.After(v.Left.At.Add(lateAfter)) {
		return nil
	}
	unsure := slices.Contains(perhaps, v.Use.Operation)
	if !unsure && !slices.Contains(protecting, v.Use.Operation) {
		return nil
	}
	return &LateUse{Version: v.Version, KeyID: v.KeyID, Operation: v.Use.Operation, At: v.Use.LastAt, Left: v.Left.At,
		Perhaps: unsure}
}

// Named is a fact of a version with its name.
type Named struct {
	Name string
	Fact
}

// Named returns the facts of a version that are known, in the order of a version's life.
func (v Version) Named() (all []Named) {
	for _, n := range []Named{{"created", v.Created}, {"live", v.Live}, {"left", v.Left}, {"kept", v.Kept},
		{"disabled", v.Disabled}, {"deleting", v.Deleting}} {
		if n.Known() {
			all = append(all, n)
		}
	}
	for _, f := range v.FoundEnabled {
		all = append(all, Named{"found-enabled", f})
	}
	return all
}
