// Package wave plays one wave in virtual time: every pool starts keyturn at the same
// instant, and all keys of the plan are due. It answers how long that takes with AWS's
// quotas, and how much of it is lost.
//
// The code that runs is the real one: internal/rotate over the real SDK clients, kms and
// ddblock, against the embedded AWS with its quotas for each operation. Only time is
// virtual: each call takes a latency that is drawn, and the clock moves on when every
// goroutine of every run waits. One goroutine runs at a time, and all is drawn from a
// seed, so that the same wave goes the same way.
//
// Unlike its parent package it plays runs that work on many keys at once, and judges
// speed. It checks what a wave must never do: two versions for one window.
//
// To run it:
//
//	go test ./internal/rehearsal/wave                          small waves, with the goals
//	go test ./internal/rehearsal/wave -bench . -benchtime 1x   the large ones, as a table
//	go run . rehearse --wave --plan FILE --pools 8             a user's plan
package wave
