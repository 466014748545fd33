// Package kms is AWS KMS as keyturn uses it: it looks at keys and aliases,
// tries a key out, carries out one change, and says what the answer is worth.
//
// It knows KMS's API, its errors and its laws, and the words of package plan.
// It must not know why something is asked for: no record, no window, no lease,
// no order of steps. It decides nothing, waits for nothing to become visible,
// and never repeats a change.
//
// Looks are retried by the SDK and return errors. A thing that is not there is
// an observation and not an error. Changes are sent once and return a
// plan.Answer, in which an unknown may have happened.
//
// Some changes can be sent as soon as they are asked for, for it does no harm
// if they arrive late: a new key, a new alias, disabling a key that only its
// maker knows, enabling one and cancelling its deletion. All others could undo
// what a later run did, and are fenced: fence.go says how.
package kms
