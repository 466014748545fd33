package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

var byRebuild = plan.Request{Verb: plan.VerbAdopt, FromKMS: true, Reason: "the table was restored"}

// listed is a run that has looked at the alias and at the version aliases of
// steadyAt7: v5, v6 and v7, each with its key, k7 behind the alias. Changes take
// some of it away.
func listed(changes ...sight) plan.Observed {
	o := seen(func(o *plan.Observed) {
		rev := int64(60)
		o.LedgerRev = &rev
		o.Listing = &plan.ListingSeen{Alias: &plan.AliasListed{Name: "alias/orders-data", KeyID: "k7",
			MovedAt: opened.Add(-30 * day)}}
		o.Listed = map[int64]plan.VersionSeen{}
		for n, keyID := range map[int64]string{5: "k5", 6: "k6", 7: "k7"} {
			o.Listing.Versions = append(o.Listing.Versions,
				plan.AliasListed{Name: plan.VersionAlias("alias/orders-data", n), KeyID: keyID})
			o.Listed[n] = plan.VersionSeen{Version: n, KeySeen: enabled(keyID), At: noon}
		}
	})
	for _, c := range changes {
		c(&o)
	}
	return o
}

func stateOf(version int64, state string) sight {
	return func(o *plan.Observed) {
		v := o.Listed[version]
		v.State = state
		o.Listed[version] = v
	}
}

// rebuild decides and applies a rebuild over an older record, of another table.
func rebuild(t *testing.T, p plan.Policy, r *plan.Record, o plan.Observed) *plan.Record {
	t.Helper()
	if r != nil {
		r.TableID = "table-0"
	}
	d := plan.Decide(noon, p, r, byRebuild, o)
	if d.Act.Kind != plan.WriteRebuild {
		t.Fatalf("got %q: %v", said(d), d.Reasons)
	}
	return plan.Apply(r, d.Act)
}

func entry(r *plan.Record, version int64) *plan.Version {
	for _, e := range r.Draining() {
		if e.Version == version {
			return &e
		}
	}
	return nil
}

