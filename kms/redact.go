package kms

import "fmt"

// redacted stands wherever a Signed would be printed: until it expires, who has
// its bytes can move the alias.
const redacted = "signed request (redacted)"

// String never shows the request.
func (Signed) String() string { return redacted }

// GoString never shows the request.
func (Signed) GoString() string { return redacted }

// Format never shows the request, whatever the verb.
func (Signed) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, redacted) }

// MarshalJSON never shows the request.
func (Signed) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText never shows the request.
func (Signed) MarshalText() ([]byte, error) { return []byte(redacted), nil }
