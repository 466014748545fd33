package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

func retireOf(version int64) plan.Request {
	return plan.Request{Verb: plan.VerbRetire, Version: version, Reason: "v6 leaked"}
}

// v6Seen: this run has described v6 and listed its aliases.
func v6Seen(state string, aliases ...string) sight {
	return oldSeen("k6", state, append([]string{"alias/orders-data/v6"}, aliases...)...)
}

func oldSeen(keyID, state string, aliases ...string) sight {
	return func(o *plan.Observed) {
		k := enabled(keyID)
		k.State = state
		s := plan.OldSeen{Key: &k, Listed: true}
		for _, a := range aliases {
			s.Aliases = append(s.Aliases, plan.AliasListed{Name: a, KeyID: keyID})
		}
		o.Old = map[string]plan.OldSeen{keyID: s}
	}
}

func signedV6(confirmed bool, op string, answer *plan.Answer) sight {
	return func(o *plan.Observed) {
		o.SignedOld = &plan.Signature{What: plan.FencedDisable, KeyID: "k6", Date: noon, Confirmed: confirmed, Op: op,
			Answer: answer}
	}
}

func stateOfV6(state plan.State) change {
	return func(r *plan.Record) {
		v := r.Entry(6)
		v.State, v.DisabledAt, v.KeptAt, v.DeleteAt = state, noon.Add(-day), noon.Add(-day), noon.Add(day)
	}
}

// firstSeen is the record as this run first read it.
func firstSeen(changes ...change) sight {
	return func(o *plan.Observed) { o.First = record(plan.Steady, changes...) }
}

