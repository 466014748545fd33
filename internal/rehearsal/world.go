package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// World is an embedded AWS with pools that run keyturn on it.
type World struct {
	Scene  *Scene
	Region string
	Table  string
	// Keys are those of the scene's plan.
	Keys  []plan.Policy
	Watch *Watch
	// Steps counts the events so far.
	Steps int
	Tally Tally
	// Calls counts the calls that arrived, as "kms:CreateKey".
	Calls map[string]int
	// Telling has the world keep the story.
	Telling bool
	// Coverage, if given, counts outcomes of calls.
	Coverage Coverage
	// InFull has a world that remembers keep what runs decide by as text, to be read.
	InFull bool
	// EveryTurn lets other runs go on at any time, even if nobody could tell.
	EveryTurn bool
	// AtMoment, if given, is called at each moment; AtEnd when nothing more can
	// happen, before the world is brought to rest.
	AtMoment func(*World)
	AtEnd    func()
	standing

	box *sandbox.Sandbox
	// book is nil if nothing is remembered.
	book *book
	// inBox is what the box holds; nil if that is the contents of AWS.
	inBox  *held
	random *tap
	// own is for what is done outside runs.
	own *source
	// reader is for looks at the records, which are no events.
	reader *source
	clock  *clock
	pools  map[string]*Pool
	// newer is the scene's other plan.
	newer []plan.Policy
	// twins are the pools that do the same.
	twins []string
	// retires reports that runs may change the state of keys that others know.
	retires   bool
	story     []Line
	mostSteps int
	// began is when the scene began.
	began time.Time
	naive Naive
	// harm is nil if nothing counts it.
	harm *harmWatch
	// backup holds the records from when the scene began.
	backup []map[string]types.AttributeValue
	admin  *awscall.Conn
	table  *ddblock.Table
}

// standing is what changes of a world in the course of events, besides what AWS
// and the watch hold. A copy of it is good for as long as it is left alone:
// what it points to is not changed in place, but for the runs.
type standing struct {
	Runs []*Run
	// gateShut is since when before_switch says not yet; zero while it says yes.
	gateShut time.Time

	// Depth counts the events of this course.
	Depth int
	lag   time.Duration
	// call is how long a call takes.
	call time.Duration
	// moved is by how much choices have moved the clock.
	moved time.Duration
	// quotas reports that request quotas hold.
	quotas bool
	// denied is the scene's Denied, until it is over.
	denied   Denial
	underway []*late
	// changed counts changes of the world, moves of the clock among them.
	changed int
	begun   int
	// agenda is what begins next.
	agenda  []Act
	current *Run
	// may is what is left of the bounds.
	may Bounds
	// left reports that the course was left before its end.
	left bool
	// asked is how much had changed when the world was last asked what can happen.
	asked int

	// aws is what AWS holds; nil if the box holds it.
	aws *held
	// read and told hold the records and ledgers as they were when changed was readAt
	// and toldAt.
	read           map[string]*plan.Record
	told           map[string][]plan.Event
	readAt, toldAt int
}

// newWorld makes a world of a scene: an empty one, or one in a state that was
// saved.
func newWorld(scene *Scene, state []byte, now time.Time) (*World, error) {
	p, err := planfile.Parse("keyturn.yaml", []byte(scene.Plan))
	if err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	w := &World{Scene: scene, Region: p.Region, Table: p.Table, Keys: p.Keys,
		clock: &clock{now}, pools: map[string]*Pool{}, Calls: map[string]int{}}
	w.may = Every
	if scene.Rollout != "" {
		next, err := planfile.Parse("rollout.yaml", []byte(scene.Rollout))
		if err != nil {
			return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
		}
		w.newer = next.Keys
	}
	if err := w.gather(); err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	w.own = newSource(scene.Seed, "nobody", now.String()) // not again what the set-up drew
	w.reader = newSource(scene.Seed, "reader")
	w.random = &tap{w.own}
	options := sandbox.Options{HostNow: w.clock.time, Rand: w.random, JournalLimit: 1, Account: w.Keys[0].Account}
	if state == nil {
		w.box, err = sandbox.New(options)
	} else {
		w.box, err = sandbox.Restore(state, options)
	}
	if err != nil {
		return nil, err
	}
	h := &host{aws: w.clock}
	w.admin, err = awscall.Connect(context.Background(), awscall.Options{Region: w.Region, RunID: "nobody",
		Transport: w, AccessKeyID: "nobody",
		Time: &machine{monotonic: h.monotonic, wall: h.wall, sleep: func(context.Context) error {
			return errors.New("nobody waits")
		}}})
	if err != nil {
		return nil, err
	}
	w.table = ddblock.New(w.admin.DynamoDB, w.Table)
	w.Watch = NewWatch(w.Keys, w.clock.time, w.Truth, w.Records)
	w.Watch.Newer, w.Watch.Ledgers = w.newer, w.Ledgers
	w.Watch.wrote, w.Watch.out, w.Watch.sight = w.Tally.wrote, w.alive, w.sight
	w.Watch.gate = func() time.Time { return w.gateShut }
	return w, nil
}

