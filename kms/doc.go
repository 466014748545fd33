// Package kms is AWS KMS as keyturn uses it: it looks at keys and aliases, tests a
// key, makes one change, and returns what the answer is worth.
//
// It knows KMS's API, its errors and its rules, and the words of package plan. It
// must not know why a call is made: no record, no window, no lease, no order of
// steps. It decides nothing, never waits until a change becomes visible, and never
// repeats a change.
//
// Looks are retried by the SDK and return errors. A missing key or alias is an
// observation and not an error. Changes are sent once and return a plan.Answer;
// if its verdict is unknown, the change may have happened.
//
// Some changes do no harm if they arrive late and are sent at once: a new key, a
// new alias, disabling a key that only the run that made it knows, enabling a key
// and cancelling its deletion. All others could undo what a later run did and are
// fenced: see fence.go.
package kms
