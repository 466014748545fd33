package kms

// redacted is printed in place of a Signed: until it expires, anybody who has its
// bytes can move the alias.
const redacted = "signed request (redacted)"

// String never shows the request.
func (Signed) String() string { return redacted }

// GoString never shows the request.
func (Signed) GoString() string { return redacted }

// MarshalText never shows the request, in JSON and in logs.
func (Signed) MarshalText() ([]byte, error) { return []byte(redacted), nil }
