package rotate

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// How many keys one run works on at a time. A key whose calls have their turns waits for
// nothing, so many of these may be under way where AWS allows it. Of any other key it is
// not known what it will need; there are few of these, so that none waits long with a lease
// in hand.
const (
	LeasesAtOnce = 8
	TurnsAtOnce  = 64
)

// fresh is how old the record of a key may be that a run begins to work on.
const fresh = time.Second

// gates are where the keys of a run wait until it works on them.
type gates struct {
	// few are for keys without turns, many for those that have them.
	few, many parallel.Slots
	// door is held by the one key that waits for its turns: at another pace than when they
	// were reserved, many would have theirs too late or too early.
	door parallel.Slots
}

func newGates(host parallel.Host) *gates {
	return &gates{few: host.Slots(LeasesAtOnce), many: host.Slots(TurnsAtOnce), door: host.Slots(1)}
}

// entry is how a key came in.
type entry struct {
	slots parallel.Slots
	// turns are nil for a key without.
	turns *kms.Turns
}

// enter reports whether the run works on the key already. Otherwise it waits until it may,
// and returns false: what was decided before that is too old to be carried out, and the
// record may have been read again.
func (w *worker) enter(ctx, calls context.Context) bool {
	if w.in != nil {
		return true
	}
	if ctx.Err() != nil { // what is left to do on the way out needs no turns
		w.enterAmong(calls, calls, w.gates.few, nil)
		return false
	}
	ahead := w.callsAhead()
	if ahead.None() {
		w.enterAmong(ctx, calls, w.gates.few, nil)
		return false
	}
	if w.gates.door.Take(ctx) != nil {
		return false
	}
	defer w.gates.door.Free()
	if w.refresh(calls) && (w.over || w.callsAhead() != ahead) {
		return false
	}
	for wait := w.runner.around(w.runner.KMS.UntilTurns(ahead)); wait > 0; wait -= fresh {
		if w.runner.Sleep(ctx, min(wait, fresh)) != nil {
			return false
		}
		// Another run may have done the key meanwhile.
		if w.refresh(calls) && (w.over || w.callsAhead() != ahead) {
			return false
		}
	}
	w.enterAmong(ctx, calls, w.gates.many, w.runner.KMS.Reserve(ahead))
	return false
}

// enterAmong is enter once the turns are there, if there are any.
func (w *worker) enterAmong(ctx, calls context.Context, slots parallel.Slots, turns *kms.Turns) {
	if slots.Take(ctx) != nil {
		if turns != nil {
			turns.GiveBack()
		}
		return
	}
	w.in = &entry{slots, turns}
	w.is(inWork)
	w.refresh(calls)
}

// refresh reads the record again if it is not fresh, and reports whether it did.
func (w *worker) refresh(calls context.Context) bool {
	if w.runner.Now().Sub(w.read) <= fresh {
		return false
	}
	w.rested()
	w.reread(calls)
	return true
}

// leave lets another key of the run in, if this one is.
func (w *worker) leave() {
	if w.in == nil {
		return
	}
	if w.in.turns != nil {
		w.in.turns.GiveBack()
	}
	w.in.slots.Free()
	w.in = nil
}

// callsAhead returns the calls that need turns.
func (w *worker) callsAhead() plan.Calls {
	if w.runner.Dry {
		return plan.Calls{}
	}
	return plan.CallsAhead(w.runner.Now(), w.policy, w.record, w.request)
}

// withTurns returns the context for the calls about the key.
func (w *worker) withTurns(ctx context.Context) context.Context {
	if w.in == nil || w.in.turns == nil {
		return ctx
	}
	return w.in.turns.Within(ctx)
}
