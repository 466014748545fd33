package rotate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// watch has the world looked at after every call that changes it: all the
// invariants, whatever a test is about. It lets one changing call pass at a
// time, so that what is seen belongs together; a call that is parked is not
// under way yet and holds nobody up.
type watch struct {
	*rehearsal.Watch
	turn chan struct{} // one token; a mutex must not be held across a sleep in a bubble
}

func newWatch(w *world) *watch {
	v := &watch{turn: make(chan struct{}, 1)}
	truth := func() sandbox.Truth { return w.aws.Truth(w.plan.Region) }
	v.Watch = rehearsal.NewWatch(w.plan.Keys, func() time.Time { return w.aws.Now() }, truth, w.records)
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
	if !rehearsal.Changes(operation) {
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
	r.v.Look(operation, about.KeyId)
	return res, err
}

// setUp is for what many tests do first, and one of them watches: TestYear.
func (w *world) setUp() (ready func()) {
	w.watch.Idle = true
	return func() {
		w.watch.Idle = false
		w.watch.Again() // what changed since was not watched
		w.watch.Look("the set-up", "")
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
	w.watch.Look("the end", "")
	for _, b := range w.watch.Broken {
		w.t.Error(b)
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

// ledger returns the whole history of a key: the ledger's items, and what the record
// itself still has. One may be in both.
func (w *world) ledger(key plan.Policy) []plan.Event {
	w.t.Helper()
	events, err := w.table.Ledger(w.t.Context(), key.Key(), time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	return plan.HistoryOf(w.record(key), events).Events
}
