package claim

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Seen is what was seen of a key, by a run or by a command that only reads.
type Seen struct {
	// Alias is the alias's name.
	Alias string
	// Record is nil if there is none, or none that is about this key.
	Record *plan.Record
	// Behind is the key that the alias names. A Missing one says that there is no alias.
	Behind Look
	// Keys holds what was seen of versions, by the id of their KMS key.
	Keys map[string]Look
	// About is the version that somebody is told about; 0 if it is the key as a whole.
	About int64
	// At is when the claim is made.
	At time.Time
}

// Works is what is known of whether encrypt and decrypt work. Only Of makes one that
// says anything; the zero Works is about nothing.
type Works struct {
	encrypt Part
	decrypt []Part
	// retired counts the versions that were seen disabled or deleted, as they should be.
	retired int
	// recorded is what the alias names by the record.
	recorded string
	// moves is until when an alias move that was signed may change what encrypt uses.
	moves time.Time
	made  bool
}

// Part is what is known of one key.
type Part struct {
	// State is "works", "fails", "not-known" (KMS could not be asked) or "not-looked-at".
	State string
	// Version is 0 if the key is no version of the record.
	Version int64
	// KeyID is "" if it is not known which key it is.
	KeyID string
	// Why says why it fails, or why that is not known.
	Why string
	// At is when KMS showed it; zero if it did not.
	At time.Time
}

// Name returns what people call the key: its version, or else its id.
func (p Part) Name() string {
	if p.Version > 0 {
		return plan.VersionName(p.Version)
	}
	return p.KeyID
}

// Made reports whether the claim is about a key at all.
func (w Works) Made() bool { return w.made }

// Encrypt is about the key behind the alias.
func (w Works) Encrypt() Part { return w.encrypt }

// Decrypt is about the versions that should be enabled by the record, and the one that
// somebody is told about.
func (w Works) Decrypt() []Part { return w.decrypt }

// Of returns what is known of whether encrypt and decrypt work.
func Of(s Seen) Works {
	w := Works{made: true, encrypt: s.encrypt(), recorded: recorded(s.Record)}
	if s.Record == nil {
		return w
	}
	if s.Record.Fenced(s.At) {
		w.moves = s.Record.Fence.Until
	}
	for _, v := range s.Record.Versions {
		p := s.part(v)
		switch {
		case needed(v) || v.Version == s.About:
			w.decrypt = append(w.decrypt, p)
		case p.State == fails:
			w.retired++
		case p.State != unasked:
			w.decrypt = append(w.decrypt, p)
		}
	}
	return w
}

// part is about one version.
func (s Seen) part(v plan.Version) Part {
	look := s.lookAt(v.KeyID)
	p := Part{State: look.state(), Version: v.Version, KeyID: v.KeyID, Why: look.reason(), At: look.at}
	if look.kind == saw && look.key.Missing && Young(v, s.At) {
		p.State, p.Why = unknown, "KMS does not show it yet"
	}
	if p.State == works && v.Fence != nil && s.At.Before(v.Fence.Until) {
		p.State, p.Why = unknown, "a call to "+string(v.Fence.What)+" it may still arrive"
	}
	return p
}

// Young reports whether a version was made or went live so recently that parts of KMS may
// not show it yet.
func Young(v plan.Version, now time.Time) bool {
	return now.Sub(v.CreatedAt) < plan.LagAfterSwitch || now.Sub(v.Since) < plan.LagAfterSwitch
}

// encrypt is about the key behind the alias.
func (s Seen) encrypt() Part {
	look := s.Behind
	p := Part{State: look.state(), KeyID: look.key.KeyID, Why: look.reason(), At: look.at}
	if look.kind == saw && look.key.Missing {
		p.Why = "there is no " + s.Alias
	}
	if s.Record != nil {
		p.Version, _ = s.Record.VersionOfKey(p.KeyID)
	}
	return p
}

// lookAt returns what was seen of a version: itself, or as the key behind the alias.
func (s Seen) lookAt(keyID string) Look {
	if l, ok := s.Keys[keyID]; ok && l.kind != notAsked {
		return l
	}
	if s.Behind.kind == saw && s.Behind.key.KeyID == keyID {
		return s.Behind
	}
	return Look{}
}

// needed reports whether a version should be enabled, by the record, or was until
// somebody else deleted it.
func needed(v plan.Version) bool {
	foundGone := !v.DeleteAt.IsZero() && !v.DeleteAt.After(v.DisabledAt)
	return !v.State.Retired() || v.State == plan.Kept || foundGone
}

// recorded returns which version the alias names by the record; "" if it does not say.
func recorded(r *plan.Record) string {
	switch {
	case r == nil || r.Active == 0:
		return ""
	case r.Step == plan.Switching && r.Target != 0:
		return plan.VersionName(r.Active) + " or already " + plan.VersionName(r.Target)
	}
	return plan.VersionName(r.Active)
}
