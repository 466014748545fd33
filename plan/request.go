package plan

import "time"

// Request is what is asked for: the verb and its arguments.
type Request struct {
	Verb    Verb
	Reason  string
	Create  bool      // adopt --create: make the alias, which must not exist
	FromKMS bool      // adopt --from-kms: rebuild the record
	Version int64     // rollback, reinstate: the version named; 0 is the default one
	Abandon bool      // rotate: give an open generation up
	Again   bool      // rotate, rollback: once more within the hour
	Until   time.Time // hold: when it ends by itself; zero is never
	// Interrupted asks for the way out: what was signed and not sent is
	// noted as answered, the lease is given back.
	Interrupted bool
}
