// Package interrupted holds tests that interrupt the real binary, as a process,
// at every request of a rotation, a rollback, a disabling and a deletion. The
// process is killed (SIGKILL), or stopped and continued (SIGSTOP, SIGCONT) when a
// lease or a signature's life is over, or its request or the answer is lost,
// while two more pools run. In two of the tests the bytes of an alias move, or of
// a disabling, are on their way while a person undoes what they would do.
//
// It knows the binary by its command line, its processes by their signals, and
// AWS by the requests that pass a proxy on loopback in front of the embedded
// one; the lock table it reads with ddblock. It must not know how a run decides,
// or in which order it calls: the requests of an undisturbed run are counted,
// and each is interrupted.
//
// The invariants are checked on the embedded AWS after every request that changed
// anything (invariants_test.go), and once more at the end, after two more runs
// (end_test.go).
//
// Every day, in about a minute on two cores,
//
//	go test ./internal/interrupted
//
// kills after each request was applied, which leaves every state that a kill can
// leave; stops the process at each request, in turn before or after it is applied and
// past the lease or past the fence; and loses the request and the
// answer of what changes anything. Everything at every request, in some minutes:
//
//	go test ./internal/interrupted -interrupted.all
//
// A process's own clocks cannot be moved. One that was stopped believes that as
// much time has passed as it was really stopped for, which is what a suspended
// host does to its monotonic clock; what it signs afterwards AWS finds fresh,
// see stage. It has no code of its own.
package interrupted