// Retire ignores use, hold, freeze and deadline. It keeps the checks of other aliases, of
// the fence and of the ten minutes after a switch, and leaves the live version and a target
// alone.
func TestRetireNow(t *testing.T) {
	p := ordersPolicy()
	p.Freeze = []plan.Freeze{{From: noon.Add(-day), To: noon.Add(day), Reason: "year end"}}
	markOver := func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Since: noon.Add(-time.Hour),
			Until: noon.Add(-minute), Signers: 1}
	}
	reinstated := func(ago time.Duration) change {
		return func(r *plan.Record) {
			r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-ago), noon.Add(minute)
		}
	}
	switched := func(r *plan.Record) { r.SwitchedAt = noon.Add(-9 * minute) }
	named := func(o *plan.Observed) {
		o.Version[6] = plan.VersionSeen{Version: 6, KeySeen: plan.KeySeen{Missing: true}}
	}
	nameless := []sight{oldSeen("k6", "Enabled"), named}
	sent := func(answer plan.Answer, state string) []sight {
		return []sight{v6Seen(state), signedV6(true, "op70", &answer), func(o *plan.Observed) {
			s := o.Old["k6"]
			s.Failed = &plan.Failure{Kind: plan.SendMark, Doing: "disable v6", Answer: answer}
			if state == "" {
				s.Key = nil
			}
			o.Old["k6"] = s
		}}
	}
	tryCases(t, p, []decideCase{
		{"it is looked at", record(plan.Steady), retireOf(6), seen(), "look old"},
		{"and its aliases", record(plan.Steady), retireOf(6), seen(func(o *plan.Observed) {
			k := enabled("k6")
			o.Old = map[string]plan.OldSeen{"k6": {Key: &k}}
		}), "look old aliases"},
		{"and the alias itself", record(plan.Steady), retireOf(6),
			seen(v6Seen("Enabled"), func(o *plan.Observed) { o.Alias = nil }), "look alias"},
		{"before its deadline, in a freeze", record(plan.Steady), retireOf(6), seen(v6Seen("Enabled")), "sign mark"},
		{"on a held key", record(plan.Steady, held("ann", day, 0)), retireOf(6), seen(v6Seen("Enabled")), "sign mark"},
		{"a held version", record(plan.Steady, heldVersion(6)), retireOf(6), seen(v6Seen("Enabled")), "sign mark"},
		{"a kept one", record(plan.Steady), retireOf(5),
			seen(oldSeen("k5", "Enabled", "alias/orders-data/v5")), "sign mark"},
		{"one that was left out is looked up", record(plan.Steady, leftOut3), retireOf(3), seen(), "look version"},
		{"and then retired", record(plan.Steady, leftOut3), retireOf(3), seen(asV3("Enabled"),
			oldSeen("k3", "Enabled", "alias/orders-data/v3")), "sign mark"},
		{"if it is of this alias", record(plan.Steady, leftOut3), retireOf(3), seen(asV3("Enabled", untagged)),
			"refuse no-version"},
		{"while another generation is open", record(plan.Claimed, leased(other, minute)), retireOf(6),
			seen(v6Seen("Enabled")), "sign mark"},
		{"it is marked", record(plan.Steady), retireOf(6), seen(v6Seen("Enabled"), signedV6(false, "", nil)), "mark"},
		{"and sent, in a freeze", record(plan.Steady, marked(6)), retireOf(6),
			seen(v6Seen("Enabled"), signedV6(true, "op70", nil)), "send mark"},
		{"not after somebody else has written", record(plan.Steady, marked(6)), retireOf(6),
			seen(v6Seen("Enabled"), signedV6(true, "op69", nil)), "mark no"},
		{"a yes is recorded", record(plan.Steady, marked(6)), retireOf(6),
			seen(v6Seen("Enabled"), signedV6(true, "op70", &yes)), "retired"},
		{"of a kept one too", record(plan.Steady, marked(6), stateOfV6(plan.Kept)), retireOf(6),
			seen(v6Seen("Enabled"), signedV6(true, "op70", &yes)), "retired"},
		{"then it is done", record(plan.Steady, stateOfV6(plan.Disabled)), retireOf(6),
			seen(signedV6(true, "op60", &yes)), "stop settled"},
		{"a no ends it", record(plan.Steady), retireOf(6), seen(sent(hardNo, "Enabled")...), "stop failed"},
		{"without an answer it is looked at", record(plan.Steady, marked(6)), retireOf(6),
			seen(sent(unknown, "")...), "look old"},
		{"and seen disabled", record(plan.Steady, marked(6)), retireOf(6), seen(sent(unknown, "Disabled")...),
			"retired"},
		{"or not", record(plan.Steady, marked(6)), retireOf(6), seen(sent(unknown, "Enabled")...), "stop failed"},

		{"the live version", record(plan.Steady), retireOf(7), seen(), "refuse not-retirable"},
		{"a new version", record(plan.Switching), retireOf(8), seen(), "refuse not-retirable"},
		{"the open generation's, before it is recorded", record(plan.Claimed), retireOf(8), seen(),
			"refuse open-generation"},
		{"the live one, in a switch", record(plan.Switching), retireOf(7), onlyWho(), "look alias"},
		{"a rollback's target", record(plan.Claimed, rolling), retireOf(6), seen(v6Seen("Enabled")),
			"refuse not-retirable"},
		{"another alias names it", record(plan.Steady), retireOf(6), seen(v6Seen("Enabled", "alias/reports")),
			"refuse not-retirable"},
		{"the alias was moved", record(plan.Steady), retireOf(6), seen(v6Seen("Enabled"), aliasOn("kx"), movedLooked),
			"note refused drift"},
		{"only the record knows it", record(plan.Steady), retireOf(6), seen(oldSeen("k6", "Enabled"),
			func(o *plan.Observed) {
				v := o.Version[6]
				v.KeyID = "ky"
				o.Version[6] = v
			}), "refuse version-unproven"},
		{"nothing names it: it is named", record(plan.Steady), retireOf(6), seen(nameless...), "name version"},
		{"a move may arrive", record(plan.Steady, fenced(minute)), retireOf(6), seen(v6Seen("Enabled")), "wait"},
		{"a switch may not show", record(plan.Steady, switched), retireOf(6), seen(v6Seen("Enabled")), "wait"},
		{"another run is disabling it", record(plan.Steady, marked(6)), retireOf(6), seen(v6Seen("Enabled")), "wait"},
		{"and has disabled it", record(plan.Steady, marked(6)), retireOf(6), seen(v6Seen("Disabled")), "retired"},
		{"a mark that ran out", record(plan.Steady, markOver), retireOf(6), seen(v6Seen("Enabled")), "sign mark"},
		{"none", record(plan.Steady), retireOf(4), seen(), "refuse no-version"},

		{"disabled already", record(plan.Steady, stateOfV6(plan.Disabled)), retireOf(6), seen(v6Seen("Disabled")),
			"retired"},
		{"enabled again by hand", record(plan.Steady, stateOfV6(plan.Disabled)), retireOf(6), seen(v6Seen("Enabled")),
			"sign mark"},
		{"disabled by hand", record(plan.Steady), retireOf(6), seen(v6Seen("Disabled")), "retired"},
		{"to be deleted by hand", record(plan.Steady), retireOf(6), seen(v6Seen("PendingDeletion")), "retired"},
		{"reinstated a minute ago: KMS may show it late", record(plan.Steady, reinstated(minute)), retireOf(6),
			seen(firstSeen(reinstated(minute)), v6Seen("Disabled")), "sign mark"},
		{"reinstated since", record(plan.Steady, reinstated(minute)), retireOf(6),
			seen(firstSeen(), v6Seen("Enabled")), "refuse overtaken"},
		{"after this run's own yes too", record(plan.Steady, reinstated(0)), retireOf(6),
			seen(firstSeen(), signedV6(true, "op60", &yes)), "refuse overtaken"},
		{"reinstated before", record(plan.Steady, stateOfV6(plan.Disabled)), retireOf(6),
			seen(firstSeen(reinstated(day)), v6Seen("Disabled")), "retired"},
	})
	live := plan.Decide(noon, p, record(plan.Steady), retireOf(7), seen())
	if ref := live.Act.Refusal; !strings.Contains(ref.What, "v7 is live") ||
		!slices.Contains(ref.Hint.Commands[0], "--again") { // it may have been rotated a minute ago
		t.Errorf("the live version: %s; %v", ref.What, ref.Hint)
	}
	switched7 := plan.Decide(noon, p, record(plan.Switching), retireOf(7), seen(aliasOn("k8"))).Act.Refusal
	if switched7 == nil || !strings.Contains(switched7.What, "the record has v7 as live, and the alias is on v8") {
		t.Errorf("a switch that has happened: %+v", switched7)
	}
	for _, c := range []struct {
		name string
		r    *plan.Record
		q    plan.Request
	}{
		{"a signal", record(plan.Steady, marked(6)),
			plan.Request{Verb: plan.VerbRetire, Version: 6, Interrupted: true}},
		{"cron, in a freeze", record(plan.Steady, marked(6)), bySchedule},
	} {
		d := plan.Decide(noon, p, c.r, c.q, seen(v6Seen("Enabled"), signedV6(true, "op70", nil)))
		if said(d) != "mark no" {
			t.Errorf("%s: %s", c.name, said(d))
		}
	}
}

