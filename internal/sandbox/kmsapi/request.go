package kmsapi

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// request is a call on its way through the service: where it plays, and what
// it turns out to be about.
type request struct {
	wire.Call
	service *Service
	region  *region
	// resource is what the call is about, for the journal.
	resource string
	mutated  bool
	// paired is the key whose pair the call has looked at.
	paired *key
}

// random reads n bytes of the service's randomness.
func (r *request) random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(r.service.rand, b); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return b, nil
}

// uuid makes a random identifier as AWS gives to keys, requests and events.
func (r *request) uuid() (string, error) {
	b, err := r.random(16)
	if err != nil {
		return "", err
	}
	return wire.UUID([16]byte(b)), nil
}

// hexID makes a random identifier of n bytes in hexadecimal.
func (r *request) hexID(n int) (string, error) {
	b, err := r.random(n)
	return hex.EncodeToString(b), err
}

// epoch is a time as the protocol has it: seconds, with milliseconds as KMS
// sends them.
type epoch time.Time

func (e epoch) MarshalJSON() ([]byte, error) {
	milli := time.Time(e).UnixMilli()
	return fmt.Appendf(nil, "%d.%03d", milli/1000, milli%1000), nil
}

// since returns a time for an optional member of an answer.
func since(t time.Time) *epoch {
	if t.IsZero() {
		return nil
	}
	e := epoch(t)
	return &e
}
