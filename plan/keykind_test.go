package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// No version is marked by a plan that is about another kind of key than the version,
// or than the key behind the alias; and it is said.
func TestMarkNeedsThePlansKind(t *testing.T) {
	signs := func(o *plan.Observed) {
		k := enabled("k6")
		k.Usage = "SIGN_VERIFY"
		o.Old = map[string]plan.OldSeen{"k6": {Checking: true, Key: &k, Listed: true}}
	}
	liveSigns := func(o *plan.Observed) { o.Alias.Usage = "SIGN_VERIFY" }
	asked := func(r *plan.Record) { r.Entry(6).CheckedAt = noon }
	early := func(r *plan.Record) { r.Entry(6).DrainUntil = noon.Add(day) }
	markOver := func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Since: noon.Add(-day),
			Until: noon.Add(-minute), Signers: 1}
	}
	steady := func(more ...change) *plan.Record {
		return record(plan.Steady, append([]change{v6Drained, asked}, more...)...)
	}
	usage := disabling()
	usage.Usage = "ENCRYPT_DECRYPT"
	spec := disabling()
	spec.Spec = "HMAC_256"
	tryCases(t, usage, []decideCase{
		{"both are of it", steady(), bySchedule, seen(v6Ready), "sign mark"},
		{"the version is not", steady(), bySchedule, seen(signs), "note refused unlike-plan"},
		{"the live one is not", steady(), bySchedule, seen(v6Ready, liveSigns), "note refused unlike-plan"},
		{"the version is not, and still drains", steady(early), bySchedule, seen(signs), "stop settled"},
		{"the version is not, and a mark ran out", steady(markOver), bySchedule, seen(signs), "unmark"},
	})
	tryCases(t, spec, []decideCase{
		{"of another spec", steady(), bySchedule, seen(v6Ready), "note refused unlike-plan"},
	})
	tryCases(t, disabling(), []decideCase{
		{"the plan leaves both open", steady(), bySchedule, seen(signs), "sign mark"},
	})

	deletes := usage
	deletes.Retire.Action, deletes.Retire.DeleteAfter = plan.RetireDelete, day
	gone := func() change {
		return func(r *plan.Record) {
			r.Window = opened
			old(r, plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-day * 2),
				CheckedAt: noon})
		}
	}
	down := func(usage string) sight {
		return func(o *plan.Observed) {
			k := enabled("k6")
			k.State, k.Usage = "Disabled", usage
			o.Old = map[string]plan.OldSeen{"k6": {Checking: true, Key: &k, Listed: true}}
		}
	}
	tryCases(t, deletes, []decideCase{
		{"deleted", record(plan.Steady, gone()), bySchedule, seen(down("ENCRYPT_DECRYPT")), "sign mark"},
		{"not deleted", record(plan.Steady, gone()), bySchedule, seen(down("SIGN_VERIFY")),
			"note refused unlike-plan"},
	})
}

// What the plan says of retirement counts for its own kind of key only.
func TestRetireOf(t *testing.T) {
	disable := plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	for _, c := range []struct{ spec, usage, hasSpec, hasUsage, want string }{
		{"", "", "HMAC_256", "GENERATE_VERIFY_MAC", "disable"},
		{"", "", "", "", "disable"},
		{"HMAC_256", "", "HMAC_256", "GENERATE_VERIFY_MAC", "disable"},
		{"HMAC_256", "", "HMAC_512", "GENERATE_VERIFY_MAC", "keep"},
		{"", "SIGN_VERIFY", "RSA_2048", "ENCRYPT_DECRYPT", "keep"},
		{"RSA_2048", "SIGN_VERIFY", "RSA_2048", "ENCRYPT_DECRYPT", "keep"},
		{"RSA_2048", "SIGN_VERIFY", "", "", "keep"}, // not known
	} {
		p := plan.Policy{Spec: c.spec, Usage: c.usage, Retire: disable}
		if got := p.RetireOf(c.hasSpec, c.hasUsage); string(got.Action) != c.want {
			t.Errorf("plan %s %s, key %s %s: %s, want %s", c.spec, c.usage, c.hasSpec, c.hasUsage, got.Action, c.want)
		}
	}
}
