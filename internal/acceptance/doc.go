// Package acceptance holds tests that start the real binary, many times at
// once, and kill it for real, against AWS endpoints. It has no code of its own.
//
// TestBackend is the suite: what a user relies on, case by case, against any
// implementation of KMS, DynamoDB and STS. By default that is the embedded AWS,
// each case in one of its own. With -endpoint, or with -backend and the
// variables that keyturn itself reads (AWS_ENDPOINT_URL and one for each
// service), it is somebody else's:
//
//	go test ./internal/acceptance -run TestBackend -v -endpoint http://127.0.0.1:4566
//
// What a backend cannot do is found out by asking it, before the first case,
// and never by its name. A case that needs such a thing is skipped, with what
// the backend answered, and with -results it is written down (docs/backends.md
// is made of that).
//
// Between keyturn and the backend stands a gate. It passes requests and answers
// on, counts them, can hold one back or kill the process that sent it, and
// tells the time: a foreign backend's clock cannot be moved, but keyturn takes
// the time from the Date of AWS's answers and from nowhere else, so the gate
// adds to that. Ninety days, or the lease of a run that was killed, pass at
// once; nothing waits.
//
// On a backend that fails, each case ends: what it has parked is let go, and a
// process that does not end is killed. The results are written as cases end.
package acceptance
