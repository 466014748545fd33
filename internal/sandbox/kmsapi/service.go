// Package kmsapi is the embedded AWS's Key Management Service: documents in,
// documents out, real cryptography, key material in its own state. It knows
// how KMS judges names, states, quotas and policies, and how its reads lag
// behind its writes. It knows no HTTP, no signatures and no clock: every call
// brings the time it happens at. Nothing in it is fit to guard a secret.
//
// Where AWS surprises, the comment names the page that says so. "Key states"
// stands for "Key states of AWS KMS keys" in the KMS Developer Guide; the API
// reference is the same text as the comments of the Go SDK.
package kmsapi

import (
	"crypto/rand"
	"io"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Service is the KMS of one account in all Regions. It is not safe for
// concurrent use (see wire.Service).
type Service struct {
	account    string
	rand       io.Reader
	operations map[string]operation
	regions    map[string]*region
}

// New makes a KMS without keys for an account of 12 digits.
func New(account string) *Service { return NewWithRand(account, rand.Reader) }

// NewWithRand is New with another source of randomness. With the same bytes
// and the same calls it makes the same key ids and, but for RSA pairs and
// randomized signatures, the same material: simulations can be repeated.
func NewWithRand(account string, random io.Reader) *Service {
	return &Service{account: account, rand: random, operations: operations(), regions: map[string]*region{}}
}

// Handle carries out one call.
func (s *Service) Handle(call wire.Call) (wire.Answer, error) {
	op, ok := s.operations[call.Operation]
	if !ok {
		return wire.Answer{}, wire.Errorf("UnknownOperationException", "")
	}
	r := &request{Call: call, service: s, region: s.in(call.Region), mutated: op.saves}
	r.region.purge(call.Now)
	body, err := op.handle(r)
	if err != nil {
		return wire.Answer{Resource: r.resource}, err
	}
	if k := r.paired; k != nil && k.unsaved {
		r.mutated, k.unsaved = true, false
	}
	return wire.Answer{Body: body, Resource: r.resource, Mutated: r.mutated}, nil
}

// Mutates reports whether an operation changes state when it succeeds. A
// cryptographic operation does: it is the key's last use from then on.
func (s *Service) Mutates(operation string) bool { return s.operations[operation].mutates }

// in returns what the account has in a Region.
func (s *Service) in(name string) *region {
	if s.regions[name] == nil {
		s.regions[name] = newRegion(name, s.account)
	}
	return s.regions[name]
}
