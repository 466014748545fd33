package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/plan"
)

// drawAct draws a write that the protocol allows in the record's step.
func drawAct(t *rapid.T, r *plan.Record, now time.Time, n int) plan.Act {
	kinds := []plan.Kind{plan.WriteNote, plan.WriteNote, plan.WriteTakeover, plan.WriteRenew, plan.WriteHold,
		plan.WriteRelease, plan.WriteAdoptDrift}
	switch r.Step {
	case plan.Steady:
		kinds = append(kinds, plan.WriteClaim, plan.WriteClaim, plan.WriteClaim)
	case plan.Claimed:
		kinds = append(kinds, plan.WriteCreated, plan.WriteConfirm, plan.WriteConfirm, plan.WriteAbandon)
	case plan.Created:
		kinds = append(kinds, plan.WriteConfirm, plan.WriteAbandon)
	case plan.Switching:
		kinds = append(kinds, plan.WriteConfirm, plan.WriteFinish, plan.WriteFinish, plan.WriteAbandon)
	}
	kind := rapid.SampledFrom(kinds).Draw(t, "kind")
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	leaving := plan.Leaving{Drain: time.Duration(rapid.IntRange(0, 100).Draw(t, "drain")) * time.Hour}
	target := plan.Version{Version: r.Generation, KeyID: fmt.Sprint("k", r.Generation)}
	if r.Target != 0 {
		target = *r.Next()
	}
	back := func() *plan.Version { // a rollback's: one of the draining versions
		if i := rapid.IntRange(-1, len(r.Draining())-1).Draw(t, "back"); i >= 0 {
			return &plan.Version{Version: r.Draining()[i].Version, KeyID: r.Draining()[i].KeyID}
		}
		return nil
	}
	held := func() plan.Version { // a version, or the key as a whole
		return rapid.SampledFrom(append([]plan.Version{{}}, r.Versions...)).Draw(t, "held")
	}
	claim := plan.Claim{ID: fmt.Sprint("c", n), At: now, Verb: plan.VerbRotate, Drain: leaving.Drain}
	version, keyID := r.Generation, ""
	var w plan.Write
	switch kind {
	case plan.WriteTakeover, plan.WriteRenew:
		w = plan.LeaseWrite{Renew: kind == plan.WriteRenew}
	case plan.WriteClaim:
		w = plan.ClaimWrite{Claim: claim, Target: back()}
	case plan.WriteCreated:
		w, keyID = plan.CreatedWrite{Target: target}, target.KeyID
	case plan.WriteConfirm:
		w, keyID = plan.ConfirmWrite{Target: target, Signed: now}, target.KeyID
	case plan.WriteFinish:
		w = plan.FinishWrite{Leaving: leaving, Window: r.Window, Answered: flag("answered")}
	case plan.WriteAbandon:
		w = drawAbandon(t, r, leaving, claim, back)
	case plan.WriteAdoptDrift:
		keyID, version = fmt.Sprint("x", n), r.Generation+1
		if b := back(); b != nil {
			keyID, version = b.KeyID, b.Version
		}
		adopt := plan.AdoptDriftWrite{Leaving: leaving, Window: r.Window,
			Live: plan.Version{Version: version, KeyID: keyID, Since: now}}
		if t := r.Next(); t != nil && t.KeyID != keyID {
			adopt.Dropped = t
		}
		w = adopt
	case plan.WriteHold:
		v := held()
		version, keyID = v.Version, v.KeyID
		w = plan.HoldWrite{Hold: plan.Hold{Reason: "r", Since: now}, Entry: v}
	case plan.WriteRelease:
		v := held()
		version, keyID, w = v.Version, v.KeyID, plan.ReleaseWrite{}
	case plan.WriteNote:
		w = plan.Note{Answered: flag("struck"), Attempt: flag("attempt"), Free: flag("free"), Extend: flag("extend")}
	}
	act := plan.Writing(version, keyID, w)
	act.Writer = plan.Writer{At: now, Rev: r.Rev + 1, Self: plan.Self{Run: "r", Op: fmt.Sprint("op", n)}}
	return act
}

