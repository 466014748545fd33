package rehearsal

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Scene says what a world is like and what may happen in it.
type Scene struct {
	Name string
	// Plan is the plan file of every pool; Rollout, if given, is another
	// version of it which the pools named in Newer have already.
	Plan, Rollout string
	Seed          uint64
	// Begin is when the world begins; zero is a day that is always the same.
	Begin time.Time
	// Policies holds the contents of the key policies that the plan names.
	Policies map[string]string
	// Prepare brings a world to where the scene begins, calmly: nothing of it
	// is a choice.
	Prepare func(*World)
	// Acts are what pools and persons do, in the order in which they may begin.
	Acts []Act
	// Clock is by how much the clock may be moved while runs are under way.
	Clock []time.Duration
	// Pauses are for how long a run may stand still, while cron goes on.
	Pauses []time.Duration
	// Interventions are the changes that somebody may make outside keyturn: an alias
	// moved by hand, a table recreated.
	Interventions []Intervention
	// Call is how long a call takes, until the world comes to rest: half of it on the way to
	// AWS, and half on the way back.
	Call time.Duration
	// Within is by when a course is over, whatever happens but moves of the clock; 0 sets no
	// bound but one on the number of events.
	Within time.Duration
	// End returns what is wrong with how a course has ended in which no call failed, no run
	// died and the clock was not moved; "" if nothing is. Nil: nothing is said of that.
	End func(*World) string
	// Lag is how late KMS's reads are.
	Lag time.Duration
	// Quotas turns KMS's request quotas on.
	Quotas bool
	// Denied is what KMS denies until the world comes to rest: authorisation lags, or a
	// policy forbids it.
	Denied Denial
	// Bounds are how much trouble there may be in one course.
	Bounds Bounds
	// Many says that the scene has too many orders for all of them to be walked
	// every day.
	Many bool
	// Last is what persons and pools do, calmly, to bring the world to rest.
	Last []plan.Request
	// Repaired scenes are those in which a person then puts back by hand an alias that
	// is still not where the record says.
	Repaired bool
	// Restless scenes need not come to rest: what happened may need a person.
	Restless bool
	// Shut scenes are those in which before_switch says not yet, until they come
	// to rest.
	Shut bool
	// Still scenes are those in which no run may change anything in KMS.
	Still bool
}

// Act is something that begins: one run of a pool, or of a person.
type Act struct {
	Pool string
	// Request is cron's if it is zero.
	Request plan.Request
	// Key is its place in the plan, from 1; 0 means all keys.
	Key int
	// Wait is the --wait of the runs.
	Wait time.Duration
	// After moves the clock before it, so that another window opens. Such an
	// act begins once all runs before it are over, or costs one move of the clock.
	After time.Duration
	// Ahead is how far the pool's wall clock is ahead of AWS's.
	Ahead time.Duration
}

// Intervention is one change that somebody makes to the world outside keyturn.
type Intervention struct {
	Name string
	// Able reports whether it makes sense now; nil is always.
	Able func(*World) bool
	Do   func(*World)
}

// Denial is an operation that KMS denies. The zero value denies none.
type Denial struct {
	Operation string
	// About is the alias or the key's id that it is about; "" is any.
	About string
	// Pool is whose runs are denied it; "" is everybody's.
	Pool string
}

// Bounds are how many events of a kind there may be in one course.
type Bounds struct {
	// Switches counts that another run goes on although the one under way could.
	Switches int
	// CallFaults counts the calls that are not simply answered.
	CallFaults int
	Crashes    int
	// Clock counts that the clock moves, or a host is suspended, although a run
	// could go on.
	Clock int
	// Interventions counts the changes that somebody makes outside keyturn.
	Interventions int
	// Faults bounds the sum of call faults, crashes and moves of the clock; 0 sets
	// no bound of its own.
	Faults int
}

// Any is a bound that never runs out.
const Any = 1 << 30

// Every is bounds that never run out.
var Every = Bounds{Switches: Any, CallFaults: Any, Crashes: Any, Clock: Any, Interventions: Any}

// Pool is where runs come from: hosts with one plan and one clock.
type Pool struct {
	Name string
	Keys []plan.Policy
	host host
}
