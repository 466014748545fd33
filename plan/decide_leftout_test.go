package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// leftOut3 is a record that has left out versions up to v3.
func leftOut3(r *plan.Record) { r.LeftOut = 3 }

// asV3 is a run that has looked at v3, which is of this alias by its tags.
func asV3(state string, changes ...func(*plan.VersionSeen)) sight {
	return func(o *plan.Observed) {
		v := plan.VersionSeen{Version: 3, KeySeen: enabled("k3"), Claim: "c3", MadeFor: "alias/orders-data",
			MadeAs: "3"}
		v.State = state
		for _, c := range changes {
			c(&v)
		}
		o.Version[3], o.WholeLedger = v, true
		target := v.KeySeen
		o.Target = &target
		o.Old = map[string]plan.OldSeen{"k3": {Key: &target}}
	}
}

func untagged(v *plan.VersionSeen) { v.Claim, v.MadeFor, v.MadeAs = "", "", "" }

func unasked(o *plan.Observed) { o.WholeLedger = false }

func toldAs(version int64, keyID string) sight {
	return func(o *plan.Observed) {
		o.WholeLedger = true
		o.Ledger = []plan.Event{{Rev: 3, Kind: []plan.EventKind{plan.EventAdopt}, Version: version, KeyID: keyID}}
	}
}

// A person who names a version that the record has left out gets what KMS shows: what
// v<n> names, if its tags or the ledger say that it is that version.
func TestNamedAndLeftOut(t *testing.T) {
	back := plan.Request{Verb: plan.VerbRollback, Version: 3, Reason: "x"}
	again := plan.Request{Verb: plan.VerbReinstate, Version: 3, Reason: "x"}
	for name, c := range map[string]struct {
		q      plan.Request
		change change
		sight  []sight
		want   string
		text   string // in the refusal
	}{
		"it is looked at first":  {back, leftOut3, nil, "look version", ""},
		"for a reinstate too":    {again, leftOut3, nil, "look version", ""},
		"back to an enabled one": {back, leftOut3, []sight{asV3("Enabled")}, "claim", ""},
		"back to a disabled one": {back, leftOut3, []sight{asV3("Disabled")}, "refuse bad-target", "is disabled"},
		"back to one that goes": {back, leftOut3, []sight{asV3("PendingDeletion")}, "refuse bad-target",
			"is disabled"},
		"back to one that changes": {back, leftOut3, []sight{asV3("Updating")}, "refuse bad-target", "is Updating"},
		"an enabled one":           {again, leftOut3, []sight{asV3("Enabled")}, "stop settled", ""},
		"a disabled one":           {again, leftOut3, []sight{asV3("Disabled")}, "reinstate", ""},
		"one that is deleted":      {again, leftOut3, []sight{asV3("PendingDeletion")}, "reinstate", ""},
		"the ledger is asked":      {back, leftOut3, []sight{asV3("Enabled"), unasked}, "look history", ""},
		"the ledger knows it": {back, leftOut3, []sight{asV3("Enabled", untagged), toldAs(3, "k3")}, "claim",
			""},
		"the ledger knows another": {back, leftOut3, []sight{asV3("Enabled", untagged), toldAs(3, "kx")},
			"refuse bad-target", "the ledger tells that v3 is kx"},
		"the ledger knows another, and the tags were copied": {back, leftOut3, []sight{asV3("Enabled"),
			toldAs(3, "kx")}, "refuse bad-target", "the ledger tells that v3 is kx"},
		"and for a reinstate": {again, leftOut3, []sight{asV3("Disabled"), toldAs(3, "kx")},
			"refuse nothing-to-reinstate", "the ledger tells that v3 is kx"},
		"nobody knows it": {back, leftOut3, []sight{asV3("Enabled", untagged)}, "refuse bad-target",
			"neither its tags nor the ledger"},
		"of another alias": {again, leftOut3, []sight{toldAs(2, "k2"), asV3("Disabled", func(v *plan.VersionSeen) {
			v.MadeFor = "alias/reports"
		})}, "refuse nothing-to-reinstate", "neither its tags nor the ledger"},
		"made as another version": {again, leftOut3, []sight{toldAs(2, "k2"), asV3("Disabled",
			func(v *plan.VersionSeen) { v.MadeAs = "2" })}, "refuse nothing-to-reinstate",
			"neither its tags nor the ledger"},
		"v3 names one that is listed": {back, leftOut3, []sight{asV3("Enabled", func(v *plan.VersionSeen) {
			v.KeyID = "k6"
		})}, "refuse bad-target", "which is v6"},
		"nothing names it": {back, leftOut3, []sight{asV3("", func(v *plan.VersionSeen) {
			v.KeySeen = plan.KeySeen{Missing: true}
		}), toldAs(2, "k2")}, "refuse bad-target", "there is no alias/orders-data/v3"},
		"the record is complete there": {back, func(*plan.Record) {}, []sight{asV3("Enabled")}, "refuse bad-target",
			"is no version of"},
		"a number that is not given yet": {plan.Request{Verb: plan.VerbRollback, Version: 9}, leftOut3, nil,
			"refuse bad-target", "is no version of"},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(plan.Steady, c.change)
			d := plan.Decide(noon, ordersPolicy(), r, c.q, seen(c.sight...))
			text := ""
			if ref := d.Act.Refusal; ref != nil {
				text = ref.What
			}
			if said(d) != c.want || !strings.Contains(text, c.text) {
				t.Fatalf("%s: %v, want %q", said(d), d.Reasons, c.want)
			}
		})
	}
}

