package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// The world of the walk: one record with conditional writes, a KMS that is
// slow to show and to answer, and runs that may stop, pause or die anywhere.
// It is small and deterministic; walk_test.go tries every order of what can
// happen in it.

// signatureLife is how long KMS accepts a signature. lagFor is how long it may
// show an old state here.
const (
	signatureLife = 5 * time.Minute
	lagFor        = 2 * time.Minute
)

// budget bounds the walk: how often each kind of trouble may still happen.
// switches counts how often another run goes on although the one that did so
// far could; after it has come to wait or time has passed, that is free.
type budget struct {
	clock, faults, lags, crashes, pauses, starts, person, switches int
}

type kmsKey struct {
	id, claim string
	at        time.Time
	disabled  bool
}

type named struct {
	key string
	at  time.Time
}

// signature is one signed UpdateAlias.
type signature struct {
	id        int
	gen       int64
	key       string
	date      time.Time
	confirmed bool // a write that names it was made
	answered  bool // definitely: it was applied or refused, or never sent and its run is dead
	flying    bool // sent, not applied yet
}

func (s signature) alive(now time.Time) bool {
	return s.confirmed && !s.answered && !now.After(s.date.Add(signatureLife))
}

type world struct {
	p       plan.Policy
	now     time.Time
	rec     *plan.Record
	keys    []kmsKey
	names   map[int64]named
	alias   string
	aliasOf int64     // the generation that moved the alias last
	before  string    // what it named before
	movedAt time.Time // when
	byHand  bool      // a person moved it: what holds of the alias holds no more
	sigs    []signature
	runs    []*runner
	left    budget
	nonce   int // of the writes
	started int
	turn    int              // whose turn it is: index of the run that went last, -1 if anybody's
	served  map[int64]string // generation → the key it put behind the alias
	claims  map[string]bool  // claim ids that were ever written
	done    map[string]int   // scheduled rotations finished, by window
	ended   map[string]bool  // claim id → whether it was finished; one that is open or was never written is not there
	ways    *ways
	trail   *trail
}

// ways is how a test changes the decision, to see the walk fail, and what the
// person of a scenario may do.
type ways struct {
	decide      func(time.Time, plan.Policy, *plan.Record, plan.Request, plan.Observed) plan.Decision
	apply       func(*plan.Record, plan.Act) *plan.Record
	datedAtSend bool // the bytes are made when they are sent
	harmOnly    bool // the fence itself is not looked at, only what comes of it
	anyName     bool // a version alias that is taken counts as made
	person      []func(*world) string
	clock       []time.Duration
	runs        int // at a time
}

func honest() *ways {
	return &ways{decide: plan.Decide, apply: plan.Apply, clock: clockSteps, runs: 2}
}

// trail is how a world came about, newest step first.
type trail struct {
	step string
	n    int // of the step
	from *trail
}

func (t *trail) String() string {
	var lines []string
	for ; t != nil; t = t.from {
		lines = append(lines, t.step)
	}
	slices.Reverse(lines)
	s := ""
	for i, l := range lines {
		s += fmt.Sprintf("%3d  %s\n", i+1, l)
	}
	return s
}

func (w *world) clone() *world {
	c := *w
	c.keys, c.sigs = slices.Clone(w.keys), slices.Clone(w.sigs)
	c.names, c.served, c.claims, c.done = maps.Clone(w.names), maps.Clone(w.served), maps.Clone(w.claims),
		maps.Clone(w.done)
	c.ended = maps.Clone(w.ended)
	c.runs = make([]*runner, len(w.runs))
	for i, r := range w.runs {
		c.runs[i] = r.clone()
	}
	return &c
}

func (w *world) key(id string) *kmsKey {
	for i := range w.keys {
		if w.keys[i].id == id {
			return &w.keys[i]
		}
	}
	return nil
}

