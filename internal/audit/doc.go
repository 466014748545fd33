// Package audit judges whether record, KMS and plan agree. It is pure: what
// was read comes in, findings go out, and package cmd does the asking and the
// printing. It knows the failure modes that keyturn exists to rule out and the
// numbered invariants of its design, and names them; it decides nothing and
// changes nothing.
//
// A finding that needs a person says what was seen, whether encrypt and
// decrypt work, and what to type. A warning only says. What could not be read
// is never taken for being in order.
package audit