// A version that the ledger alone knows, for its name was taken away, is named again by
// the verb that names it.
func TestNamelessAndLeftOut(t *testing.T) {
	r := record(plan.Steady, leftOut3)
	gone := func(o *plan.Observed) {
		o.Version[3] = plan.VersionSeen{Version: 3, KeySeen: plan.KeySeen{Missing: true}}
		k := enabled("k3")
		o.Target = &k
		o.Old = map[string]plan.OldSeen{"k3": {Key: &k, Listed: true}}
	}
	q := plan.Request{Verb: plan.VerbRollback, Version: 3, Reason: "x"}
	d := plan.Decide(noon, ordersPolicy(), r, q, seen(gone, toldAs(3, "k3")))
	if c := d.Act.Claims(); c == nil {
		t.Fatalf("%s: %v", said(d), d.Reasons)
	}
	q.Verb = plan.VerbReinstate
	if d = plan.Decide(noon, ordersPolicy(), r, q, seen(gone, toldAs(3, "k3"))); d.Act.Kind != plan.WriteReinstate {
		t.Errorf("%s: %v", said(d), d.Reasons)
	}
}

// A person's write puts a version back into the list as what it is.
func TestPutBackIntoTheList(t *testing.T) {
	r := record(plan.Steady, leftOut3)
	d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbRollback, Version: 3, Reason: "x"},
		seen(asV3("Enabled")))
	n := plan.Apply(r, d.Act)
	v := n.Entry(3)
	if n.Target != 3 || v == nil || v.State != plan.Kept || v.KeyID != "k3" || !v.LeftUnknown || !v.KeptAt.Equal(noon) {
		t.Errorf("target v%d: %+v", n.Target, v)
	}
	d = plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Version: 3, Reason: "x"},
		seen(asV3("Disabled")))
	n = plan.Apply(r, d.Act)
	v = n.Entry(3)
	if v == nil || v.State != plan.Draining || v.LookAfter.IsZero() || !v.LeftUnknown || !v.Left.IsZero() ||
		v.DrainUntil.Before(noon.Add(7*day)) {
		t.Errorf("%+v", v)
	}
	// Nobody knows when it was live, so no rollback goes back to it by default.
	n.LastError, n.Lease = nil, nil
	n.Entry(3).LookAfter = noon.Add(-day).UTC()
	n.Entry(3).LookAfter = n.Entry(3).Left // zero
	if back, ref := plan.BackTo(noon, ordersPolicy(), n, 0); ref != nil || back.Version != 6 {
		t.Errorf("%+v, %+v", back, ref)
	}
}

// The default of a rollback is a version that was certainly live last.
func TestDefaultRollbackWithSomeLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		change change
		want   int64
	}{
		"the one that the last switch has left": {func(r *plan.Record) { r.LeftOut = 6 }, 6},
		"numbers above those that were left out": {func(r *plan.Record) {
			r.Versions = slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.Version == 6 })
			r.Entry(5).Left = r.SwitchedAt.Add(-30 * day)
		}, 5},
		"others may have been live later": {func(r *plan.Record) {
			r.Versions = slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.Version == 6 })
			r.Entry(5).Left, r.LeftOut = r.SwitchedAt.Add(-30*day), 6
		}, 0},
		"none is listed": {func(r *plan.Record) { old(r); r.LeftOut = 6 }, 0},
	} {
		back, ref := plan.BackTo(noon, ordersPolicy(), record(plan.Steady, leftOut3, c.change), 0)
		switch {
		case c.want == 0 && (ref == nil || !strings.Contains(ref.What, "left out")):
			t.Errorf("%s: %+v, %+v", name, back, ref)
		case c.want > 0 && (ref != nil || back.Version != c.want):
			t.Errorf("%s: %+v, %+v", name, back, ref)
		}
	}
}