func (w *world) describe(id string) plan.KeySeen {
	k := w.key(id)
	if k == nil {
		return plan.KeySeen{Missing: true}
	}
	s := plan.KeySeen{KeyID: id, State: "Enabled", Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", CreatedAt: k.at}
	if k.disabled {
		s.State = "Disabled"
	}
	return s
}

// lately reports whether KMS may still show the state before.
func (w *world) lately(at time.Time) bool { return w.now.Sub(at) < lagFor }

// moveAlias is UpdateAlias arriving at KMS.
func (w *world) moveAlias(s *signature) string {
	s.flying, s.answered = false, true
	why := w.checkMove(*s)
	w.before, w.movedAt = w.alias, w.now
	w.alias, w.aliasOf = s.key, s.gen
	w.served[s.gen] = s.key
	return why
}

// write is one conditional write arriving at the table: from is what the
// writer had read. It reports whether the condition held, and what is wrong with
// what was written.
func (w *world) write(from, next *plan.Record) (ok bool, why string) {
	if w.rec != from {
		return false, ""
	}
	w.rec = next
	if next.Claim != nil {
		w.claims[next.Claim.ID] = true
	}
	w.end(from, next)
	switched := from != nil && from.Step == plan.Switching && next.Step == plan.Steady
	if switched && from.Claim.Verb == plan.VerbSchedule && next.Generation == from.Generation {
		w.done[from.Claim.Window.String()]++
	}
	if w.byHand && next.Step == plan.Steady && next.Generation > from.Generation && next.Live().KeyID == w.alias {
		w.byHand, w.aliasOf, w.served[next.Generation] = false, next.Generation, w.alias // adopted
	}
	if putBack := switched && from.Claim.Expects != "" && next.Generation == from.Generation; w.byHand && putBack {
		w.byHand = next.Live().KeyID != w.alias // unless somebody has moved it once more
	}
	return true, w.checkWrite(from, next)
}

// end notes what a write has made of the claim that was open, by nothing but the
// steps before and after it: the last one of a steady record was finished.
func (w *world) end(from, next *plan.Record) {
	if from == nil || from.Step == plan.Steady {
		return
	}
	same := next.Claim != nil && next.Claim.ID == from.Claim.ID
	if next.Step == plan.Steady && next.Claim != nil {
		w.ended[next.Claim.ID] = true
	}
	if !same {
		w.ended[from.Claim.ID] = false
	}
}

// tick lets time pass.
func (w *world) tick(d time.Duration) {
	w.now = w.now.Add(d)
	for i := range w.sigs {
		if s := &w.sigs[i]; s.flying && !s.alive(w.now) {
			s.flying = false // it arrives nowhere any more
		}
	}
}

// begin is a world in which v1 is live and its window has just become due.
func begin(p plan.Policy, w *ways, left budget) *world {
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	since := at.Add(-p.Schedule.Every)
	p.Schedule.Anchor = at.Add(-3 * p.Schedule.Every)
	world := &world{
		p: p, now: at.Add(time.Second), left: left, ways: w, alias: "k1", aliasOf: 1, before: "k0", movedAt: since,
		keys:   []kmsKey{{id: "k0", claim: "c0", at: since}, {id: "k1", claim: "c1", at: since}},
		names:  map[int64]named{1: {"k1", since}},
		served: map[int64]string{1: "k1"}, claims: map[string]bool{"c0": true, "c1": true}, done: map[string]int{},
		ended: map[string]bool{},
	}
	world.rec = &plan.Record{
		Key: p.Key(), Schema: 1, Rev: 10, Op: "o0", TableID: "t", Generation: 1, Step: plan.Steady, Window: since,
		AliasARN: "arn:aws:kms:eu-west-1:123456789012:" + p.Alias, Anchor: p.Schedule.Anchor,
		Active: 1, Versions: []plan.Version{{Version: 1, KeyID: "k1", Since: since}}, SwitchedAt: since,
		Events: []plan.Event{{Rev: 10, Run: "before"}},
	}
	return world
}

// walkPolicy rotates often, so that few steps of the clock reach a new window
// while something of the one before may still be under way.
func walkPolicy() plan.Policy {
	p := ordersPolicy()
	p.Schedule = plan.Schedule{Every: 4 * time.Minute}
	p.MinInterval, p.Drain, p.MaxDraining = 2*time.Minute, 5*time.Hour, 9
	return p
}