// retiring decides and applies the mark of a retire.
func retiring(t *testing.T, r *plan.Record, version int64, changes ...sight) *plan.Record {
	t.Helper()
	key := r.Entry(version)
	id := "k3"
	if key != nil {
		id = key.KeyID
	}
	o := seen(append(changes, func(o *plan.Observed) {
		o.SignedOld = &plan.Signature{What: plan.FencedDisable, KeyID: id, Date: noon}
	})...)
	d := plan.Decide(noon, ordersPolicy(), r, retireOf(version), o)
	if d.Act.Kind != plan.WriteMark {
		t.Fatalf("%s: %v", said(d), d.Reasons)
	}
	return plan.Apply(r, d.Act)
}

// What the record says of a version that a person retires: its deadline stays, who wanted it
// stands on the entry, and that it was reinstated before matters no more.
func TestRetireIsRecorded(t *testing.T) {
	r := retiring(t, record(plan.Steady, func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(minute) }), 6,
		v6Seen("Enabled"))
	v, until := *r.Entry(6), noon.Add(7*day)
	if v.State != plan.Draining || v.RetiredBy != seen().Caller.ARN || !v.LookAfter.IsZero() ||
		!v.DrainUntil.Equal(until) || v.Fence == nil || v.Fence.What != plan.FencedDisable {
		t.Errorf("marked: %+v", v)
	}
	e := r.Events[len(r.Events)-1]
	if e.Version != 6 || e.Reason != "v6 leaked" || plan.EventText(e) != "marked v6: disable, to retire it now" {
		t.Errorf("%s: %+v", plan.EventText(e), e)
	}
	down := plan.Apply(r, written(6, "k6", plan.RetiredWrite{Answered: true}))
	v = *down.Entry(6)
	if v.State != plan.Disabled || v.RetiredBy == "" || !v.DrainUntil.Equal(until) || v.DisabledUnknown {
		t.Errorf("retired: %+v", v)
	}
	e = down.Events[len(down.Events)-1]
	if len(e.Ended) > 0 || plan.EventText(e) != "disabled v6, retired by a person" {
		t.Errorf("%s: %+v", plan.EventText(e), e)
	}
	for name, w := range map[string]plan.Write{"refused": plan.MarkNoWrite{What: plan.FencedDisable},
		"seen enabled": plan.UnmarkWrite{}, "reinstated": plan.ReinstateWrite{},
		"marked by cron": plan.MarkWrite{What: plan.FencedDisable, Signed: noon}} {
		if v := plan.Apply(r, written(6, "k6", w)).Entry(6); v.RetiredBy != "" || v.State != plan.Draining ||
			!v.DrainUntil.Equal(until) {
			t.Errorf("%s: %+v", name, v)
		}
	}
	again := plan.Apply(down, written(6, "k6", plan.ReinstateWrite{Leaving: plan.Leaving{Drain: day}})).Entry(6)
	if again.RetiredBy != "" || !again.DrainUntil.Equal(until) {
		t.Errorf("reinstated: %+v", again)
	}

	kept := retiring(t, record(plan.Steady), 5, oldSeen("k5", "Enabled", "alias/orders-data/v5"))
	if v := kept.Entry(5); v.State != plan.Kept || v.RetiredBy == "" || v.Fence == nil {
		t.Errorf("a kept one: %+v", v)
	}
	if v := plan.Apply(kept, written(5, "k5", plan.RetiredWrite{Answered: true})).Entry(5); v.State != plan.Disabled ||
		v.RetiredBy == "" {
		t.Errorf("a kept one, retired: %+v", v)
	}
	if v := plan.Apply(kept, written(5, "k5", plan.UnmarkWrite{})).Entry(5); v.State != plan.Kept || v.Fence != nil ||
		!v.DisabledAt.IsZero() {
		t.Errorf("a kept one, seen enabled: %+v", v)
	}
	byHand := retiring(t, record(plan.Steady, stateOfV6(plan.Disabled)), 6, v6Seen("Enabled")).Entry(6)
	if byHand.State != plan.Kept || !byHand.KeptAt.Equal(noon) || !byHand.DisabledAt.IsZero() || byHand.Fence == nil {
		t.Errorf("one that somebody enabled: %+v", byHand)
	}
	back := retiring(t, record(plan.Steady, leftOut3), 3, asV3("Enabled"),
		oldSeen("k3", "Enabled", "alias/orders-data/v3")).Entry(3)
	if back == nil || back.State != plan.Kept || back.Fence == nil || back.RetiredBy == "" {
		t.Errorf("one that was left out: %+v", back)
	}
}

