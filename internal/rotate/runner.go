package rotate

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/plan"
)

// Runner carries out one run over the keys of a plan.
type Runner struct {
	Records  Records
	KMS      KMS
	Identity Identity

	// Now returns AWS's time; see awscall.Clock.
	Now func() time.Time
	// Sleep pauses; it returns early with the context's error.
	Sleep func(context.Context, time.Duration) error
	// Elapsed, if not nil, tells how long acts take, by a clock that nothing sets: AWS's time
	// jumps where its answers correct it.
	Elapsed func() time.Duration
	// Rand draws nonces, jitter and the order of keys.
	Rand *rand.Rand

	// Run, Pool and Host identify the run in the record and the ledger.
	Run, Pool, Host string
	// Release is that of keyturn, Plan is the plan's name; both are for the ledger.
	Release, Plan string
	// Wait is how long a run waits without progress for another run or a fence, and how
	// long for a window that opens.
	Wait time.Duration
	// Counter counts the keys, with those of the other parts of the run; nil if nobody asks.
	Counter *Counter
	// Policies holds the key policies read from files, by their path in the plan.
	Policies map[string]string
	// Gate asks before_switch; see AskGate.
	Gate func(context.Context, Gate) plan.GateSeen
	// Log, if not nil, receives every act once it is answered, and the first of
	// several waits.
	Log func(Trace)
	// Dry lists changes instead of making them.
	Dry bool
	// Ahead reports whether a dry-run is the look ahead of the run that makes them.
	Ahead bool
	// Foresee has a dry-run collect what it would do, as data to be saved.
	Foresee bool
	// Brief leaves the record of a key with nothing due out of the report, and what is known of
	// the key: a plan may have many of them.
	Brief bool
	// Ask has a dry-run ask before_switch instead of assuming its yes.
	Ask bool
	// Decided, if not nil, receives every decision and its input, and until when the run
	// stands by: a search must know when two runs are alike.
	Decided func(plan.Policy, *plan.Record, plan.Observed, plan.Decision, time.Time)
	// Parallel is how the run works on several keys at once; nil is goroutines.
	Parallel parallel.Host

	// mu guards Rand.
	mu sync.Mutex
}

// Records is what the runner needs of the lock table. ddblock.Table is one.
type Records interface {
	// ReadEach hands on the record of each key as it comes, to one goroutine at a time.
	ReadEach(ctx context.Context, host parallel.Host, keys []string,
		each func(key string, record ddblock.Reader)) error
	// Write replaces old by next in one conditional write; a nil old means that
	// there must be no record. A *ddblock.ChangedError means that another run
	// wrote first.
	Write(ctx context.Context, old, next *plan.Record) error
	// Copy creates the item of a key's ledger with these events. If it is there already,
	// Copy writes nothing and returns the events in it.
	Copy(ctx context.Context, key string, events []plan.Event) (there []plan.Event, err error)
	// Tail returns the events of the last item in the ledger; none if it is empty.
	Tail(ctx context.Context, key string) ([]plan.Event, error)
	// Ledger returns a key's events in the ledger since a time, oldest first.
	Ledger(ctx context.Context, key string, since time.Time) ([]plan.Event, error)
	// Check reports whether the table itself is fit for use.
	Check(ctx context.Context) (plan.TableSeen, error)
}

// Identity returns the caller as AWS sees it.
type Identity interface {
	Caller(ctx context.Context) (plan.Caller, error)
}

// Task is a request about one key.
type Task struct {
	Policy  *plan.Policy
	Request plan.Request
	// Shown is the record that a person was shown in a question; nil if none was. The verb is
	// about that one, and not about the first that its run reads.
	Shown *plan.Record
}

// Tasks returns the tasks of one request about several keys.
func Tasks(keys []plan.Policy, q plan.Request) []Task {
	tasks := make([]Task, len(keys))
	for i := range keys {
		tasks[i] = Task{Policy: &keys[i], Request: q}
	}
	return tasks
}

// Do carries out one request on the given keys; see Each.
func (r *Runner) Do(ctx context.Context, keys []plan.Policy, q plan.Request) (*Report, error) {
	return r.Each(ctx, Tasks(keys, q))
}

func (r *Runner) parallel() parallel.Host {
	if r.Parallel == nil {
		return parallel.Goroutines{}
	}
	return r.Parallel
}

// onlyDry reports whether nobody wants the changes made.
func (r *Runner) onlyDry() bool { return r.Dry && !r.Ahead }

// order returns the indexes of n keys in random order.
func (r *Runner) order(n int) []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Rand.Perm(n)
}

// self returns the identity of this run without nonces, which can decide and not write.
func (r *Runner) self() plan.Self {
	return plan.Self{Run: r.Run, Pool: r.Pool, Host: r.Host, Release: r.Release, Plan: r.Plan, NoPause: r.Dry}
}

// nonces returns new ones for a write and for a claim.
func (r *Runner) nonces() (op, claimID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return nonce(r.Rand), nonce(r.Rand)
}

// nonce returns 128 random bits in hex.
func nonce(r *rand.Rand) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], r.Uint64())
	binary.BigEndian.PutUint64(b[8:], r.Uint64())
	return hex.EncodeToString(b[:])
}

// around returns a random duration from [3/4 d, 5/4 d): pools that begin together would else
// make their calls together.
func (r *Runner) around(d time.Duration) time.Duration {
	if d < 2 {
		return d
	}
	return d*3/4 + r.upTo(d/2)
}

// jitter returns a random duration from [d/2, d).
func (r *Runner) jitter(d time.Duration) time.Duration {
	if d <= 1 {
		return d
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return d/2 + time.Duration(r.Rand.Int64N(int64(d/2)))
}

// upTo returns a random duration from [0, d).
func (r *Runner) upTo(d time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Duration(r.Rand.Int64N(int64(d)))
}
