package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

var byPutBack = plan.Request{Verb: plan.VerbRollback, Reason: "Terraform moved it", Version: 7}

// shownOn is a person's rollback to v7 who was shown the alias on a key.
func shownOn(keyID string) plan.Request {
	q := byPutBack
	q.Expects = keyID
	return q
}

// foundOn is a run that first saw the alias there.
func foundOn(keyID string) sight { return func(o *plan.Observed) { o.FoundOn = keyID } }

// onV7 has looked at v7, which is the target.
func onV7(o *plan.Observed) {
	k, again := enabled("k7"), enabled("k7")
	o.Target, o.Active = &k, &again
}

// puttingBack makes the open generation one that takes the alias from kx back onto v7.
func puttingBack(r *plan.Record) {
	r.Generation, r.Target = 8, 7
	r.Claim = &plan.Claim{ID: "c8", At: noon.Add(-minute), Verb: plan.VerbRollback, Reason: "moved", Expects: "kx",
		Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Drain: 7 * day}
	if r.Entry(8) != nil {
		r.Versions = r.Versions[:len(r.Versions)-1]
	}
}

// A rollback to the live version puts an alias back that somebody else has moved.
func TestPutBack(t *testing.T) {
	mine := leased(me, time.Minute)
	kx := []sight{aliasOn("kx"), movedAt(3 * time.Hour), foundOn("kx"), onV7}
	ky := []sight{aliasOn("ky"), movedAt(3 * time.Hour), foundOn("ky"), onV7}
	switchedJustNow := func(r *plan.Record) { r.SwitchedAt = noon.Add(-minute) }
	from := func(keyID string) change {
		return func(r *plan.Record) { r.SwitchedFrom, r.SwitchedAt, r.Window = keyID, noon.Add(-9*minute), opened }
	}
	off := func(o *plan.Observed) { o.Target.State = "Disabled" }
	onlyV7 := func(r *plan.Record) {
		r.Versions = slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.Version != 7 })
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"it is on v7: done", record(plan.Steady), byPutBack, seen(), "stop settled"},
		{"it is on kx: claimed", record(plan.Steady), byPutBack, seen(kx...), "claim"},
		{"as the person was shown it", record(plan.Steady), shownOn("kx"), seen(kx...), "claim"},
		{"not where the person was shown it", record(plan.Steady), shownOn("kx"), seen(ky...), "note refused drift"},
		{"moved again since the run saw it first", record(plan.Steady), byPutBack, seen(append(ky, foundOn("kx"))...),
			"note refused drift"},
		{"v7 itself is looked at first", record(plan.Steady), byPutBack,
			seen(aliasOn("kx"), movedAt(time.Hour), foundOn("kx")), "look active"},
		{"v7 was disabled", record(plan.Steady), byPutBack, seen(append(kx, off)...), "refuse active-disabled"},
		{"another version named: drift", record(plan.Steady), plan.Request{Verb: plan.VerbRollback, Version: 6},
			seen(kx...), "note refused drift"},
		{"none named: drift", record(plan.Steady), byRollback, seen(kx...), "note refused drift"},
		{"not while another run works", record(plan.Steady, leased(other, minute)), byPutBack, seen(kx...), "wait"},
		{"not under a fence", record(plan.Steady, fenced(minute)), byPutBack, seen(kx...), "wait"},
		{"an older version so soon after a switch: lag", record(plan.Steady, switchedJustNow), byPutBack,
			seen(aliasOn("k6"), foundOn("k6"), onV7), "stop lagging"},
		{"an older version, by its date moved since", record(plan.Steady, from("")), byPutBack,
			seen(aliasOn("k6"), movedAt(minute), foundOn("k6"), onV7), "claim"},
		{"just put back, and KMS still shows it on kx", record(plan.Steady, from("kx")), byPutBack,
			seen(aliasOn("kx"), movedAt(time.Hour), foundOn("kx")), "stop lagging"},
		{"nor does an adopt take it from there", record(plan.Steady, from("kx")), byAdopt, seen(aliasOn("kx")),
			"stop lagging"},
		{"but it was moved there again", record(plan.Steady, from("kx")), byPutBack,
			seen(aliasOn("kx"), movedAt(minute), foundOn("kx"), onV7), "claim"},

		// with another generation open, which is given up
		{"over a claimed rotation", record(plan.Claimed, mine), byPutBack, seen(kx...), "abandon"},
		{"over an open switch", record(plan.Switching, mine), byPutBack, seen(kx...), "abandon"},
		{"none named over an open switch: drift", record(plan.Switching, mine), byRollback, seen(kx...),
			"note refused drift"},
		{"not under its fence", record(plan.Switching, mine, fenced(minute)), byPutBack, seen(kx...), "wait"},
		{"not from elsewhere than shown", record(plan.Claimed, mine), shownOn("kx"), seen(ky...), "note refused drift"},
		{"rotate --abandon does not leave kx", record(plan.Claimed, mine), byAbandon, seen(kx...),
			"note refused drift"},

		// its own generation, by any run
		{"the move is signed", record(plan.Claimed, mine, puttingBack), bySchedule, seen(kx...), "sign move"},
		{"once more after a crash", record(plan.Switching, mine, puttingBack), bySchedule, seen(kx...), "sign move"},
		{"the alias is back already: that proves nothing", record(plan.Switching, mine, puttingBack), bySchedule,
			seen(onV7), "sign move"},
		{"not from another key", record(plan.Claimed, mine, puttingBack), bySchedule, seen(ky...),
			"note refused drift"},
		{"under a later hold it waits", record(plan.Claimed, mine, puttingBack, held("ann", 0, 0)), bySchedule,
			seen(kx...), "note free"},
		{"the same verb joins it", record(plan.Claimed, mine, puttingBack), byPutBack, seen(kx...), "sign move"},
		{"once it has seen where the alias is", record(plan.Claimed, mine, puttingBack), byPutBack, onlyWho(),
			"look alias"},
		{"and a rollback without a version", record(plan.Claimed, mine, puttingBack), byRollback, seen(kx...),
			"sign move"},
		{"but not one that had nothing to go back to when it began", record(plan.Claimed, puttingBack, onlyV7),
			byRollback, seen(append(kx, func(o *plan.Observed) { o.First = record(plan.Steady, onlyV7) })...),
			"refuse no-version"},
		{"a person who was shown another key claims again", record(plan.Claimed, mine, puttingBack), shownOn("ky"),
			seen(ky...), "abandon"},
		{"who was shown another key and finds it there again does not", record(plan.Claimed, mine, puttingBack),
			shownOn("ky"), seen(append(kx, foundOn("ky"))...), "note refused drift"},
		{"rotate --abandon where the alias is back", record(plan.Claimed, mine, puttingBack), byAbandon, seen(onV7),
			"abandon"},
		{"and where it is not", record(plan.Claimed, mine, puttingBack), byAbandon, seen(kx...),
			"note refused drift"},
		{"an adopt of kx gives it up", record(plan.Claimed, mine, puttingBack), byAdopt, seen(kx...), "adopt drift"},
	})
}