// A version that a person marked is no target, and is looked at when the mark is over, also
// one that was kept. Cron never disables it before its time.
func TestRetireThatDied(t *testing.T) {
	over := noon.Add(21 * minute)
	late := func(o *plan.Observed) { o.AliasAt = over }
	back := plan.Request{Verb: plan.VerbRollback, Reason: "x"}
	for version, keyID := range map[int64]string{5: "k5", 6: "k6"} {
		name := plan.VersionAlias("alias/orders-data", version)
		r := retiring(t, record(plan.Steady, func(r *plan.Record) { r.Window = opened }), version,
			oldSeen(keyID, "Enabled", name))
		back.Version = version
		for _, at := range []time.Time{noon, over} {
			if got := said(plan.Decide(at, disabling(), r, back, seen())); got != "refuse bad-target" {
				t.Errorf("v%d is a target at %s: %s", version, at, got)
			}
		}
		if got := said(plan.Decide(noon, disabling(), r, bySchedule, seen())); got != "stop settled" {
			t.Errorf("v%d, alive: %s", version, got)
		}
		if got := said(plan.Decide(over, disabling(), r, bySchedule, seen())); got != "checked" {
			t.Errorf("v%d, over: %s", version, got)
		}
		r.Entry(version).CheckedAt = over
		checking := func(state string) plan.Observed {
			return seen(oldSeen(keyID, state, name), late, func(o *plan.Observed) {
				s := o.Old[keyID]
				s.Checking = true
				o.Old[keyID] = s
			})
		}
		if got := said(plan.Decide(over, disabling(), r, bySchedule, checking("Enabled"))); got != "unmark" {
			t.Errorf("v%d, seen enabled: %s", version, got)
		}
		d := plan.Decide(over, disabling(), r, bySchedule, checking("Disabled"))
		if said(d) != "retired" {
			t.Fatalf("v%d, seen disabled: %s", version, said(d))
		}
		n := plan.Apply(r, d.Act)
		if e := n.Events[len(n.Events)-1]; len(e.Ended) > 0 ||
			!strings.Contains(plan.EventText(e), "retired by a person") {
			t.Errorf("v%d: %s, ended %+v", version, plan.EventText(e), e.Ended)
		}
	}
}

