// Package wire is what the services of the embedded AWS share: one call as it
// came in, one answer as it goes out, and an error in the form in which AWS
// puts it on the wire. It knows no service and no HTTP.
package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// Call is one request to one operation, its signature already looked at.
type Call struct {
	Operation string          // "CreateKey"
	Body      json.RawMessage // the JSON document as it came; never nil
	Now       time.Time       // the sandbox's clock, UTC
	Region    string          // of the credential scope, "eu-west-1"
	Account   string          // 12 digits
	Caller    string          // ARN of the caller
	// ReadAt is the moment whose state an eventually consistent read shows:
	// Now, or earlier while the switch for lagging reads is on.
	ReadAt time.Time
	// KeyPolicies and WaiverForbidden are the switches of KMS with these names.
	KeyPolicies, WaiverForbidden bool
}

// Answer is what an operation that succeeded returns.
type Answer struct {
	Body     any    // marshalled as the JSON document; nil is an empty body
	Resource string // what the call was about, for the journal: a key id, an alias, "table/key/item"
	Mutated  bool   // there is something to save: a change, or only a key's last use
}

// Error is an answer of AWS that is not a success. Its Code is the shape's
// name as clients look it up, without a namespace.
type Error struct {
	Status  int            // HTTP status; 0 means 400
	Code    string         // "AlreadyExistsException"
	Message string         // what AWS says
	Extra   map[string]any // further members of the document, such as Item
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
