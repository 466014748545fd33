package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Watch checks the numbered invariants of docs/protocol.md. It looks at the world
// after every call that changes it: the one function is Look. What KMS holds it
// reads from the embedded AWS's own state, so that lag does not show.
type Watch struct {
	Keys []plan.Policy
	// Newer is another pool's plan for the same keys, if it differs.
	Newer []plan.Policy
	// Broken is what was found.
	Broken []Broken
	// Looks counts how often it looked.
	Looks int
	// Idle says that it does not look: while a test sets its world up.
	Idle    bool
	now     func() time.Time
	truth   func() sandbox.Truth
	records func() map[string]*plan.Record
	// Ledgers, if not nil, returns what the ledgers tell.
	Ledgers func() map[string][]plan.Event

	// wrote, if not nil, receives every write.
	wrote func(old, r *plan.Record)
	// out returns what is signed and may still arrive; nil if that is not known.
	out func() []signature
	// gate returns since when before_switch says not yet; zero while it says yes.
	gate func() time.Time
	// sight returns the earliest time of anything that a run has seen; nil if that
	// is not known.
	sight func(run string) time.Time

	memory
}

// memory is what a watch remembers of what it has seen.
type memory struct {
	// last holds the records as last seen.
	last map[string]*plan.Record
	// states holds the states of keys when last looked.
	states map[string]string
	// served maps every key that was ever behind an alias to that alias.
	served map[string]string
	// wentDown holds the versions that were not enabled any more at some time.
	wentDown map[string]bool
	// behind maps an alias to the key that was last seen behind it.
	behind map[string]string
	// moved maps an alias and a generation to the version that it put there.
	moved map[string]map[int64]string
	done  map[string]map[time.Time]int64
	// used holds when consumers used a key.
	used map[string]time.Time
	// put holds the aliases that a person has put on a key, and when.
	put map[string]time.Time
	// byHand holds the aliases and keys that a person has changed.
	byHand map[string]bool
	// claims maps the ids of all claims that a record has shown to the hashes of their
	// events.
	claims map[string]string
	// ended holds the ids of claims that are over, and whether they were finished.
	ended map[string]bool
	// shown maps an alias to the highest generation that a record has shown.
	shown map[string]int64
	// makes maps the id of a claim to the number of keys that its runs were told to
	// have made.
	makes map[string]int
	// meant holds the keys that a record says are to be enabled again.
	meant map[string]bool
	// got holds, for each record with a lease, when that began or its run last got on.
	got map[string]time.Time
	// lost holds keys that have served, and that a rebuilt record could not find: no
	// alias named them.
	lost map[string]bool
	// left holds keys that have served, and that a record has no more room for.
	left map[string]bool

	// ledger holds what the ledgers told when last looked. It is no part of a state's
	// text: the ledgers themselves are.
	ledger map[string][]plan.Event
	// torn holds the keys whose ledger somebody has deleted.
	torn map[string]bool
	// born is which first records have been seen, by alias and run. It is no part
	// of a state's text: only a copy put back is asked about, and that is from
	// before the scene.
	born map[string]bool

	// strange holds the keys that keyturn must not put behind an alias.
	strange map[string]bool
	// loose holds the aliases whose record was replaced by hand, and how many runs had
	// begun until then: what is new about such a record is not keyturn's.
	loose map[string]int
}

// Broken is one invariant that did not hold.
type Broken struct {
	// Invariant is its number in docs/protocol.md, or the name of a rule that has
	// none.
	Invariant string
	// After is what had just happened.
	After string
	What  string
}

func (b Broken) String() string {
	if b.Invariant[0] < '0' || b.Invariant[0] > '9' {
		return fmt.Sprintf("rule %q, after %s: %s", b.Invariant, b.After, b.What)
	}
	return fmt.Sprintf("invariant %s, after %s: %s", b.Invariant, b.After, b.What)
}

