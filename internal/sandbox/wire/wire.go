// Package wire is what the services of the embedded AWS share: one call as it
// came in, one answer as it goes out, and an error in the form in which AWS
// puts it on the wire. It knows no service and no HTTP.
package wire

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"time"
)

// Call is one request to one operation, its signature already looked at.
type Call struct {
	// Operation is a name such as "CreateKey".
	Operation string
	// Body is the JSON document as it came. It is never nil.
	Body json.RawMessage
	// Now is the time of the sandbox's clock, in UTC.
	Now time.Time
	// Region is that of the credential scope, such as "eu-west-1".
	Region string
	// Account has 12 digits.
	Account string
	// Caller is the ARN of the caller.
	Caller string
	// ReadAt is the moment whose state an eventually consistent read shows:
	// Now, or earlier while the switch for lagging reads is on.
	ReadAt time.Time
	// KeyPolicies and WaiverForbidden are the switches of KMS with these names.
	KeyPolicies, WaiverForbidden bool
	// Capacity is the switch for the capacity of tables.
	Capacity Capacity
	// Simulated is the switch of IAM with this name.
	Simulated map[string]string
}

// Capacity is how many units a table of DynamoDB serves a second; 0 is without a limit.
type Capacity struct {
	Reads  int `json:"reads,omitempty"`
	Writes int `json:"writes,omitempty"`
}

// Answer is what an operation that succeeded returns.
type Answer struct {
	// Body is marshalled as the JSON document; nil is an empty body.
	Body any
	// Resource is what the call was about, for the journal: a key id, an alias,
	// "table/key/item".
	Resource string
	// Mutated says that there is something to save: a change, or only a key's last use.
	Mutated bool
}

// Error is an answer of AWS that is not a success. Its Code is the shape's
// name as clients look it up, without a namespace.
type Error struct {
	// Status is the HTTP status; 0 means 400.
	Status int
	// Code is a name such as "AlreadyExistsException".
	Code string
	// Message is AWS's text.
	Message string
	// Extra has further members of the document, such as Item.
	Extra map[string]any
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// Errorf makes a 400 with a code and a formatted message.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Status: 400, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Service is one AWS service of the sandbox. Implementations are not safe for
// concurrent use: the server calls one at a time, so that every call is atomic
// and the journal's order is the order of effects. State goes in and out as
// JSON, so that it can live in a file between processes.
type Service interface {
	// Handle carries out one call. An error that is not a *Error is a bug of
	// the sandbox and is answered with status 500.
	Handle(Call) (Answer, error)
	// Mutates reports whether an operation is one that changes state when it
	// succeeds; the journal and the fault switches use it.
	Mutates(operation string) bool
	json.Marshaler
	json.Unmarshaler
}

// Stateless is the part of a Service that keeps nothing between calls.
type Stateless struct{}

// Mutates returns false.
func (Stateless) Mutates(string) bool { return false }

// MarshalJSON returns an empty document.
func (Stateless) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

// UnmarshalJSON ignores the document.
func (Stateless) UnmarshalJSON([]byte) error { return nil }

// UUID writes 16 bytes of randomness as AWS writes ids of keys, tables and requests: RFC 9562,
// version 4.
func UUID(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// PrincipalID makes the unique id that IAM would have given a user ("AIDA") or a role ("AROA").
// The same ARN has the same id for ever, so that it needs no state.
func PrincipalID(prefix, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
