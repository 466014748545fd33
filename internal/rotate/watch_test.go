package rotate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/plan"
)

// watch looks at the world after every call that changes it, and checks the
// numbered invariants of the design, 1 to 9: the one function is look. What KMS
// holds it reads from the sandbox's own state, so that lag does not show. It
// lets one changing call pass at a time, so that what it sees belongs together;
// a call that is parked is not under way yet and holds nobody up.
type watch struct {
	w      *world
	turn   chan struct{} // one token; a mutex must not be held across a sleep in a bubble
	last   map[string]*plan.Record
	states map[string]string // of keys, when last looked
	served map[string]string // every key that was ever behind an alias: which alias
	byHand map[string]bool   // aliases and keys that a person has touched
	broken []string          // what was found
	idle   bool              // while a test sets its world up
	kms    truth             // as last read,
	kmsAt  int               // after so many changing calls
}

func newWatch(w *world) *watch {
	v := &watch{w: w, turn: make(chan struct{}, 1), last: map[string]*plan.Record{}, states: map[string]string{},
		served: map[string]string{}, byHand: map[string]bool{}}
	v.turn <- struct{}{}
	return v
}

// watched is a transport whose changing calls are looked after.
type watched struct {
	next http.RoundTripper
	v    *watch
}

func (r watched) RoundTrip(q *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(q.Header.Get("X-Amz-Target"), ".")
	if !changes(operation) {
		return r.next.RoundTrip(q)
	}
	var body []byte
	if q.Body != nil {
		body, _ = io.ReadAll(q.Body)
		q.Body = io.NopCloser(bytes.NewReader(body))
	}
	<-r.v.turn
	defer func() { r.v.turn <- struct{}{} }()
	res, err := r.next.RoundTrip(q)
	if err == nil && res.StatusCode/100 == 4 {
		return res, err // refused: nothing has changed
	}
	var about struct{ KeyId string }
	_ = json.Unmarshal(body, &about)
	r.v.look(operation, about.KeyId)
	return res, err
}

// changes tells whether an operation is one of those with which keyturn changes
// anything.
func changes(operation string) bool {
	switch operation {
	case "PutItem", "UpdateItem", "CreateKey", "CreateAlias", "UpdateAlias", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion":
		return true
	}
	return false
}

// truth is what KMS holds, whatever its reads show.
type truth struct {
	state map[string]string   // by key id
	names map[string]string   // alias to key id
	of    map[string][]string // key id to aliases
}

