// Package saved is the file of a saved decision: what `keyturn run --dry-run --out FILE`
// writes, and `keyturn run --expect FILE` reads. Between the two lies a review, often in
// another job on another host, so what is read is data from elsewhere and is checked.
//
// It must not decide anything: whether what is decided now is the same, package plan says.
package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
)

// Format names the form of the file.
const Format = "keyturn/decision/1"

// MaxSize is how large a file may be: many more keys than one plan has.
const MaxSize = 64 << 20

// File is "keyturn/decision/1": what a run would do to each key.
type File struct {
	Format  string    `json:"format"`
	Keyturn string    `json:"keyturn"` // the release that saved it
	Run     string    `json:"run"`     // the dry-run that saved it
	Plan    string    `json:"plan"`    // the plan's name
	At      time.Time `json:"at"`      // AWS's time
	Keys    []Key     `json:"keys"`
}

// Key is what a run would do to one key.
type Key struct {
	Key        string `json:"key"`                  // of the record: region/alias/name
	AliasNames string `json:"alias_names"`          // the KMS key behind the alias
	Generation int64  `json:"generation,omitempty"` // that the acts open or continue
	Claim      string `json:"claim,omitempty"`      // of that generation, if it is open already
	PlanDigest string `json:"plan_digest"`          // of the plan's terms for the key
	Acts       []Act  `json:"acts"`                 // in order; empty if nothing is due
}

// Act is one act of a decision.
type Act struct {
	Act     string `json:"act"`
	Version int64  `json:"version"`
	KeyID   string `json:"key_id,omitempty"` // absent for a key that is still to be made
	Terms   []Term `json:"terms,omitempty"`
}

// Term is one of the terms on which an act is done.
type Term struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Of returns the file that saves what a dry-run has found.
func Of(r *rotate.Report, release, run, planName string) File {
	f := File{Format: Format, Keyturn: release, Run: run, Plan: planName, At: r.Finished.UTC(), Keys: []Key{}}
	for _, k := range r.Keys {
		s := k.Foreseen
		key := Key{Key: s.Key, AliasNames: s.Alias, Generation: s.Generation, Claim: s.ClaimID, PlanDigest: s.Digest,
			Acts: []Act{}}
		for _, a := range s.Acts {
			act := Act{Act: string(a.Kind), Version: a.Version, KeyID: a.KeyID}
			for _, t := range a.Terms {
				act.Terms = append(act.Terms, Term(t))
			}
			key.Acts = append(key.Acts, act)
		}
		f.Keys = append(f.Keys, key)
	}
	return f
}

// Text returns the file as it is written.
func (f File) Text() ([]byte, error) {
	text, err := json.MarshalIndent(f, "", "  ")
	return append(text, '\n'), err
}

// Read reads a file and checks all of it. The error says what is wrong, and where.
func Read(from io.Reader) (File, error) {
	text, err := io.ReadAll(io.LimitReader(from, MaxSize+1))
	if err != nil {
		return File{}, err
	}
	if len(text) > MaxSize {
		return File{}, fmt.Errorf("it is larger than %d bytes", MaxSize)
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	var f File
	if err := in.Decode(&f); err != nil {
		return File{}, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return File{}, errors.New("something follows the document")
	}
	return f, f.check()
}
