package rotate

import (
	"context"
	"fmt"
	"slices"

	"github.com/keyturn/keyturn/ddblock"
)

// Part is what one Runner does of a run: tasks about different keys, in one Region, with
// their records in one table.
type Part struct {
	Runner *Runner
	Tasks  []Task
}

// Each carries out the tasks of a run that has one part; see Together.
func (r *Runner) Each(ctx context.Context, tasks []Task) (*Report, error) {
	reports, errs := Together(ctx, []Part{{r, tasks}})
	return reports[0], errs[0]
}

// Together carries out the parts of a run at the same time, because each may have to wait,
// and reports on each, in the order of its tasks. An error means that the records of a part
// could not be read and that nothing was begun there. Together keeps nothing in the runners
// and may be called concurrently.
//
// A key for which there is nothing to do is done with as soon as its record is there, so
// that a run keeps little of it. The others of a part are begun when all its records are
// there. When all parts are done, those keys are looked at once more that others had.
func Together(ctx context.Context, parts []Part) ([]*Report, []error) {
	reports, errs := make([]*Report, len(parts)), make([]error, len(parts))
	begun, open := make([]begun, len(parts)), make([][]*worker, len(parts))
	progress := new(progress)
	atOnce(parts, func(i int) {
		begun[i], errs[i] = parts[i].begin(ctx, progress)
		parts[i].work(ctx, begun[i].workers)
	})
	for again := true; again; {
		again = false
		for i, p := range parts {
			open[i] = p.Runner.unfinished(ctx, begun[i].workers)
			again = again || len(open[i]) > 0
		}
		if again {
			atOnce(parts, func(i int) { parts[i].work(ctx, open[i]) })
		}
	}
	for i, p := range parts {
		if errs[i] == nil {
			reports[i] = begun[i].report
			reports[i].Finished = p.Runner.Now()
			reports[i].Caller, reports[i].Table = begun[i].once.seen()
		}
	}
	return reports, errs
}

// atOnce calls f for all parts at the same time. Almost always there is one.
func atOnce(parts []Part, f func(i int)) {
	if len(parts) == 1 {
		f(0)
		return
	}
	group := parts[0].Runner.parallel().Group()
	for i := range parts {
		group.Go(func() { f(i) })
	}
	group.Wait()
}

// begun is a part whose records were read.
type begun struct {
	report *Report
	once   *shared
	// workers are those of the keys with something to do.
	workers []*worker
}

// begin reads the records of a part, and is done with the keys that have nothing to do.
func (p Part) begin(ctx context.Context, progress *progress) (begun, error) {
	r, tasks := p.Runner, p.Tasks
	report := &Report{Dry: r.Dry, Keys: make([]KeyReport, len(tasks))}
	order := r.order(len(tasks)) // pools that start at the same instant begin at different keys
	names, places := make([]string, len(tasks)), make(map[string]int, len(tasks))
	for n, i := range order {
		names[n] = tasks[i].Policy.Key()
		places[names[n]] = i
	}
	once, gates := newShared(r.parallel(), tasks), newGates(r.parallel())
	todo := make([]*worker, len(tasks))
	var first worker // of one key after the other: most have nothing to do
	err := r.Records.ReadEach(context.WithoutCancel(ctx), r.parallel(), names,
		func(key string, record ddblock.Reader) {
			i, asked := places[key]
			if !asked {
				return
			}
			k := &report.Keys[i]
			k.Policy, k.Request, k.Dry = tasks[i].Policy, tasks[i].Request, r.onlyDry()
			first = worker{runner: r, policy: *k.Policy, request: k.Request, report: k, self: r.self(), shared: once,
				shown: tasks[i].Shown,
				gates: gates, progress: progress, read: r.Now()}
			first.compareLater()
			if first.nothingDue(ctx, record) {
				return
			}
			w := first
			if err := w.take(record(ddblock.WithEvents)); err == nil {
				todo[i] = &w
			}
		})
	if err != nil {
		return begun{}, fmt.Errorf("read the records: %w", err)
	}
	report.Started = r.Now()
	progress.made(report.Started)
	var workers []*worker
	for _, i := range order {
		op, claimID := r.nonces() // drawn for every key, so that what one needs does not change those of another
		if w := todo[i]; w != nil {
			w.self.Op, w.self.ClaimID, w.self.Terms = op, claimID, w.policy.Digest()
			w.executor, w.windowBy = r.executor(w), report.Started.Add(r.Wait)
			workers = append(workers, w)
		}
	}
	return begun{report, once, workers}, nil
}

// work takes keys of a part as far as this run can.
func (p Part) work(ctx context.Context, open []*worker) {
	if len(open) == 0 {
		return
	}
	group := p.Runner.parallel().Group()
	(&queue{runner: p.Runner, keys: slices.Clone(open)}).work(ctx, group)
	group.Wait()
}
