// Package interrupted holds tests that interrupt the real binary, as a process,
// at every request of a rotation, a rollback, a disabling and a deletion: killed
// (SIGKILL) or stopped and continued (SIGSTOP, SIGCONT), the request or its
// answer lost, held for longer than a lease or than a signature lives, while two
// more pools run.
//
// It knows the binary by its command line, its processes by their signals, and
// AWS by the requests that pass a proxy on loopback in front of the embedded
// one; the lock table it reads with ddblock. It must not know how a run decides
// or in which order it calls: where a request stands among those of its run is
// counted, and how many there are is found out by an undisturbed run.
//
// What must hold is read back from the embedded AWS after every request that
// changed anything (invariants_test.go), and once more at the end, when two
// more runs have had the time to finish what was left.
//
// Of every day:
//
//	go test ./internal/interrupted
//
// kills after each request is applied, stops before or after it is applied by
// turns, over the lease and over the fence by turns, and loses each request or
// its answer by turns. Every interruption at every request:
//
//	go test ./internal/interrupted -interrupted.all
//
// It has no code of its own.
package interrupted
