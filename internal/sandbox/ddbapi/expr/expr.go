// Package expr is DynamoDB's expression language: conditions and filters, key
// conditions, updates and projections, from text to effect on an item. It
// knows no table but the key names that a caller passes, and no error code:
// whatever is wrong it says as an *Error in AWS's words, which AWS answers as
// a ValidationException.
//
// An expression goes through three stages. Parse reads text alone, and its
// result may be cached and shared. Bind resolves #names and :values against
// one request and refuses what AWS refuses before it looks at an item. What is
// bound can be applied to items.
//
// The grammar is that of AWS's pages "Condition and filter expressions,
// operators, and functions", "Using update expressions", "Using projection
// expressions" and "Key condition expressions for the Query operation". Where
// those are silent (which of two errors comes back, how an update reads what it
// also writes) it follows what others have measured at the live service.
package expr

import (
	"fmt"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// Kind is the request member an expression stands in; errors name it.
type Kind string

// The expressions of the API.
const (
	KindCondition    Kind = "ConditionExpression"
	KindFilter       Kind = "FilterExpression"
	KindKeyCondition Kind = "KeyConditionExpression"
	KindUpdate       Kind = "UpdateExpression"
	KindProjection   Kind = "ProjectionExpression"
)

// maxSize is the longest expression AWS takes, in bytes (AWS: "Service,
// account, and table quotas", Expression parameters). It also bounds how deep
// the parser can recurse.
const maxSize = 4096

// Error is an expression that AWS refuses; its text is AWS's whole message.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// invalid returns an error in the form of most of AWS's messages about an expression.
func (k Kind) invalid(format string, args ...any) *Error {
	return &Error{fmt.Sprintf("Invalid %s: ", k) + fmt.Sprintf(format, args...)}
}

func checkSize(kind Kind, text string) error {
	switch {
	case text == "":
		return kind.invalid("The expression can not be empty;")
	case len(text) > maxSize:
		return kind.invalid("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	return nil
}

// operand is what has a value: a path, a :value, or a function.
type operand struct {
	// path is that of an operand that is a document path.
	path path
	// value is a placeholder such as ":v".
	value string
	call  *call
}

type call struct {
	name string
	args []operand
}

// constant returns the value of an operand that stands in the request itself; only
// those can be type checked without an item.
func (o operand) constant(p *Params) (attr.Value, bool) {
	if o.value == "" {
		return attr.Value{}, false
	}
	v, ok := p.values[o.value]
	return v, ok
}