// drawAbandon draws a write that gives an open generation up.
func drawAbandon(t *rapid.T, r *plan.Record, l plan.Leaving, c plan.Claim, back func() *plan.Version) plan.Write {
	w := plan.AbandonWrite{Leaving: l, Window: r.Window, Dropped: r.Next()}
	if rapid.Bool().Draw(t, "claims") {
		w.Claim, w.Target = &c, back()
	}
	behind := r.Live().KeyID
	if r.Step == plan.Switching && rapid.Bool().Draw(t, "moved") {
		w.Moved, w.Dropped = true, nil
		behind = r.Next().KeyID
	}
	if w.Target != nil && w.Target.KeyID == behind { // the alias is there already: giving up is all, as decided
		w.Claim, w.Target = nil, nil
	}
	return w
}

func shown(t interface{ Fatal(...any) }, r *plan.Record) string {
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestApply draws long sequences of writes. After every write: the argument is
// unchanged, revisions have no gap, the events in the record are bounded and the record
// says what was copied, drains never end earlier, and a version is in one list.
func TestApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := steadyAt7()
		now := noon
		for n := range rapid.IntRange(1, 60).Draw(t, "writes") {
			now = now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "later")) * time.Second)
			a := drawAct(t, r, now, n)
			before := shown(t, r)
			next := plan.Apply(r, a)
			if after := shown(t, r); after != before {
				t.Fatalf("%s changed its argument: %s", a.Kind, cmp.Diff(before, after))
			}
			checkNext(t, r, next, a)
			r = next
		}
	})
}

func checkNext(t *rapid.T, r, next *plan.Record, a plan.Act) {
	if next.Rev != r.Rev+1 || next.Op != a.Self.Op {
		t.Fatalf("%s: rev %d after %d, op %s", a.Kind, next.Rev, r.Rev, next.Op)
	}
	if next.Generation < r.Generation || next.Generation > r.Generation+1 || next.Window.Before(r.Window) {
		t.Fatalf("%s: generation or window", a.Kind)
	}
	events := next.Events
	if last := events[len(events)-1]; last.Rev != next.Rev || plan.EventText(last) == "" {
		t.Fatalf("%s: last event %+v", a.Kind, last)
	}
	if len(events) > plan.NewestEvents && events[0].Rev <= a.Ledgered {
		t.Fatalf("%s: %d events, and that of %d is in the ledger", a.Kind, len(events), events[0].Rev)
	}
	for _, e := range r.Events {
		stays := slices.ContainsFunc(events, func(n plan.Event) bool { return n.Rev == e.Rev })
		if !stays && (e.Rev > a.Ledgered || e.Rev > next.Rev-plan.NewestEvents) {
			t.Fatalf("%s: the event of %d was dropped, and the ledger goes to %d", a.Kind, e.Rev, a.Ledgered)
		}
	}
	for _, v := range r.Versions { // a hold stays, whatever becomes of the version
		is := next.Entry(v.Version)
		if v.Hold != nil && (is == nil || is.Hold == nil) && (a.Kind != plan.WriteRelease || a.Version != v.Version) {
			t.Fatalf("%s: the hold of %s was lost", a.Kind, v.KeyID)
		}
	}
	seen := map[string]string{next.Live().KeyID: "active"}
	one := func(keyID, list string) {
		if was := seen[keyID]; was != "" {
			t.Fatalf("%s: %s is %s and %s", a.Kind, keyID, was, list)
		}
		seen[keyID] = list
	}
	for _, e := range next.Draining() {
		one(e.KeyID, "draining")
	}
	for _, e := range next.Retired() {
		one(e.KeyID, "retired")
	}
	for _, e := range r.Draining() {
		for _, f := range next.Draining() {
			if e.KeyID == f.KeyID && f.DrainUntil.Before(e.DrainUntil) {
				t.Fatalf("%s: the drain of %s ends earlier", a.Kind, e.KeyID)
			}
		}
		if seen[e.KeyID] == "" {
			t.Fatalf("%s: %s was lost", a.Kind, e.KeyID)
		}
	}
	if seen[r.Live().KeyID] == "" {
		t.Fatalf("%s: the version before was lost", a.Kind)
	}
	hasTarget := next.Target != 0
	needsTarget := next.Step == plan.Created || next.Step == plan.Switching
	if next.Step == plan.Steady && hasTarget || needsTarget && !hasTarget {
		t.Fatalf("%s: step %s, target %v", a.Kind, next.Step, next.Next())
	}
	if f := next.Fence; f != nil && f.Signers < 1 {
		t.Fatalf("%s: a fence of %d", a.Kind, f.Signers)
	}
}