// A person may adopt a version that was left out, under its own number.
func TestAdoptOfLeftOut(t *testing.T) {
	named := func(o *plan.Observed) {
		o.Listing.Versions = append(o.Listing.Versions, plan.AliasListed{Name: "alias/orders-data/v3", KeyID: "k3"})
	}
	o := []sight{aliasOn("k3"), movedLooked, named}
	r := record(plan.Steady, leftOut3)
	if d := plan.Decide(noon, ordersPolicy(), r, byAdopt, seen(o...)); d.Act.Kind != plan.LookVersion {
		t.Errorf("%s: %v", said(d), d.Reasons)
	}
	d := plan.Decide(noon, ordersPolicy(), r, byAdopt, seen(append(o, asV3("Enabled"))...))
	if d.Act.Kind != plan.WriteAdoptDrift {
		t.Fatalf("%s: %v", said(d), d.Reasons)
	}
	if n := plan.Apply(r, d.Act); n.Active != 3 || n.Live().KeyID != "k3" || n.Generation != 8 {
		t.Errorf("live is v%d, generation %d", n.Active, n.Generation)
	}
	strange := asV3("Enabled", func(v *plan.VersionSeen) { v.MadeFor = "alias/reports" })
	d = plan.Decide(noon, ordersPolicy(), r, byAdopt, seen(append(o, strange, toldAs(2, "k2"))...))
	if said(d) != "note refused foreign-version" {
		t.Errorf("%s: %v", said(d), d.Reasons)
	}
}

// A record that has left out versions fits what KMS shows.
func TestRecordFitsWithSomeLeftOut(t *testing.T) {
	with := func(more ...sight) plan.Observed {
		named := func(o *plan.Observed) {
			o.Listing.Versions = append(o.Listing.Versions, plan.AliasListed{Name: "alias/orders-data/v3", KeyID: "k3"})
			o.WholeLedger, o.Listed[3] = true, o.Version[3]
			rev := int64(60)
			o.LedgerRev = &rev
		}
		return listed(append(more, named)...)
	}
	for state, change := range map[string]change{"Enabled": leftOut3, "Disabled": leftOut3} {
		d := plan.Decide(noon, ordersPolicy(), record(plan.Steady, change), byRebuild, with(asV3(state)))
		if said(d) != "refuse record-fits" {
			t.Errorf("%s: %s: %v", state, said(d), d.Reasons)
		}
	}
	d := plan.Decide(noon, ordersPolicy(), record(plan.Steady, leftOut3), byRebuild, with(asV3("Enabled", untagged)))
	if d.Act.Kind != plan.WriteRebuild {
		t.Fatalf("v3 is nobody's: %s: %v", said(d), d.Reasons)
	}
	// Nothing tells how v3 came about, so nobody knows whose ledger this is.
	if n := plan.Apply(record(plan.Steady, leftOut3), d.Act); !n.Held(noon) || !strings.Contains(n.Hold.Reason, "v3") {
		t.Errorf("v3 is nobody's, and got into the list: %+v", n.Hold)
	}
	copied := with(asV3("Enabled"), toldAs(3, "kx"))
	d = plan.Decide(noon, ordersPolicy(), record(plan.Steady, leftOut3), byRebuild, copied)
	if d.Act.Kind != plan.WriteRebuild {
		t.Fatalf("the ledger knows another v3: %s: %v", said(d), d.Reasons)
	}
	if n := plan.Apply(record(plan.Steady, leftOut3), d.Act); !n.Held(noon) || !strings.Contains(n.Hold.Reason, "v3") {
		t.Errorf("the ledger knows another v3: %+v", n.Hold)
	}
}

// A rebuild lists of the versions that it only keeps those that were live last, and all
// that are owed something.
func TestRebuildIsBounded(t *testing.T) {
	many := func(o *plan.Observed) {
		for n := int64(10); n < 40; n++ {
			id := "k" + plan.VersionName(n)
			o.Listing.Versions = append(o.Listing.Versions,
				plan.AliasListed{Name: plan.VersionAlias("alias/orders-data", n), KeyID: id})
			o.Listed[n] = plan.VersionSeen{Version: n, KeySeen: enabled(id), MadeFor: "alias/orders-data",
				MadeAs: plan.VersionName(n)[1:]}
		}
	}
	r := rebuild(t, ordersPolicy(), nil, listed(many))
	if got := len(r.Draining()); got != plan.MaxKept+2 || !lists(r, 5, 6, 36, 37, 38, 39) || r.LeftOut != 35 {
		t.Errorf("%v, left out up to v%d", r.Numbers(), r.LeftOut)
	}
	// v6 drains, and v5 is an adopted one: without a tag the ledger must get to know it.
	r = rebuild(t, ordersPolicy(), record(plan.Steady), listed(many))
	if e := r.Events[len(r.Events)-1]; !lists(r, 5, 6) || r.LeftOut != 35 || len(e.Left) != plan.MaxKept+1 {
		t.Errorf("%v, left out up to v%d; %+v", r.Numbers(), r.LeftOut, e.Left)
	}
	r = rebuild(t, ordersPolicy(), record(plan.Steady), listed(many, toldAs(5, "k5")))
	if lists(r, 5) || !lists(r, 6) || r.LeftOut != 35 {
		t.Errorf("%v, left out up to v%d", r.Numbers(), r.LeftOut)
	}
}