// A deletion still waits for the deadline of the drain, and for a hold on the version.
func TestRetiredIsDeletedLater(t *testing.T) {
	p := ordersPolicy()
	p.Retire = plan.Retire{Action: plan.RetireDelete, UsageOff: true, DeleteAfter: day, DeletionWindow: 7 * day}
	r := record(plan.Steady, stateOfV6(plan.Disabled), func(r *plan.Record) {
		r.Window, r.Entry(6).DeleteAt = opened, time.Time{}
		r.Entry(6).RetiredBy, r.Entry(6).DrainUntil = "ann", noon.Add(3*day)
		r.Entry(6).DisabledAt = noon.Add(-2 * day)
	})
	for at, want := range map[time.Time]string{noon: "stop settled", noon.Add(3*day - minute): "stop settled",
		noon.Add(3 * day): "checked"} {
		if got := said(plan.Decide(at, p, r, bySchedule, seen())); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
}

// A reinstate without a version never enables one that a person retired: it has to be named.
func TestReinstateNamesWhatWasRetired(t *testing.T) {
	r := record(plan.Steady, stateOfV6(plan.Disabled), func(r *plan.Record) {
		r.Entry(6).RetiredBy, r.Entry(6).DeleteAt = "ann", time.Time{}
	})
	q := plan.Request{Verb: plan.VerbReinstate}
	d := plan.Decide(noon, ordersPolicy(), r, q, seen())
	if said(d) != "refuse nothing-to-reinstate" || !strings.Contains(d.Act.Refusal.What, "retired last, by ann") {
		t.Errorf("%s: %v", said(d), d.Reasons)
	}
	q.Version = 6
	if got := said(plan.Decide(noon, ordersPolicy(), r, q, seen(v6Seen("Disabled")))); got != "reinstate" {
		t.Errorf("named: %s", got)
	}
}

// Whoever has retired a version stands in the record for a while, and never for more than a
// few of them.
func TestRetirersAreForgotten(t *testing.T) {
	r := record(plan.Steady)
	for n := range int64(40) {
		v := plan.Version{Version: 100 + n, KeyID: "x" + plan.VersionName(n), State: plan.Disabled, DisabledAt: noon,
			RetiredBy: "ann", DrainUntil: noon.Add(-day)}
		if n == 0 {
			v.DrainUntil = noon.Add(day)
		}
		r.Versions = append(r.Versions, v)
	}
	r = carriedOut(t, r, plan.Request{Verb: plan.VerbHold, Reason: "x"})
	by := 0
	for _, v := range r.Versions {
		if v.RetiredBy != "" {
			by++
		}
	}
	if by != plan.MaxRetirers+1 || r.Entry(100).RetiredBy == "" || r.Entry(139).RetiredBy == "" {
		t.Errorf("%d: %+v", by, r.Entry(100))
	}
}

// A retire of a version that is disabled already is recorded: who wants it so, and why. It
// does not say that this run disabled it, the deadline stays, and a reinstate that names no
// version does not choose it.
func TestRetireOfWhatIsDisabled(t *testing.T) {
	until := noon.Add(3 * day)
	for _, c := range []struct {
		name  string
		of    change
		state string
		want  string
	}{
		{"somebody has disabled it", func(*plan.Record) {}, "Disabled",
			"found v6 disabled by somebody else, at least 3d before its deadline, retired by a person"},
		{"cron has", stateOfV6(plan.Disabled), "Disabled", "found v6 disabled, retired by a person"},
		{"somebody has it deleted since", stateOfV6(plan.Disabled), "PendingDeletion",
			"found v6 pending deletion, retired by a person"},
		{"keyturn has it deleted", stateOfV6(plan.Deleting), "PendingDeletion",
			"found v6 pending deletion, retired by a person"},
	} {
		r := record(plan.Steady, c.of, func(r *plan.Record) { r.Entry(6).DrainUntil = until })
		d := plan.Decide(noon, ordersPolicy(), r, retireOf(6), seen(v6Seen(c.state)))
		if d.Act.Kind != plan.WriteRetired {
			t.Fatalf("%s: %s: %v", c.name, said(d), d.Reasons)
		}
		d.Act.Caller = "ann"
		after := plan.Apply(r, d.Act)
		v, e := after.Entry(6), after.Events[len(after.Events)-1]
		if v.RetiredBy != "ann" || v.State == plan.Draining || !v.DrainUntil.Equal(until) ||
			e.Reason == "" || !e.RetiresFound() || plan.EventText(e) != c.want {
			t.Errorf("%s: %+v, %q", c.name, v, plan.EventText(e))
		}
		again := plan.Decide(noon, ordersPolicy(), after, retireOf(6), seen(v6Seen(c.state)))
		if said(again) != "stop settled" {
			t.Errorf("%s, again: %s", c.name, said(again))
		}
		bare := plan.Decide(noon, ordersPolicy(), after, plan.Request{Verb: plan.VerbReinstate}, seen())
		if said(bare) != "refuse nothing-to-reinstate" {
			t.Errorf("%s, then a reinstate: %s", c.name, said(bare))
		}
	}
}

// Such a retire is written once, also where the record forgets at once who it was.
func TestRetireOfWhatIsDisabledEnds(t *testing.T) {
	r := record(plan.Steady, stateOfV6(plan.Disabled))
	o := seen(v6Seen("Disabled"), func(o *plan.Observed) { o.DidVerb = true })
	if d := plan.Decide(noon, ordersPolicy(), r, retireOf(6), o); said(d) != "stop settled" {
		t.Error(said(d))
	}
	left := plan.Decide(noon, ordersPolicy(), record(plan.Steady, leftOut3), retireOf(3),
		seen(asV3("Disabled"), oldSeen("k3", "Disabled", "alias/orders-data/v3")))
	if v := plan.Apply(record(plan.Steady, leftOut3), left.Act).Entry(3); v == nil || v.State != plan.Disabled {
		t.Errorf("left out: %s, %+v", said(left), v)
	}
}
