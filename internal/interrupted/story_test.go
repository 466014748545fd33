//go:build unix

package interrupted

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/plan"
)

// scene is one request that reached AWS, and the world after it if it changed
// anything.
type scene struct {
	request
	at    time.Time // AWS's
	after *snapshot // nil if it changed nothing
}

// snapshot is what stands in the embedded AWS.
type snapshot struct {
	record *plan.Record
	behind string            // the key that the alias names
	states map[string]string // of all keys, by id
}

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

// look reads the world, past the proxy. It is called on the server's
// goroutines too, so that it cannot end the test.
func (w *world) look() *snapshot {
	ctx := w.t.Context()
	s := &snapshot{states: map[string]string{}}
	records, err := w.table.Read(ctx, []string{region + "/" + alias})
	if err != nil {
		if ctx.Err() == nil {
			w.t.Errorf("read the record: %v", err)
		}
		return nil
	}
	s.record = records[region+"/"+alias]
	keys, err := w.kms.ListKeys(ctx, &awskms.ListKeysInput{})
	if err != nil {
		w.t.Errorf("list the keys: %v", err)
		return nil
	}
	for _, k := range keys.Keys {
		id := aws.ToString(k.KeyId)
		seen, err := w.kms.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &id})
		if err != nil {
			w.t.Errorf("describe %s: %v", id, err)
			return nil
		}
		s.states[id] = string(seen.KeyMetadata.KeyState)
	}
	seen, err := w.kms.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: aws.String(alias)})
	if err != nil {
		w.t.Errorf("describe %s: %v", alias, err)
		return nil
	}
	s.behind = aws.ToString(seen.KeyMetadata.KeyId)
	return s
}

// told gives the scenes so far.
func (s *story) told() []scene {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]scene(nil), s.scenes...)
}

// String tells the story, a line for each request that changed something, was
// refused or was held.
func (s *story) String() string {
	var text strings.Builder
	for _, e := range s.told() {
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
		version, _ := e.after.record.VersionOfKey(e.after.behind)
		line += fmt.Sprintf(" → %s, alias on %s", e.after.record, plan.VersionName(version))
	}
	return line
}