// gather puts all keys into the plan's own Region and table: there is one
// embedded AWS, and it is looked at in one place.
func (w *World) gather() error {
	seen := map[string]bool{}
	for _, keys := range [][]plan.Policy{w.Keys, w.newer} {
		clear(seen)
		for i := range keys {
			keys[i].Region, keys[i].Table = w.Region, w.Table
			if seen[keys[i].Alias] {
				return fmt.Errorf("%s stands in the plan for two Regions; one Region can be rehearsed at a time",
					keys[i].Alias)
			}
			seen[keys[i].Alias] = true
		}
	}
	return nil
}

// Now returns AWS's time.
func (w *World) Now() time.Time { return w.clock.now }

// Advance moves the clock.
func (w *World) Advance(d time.Duration) {
	w.clock.now = w.clock.now.Add(d)
	w.changed++
}

// Pool returns a pool by its name.
func (w *World) Pool(name string) *Pool {
	p := w.pools[name]
	if p == nil {
		p = &Pool{Name: name, Keys: w.Keys, host: host{aws: w.clock}}
		w.pools[name] = p
	}
	return p
}

// Calm lets one run of a pool do all it has to, with nobody else about: every
// call is answered, every pause is waited for.
func (w *World) Calm(pool string, q plan.Request) *Run {
	p := w.Pool(pool)
	r := w.begin(p, withDefaults(q), p.Keys, 2*time.Minute)
	w.calm(r)
	return r
}

func (w *World) calm(r *Run) {
	for r.place != over {
		switch r.place {
		case atCall:
			w.carryOut(r, r.call, Outcome{})
		case asleep:
			if d := r.wake.Sub(w.clock.now); d > 0 {
				w.clock.now = w.clock.now.Add(d)
			}
		}
		r.move()
	}
}

// withDefaults returns the request with a verb, and a reason where a person types it.
func withDefaults(q plan.Request) plan.Request {
	if q.Verb == "" {
		q.Verb = plan.VerbSchedule
	} else if q.Reason == "" {
		q.Reason = "incident 7"
	}
	return q
}

// Records returns the records as they stand. One that cannot be understood is left
// out. They are shared: nobody may change them.
func (w *World) Records() map[string]*plan.Record {
	if w.book != nil {
		return w.holds().records
	}
	if w.readAt != w.changed || w.read == nil {
		w.read, w.readAt = w.readRecords(), w.changed
	}
	return w.read
}

func (w *World) readRecords() map[string]*plan.Record {
	names := make([]string, len(w.Keys))
	for i, k := range w.Keys {
		names[i] = k.Key()
	}
	w.random.Reader = w.reader
	records, err := w.table.Read(context.Background(), names)
	var gone *types.ResourceNotFoundException
	switch {
	case errors.As(err, &gone):
		return nil // no table: somebody has deleted it
	case err != nil && records == nil:
		w.must(err)
	}
	return records
}

// Ledgers returns the ledgers of all keys as they stand. They are shared: nobody may
// change them.
func (w *World) Ledgers() map[string][]plan.Event {
	if w.book != nil {
		return w.holds().ledgers
	}
	if w.toldAt != w.changed || w.told == nil {
		w.told, w.toldAt = w.readLedgers(), w.changed
	}
	return w.told
}

func (w *World) readLedgers() map[string][]plan.Event {
	told := map[string][]plan.Event{}
	w.random.Reader = w.reader
	for _, k := range w.Keys {
		events, err := w.table.Ledger(context.Background(), k.Key(), time.Time{})
		if _, gone := errors.AsType[*ddblock.MissingTableError](err); gone {
			return told
		}
		w.must(err)
		told[k.Key()] = events
	}
	return told
}

// Record returns the record of the n-th key.
func (w *World) Record(n int) *plan.Record { return w.Records()[w.Keys[n].Key()] }

func (w *World) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("rehearsal: scene %s: %v", w.Scene.Name, err))
	}
}