// What an older record still knows of a version is not forgotten by a rebuild,
// where it is the more careful: a deadline, the terms of the switch, and what may
// still arrive against the version.
func TestRebuildRemembers(t *testing.T) {
	p := ordersPolicy()
	p.Drain, p.Retire = day, plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	until := noon.Add(10 * minute)

	t.Run("a window that was done is never due again", func(t *testing.T) {
		ahead := noon.Add(30 * day) // of another schedule, or done early
		r := record(plan.Steady, func(r *plan.Record) { r.Window = ahead })
		if got := rebuild(t, p, r, listed()).Window; !got.Equal(ahead) {
			t.Errorf("window %s is done, was %s", got, ahead)
		}
	})
	t.Run("a deadline never gets earlier, and the terms stay careful", func(t *testing.T) {
		r := record(plan.Steady, func(r *plan.Record) {
			r.Entry(6).Retire = plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * day}
		})
		e := entry(rebuild(t, p, r, listed()), 6)
		if !e.DrainUntil.Equal(noon.Add(7*day)) || !e.Left.Equal(opened.Add(-30*day)) ||
			e.Retire.UsageOff || e.Retire.UnlessUsedWithin != 7*day {
			t.Errorf("%+v", e)
		}
	})
	t.Run("one that has drained drains from now", func(t *testing.T) {
		r := record(plan.Steady, v6Drained)
		if e := entry(rebuild(t, p, r, listed()), 6); !e.DrainUntil.Equal(noon.Add(day)) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a kept version stays kept", func(t *testing.T) {
		e := entry(rebuild(t, p, record(plan.Steady), listed()), 5)
		if e.Retire.Action != plan.RetireKeep {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a disabling that is out", func(t *testing.T) {
		e := entry(rebuild(t, p, record(plan.Steady, marked(6)), listed()), 6)
		if e.Fence == nil || !e.Fence.Until.Equal(noon.Add(20*minute)) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("the number that a rebuild since has given", func(t *testing.T) {
		again := plan.Event{Rev: 1071, At: noon.Add(-day), Kind: []plan.EventKind{plan.EventRebuild}, Generation: 9,
			Version: 9, KeyID: "k7"}
		r := rebuild(t, p, record(plan.Steady), listed(func(o *plan.Observed) {
			o.Ledger, o.LedgerRev = []plan.Event{again}, &again.Rev
			delete(o.Listed, 7)
			o.Listing.Versions = slices.DeleteFunc(o.Listing.Versions,
				func(a plan.AliasListed) bool { return a.KeyID == "k7" })
		}))
		if r.Active != 9 || r.Live().KeyID != "k7" {
			t.Errorf("live is v%d: %+v", r.Active, r.Versions)
		}
	})
	t.Run("that nobody tells what became of the live version", func(t *testing.T) {
		other := plan.Event{Rev: 1071, At: noon.Add(-day), Kind: []plan.EventKind{plan.EventRebuild}, Generation: 9,
			Version: 6, KeyID: "k6"}
		r := rebuild(t, p, record(plan.Steady), listed(aliasOn("k6"), func(o *plan.Observed) {
			o.Ledger, o.LedgerRev, o.Listing.Alias.KeyID = []plan.Event{other}, &other.Rev, "k6"
		}))
		if r.Hold == nil || !r.Hold.Self {
			t.Errorf("not held: %+v", r.Versions)
		}
	})
	t.Run("a reinstate of the last hour", func(t *testing.T) {
		r := record(plan.Steady, func(r *plan.Record) { r.Entry(6).ReinstatedAt = noon.Add(-minute) })
		if e := entry(rebuild(t, p, r, listed()), 6); !e.ReinstatedAt.Equal(noon.Add(-minute)) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a reinstated version, disabled again", func(t *testing.T) {
		r := record(plan.Steady, func(r *plan.Record) { r.Entry(6).LookAfter = until })
		e := entry(rebuild(t, p, r, listed(stateOf(6, "Disabled"))), 6)
		if e == nil || !e.LookAfter.Equal(until) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a deletion that is out", func(t *testing.T) {
		r := record(plan.Steady, func(r *plan.Record) {
			*r.Entry(5) = plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon.Add(-40 * day)}
			r.Entry(5).Fence = &plan.Fence{What: plan.FencedDelete, Run: other, Since: noon, Until: until, Signers: 1}
		})
		after := rebuild(t, p, r, listed(stateOf(5, "Disabled")))
		if len(after.Retired()) != 1 || after.Entry(5).Fence == nil || !after.Entry(5).DisabledAt.Equal(noon) {
			t.Errorf("%+v", after.Retired())
		}
	})
	t.Run("a version without a name of its own", func(t *testing.T) {
		r := record(plan.Steady, func(r *plan.Record) {
			r.Versions = append(r.Versions,
				plan.Version{Version: 4, KeyID: "k4", State: plan.Draining, DrainUntil: noon.Add(9 * day)})
		})
		if e := entry(rebuild(t, p, r, listed()), 4); e == nil || !e.DrainUntil.Equal(noon.Add(9*day)) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("the version that was active", func(t *testing.T) {
		o := listed(aliasOn("kx"), func(o *plan.Observed) { o.Listing.Alias.KeyID = "kx" })
		for i, v := range o.Listing.Versions {
			if v.KeyID == "k7" { // adopted, and never named
				o.Listing.Versions = append(o.Listing.Versions[:i], o.Listing.Versions[i+1:]...)
				break
			}
		}
		delete(o.Listed, 7)
		e := entry(rebuild(t, p, record(plan.Steady), o), 7)
		if e == nil || e.KeyID != "k7" || !e.DrainUntil.Equal(noon.Add(day)) {
			t.Errorf("%+v", e)
		}
	})
}

// Without an older record nobody knows on which terms a version was to be
// retired. It may have been kept on purpose, so it is kept, and that is said.
func TestRebuildKeepsWhatItDoesNotKnow(t *testing.T) {
	p := ordersPolicy()
	p.Drain, p.Retire = day, plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * day}
	told := func(r *plan.Record) string {
		for _, why := range plan.Decide(noon, p, r, byRebuild, listed()).Reasons {
			if why.Code == plan.CodeTermsUnknown {
				return why.Text
			}
		}
		return ""
	}
	r := rebuild(t, p, nil, listed())
	for _, v := range []int64{5, 6} {
		if e := entry(r, v); e == nil || e.Retire.Action != plan.RetireKeep || !e.DrainUntil.Equal(noon.Add(day)) {
			t.Errorf("v%d: %+v", v, e)
		}
	}
	const what = ": nobody knows on which terms they were to be retired, so they are kept"
	if got := told(nil); got != "v5, v6"+what {
		t.Errorf("told %q", got)
	}
	// An older record knows v5 for kept and v6 for one to be disabled.
	if got := told(record(plan.Steady)); got != "" {
		t.Errorf("with a record, told %q", got)
	}
	if e := entry(rebuild(t, p, record(plan.Steady), listed()), 6); e.Retire.Action != plan.RetireDisable {
		t.Errorf("v6: %+v", e)
	}
	newer := record(plan.Steady, func(r *plan.Record) { old(r, *r.Entry(5)) }) // it does not know v6 any more
	if got := told(newer); got != "v6"+what {
		t.Errorf("with one that lacks v6, told %q", got)
	}
	p.Retire = plan.Retire{Action: plan.RetireKeep}
	if got := told(nil); got != "" {
		t.Errorf("all are kept, told %q", got)
	}
}

// Nor does it know which of them was live last, or whether it ever was: to go
// back, a person has to name one.
func TestRollbackAfterARebuild(t *testing.T) {
	r := rebuild(t, ordersPolicy(), nil, listed())
	if got, ref := plan.BackTo(noon, ordersPolicy(), r, 0); ref == nil || ref.Code != "no-version" {
		t.Errorf("%+v %+v", got, ref)
	}
	r.Fence = nil
	named := plan.Request{Verb: plan.VerbRollback, Version: 5, Reason: "x"}
	k5 := enabled("k5")
	d := plan.Decide(noon, ordersPolicy(), r, named, seen(func(o *plan.Observed) { o.Target = &k5 }))
	if d.Act.Kind != plan.WriteClaim {
		t.Errorf("named: %s", said(d))
	}
}

// A rebuild believes what the alias names, so over a record that can be read it
// waits as an adopt does: until nothing that was signed can arrive, and until KMS
// cannot show the state before the last switch any more.
func TestRebuildOverAReadableRecord(t *testing.T) {
	on := func(keyID string) sight {
		return func(o *plan.Observed) { aliasOn(keyID)(o); o.Listing.Alias.KeyID = keyID }
	}
	switched := func(ago time.Duration) change {
		return func(r *plan.Record) { r.SwitchedAt = noon.Add(-ago) }
	}
	died := func(left time.Duration) *plan.Record { // in its switch, its lease over
		return record(plan.Switching, leased(other, -minute), fenced(left))
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"a move may still arrive", died(minute), byRebuild, listed(), "wait"},
		{"also where nothing is open", record(plan.Steady, fenced(minute)), byRebuild, listed(), "wait"},
		{"none can", died(-1), byRebuild, listed(), "rebuild"},
		{"the state before the switch, a minute after it", record(plan.Steady, switched(minute)), byRebuild,
			listed(on("k6")), "stop lagging"},
		{"eleven minutes after it", record(plan.Steady, switched(11*minute)), byRebuild, listed(on("k6")), "rebuild"},
		{"the live version is in its place", record(plan.Steady, switched(minute),
			func(r *plan.Record) { r.TableID = "table-0" }), byRebuild, listed(), "rebuild"},
	})
	after := rebuild(t, ordersPolicy(), died(-1), listed())
	if !after.Fence.Until.Equal(noon.Add(plan.FenceFor)) {
		t.Errorf("%+v", after.Fence)
	}
}

