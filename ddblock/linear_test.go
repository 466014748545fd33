package ddblock

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// access is one Read, or one Write, as its caller makes it. The register's
// value is the op of the record in it, "" before there is one.
type access struct {
	write    bool
	old, own string // of a Write: the ops of old and next
}

// outcome is what a Read or a Write said.
type outcome struct {
	kind string // "ok", "changed", "unknown", "no"
	seen string // op that was read, or lost to
	past bool   // of a changed: our own write is in the past of what it lost to
}

// register is what Read and Write promise together: a register with
// compare-and-set. Where an outcome leaves it open whether the write happened,
// both may follow.
var register = porcupine.NondeterministicModel{
	Init: func() []any { return []any{""} },
	Step: func(state, input, output any) []any {
		now, in, out := state.(string), input.(access), output.(outcome)
		follows := func(allowed bool, next ...any) []any {
			if !allowed {
				return nil
			}
			return next
		}
		switch {
		case !in.write:
			return follows(now == out.seen, now)
		case out.kind == "ok":
			return follows(now == in.old, in.own)
		case out.kind == "no":
			return []any{now}
		case out.kind == "unknown" && now == in.old:
			return []any{now, in.own}
		case out.kind == "unknown":
			return []any{now}
		case out.seen == in.own: // lost to itself
			return nil
		case out.past: // it happened, nobody was told, and it was written over
			return follows(now == in.old, in.own)
		}
		return follows(now == out.seen && now != in.old, now)
	},
}

// Whatever is lost, late, repeated or refused, and whoever comes when: what
// Read and Write say to all of them is what one register would have said.
func TestLinearizable(t *testing.T) {
	met := &tally{}
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				calm := w.net.next
				post := &courier{next: calm, random: rand.New(rand.NewPCG(seed, 0)), met: met}
				w.net.next = post
				history := w.crowd(seed, 4, 8)
				post.arrived() // also what its sender has given up
				w.net.next = calm
				history = append(history, w.lastRead(len(history)))
				met.outcomes(history)
				if result := porcupine.CheckOperationsTimeout(register.ToModel(), history, 0); result == porcupine.Ok {
					return
				}
				for _, o := range history {
					w.Logf("%d: %+v: %+v [%d, %d]", o.ClientId, o.Input, o.Output, o.Call, o.Return)
				}
				w.Error("no register behaves like this")
			})
		})
	}
	// A misfortune that never came about shows nothing.
	met.want(t, "lost", "dropped", "error", "refused", "late", "twice", "echo",
		"said ok", "said changed", "said unknown", "said no", "lost to a follower of itself")
}

// forEver is after all that happens in a history.
const forEver = 1 << 40

// crowd lets writers read the one record and write it, each many times, and
// tells in which order what was asked and said.
func (w *world) crowd(seed uint64, writers, each int) []porcupine.Operation {
	var mu sync.Mutex
	var history []porcupine.Operation
	clock := int64(0)
	tick := func() int64 {
		mu.Lock()
		defer mu.Unlock()
		clock++
		return clock
	}
	note := func(o porcupine.Operation) {
		o.Return = tick()
		if o.Output.(outcome).kind == "unknown" {
			o.Return = forEver - 1 // it may happen later still
		}
		mu.Lock()
		defer mu.Unlock()
		history = append(history, o)
	}
	var wait sync.WaitGroup
	for client := range writers {
		random := rand.New(rand.NewPCG(seed, uint64(client)+1))
		wait.Go(func() {
			for n := range each {
				time.Sleep(time.Duration(random.Int64N(int64(100 * time.Millisecond))))
				call := tick()
				found, err := w.Read(w.Context(), []string{theKey})
				if err != nil {
					continue
				}
				old := found[theKey]
				note(porcupine.Operation{ClientId: client, Call: call, Input: access{},
					Output: outcome{kind: "ok", seen: opOf(old)}})

				next := steadyRecord()
				next.Op = fmt.Sprintf("%d.%d", client, n)
				if old != nil {
					next.Rev = old.Rev + 1
					next.Events = append(next.Events, old.Events...)
				}
				next.Events = append(next.Events, plan.Event{Rev: next.Rev,
					At: at("2026-12-01T03:12:31Z"), Run: next.Op})
				call = tick()
				err = w.Write(w.Context(), old, next)
				note(porcupine.Operation{ClientId: client, Call: call,
					Input: access{write: true, old: opOf(old), own: next.Op}, Output: outcomeOf(err, next.Op)})
			}
		})
	}
	wait.Wait()
	return history
}

// lastRead returns what the record has become when nothing is on its way any more.
func (w *world) lastRead(client int) porcupine.Operation {
	return porcupine.Operation{ClientId: client, Call: forEver, Return: forEver + 1,
		Input: access{}, Output: outcome{kind: "ok", seen: opOf(w.stored())}}
}

func opOf(r *plan.Record) string {
	if r == nil {
		return ""
	}
	return r.Op
}

func outcomeOf(err error, op string) outcome {
	changed, lost := errors.AsType[*ChangedError](err)
	switch {
	case err == nil:
		return outcome{kind: "ok"}
	case !lost:
		return outcome{kind: string(awscall.Classify(err).Verdict)}
	}
	out := outcome{kind: "changed", seen: opOf(changed.Current)}
	if changed.Current != nil {
		for _, e := range changed.Current.Events {
			out.past = out.past || e.Run == op
		}
	}
	return out
}