func (w *world) truth() truth {
	w.t.Helper()
	data, err := w.aws.State()
	if err != nil {
		w.t.Fatal(err)
	}
	var doc struct {
		Services struct {
			KMS struct {
				Regions []struct {
					Keys []struct {
						ID     string
						Status []struct{ Value struct{ State string } }
					}
					Aliases []struct {
						Name    string
						History []struct{ Value struct{ Target string } }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		w.t.Fatal(err)
	}
	k := truth{map[string]string{}, map[string]string{}, map[string][]string{}}
	for _, region := range doc.Services.KMS.Regions {
		for _, key := range region.Keys {
			k.state[key.ID] = key.Status[len(key.Status)-1].Value.State
		}
		for _, a := range region.Aliases {
			if target := a.History[len(a.History)-1].Value.Target; target != "" {
				k.names[a.Name] = target
				k.of[target] = append(k.of[target], a.Name)
			}
		}
	}
	return k
}

// look checks the invariants. operation and keyID say what has just been done.
func (v *watch) look(operation, keyID string) {
	if v.idle {
		return
	}
	changed := 0
	for operation, n := range v.w.aws.Counts() {
		if strings.HasPrefix(operation, "kms:") && !strings.HasPrefix(operation, "kms:Describe") && !strings.HasPrefix(operation, "kms:List") {
			changed += n
		}
	}
	if changed != v.kmsAt {
		v.kms, v.kmsAt = v.w.truth(), changed
	}
	now, kms := v.w.aws.Now(), v.kms
	records := v.w.records()
	fail := func(format string, args ...any) {
		v.broken = append(v.broken, fmt.Sprintf("after %s %s: ", operation, keyID)+fmt.Sprintf(format, args...))
	}
	for _, key := range v.w.plan.Keys {
		old, r := v.last[key.Key()], records[key.Key()]
		if r == nil {
			continue
		}
		v.last[key.Key()] = r
		checkAlias(v, key, r, kms, fail)
		checkLists(v, key, r, fail)
		if old != nil {
			checkWritten(now, old, r, fail)
		}
	}
	for id, state := range kms.state {
		if was := v.states[id]; was == "Enabled" && state != was && !v.byHand[id] {
			v.checkDown(now, id, state, records, kms, fail)
		}
		v.states[id] = state
	}
}

// setUp is for what many tests do first, and one of them watches: TestYear.
func (w *world) setUp() (ready func()) {
	w.watch.idle = true
	return func() {
		w.watch.idle = false
		clear(w.watch.last) // what changed since was not watched
		clear(w.watch.states)
		w.watch.look("", "the set-up")
	}
}

// checkAlias: 1, 2 and 3. A person who moves the alias is excused.
func checkAlias(v *watch, key plan.Policy, r *plan.Record, kms truth, fail func(string, ...any)) {
	behind := kms.names[key.Alias]
	if r.Active == nil || v.byHand[key.Alias] {
		return
	}
	v.served[behind] = key.Alias
	onTarget := r.Step == plan.Switching && behind == r.Target.KeyID
	if behind != r.Active.KeyID && !onTarget {
		n, _ := r.VersionOfKey(behind)
		fail("1, 2: %s names v%d %s, active is v%d, %s", key.Alias, n, behind, r.Active.Version, r.Step)
	}
	if s := kms.state[behind]; s != "Enabled" && !v.byHand[behind] {
		fail("3: %s names a key that is %s", key.Alias, s)
	}
	for _, e := range r.Draining {
		if e.KeyID == behind && (e.Mark != nil || !e.LookAfter.IsZero()) {
			fail("3: %s names v%d, which is marked", key.Alias, e.Version)
		}
	}
}

// checkLists: 8. A version stands in one list, and what has served in one.
func checkLists(v *watch, key plan.Policy, r *plan.Record, fail func(string, ...any)) {
	seen := map[string]bool{}
	add := func(id string) {
		if seen[id] {
			fail("8: %s stands in two lists", id)
		}
		seen[id] = true
	}
	if r.Active != nil {
		add(r.Active.KeyID)
	}
	for _, e := range r.Draining {
		add(e.KeyID)
	}
	for _, e := range r.Retired {
		add(e.KeyID)
	}
	if t := r.Target; t != nil && !seen[t.KeyID] {
		add(t.KeyID)
	}
	for id, alias := range v.served {
		if alias == key.Alias && !seen[id] {
			fail("8: %s has served and is in no list", id)
		}
	}
}

// checkWritten: 5, 6, 7 and 9, of one write.
func checkWritten(now time.Time, old, r *plan.Record, fail func(string, ...any)) {
	if r.Rev != old.Rev && r.Rev != old.Rev+1 {
		fail("6: rev %d after %d", r.Rev, old.Rev)
	}
	if r.Generation < old.Generation || r.Window.Before(old.Window) {
		fail("6: generation or window went back")
	}
	if old.Fence != nil && r.Fence != nil && r.Fence.Until.Before(old.Fence.Until) {
		fail("6: the fence came nearer")
	}
	if r.Generation > old.Generation && old.Fenced(r.Events[len(r.Events)-1].At) {
		fail("7: generation %d was begun under a fence", r.Generation)
	}
	if c := r.Claim; r.Generation > old.Generation && c != nil && c.Verb == plan.VerbSchedule && !c.Window.After(old.Window) {
		fail("9: window %s was claimed again", c.Window)
	}
	for _, was := range old.Draining {
		for _, e := range r.Draining {
			if e.KeyID == was.KeyID && e.DrainUntil.Before(was.DrainUntil) {
				fail("5: v%d drains until %s, it was %s", e.Version, e.DrainUntil, was.DrainUntil)
			}
		}
	}
}

// checkDown: 4 and 7, of a key that is not enabled any more.
func (v *watch) checkDown(now time.Time, id, state string, records map[string]*plan.Record, kms truth, fail func(string, ...any)) {
	for _, key := range v.w.plan.Keys {
		r := records[key.Key()]
		if r == nil {
			continue
		}
		version, known := r.VersionOfKey(id)
		if !known {
			if v.served[id] == key.Alias {
				fail("4: a key that has served is %s", state)
			}
			continue
		}
		for _, name := range kms.of[id] {
			if own := plan.VersionAlias(key.Alias, version); name != own && !v.byHand[name] {
				fail("4: v%d is %s while %s names it", version, state, name)
			}
		}
		intent := false
		for _, e := range r.Draining {
			if e.KeyID != id {
				continue
			}
			// What was signed before a reinstate may still arrive; look_after
			// stands for it.
			intent = e.Mark != nil || !e.LookAfter.IsZero()
			if now.Before(e.DrainUntil) && e.LookAfter.IsZero() {
				fail("4: v%d is %s before its drain_until", version, state)
			}
		}
		for _, e := range r.Retired {
			intent = intent || e.KeyID == id && e.Mark != nil
		}
		if !intent {
			fail("7: v%d is %s without a mark", version, state)
		}
	}
}

// records reads what the lock table has, of all keys of the plan.
func (w *world) records() map[string]*plan.Record {
	w.t.Helper()
	var names []string
	for _, k := range w.plan.Keys {
		names = append(names, k.Key())
	}
	records, err := w.table.Read(w.t.Context(), names)
	var bad *ddblock.MalformedError
	if err != nil && !errors.As(err, &bad) {
		w.t.Fatal(err)
	}
	return records
}

// sound fails the test if an invariant was broken on the way, and checks that
// the ledger has every revision.
func (w *world) sound() {
	w.t.Helper()
	w.watch.look("", "the end")
	for _, b := range w.watch.broken {
		w.t.Errorf("invariant %s", b)
	}
	for _, key := range w.plan.Keys {
		for i, e := range w.ledger(key) {
			if e.Rev != int64(i)+1 {
				w.t.Errorf("%s: entry %d of the ledger has rev %d", key.Name, i+1, e.Rev)
				break
			}
		}
	}
}

// ledger is the whole history of a key: the ledger's items, then what the
// record itself still has.
func (w *world) ledger(key plan.Policy) []plan.Event {
	w.t.Helper()
	events, err := w.table.Ledger(w.t.Context(), key.Key(), time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	if r := w.record(key); r != nil {
		for _, e := range r.Events {
			if len(events) == 0 || e.Rev > events[len(events)-1].Rev {
				events = append(events, e)
			}
		}
	}
	return events
}
