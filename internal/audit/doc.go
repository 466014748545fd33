// Package audit judges whether record, KMS and plan agree. It is pure: what was
// read comes in and findings go out; other packages read and print. It knows the
// failure modes that keyturn rules out and the numbered invariants of
// docs/protocol.md, and names them. It decides nothing and changes nothing.
//
// A finding that needs a person says what was seen, whether encrypt and decrypt
// work, and what to type. A warning says only what was seen. What could not be
// read never counts as being in order.
package audit