// TestApplyDrainsWhatMayHaveServed: the target of a rollback is among the draining
// versions already. If it is given up after its switch was confirmed, it may have
// served, so it drains again, in full.
func TestApplyDrainsWhatMayHaveServed(t *testing.T) {
	r := record(plan.Switching, rolling)
	r.Entry(6).DrainUntil = noon.Add(minute)
	a := written(9, "kx", plan.AdoptDriftWrite{Live: plan.Version{Version: 9, KeyID: "kx"}, Window: opened,
		Leaving: plan.Leaving{Drain: day}, Dropped: r.Next()})
	for _, e := range plan.Apply(r, a).Draining() {
		if e.DrainUntil.Before(noon.Add(day)) {
			t.Errorf("v%d drains until %s", e.Version, plan.Stamp(e.DrainUntil))
		}
	}
}

// TestApplyIsNoWrite: an act that is not a write returns the same record.
func TestApplyIsNoWrite(t *testing.T) {
	r := steadyAt7()
	if plan.Apply(r, plan.Act{Kind: plan.LookAlias}) != r || plan.Apply(r, plan.Act{Kind: plan.SendMove}) != r {
		t.Error("another record")
	}
}

// TestClone: no change of a copy changes the original.
func TestClone(t *testing.T) {
	r := record(plan.Switching, leased(me, minute), fenced(minute), held("ann", minute, 0), tried(1, minute), marked(6))
	r.LastError = &plan.LastError{Code: "x"}
	r.Entry(5).Fence = &plan.Fence{What: "delete"}
	before := shown(t, r)
	c := r.Clone()
	*c.Claim, *c.Lease, *c.Fence, *c.Hold = plan.Claim{}, plan.Lease{}, plan.Fence{}, plan.Hold{}
	*c.Attempts, *c.LastError = plan.Attempts{}, plan.LastError{}
	*c.Entry(6).Fence, *c.Entry(5).Fence = plan.Fence{}, plan.Fence{}
	for i := range c.Versions {
		c.Versions[i] = plan.Version{}
	}
	c.Events[0] = plan.Event{}
	if after := shown(t, r); after != before {
		t.Error(cmp.Diff(before, after))
	}
	if (*plan.Record)(nil).Clone() != nil {
		t.Error("a copy of nothing")
	}
}

// The record shows which run's move may still arrive.
func TestWhoseMoveIsOut(t *testing.T) {
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	event := func(minute int, run string, kind plan.EventKind) plan.Event {
		return plan.Event{At: at(minute), Run: run, Kind: []plan.EventKind{kind}}
	}
	died, took := event(1, "died", plan.EventConfirm), event(3, "took", plan.EventTakeover)
	again, done := event(4, "took", plan.EventConfirm), event(5, "took", plan.EventFinish)
	for _, c := range []struct {
		name   string
		step   plan.Step
		events []plan.Event
		run    string
	}{
		{"who died", plan.Steady, []plan.Event{died, took, again, done}, "died"},
		{"who signed last, while it is open", plan.Switching, []plan.Event{died, took, again}, "took"},
		{"its own, twice", plan.Steady, []plan.Event{again, again, done}, "took"},
		{"rebuilt", plan.Steady, []plan.Event{event(5, "p", plan.EventRebuild)}, ""},
	} {
		r := &plan.Record{Step: c.step, Events: c.events, Fence: &plan.Fence{Until: at(24), Run: c.run}}
		e, ok := plan.LastSigned(r)
		if e.Run != c.run || ok != (c.run != "") {
			t.Errorf("%s: %q %t", c.name, e.Run, ok)
		}
		if text := plan.FenceText(r); strings.Contains(text, "rebuilt") != (c.run == "") {
			t.Errorf("%s: %s", c.name, text)
		}
	}
}
