package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// movedAt is a run that has looked since when the alias names its key.
func movedAt(ago time.Duration) sight {
	return func(o *plan.Observed) {
		o.Moved = &plan.AliasListed{Name: "alias/orders-data", KeyID: o.Alias.KeyID, MovedAt: noon.Add(-ago)}
	}
}

// An older version behind the alias shortly after a switch is lag, unless the date of the
// alias shows that nothing of keyturn's can have moved it there.
func TestDriftAtOnce(t *testing.T) {
	switched := func(ago, moves time.Duration) *plan.Record {
		return record(plan.Claimed, leased(me, time.Minute), func(r *plan.Record) {
			r.SwitchedAt, r.MovesUntil = noon.Add(-ago), noon.Add(-moves)
		})
	}
	steady := func(r *plan.Record) *plan.Record {
		r.Step, r.Claim, r.Generation, r.Window, r.Lease = plan.Steady, nil, 7, opened, nil
		return r
	}
	named := plan.Request{Verb: plan.VerbRollback, Reason: "consumers fail again", Version: 7}
	tryCases(t, ordersPolicy(), []decideCase{
		{"too soon for any date to tell", switched(5*minute, 5*minute), bySchedule, seen(aliasOn("k6")), "note free"},
		{"its date is looked at", switched(8*minute, 8*minute), bySchedule, seen(aliasOn("k6")), "look moved"},
		{"a date from before the switch: lag", switched(8*minute, 8*minute), bySchedule,
			seen(aliasOn("k6"), movedAt(9*minute)), "note free"},
		{"nor is it drift if a claim has begun since", switched(8*minute, noon.Sub(time.Time{})), bySchedule,
			seen(aliasOn("k6"), movedAt(9*minute)), "note free"},
		{"no date: lag", switched(8*minute, 8*minute), bySchedule,
			seen(aliasOn("k6"), func(o *plan.Observed) { o.Moved = &plan.AliasListed{} }), "note free"},
		{"so little later that it may be the switch itself, by KMS's clock", switched(8*minute, 8*minute), bySchedule,
			seen(aliasOn("k6"), movedAt(3*minute)), "note free"},
		{"moved since", switched(8*minute, 8*minute), bySchedule,
			seen(aliasOn("k6"), movedAt(2*minute)), "note refused drift"},
		{"a move that was answered after the switch may be that one", switched(8*minute, 6*minute), bySchedule,
			seen(aliasOn("k6"), movedAt(2*minute)), "note free"},
		{"so may one that may still arrive", switched(8*minute, -12*minute), bySchedule,
			seen(aliasOn("k6"), movedAt(minute)), "note free"},
		{"a person's rollback does not undo a person's move", steady(switched(8*minute, 8*minute)),
			byRollback, seen(aliasOn("k6"), movedAt(2*minute)), "note refused drift"},
		{"nor is a verb taken for done", steady(switched(8*minute, 8*minute)), named,
			seen(aliasOn("k6")), "look moved"},
		{"because it was moved", steady(switched(8*minute, 8*minute)), named,
			seen(aliasOn("k6"), movedAt(2*minute)), "note refused drift"},
		{"an adopt waits for the end of the lag", steady(switched(8*minute, 8*minute)), byAdopt,
			seen(aliasOn("k6"), movedAt(2*minute)), "stop lagging"},
	})
}

// The date belongs to the last look at the alias.
func TestDateOfTheAliasIsForgottenWithIt(t *testing.T) {
	o := seen(aliasOn("k6"), movedAt(minute))
	o.Learn(noon, record(plan.Steady), plan.Act{Kind: plan.LookAlias},
		plan.Result{Answer: plan.Answer{Verdict: plan.Yes}, Key: enabled("k6")})
	if o.Moved != nil {
		t.Errorf("%+v", o.Moved)
	}
}

// MovesUntil is until when a move that was signed for the generation may have been
// applied. It outlives the fence, and the next claim clears it.
func TestMovesUntil(t *testing.T) {
	r := record(plan.Switching, leased(me, time.Minute), fenced(15*minute))
	write := func(later time.Duration, w plan.Write) time.Time {
		a := written(8, "k8", w)
		a.At = noon.Add(later)
		r = plan.Apply(r, a)
		return r.MovesUntil
	}
	k8 := *r.Next()
	for _, c := range []struct {
		name  string
		later time.Duration
		w     plan.Write
		want  time.Duration
	}{
		{"a second move is confirmed", 0, plan.ConfirmWrite{Target: k8, Signed: noon}, plan.FenceFor},
		{"one of the two is answered", minute, plan.FinishWrite{Answered: true, Window: opened}, plan.FenceFor},
		{"the other one, too", 2 * minute, plan.Note{Answered: true}, 2 * minute},
		{"another note", 3 * minute, plan.Note{Free: true}, 2 * minute},
	} {
		if got := write(c.later, c.w).Sub(noon); got != c.want {
			t.Errorf("%s: until %s, want %s", c.name, got, c.want)
		}
	}
	if got := write(4*minute, plan.ClaimWrite{Claim: plan.Claim{ID: "c9"}}); !got.IsZero() {
		t.Errorf("the next claim: until %s", got)
	}
}