// A signal stops a rebuild before its write, whatever the record, also where it
// stands by for another run: a wait under a signal would end at once, for ever.
func TestRebuildInterrupted(t *testing.T) {
	bySignal := byRebuild
	bySignal.Interrupted = true
	tryCases(t, ordersPolicy(), []decideCase{
		{"no record", nil, bySignal, listed(), "stop interrupted"},
		{"a record", record(plan.Steady), bySignal, listed(), "stop interrupted"},
		{"another's lease", record(plan.Claimed, leased(other, minute)), bySignal, listed(), "stop interrupted"},
		{"it is written already", record(plan.Steady), bySignal,
			listed(func(o *plan.Observed) { o.AdoptedHere = true }), "stop adopted"},
	})
}

// A key behind the alias against which something is out is not made active.
func TestRebuildOntoAMarkedVersion(t *testing.T) {
	on6 := func(o *plan.Observed) {
		aliasOn("k6")(o)
		o.Listing.Alias.KeyID = "k6"
	}
	reinstated := func(left time.Duration) change {
		return func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(left) }
	}
	over := func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Until: noon.Add(-minute), Signers: 1}
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"a mark that is alive", record(plan.Steady, marked(6)), byRebuild, listed(on6), "refuse marked"},
		{"one that is over", record(plan.Steady, over), byRebuild, listed(on6), "rebuild"},
		{"reinstated a moment ago", record(plan.Steady, reinstated(minute)), byRebuild, listed(on6), "refuse marked"},
		{"reinstated long ago", record(plan.Steady, reinstated(-minute)), byRebuild, listed(on6), "rebuild"},
	})
}