// Where target and live version are one, nothing that ends the generation drains it.
func TestPutBackDrainsNothing(t *testing.T) {
	mine := leased(me, time.Minute)
	apply := func(r *plan.Record, q plan.Request, o plan.Observed, want string) *plan.Record {
		d := plan.Decide(noon, ordersPolicy(), r, q, o)
		if said(d) != want {
			t.Fatalf("%s, want %s: %v", said(d), want, d.Reasons)
		}
		return plan.Apply(r, d.Act)
	}
	lives := func(r *plan.Record, want int64) {
		t.Helper()
		if l := r.Live(); r.Active != want || l == nil || l.State != "" || len(r.Old())+1 != len(r.Versions) {
			t.Errorf("active %d of %+v", r.Active, r.Versions)
		}
	}
	r := record(plan.Switching, mine, fenced(15*minute), puttingBack)
	done := seen(onV7, func(o *plan.Observed) {
		o.SignedMove = &plan.Signature{What: plan.FencedMove, Generation: 8, KeyID: "k7", Date: noon, Confirmed: true,
			Op: "op70", Answer: &yes, Revs: []int64{60}}
	})
	n := apply(r, bySchedule, done, "finish")
	lives(n, 7)
	if n.SwitchedFrom != "kx" || n.Step != plan.Steady || len(n.Draining()) != 1 {
		t.Errorf("%+v", n)
	}
	lives(apply(record(plan.Claimed, mine, puttingBack), byAbandon, seen(onV7), "abandon"), 7)
	n = apply(record(plan.Claimed, mine, puttingBack), byAdopt,
		seen(aliasOn("kx"), foundOn("kx"), func(o *plan.Observed) { o.Probe = &yes }), "adopt drift")
	lives(n, 9)
	if v7 := n.Entry(7); v7.State != plan.Draining || !v7.Left.Equal(noon) { // it was live until now
		t.Errorf("v7 %+v", v7)
	}
	n = apply(record(plan.Claimed, mine), byPutBack,
		seen(aliasOn("kx"), movedAt(time.Hour), foundOn("kx"), onV7), "abandon")
	lives(n, 7)
	if n.Claim.Expects != "kx" || n.Target != 7 || n.Generation != 9 || n.Entry(8).State != plan.Draining {
		t.Errorf("%+v", n.Claim)
	}
}
