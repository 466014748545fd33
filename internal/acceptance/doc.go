// Package acceptance holds tests that start the real binary, many times at
// once, and kill it for real, against AWS endpoints. It has no code of its own.
//
// TestBackend is the suite: what a user relies on, case by case, against any
// implementation of KMS, DynamoDB and STS. By default that is the embedded AWS,
// each case in one of its own. With -endpoint, or with -backend and the
// variables that keyturn itself reads (AWS_ENDPOINT_URL and one for each
// service), it is another backend:
//
//	go test ./internal/acceptance -run TestBackend -v -endpoint http://127.0.0.1:4566
//
// The suite asks a backend what it can do, before the first case; its name does
// not count. A case that needs what is missing is skipped, with the backend's
// answer as the reason. With -results that is written to a file, from which
// docs/backends.md is made.
//
// A gate stands between keyturn and the backend. It passes requests and answers
// on, counts them, and can hold one back or kill the process that sent it. It
// also sets the time. A foreign backend's clock cannot be moved, but keyturn
// takes the time only from the Date of AWS's answers, and the gate adds to that.
// So ninety days, or the lease of a killed run, pass at once.
//
// Each case ends, also on a backend that fails: held requests are released, and
// a process that does not end is killed. Results are written as cases end.
package acceptance