// A record that is in order is not made again; whatever casts a doubt on it lets
// it be.
func TestRebuildOfARecordInOrder(t *testing.T) {
	r := func(changes ...change) *plan.Record { return record(plan.Steady, changes...) }
	tryCases(t, ordersPolicy(), []decideCase{
		{"all fits", r(), byRebuild, listed(), "refuse record-fits"},
		{"the table was not looked at yet", r(), byRebuild, listed(func(o *plan.Observed) { o.Table = nil }),
			"look table"},
		{"of another table", r(func(r *plan.Record) { r.TableID = "table-0" }), byRebuild, listed(), "rebuild"},
		{"a table that has no id", r(func(r *plan.Record) { r.TableID = "" }), byRebuild,
			listed(func(o *plan.Observed) { o.Table.ID = "" }), "rebuild"},
		{"none", nil, byRebuild, listed(), "rebuild"},
		{"the ledger is ahead of it", r(), byRebuild,
			listed(func(o *plan.Observed) { rev := int64(71); o.LedgerRev = &rev }), "rebuild"},
		{"a generation is open", record(plan.Created), byRebuild, listed(), "rebuild"},
		{"the alias is elsewhere", r(), byRebuild, listed(aliasOn("k6"),
			func(o *plan.Observed) { o.Listing.Alias.KeyID = "k6" }), "rebuild"},
		{"a version that it does not know", r(func(r *plan.Record) { old(r, *r.Entry(6)) }), byRebuild, listed(),
			"rebuild"},
		{"a version under another number", r(func(r *plan.Record) { r.Entry(5).Version = 4 }), byRebuild, listed(),
			"rebuild"},
		{"a version of a generation to come", r(func(r *plan.Record) { r.Generation = 6 }), byRebuild, listed(),
			"rebuild"},
		{"a draining version is disabled", r(), byRebuild, listed(stateOf(6, "Disabled")), "rebuild"},
		{"a disabled version is enabled", r(func(r *plan.Record) {
			*r.Entry(5) = plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon}
		}), byRebuild, listed(), "rebuild"},
	})
}

// With --all nobody named the key, so a record that was not lost stays, whatever else
// is wrong with it: drift and an open generation are judged key by key.
func TestRebuildOfAll(t *testing.T) {
	all := byRebuild
	all.All = true
	r := func(changes ...change) *plan.Record { return record(plan.Steady, changes...) }
	unread := func(o *plan.Observed) { o.LedgerRev = nil }
	tryCases(t, ordersPolicy(), []decideCase{
		{"all fits", r(), all, listed(), "stop settled"},
		{"the table was not looked at yet", r(), all, listed(func(o *plan.Observed) { o.Table = nil }), "look table"},
		{"the ledger was not read yet", r(), all, listed(unread), "look history"},
		{"drift", r(), all, listed(aliasOn("k6"), func(o *plan.Observed) { o.Listing.Alias.KeyID = "k6" }),
			"stop settled"},
		{"a generation is open", record(plan.Created), all, listed(), "stop settled"},
		{"another run has it", record(plan.Claimed, leased(other, minute)), all, listed(), "stop settled"},
		{"a table that has no id", r(func(r *plan.Record) { r.TableID = "" }), all,
			listed(func(o *plan.Observed) { o.Table.ID = "" }), "stop settled"},
		{"of another table", r(func(r *plan.Record) { r.TableID = "table-0" }), all, listed(), "rebuild"},
		{"of another table, and the ledger was not read yet", r(func(r *plan.Record) { r.TableID = "table-0" }), all,
			listed(unread), "look history"},
		{"the ledger is ahead of it", r(), all,
			listed(func(o *plan.Observed) { rev := int64(71); o.LedgerRev = &rev }), "rebuild"},
		{"none", nil, all, listed(), "rebuild"},
	})
}

// To look at all versions of a key may take longer than a look lasts. A rebuild ends
// nevertheless: v<n> never moves.
func TestRebuildOfManyVersionsEnds(t *testing.T) {
	o := listed()
	o.SeenAt = noon.Add(-plan.LooksLast - minute)
	o.Expire(noon)
	if o.Listing != nil || len(o.Listed) != 3 {
		t.Errorf("%+v, %+v", o.Listing, o.Listed)
	}
	o.Late = plan.MostLate
	o.Learn(noon, nil, plan.Act{Kind: plan.LookListed, Version: 8}, plan.Result{Answer: yes})
	if o.Late != 0 {
		t.Error("a version that was seen stays seen, and the run is late all the same")
	}
	if o.Forget(); o.Listed != nil {
		t.Error("somebody else has written the record")
	}
}