// NewWatch makes a watch over the keys of a plan. It is given the time, and how
// to see what KMS and the lock table hold.
func NewWatch(keys []plan.Policy, now func() time.Time, truth func() sandbox.Truth,
	records func() map[string]*plan.Record) *Watch {
	yes := func() time.Time { return time.Time{} }
	return &Watch{Keys: keys, now: now, truth: truth, records: records, gate: yes, memory: memory{
		last: map[string]*plan.Record{}, states: map[string]string{}, served: map[string]string{},
		behind: map[string]string{}, wentDown: map[string]bool{},
		moved: map[string]map[int64]string{}, done: map[string]map[time.Time]int64{},
		used: map[string]time.Time{}, put: map[string]time.Time{},
		byHand: map[string]bool{}, strange: map[string]bool{},
		claims: map[string]string{}, ended: map[string]bool{}, shown: map[string]int64{}, makes: map[string]int{},
		meant: map[string]bool{}, got: map[string]time.Time{}, loose: map[string]int{},
		lost: map[string]bool{}, left: map[string]bool{},
		born: map[string]bool{}, ledger: map[string][]plan.Event{}, torn: map[string]bool{}}}
}

// clone returns a copy that goes on by itself.
func (m memory) clone() memory {
	c := memory{
		last: maps.Clone(m.last), states: maps.Clone(m.states), served: maps.Clone(m.served),
		behind: maps.Clone(m.behind), wentDown: maps.Clone(m.wentDown),
		moved: map[string]map[int64]string{}, done: map[string]map[time.Time]int64{},
		used: maps.Clone(m.used), put: maps.Clone(m.put), byHand: maps.Clone(m.byHand),
		strange: maps.Clone(m.strange), loose: maps.Clone(m.loose),
		claims: maps.Clone(m.claims), ended: maps.Clone(m.ended), shown: maps.Clone(m.shown),
		makes: maps.Clone(m.makes), meant: maps.Clone(m.meant), lost: maps.Clone(m.lost),
		left: maps.Clone(m.left), born: maps.Clone(m.born), ledger: maps.Clone(m.ledger), torn: maps.Clone(m.torn),
		got: maps.Clone(m.got),
	}
	for alias, of := range m.moved {
		c.moved[alias] = maps.Clone(of)
	}
	for key, of := range m.done {
		c.done[key] = maps.Clone(of)
	}
	return c
}

// text is all that a watch remembers, as text.
func (m *memory) text(in *masks, given map[name]int) []*template {
	last := map[string]int64{}
	for key, r := range m.last {
		last[key] = r.Rev
	}
	// By names that were drawn at random.
	var drawn [][]*template
	for _, line := range slices.Concat(lines("state", m.states), lines("served", m.served),
		lines("used", m.used), lines("put", m.put),
		lines("by hand", m.byHand), lines("strange", m.strange), lines("claim", m.claims), lines("ended", m.ended),
		lines("makes", m.makes), lines("meant", m.meant), lines("lost", m.lost), lines("left", m.left),
		lines("down", m.wentDown)) {
		drawn = append(drawn, []*template{in.names.read(line)})
	}
	inOrder(drawn, in, given)
	return append(slices.Concat(drawn...), in.names.read(fmt.Sprint(last, m.behind, m.moved, m.done, m.got, m.loose,
		m.torn, m.shown)))
}

func lines[V any](what string, of map[string]V) (list []string) {
	for name, v := range of {
		list = append(list, fmt.Sprint(what, " ", name, " ", v, ";"))
	}
	return list
}

// Again forgets what was seen last: what has changed since was not watched.
func (v *Watch) Again() {
	clear(v.last)
	clear(v.states)
	clear(v.behind)
	clear(v.ledger)
}

// Excuse lets a person touch an alias or a key.
func (v *Watch) Excuse(name string) { v.byHand[name] = true }

// Strange has it know a key that keyturn must not put behind an alias.
func (v *Watch) Strange(keyID string) { v.strange[keyID] = true }

