//go:build unix

package interrupted

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// scene is one request that reached AWS, and the world after it if it changed
// anything.
type scene struct {
	request
	// at is AWS's time.
	at time.Time
	// after is nil if the request changed nothing.
	after *snapshot
}

// snapshot is the state of the embedded AWS.
type snapshot struct {
	record *plan.Record
	kms    sandbox.Truth
}

// behind returns the key that the alias names.
func (s *snapshot) behind() string { return s.kms.Names[alias] }

// story is what happened in a world, in the order of effects.
type story struct {
	mu     sync.Mutex
	scenes []scene
}

// changes are the operations with which keyturn changes anything.
var changes = map[string]bool{
	"PutItem": true, "UpdateItem": true, "CreateKey": true, "CreateAlias": true, "UpdateAlias": true,
	"DisableKey": true, "EnableKey": true, "ScheduleKeyDeletion": true, "CancelKeyDeletion": true,
}

// see writes a request down that has just been applied; no other is applied
// meanwhile.
func (w *world) see(q request) {
	s := scene{request: q, at: w.box.Now()}
	if q.status == 200 && changes[q.operation] {
		s.after = w.look()
	}
	w.story.mu.Lock()
	defer w.story.mu.Unlock()
	w.story.scenes = append(w.story.scenes, s)
}

// look reads the world, past the proxy.
func (w *world) look() *snapshot {
	return &snapshot{record: w.record(), kms: w.box.Truth(region)}
}

// record reads the record as it stands; nil if there is none. It is called on
// the server's goroutines too, so that it does not end the test.
func (w *world) record() *plan.Record {
	const key = region + "/" + alias
	records, err := w.table.Read(context.WithoutCancel(w.t.Context()), []string{key})
	if err != nil {
		w.t.Errorf("read the record: %v", err)
	}
	return records[key]
}

// soFar returns a copy of the scenes so far.
func (s *story) soFar() []scene {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]scene(nil), s.scenes...)
}

// String prints the story, a line for each request that changed something, was
// refused or was held.
func (s *story) String() string {
	var text strings.Builder
	for _, e := range s.soFar() {
		if e.after == nil && e.status == 200 && e.held == "" {
			continue
		}
		fmt.Fprintln(&text, e)
	}
	return text.String()
}

func (e scene) String() string {
	line := fmt.Sprintf("%s %s %d %s: %d", e.at.Format(time.DateTime), e.pool, e.n, e.operation, e.status)
	if e.held != "" {
		line += ", held " + string(e.held) + " it was applied"
	}
	if e.after != nil {
		behind := e.after.behind() // a key id, should the record not know it
		if version, ours := e.after.record.VersionOfKey(behind); ours {
			behind = plan.VersionName(version)
		}
		line += fmt.Sprintf(" → %s, alias on %s", e.after.record, behind)
	}
	return line
}

// logFailure logs the story of a test that failed.
func (w *world) logFailure() {
	if w.t.Failed() {
		w.t.Logf("what happened:\n%s", &w.story)
	}
}
