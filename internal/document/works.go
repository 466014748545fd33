package document

import (
	"time"

	"github.com/keyturn/keyturn/plan/claim"
)

// Works is what is known of whether encrypt and decrypt work.
type Works struct {
	Text    string     `json:"text"`
	Encrypt KeyWorks   `json:"encrypt"`
	Decrypt []KeyWorks `json:"decrypt"` // of versions that should be enabled, and of the one it is about
}

// KeyWorks is what is known of one KMS key. It works if KMS showed it enabled; who may
// use it was not looked at.
type KeyWorks struct {
	State   string     `json:"state"`             // works, fails, not-known, not-looked-at
	Version int64      `json:"version,omitempty"` // absent: no version of the record
	KeyID   string     `json:"key_id,omitempty"`
	Why     string     `json:"why,omitempty"`
	Seen    *time.Time `json:"seen,omitempty"`
}

// ofWorks returns a claim; nil if it is about nothing.
func ofWorks(w claim.Works) *Works {
	if !w.Made() {
		return nil
	}
	d := &Works{Text: w.Text(), Encrypt: ofPart(w.Encrypt()), Decrypt: []KeyWorks{}}
	for _, p := range w.Decrypt() {
		d.Decrypt = append(d.Decrypt, ofPart(p))
	}
	return d
}

func ofPart(p claim.Part) KeyWorks {
	return KeyWorks{State: p.State, Version: p.Version, KeyID: p.KeyID, Why: p.Why, Seen: moment(p.At)}
}