// Replaced says that somebody has put another record of a key, or none, in place
// of what keyturn wrote: what is new about it is not judged, until a person has
// keyturn take the key as it is. Of runs that begin after so many it is known
// that they may change nothing of it until then.
func (v *Watch) Replaced(key plan.Policy, begun int) {
	delete(v.last, key.Key())
	delete(v.ledger, key.Key())
	v.loose[key.Alias] = begun
}

// Torn says that somebody has deleted the ledger of a key: it has a gap for good.
func (v *Watch) Torn(key plan.Policy) { v.torn[key.Key()] = true }

// isLoose reports whether a key's record is not what keyturn wrote.
func (v *Watch) isLoose(alias string) bool {
	_, loose := v.loose[alias]
	return loose
}

// Used says that a consumer has used a key now.
func (v *Watch) Used(keyID string) { v.used[keyID] = v.now() }

// Look checks the invariants. after says what has just happened, about which
// key.
func (v *Watch) Look(after, about string) {
	if v.Idle {
		return
	}
	v.Looks++
	if about != "" {
		after += " " + about
	}
	e := &observation{Watch: v, after: after, at: v.now(), kms: v.truth(), all: v.records()}
	e.of = map[string][]string{}
	for alias, id := range e.kms.Names {
		e.of[id] = append(e.of[id], alias)
	}
	for i, key := range v.Keys {
		r := e.all[key.Key()]
		if r == nil || r.Schema > plan.SchemaVersion { // a newer keyturn's: nothing is known of it
			continue
		}
		old := v.last[key.Key()]
		v.last[key.Key()] = r
		if old == nil || old.Rev != r.Rev {
			e.taken(key, old, r)
			e.rebuilt(r)
			if r.Claim != nil && r.Attempts == nil && old != nil && old.Attempts != nil { // a person has released it
				delete(v.makes, r.Claim.ID)
			}
			e.leavesOut(key, old, r)
		}
		e.alias(key, r)
		e.lists(key, r)
		e.fenced(key, r)
		if old != nil && old.Rev != r.Rev {
			e.written(i, old, r)
			if v.wrote != nil {
				v.wrote(old, r)
			}
		}
	}
	if v.Ledgers != nil {
		e.ledgers(v.Ledgers())
	}
	for id, state := range e.kms.State {
		switch was := v.states[id]; {
		case v.byHand[id]:
			if state != "Enabled" {
				v.wentDown[id] = true
			}
		case v.strange[id] && was != "" && was != state:
			e.fail("foreign key", "%s is no version of anybody's, and is %s", id, state)
		case was != state && state != "Enabled" && e.live(id):
			e.fail("3", "%s is %s, and an alias names it", id, state)
		case was == "Enabled" && state != was:
			e.down(id, state)
		case was == "Disabled" && state == "PendingDeletion":
			e.deleting(id)
		}
		v.states[id] = state
	}
}

// live reports whether a plan's alias names a key, and no person has touched
// either. It is asked of keys without a record too.
func (e *observation) live(id string) bool {
	for _, key := range e.Keys {
		if e.kms.Names[key.Alias] == id && e.served[id] == key.Alias && !e.byHand[key.Alias] {
			return true
		}
	}
	return false
}

// observation is one look at the world and at all records.
type observation struct {
	*Watch
	after string
	at    time.Time
	kms   sandbox.Truth
	// of maps a key id to its aliases.
	of  map[string][]string
	all map[string]*plan.Record
}

func (e *observation) fail(invariant, format string, args ...any) {
	e.Broken = append(e.Broken, Broken{invariant, e.after, fmt.Sprintf(format, args...)})
}

// Put says that a person has made an alias now. What looked for aliases just
// before cannot know it.
func (v *Watch) Put(alias string) { v.put[alias] = v.now() }

// Mind ends what Excuse began.
func (v *Watch) Mind(name string) { delete(v.byHand, name) }

// Served reports whether a key was ever behind an alias.
func (v *Watch) Served(keyID string) bool { return v.served[keyID] != "" }
