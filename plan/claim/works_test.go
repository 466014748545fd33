package claim_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func enabled(id string) claim.Look {
	return claim.Saw(plan.KeySeen{KeyID: id, State: "Enabled"}, noon)
}

func inState(id, state string) claim.Look {
	return claim.Saw(plan.KeySeen{KeyID: id, State: state}, noon)
}

// record has v3 live, v2 draining, v1 disabled by keyturn.
func record() *plan.Record {
	long := noon.Add(-100 * 24 * time.Hour)
	return &plan.Record{Generation: 3, Step: plan.Steady, Active: 3, Versions: []plan.Version{
		{Version: 1, KeyID: "k1", State: plan.Disabled, Since: long, DisabledAt: noon.Add(-time.Hour)},
		{Version: 2, KeyID: "k2", State: plan.Draining, Since: long},
		{Version: 3, KeyID: "k3", Since: long}}}
}

// What is said of a key rests on what was seen of it, and what was not seen is not known.
func TestOf(t *testing.T) {
	open := record()
	open.Step, open.Target, open.Fence = plan.Switching, 4, &plan.Fence{Until: noon.Add(time.Minute)}
	open.Versions = append(open.Versions, plan.Version{Version: 4, KeyID: "k4", CreatedAt: noon.Add(-time.Hour)})
	marked := record()
	marked.Versions[1].Fence = &plan.Fence{What: plan.FencedDisable, Until: noon.Add(time.Minute)}
	young := record()
	young.Versions[2].Since = noon.Add(-time.Minute)
	for _, c := range []struct {
		name string
		seen claim.Seen
		want string
	}{
		{"nothing is known", claim.Seen{}, "whether encrypt and decrypt work was not looked at"},
		{"nobody looked", claim.Seen{Record: record()},
			"whether encrypt and decrypt work was not looked at; by the record the alias names v3"},
		{"no record", claim.Seen{Behind: enabled("kx")}, "encrypt works, with kx"},
		{"the live key", claim.Seen{Record: record(), Behind: enabled("k3")},
			"encrypt and decrypt work with v3; not looked at: v2"},
		{"every version", claim.Seen{Record: record(), Behind: enabled("k3"), Keys: map[string]claim.Look{
			"k1": inState("k1", "Disabled"), "k2": enabled("k2"), "k3": enabled("k3")}},
			"encrypt and decrypt work with v3; decrypt works with v2; 1 retired version disabled or deleted"},
		{"the live key is disabled, and all is denied", claim.Seen{Record: record(), Behind: claim.Failed("denied"),
			Keys: map[string]claim.Look{"k2": claim.Failed("denied"), "k3": claim.Failed("denied")}},
			"whether encrypt works is not known: denied; by the record the alias names v3; " +
				"whether decrypt works is not known of v2 (denied), v3 (denied)"},
		{"the live key is disabled", claim.Seen{Record: record(), Behind: inState("k3", "Disabled")},
			"encrypt fails: v3 is disabled; decrypt fails with v3 (disabled); not looked at: v2"},
		{"there is no alias", claim.Seen{Alias: "alias/x", Record: record(), Behind: claim.Saw(
			plan.KeySeen{Missing: true},
			noon)}, "encrypt fails: there is no alias/x; not looked at: v2, v3"},
		{"a stranger's key", claim.Seen{Record: record(), Behind: enabled("kx")},
			"encrypt works, with kx; not looked at: v2, v3"},
		{"only what the alias names", claim.Seen{Record: record(), Behind: inState("k3", "")},
			"the alias names v3, whose state was not looked at; not looked at: v2, v3"},
		{"a retired version is pending deletion, and told about", claim.Seen{Record: record(), About: 1,
			Behind: enabled("k3"), Keys: map[string]claim.Look{"k1": inState("k1", "PendingDeletion")}},
			"encrypt and decrypt work with v3; decrypt fails with v1 (pending deletion); not looked at: v2"},
		{"a draining version is disabled", claim.Seen{Record: record(), Behind: enabled("k3"),
			Keys: map[string]claim.Look{"k2": inState("k2", "Disabled")}},
			"encrypt and decrypt work with v3; decrypt fails with v2 (disabled)"},
		{"a state in between", claim.Seen{Record: record(), Behind: inState("k3", "Unavailable")},
			"whether encrypt works is not known: v3 is in state Unavailable; " +
				"whether decrypt works is not known of v3 (in state Unavailable); not looked at: v2"},
		{"an open switch", claim.Seen{Record: open, Behind: enabled("k3"), At: noon},
			"encrypt and decrypt work with v3, and until 12:01:00 an alias move that was signed may change that; " +
				"not looked at: v2, v4"},
		{"an open switch, and nobody looked", claim.Seen{Record: open, At: noon},
			"whether encrypt and decrypt work was not looked at; by the record the alias names v3 or already v4"},
		{"a disabling is under way", claim.Seen{Record: marked, Behind: enabled("k3"), At: noon,
			Keys: map[string]claim.Look{"k2": enabled("k2")}},
			"encrypt and decrypt work with v3; whether decrypt works is not known of v2 (a call to disable it may " +
				"still arrive)"},
		{"KMS lags", claim.Seen{Record: young, Behind: enabled("k3"), At: noon,
			Keys: map[string]claim.Look{"k3": claim.Saw(plan.KeySeen{KeyID: "k3", Missing: true}, noon)}},
			"encrypt works, with v3; whether decrypt works is not known of v3 (KMS does not show it yet); not " +
				"looked at: v2"},
	} {
		if got := claim.Of(c.seen).Text(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if text := (claim.Works{}).Text(); text != "" {
		t.Errorf("a claim about nothing: %s", text)
	}
}

// A run's own answers count as looks; a call that was answered changes what was seen
// before it.
func TestOfRun(t *testing.T) {
	p := plan.Policy{Alias: "alias/x"}
	yes := &plan.Answer{Verdict: plan.Yes}
	seen := func(change func(*plan.Observed)) plan.Observed {
		o := plan.Observed{Looks: plan.Looks{Alias: &plan.KeySeen{KeyID: "k3", State: "Enabled"}, AliasAt: noon},
			OldWork: plan.OldWork{Old: map[string]plan.OldSeen{}}}
		change(&o)
		return o
	}
	k2 := func(s plan.OldSeen) plan.Observed { return seen(func(o *plan.Observed) { o.Old["k2"] = s }) }
	isEnabled, isDisabled := &plan.KeySeen{State: "Enabled"}, &plan.KeySeen{State: "Disabled"}
	for _, c := range []struct {
		name string
		o    plan.Observed
		want string
	}{
		{"the alias", seen(func(*plan.Observed) {}), "encrypt and decrypt work with v3; not looked at: v2"},
		{"the alias is denied", plan.Observed{Failure: &plan.Failure{Kind: plan.LookAlias,
			Answer: plan.Answer{Verdict: plan.No, Code: "denied"}}},
			"whether encrypt works is not known: denied; by the record the alias names v3; not looked at: v2, v3"},
		{"it moved the alias", seen(func(o *plan.Observed) {
			o.SignedMove = &plan.Signature{KeyID: "k2", Answer: yes, Generation: record().Generation}
		}), "the alias names v2, whose state was not looked at; not looked at: v2, v3"},
		{"and somebody has moved it since", seen(func(o *plan.Observed) {
			o.SignedMove = &plan.Signature{KeyID: "k2", Answer: yes, Generation: record().Generation - 1}
		}), "encrypt and decrypt work with v3; not looked at: v2"},
		{"a move was not answered", seen(func(o *plan.Observed) { o.SignedMove = &plan.Signature{KeyID: "k2"} }),
			"encrypt and decrypt work with v3; not looked at: v2"},
		{"an old version", k2(plan.OldSeen{Key: isEnabled}), "encrypt and decrypt work with v3; decrypt works with v2"},
		{"it enabled a version", k2(plan.OldSeen{Key: isDisabled, EnabledAt: noon}),
			"encrypt and decrypt work with v3; decrypt works with v2"},
		{"and somebody has retired and reinstated it since", k2(plan.OldSeen{EnabledAt: noon, EnabledFor: noon}),
			"encrypt and decrypt work with v3; not looked at: v2"},
		{"a version is denied", k2(plan.OldSeen{Failed: &plan.Failure{Doing: "look at v2",
			Answer: plan.Answer{Verdict: plan.No, Code: "denied"}}}),
			"encrypt and decrypt work with v3; whether decrypt works is not known of v2 (look at v2: denied)"},
		{"it disabled a version", seen(func(o *plan.Observed) {
			o.Old["k2"] = plan.OldSeen{Key: isEnabled}
			o.SignedOld = &plan.Signature{KeyID: "k2", Answer: yes}
		}), "encrypt and decrypt work with v3; decrypt fails with v2 (disabled)"},
	} {
		if got := claim.OfRun(noon, p, record(), c.o, 0).Text(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
