package ddblock

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// many writes records of n keys and returns their names.
func (w *world) many(n int) []string {
	w.Helper()
	var keys []string
	for i := range n {
		r := steadyRecord()
		r.Key = fmt.Sprintf("eu-west-1/alias/k%03d", i)
		w.mustWrite(nil, r)
		keys = append(keys, r.Key)
	}
	w.net.forget()
	return keys
}

func TestReadMany(t *testing.T) {
	inWorld(t, func(w *world) {
		keys := w.many(249)
		// 250, and two of them twice, which one call would be refused for.
		asked := append([]string{keys[0], keys[1]}, slices.Concat(keys, []string{"eu-west-1/alias/nobody"})...)
		found, err := w.Read(w.Context(), asked)
		if err != nil {
			w.Fatal(err)
		}
		if got := w.net.operations(); got != times(3, "BatchGetItem") {
			w.Errorf("250 keys took %s", got)
		}
		for _, r := range w.net.sent {
			of := r.document["RequestItems"].(map[string]any)[tableName].(map[string]any)
			if of["ConsistentRead"] != true {
				w.Errorf("read what may be old: %v", of["ConsistentRead"])
			}
		}
		if len(found) != len(keys) || found["eu-west-1/alias/nobody"] != nil {
			w.Errorf("found %d of %d", len(found), len(keys))
		}
		for _, k := range keys {
			if found[k] == nil || found[k].Key != k {
				w.Errorf("%s: found %v", k, found[k])
			}
		}
	})
}

func TestReadNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		if found, err := w.Read(w.Context(), nil); err != nil || len(found) != 0 || w.net.operations() != "" {
			w.Errorf("%v, %v after %s", found, err, w.net.operations())
		}
	})
}

// processOnly makes DynamoDB leave all but n keys of each BatchGetItem.
func (w *world) processOnly(n int) {
	w.net.ask("BatchGetItem", func(ask map[string]any) func(map[string]any) {
		of := ask["RequestItems"].(map[string]any)[tableName].(map[string]any)
		keys := of["Keys"].([]any)
		done := min(n, len(keys))
		left := keys[done:]
		of["Keys"] = keys[:max(done, 1)] // AWS refuses none
		return func(answer map[string]any) {
			if done == 0 {
				answer["Responses"] = map[string]any{}
			}
			if len(left) > 0 {
				answer["UnprocessedKeys"] = map[string]any{tableName: map[string]any{"Keys": left,
					"ConsistentRead": true}}
			}
		}
	})
}

func TestReadUnprocessed(t *testing.T) {
	inWorld(t, func(w *world) {
		keys := w.many(45)
		w.processOnly(4)
		began := time.Now()
		found, err := w.Read(w.Context(), keys)
		if err != nil || len(found) != len(keys) {
			w.Fatalf("found %d of %d: %v", len(found), len(keys), err)
		}
		if got := w.net.operations(); got != times(12, "BatchGetItem") {
			w.Errorf("took %s", got)
		}
		// Eleven pauses: 100 ms at most, then twice as long each time up to 5 s.
		if took := time.Since(began); took < 15*time.Second || took > 32*time.Second {
			w.Errorf("paused for %s in all", took)
		}
	})
}

func TestReadGivesUp(t *testing.T) {
	inWorld(t, func(w *world) {
		keys := w.many(3)
		w.processOnly(0)
		found, err := w.Read(w.Context(), keys)
		if err == nil || found != nil || !strings.Contains(err.Error(), "3 keys unprocessed") {
			w.Errorf("%v, %v", found, err)
		}
		if got := w.net.operations(); got != times(fruitlessMost, "BatchGetItem") {
			w.Errorf("took %s", got)
		}
	})
}

// A record that somebody has spoilt is told of, each of them, and hides no
// other.
func TestReadMalformed(t *testing.T) {
	inWorld(t, func(w *world) {
		keys := w.many(4)
		for _, k := range keys[:2] {
			it := w.encoded(steadyRecord())
			it["key"] = textValue(k)
			it["step"] = numberValue(3)
			w.putRaw(it)
		}
		found, err := w.Read(w.Context(), keys)
		if _, ok := errors.AsType[*MalformedError](err); !ok {
			w.Fatal(err)
		}
		for i, k := range keys {
			spoilt := i < 2
			if (found[k] == nil) != spoilt || strings.Contains(err.Error(),
				k+" is malformed: step is N, not S") != spoilt {
				w.Errorf("%s: %v, %v", k, found[k], err)
			}
		}
	})
}

func TestReadWithoutTable(t *testing.T) {
	inEmptyWorld(t, func(w *world) {
		_, err := w.Read(w.Context(), []string{theKey})
		if missing, ok := errors.AsType[*MissingTableError](err); !ok || missing.Table != tableName {
			w.Errorf("%v", err)
		}
	})
}

func TestReadRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mustWrite(nil, steadyRecord())
		w.faults(sandbox.Fault{Operation: "BatchGetItem", Ordinal: 1, Kind: sandbox.Drop})
		if r := w.stored(); r == nil {
			w.Error("one lost answer, and nothing was found")
		}
		w.faults(sandbox.Fault{Operation: "BatchGetItem", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		found, err := w.Read(w.Context(), []string{theKey})
		if found != nil || verdict(err) != plan.No {
			w.Errorf("%v, %v", found, err)
		}
	})
}
