package rotate

import (
	"context"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/plan"
)

// batchMost is how many records are read again in one call.
const batchMost = 100

// queue holds the keys of a run that it has not begun, in the order in which it will.
type queue struct {
	runner *Runner
	keys   []*worker
	// batch is how many records are read again at once: more, the more keys turn out to be
	// done by other runs.
	batch int
}

// work begins one key after the other, each once the run may work on it.
func (q *queue) work(ctx context.Context, group parallel.Group) {
	calls := context.WithoutCancel(ctx)
	for w := q.next(ctx); w != nil; w = q.next(ctx) {
		if kind := w.decide(ctx).Act.Kind; kind != plan.Stop && kind != plan.Wait {
			w.enter(ctx, calls)
		}
		group.Go(func() { w.work(ctx) })
	}
}

// next takes out the next key on which there is something to do; nil if there is none.
// Others may have been at work since the run began, so it looks at the record again.
func (q *queue) next(ctx context.Context) *worker {
	q.batch = max(1, q.batch/2)
	for len(q.keys) > 0 {
		w := q.keys[0]
		if ctx.Err() == nil && q.runner.Now().Sub(w.read) > fresh {
			q.reread(context.WithoutCancel(ctx))
			q.batch = min(2*q.batch, batchMost)
		}
		q.keys[0], q.keys = nil, q.keys[1:]
		if !w.over && !w.settled(ctx) {
			return w
		}
		w.noteProgress()
		w.finish()
	}
	return nil
}

// reread reads the records of the next keys again.
func (q *queue) reread(calls context.Context) {
	some := q.keys[:min(q.batch, len(q.keys))]
	by := make(map[string]*worker, len(some))
	names := make([]string, len(some))
	for i, w := range some {
		names[i] = w.policy.Key()
		by[names[i]] = w
	}
	err := q.runner.Records.ReadEach(calls, q.runner.parallel(), names,
		func(key string, record ddblock.Reader) {
			if w := by[key]; w != nil {
				w.takeAgain(record(ddblock.WithEvents))
			}
		})
	if err != nil {
		q.keys[0].unread(err) // the next one tries again
	}
}
