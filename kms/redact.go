package kms

// redacted stands wherever a Signed would be printed: until it expires, who has
// its bytes can move the alias.
const redacted = "signed request (redacted)"

// String never shows the request.
func (Signed) String() string { return redacted }

// GoString never shows the request.
func (Signed) GoString() string { return redacted }

// MarshalText never shows the request, in JSON and in logs.
func (Signed) MarshalText() ([]byte, error) { return []byte(redacted), nil }
