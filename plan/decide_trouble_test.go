package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// TestDecideTarget is about what a target must be.
func TestDecideTarget(t *testing.T) {
	mine := record(plan.Claimed, leased(me, minute))
	is := func(f func(*plan.KeySeen)) plan.Observed { return seen(targetIs(f)) }
	long := func(o *plan.Observed) { o.WaitingSince = noon.Add(-time.Minute) }
	missing := plan.Answer{Verdict: plan.No, Missing: true, Soft: true}
	p := ordersPolicy()
	tryCases(t, p, []decideCase{
		{"not known to KMS yet", mine, bySchedule, is(func(k *plan.KeySeen) { *k = plan.KeySeen{Missing: true} }),
			"look target"},
		{"being created", mine, bySchedule, is(func(k *plan.KeySeen) { k.State = "Creating" }), "look target"},
		{"not known for a minute: a later run goes on", mine, bySchedule,
			seen(targetIs(func(k *plan.KeySeen) { *k = plan.KeySeen{Missing: true} }), long), "note free"},
		{"disabled", mine, bySchedule, is(func(k *plan.KeySeen) { k.State = "Disabled" }), "note refused bad-target"},
		{"another spec", mine, bySchedule, is(func(k *plan.KeySeen) { k.Spec = "ECC_NIST_P384" }),
			"note refused bad-target"},
		{"another usage", mine, bySchedule, is(func(k *plan.KeySeen) { k.Usage = "SIGN_VERIFY" }),
			"note refused bad-target"},
		{"of a kind that cannot be used", mine, bySchedule,
			is(func(k *plan.KeySeen) { k.Unsupported = "imported material" }), "note refused bad-target"},
		{"described another key: not this one", mine, bySchedule, is(func(k *plan.KeySeen) { k.KeyID = "k-else" }),
			"look target"},
		{"not tried yet", mine, bySchedule, seen(func(o *plan.Observed) { o.Probe = nil }), "try target"},
		{"the probe does not know it yet", mine, bySchedule, seen(probed(missing)), "try target"},
		{"the probe does not know it for a minute", mine, bySchedule, seen(probed(missing), long), "note free"},
		{"the probe is unclear", mine, bySchedule, seen(probed(unknown)), "try target"},
		{"the probe is throttled", mine, bySchedule, seen(probed(softNo)), "try target"},
	})
	p.Probe = false
	tryCases(t, p, []decideCase{
		{"probe off: described is enough", mine, bySchedule, seen(func(o *plan.Observed) { o.Probe = nil }),
			"sign move"},
		{"probe off: but described it must be", mine, bySchedule, seen(func(o *plan.Observed) { o.Target = nil }),
			"look target"},
	})
}

// TestDecideFreshKey is about a key this run made and has not named.
func TestDecideFreshKey(t *testing.T) {
	mine := leased(me, minute)
	fresh := func(keyID string, v plan.VersionSeen, naming plan.Naming, more ...sight) plan.Observed {
		o := seen(func(o *plan.Observed) {
			o.Fresh, o.ClaimedHere = &plan.Made{Generation: 8, KeyID: keyID}, "c8"
			o.Version, o.Naming = map[int64]plan.VersionSeen{8: v}, map[int64]plan.Naming{8: naming}
			if v.Version == 0 {
				o.Version = nil
			}
		})
		for _, m := range more {
			m(&o)
		}
		return o
	}
	none := plan.VersionSeen{}
	missing := plan.VersionSeen{Version: 8, KeySeen: plan.KeySeen{Missing: true}}
	names := func(keyID, claim string) plan.VersionSeen {
		return plan.VersionSeen{Version: 8, KeySeen: enabled(keyID), Claim: claim}
	}
	long := func(o *plan.Observed) { o.WaitingSince, o.LeftoverSince = noon.Add(-2*minute), noon.Add(-2*minute) }
	denied := func(o *plan.Observed) { o.Failure = &plan.Failure{Doing: "create v8", Answer: hardNo} }
	unsure := func(o *plan.Observed) { o.FreshUnsure = true }
	finished := func(r *plan.Record) {
		r.Generation, r.Window = 8, opened
		live(r, 8)
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"name it", record(plan.Claimed, mine), bySchedule, fresh("kz", none, ""), "name version"},
		{"the name is taken: whose is it", record(plan.Claimed, mine), bySchedule, fresh("kz", none, plan.NameTaken),
			"look version"},
		{"taken, and not to be read yet", record(plan.Claimed, mine), bySchedule, fresh("kz", missing, plan.NameTaken),
			"look version"},
		{"taken, and not to be read for long: it may be ours, by a repeated request", record(plan.Claimed, mine),
			bySchedule, fresh("kz", missing, plan.NameTaken, long), "note free"},
		{"taken, and it may not be read any more: it may be ours", record(plan.Claimed, mine), bySchedule,
			fresh("kz", none, plan.NameTaken, denied), "note failed"},
		{"the record has it: it is a version, and no look at its name changes that", record(plan.Steady, finished),
			bySchedule, fresh("k8", none, "", denied), "stop failed"},
		{"taken by ourselves, switched to, and not to be looked at any more", record(plan.Steady, finished), bySchedule,
			fresh("k8", none, plan.NameTaken, denied), "stop failed"},
		{"taken, not to be read for long, and an attempt to name ours had no answer", record(plan.Claimed, mine),
			bySchedule, fresh("kz", missing, plan.NameTaken, long, unsure), "note free"},
		{"the name was refused: disabled before that is noted", record(plan.Claimed, mine), bySchedule,
			fresh("kz", none, "", denied), "disable fresh"},
		{"an attempt to name it had no answer: it may be the version", record(plan.Claimed), bySchedule,
			fresh("kz", none, "", denied, unsure), "note failed"},
		{"held before it was named", record(plan.Claimed, held("ops", minute, 0)), bySchedule, fresh("kz", none, ""),
			"disable fresh"},
		{"given up by a person, and v8 is not there", record(plan.Steady, finished), bySchedule,
			fresh("kz", missing, "", long), "disable fresh"},
		{"its name is looked for", record(plan.Steady, finished), bySchedule, fresh("kz", none, ""), "look version"},
		{"and once that is over, not again", record(plan.Steady, finished), bySchedule, fresh("kz", none, "", long),
			"disable fresh"},
		{"a signal ends the run before the next effect", record(plan.Claimed), bySignal, fresh("kz", none, ""),
			"stop interrupted"},
		{"taken by another run of this claim: ours is disabled", record(plan.Claimed, mine), bySchedule,
			fresh("kz", names("k8", "c8"), plan.NameTaken), "disable fresh"},
		{"taken by ourselves, the yes was lost: it is the version", record(plan.Claimed, mine), bySchedule,
			fresh("k8", names("k8", "c8"), plan.NameTaken), "sign move"},
		{"taken by ourselves, and the tag is not to be read: its id is enough", record(plan.Claimed, mine), bySchedule,
			fresh("k8", names("k8", ""), plan.NameTaken, long), "sign move"},
		{"taken by a foreign record: ours is disabled first", record(plan.Claimed, mine), bySchedule,
			fresh("kz", names("ky", "c-lost"), plan.NameTaken), "disable fresh"},
		{"another run works on it: whose is v8", record(plan.Claimed, leased(other, minute)), bySchedule,
			fresh("kz", none, ""), "look version"},
		{"another run works on it, v8 is not there: it may become ours yet",
			record(plan.Claimed, leased(other, minute)), bySchedule, fresh("kz", missing, ""), "wait"},
		{"another run works on it and has named its own", record(plan.Claimed, leased(other, minute)), bySchedule,
			fresh("kz", names("k8", "c8"), ""), "disable fresh"},
		{"another run uses ours", record(plan.Claimed, leased(other, minute)), bySchedule,
			fresh("k8", names("k8", "c8"), ""), "wait"},
		{"finished by another run with its own: disabled, no lease needed", record(plan.Steady, finished), bySchedule,
			fresh("kz", names("k8", "c8"), ""), "disable fresh"},
		{"finished by another run with ours: left alone", record(plan.Steady, finished), bySchedule,
			fresh("k8", names("k8", "c8"), ""), "stop settled"},
	})
}

// TestDecideFailures is about the end of a run that cannot continue.
func TestDecideFailures(t *testing.T) {
	mine := leased(me, minute)
	failed := func(noted bool, a plan.Answer, o plan.Observed) plan.Observed {
		o.Failure = &plan.Failure{Doing: "create v8", Answer: a, Noted: noted}
		return o
	}
	nobody := plan.Observed{Self: plan.Self{Run: me}}
	noTable := seen(func(o *plan.Observed) { o.Table = nil })
	badTable := seen(func(o *plan.Observed) { o.Table.Unsafe, o.Table.Hint = "TTL is on", plan.Noted("turn it off") })
	elsewhere := seen(func(o *plan.Observed) { o.Table.ID = "table-2" })
	newer := func(r *plan.Record) { r.Schema = plan.SchemaVersion + 1 }
	unasked := func(o *plan.Observed) { o.Gate = &plan.GateSeen{KeyID: "k8", At: noon, Failed: "no such file"} }
	gateStuck := func(o *plan.Observed) { o.Gate = &plan.GateSeen{KeyID: "k8", At: noon, Said: "not yet"} }
	longAgo := func(r *plan.Record) {
		r.Claim.Window = noon.Add(-8 * day)
		r.Next().CreatedAt = noon.Add(-8 * day)
	}
	p := ordersPolicy()
	p.BeforeSwitch = []string{"./ready"}
	tryCases(t, p, []decideCase{
		{"a failure is noted, the lease freed", record(plan.Claimed, mine), bySchedule, failed(false, hardNo, seen()),
			"note failed"},
		{"once", record(plan.Claimed), bySchedule, failed(true, hardNo, seen()), "stop failed"},
		{"not under another's lease", record(plan.Claimed, leased(other, minute)), bySchedule,
			failed(false, hardNo, seen()), "stop failed"},
		{"a run that cannot learn who it is writes nothing, and ends", record(plan.Claimed), bySchedule,
			failed(false, hardNo, nobody), "stop failed"},
		{"nor one that cannot check the table", record(plan.Claimed), bySchedule, failed(false, unknown, noTable),
			"stop failed"},
		{"an unsafe table", record(plan.Steady), bySchedule, badTable, "refuse unsafe-table"},
		{"a restored table", record(plan.Steady), bySchedule, elsewhere, "refuse other-table"},
		{"a newer record", record(plan.Steady, newer), bySchedule, seen(), "refuse newer-record"},
		{"before_switch fails for a week", record(plan.Created, longAgo), bySchedule,
			seen(unasked),
			"note refused before-switch"},
		{"before_switch says no for a week", record(plan.Created, longAgo), bySchedule, seen(gateStuck),
			"note refused before-switch"},
		{"another run may have heard otherwise and switches: nothing is written beside it",
			record(plan.Created, longAgo, leased(other, minute)), bySchedule, seen(gateStuck), "wait"},
		{"before_switch is asked without a lease", record(plan.Created), bySchedule, onlyWho(), "ask gate"},
		{"a yes about another version is none", record(plan.Created), bySchedule,
			seen(func(o *plan.Observed) { o.Gate = &plan.GateSeen{KeyID: "k5", At: noon, Open: true} }), "ask gate"},
		{"before_switch says no: waits, writes nothing", record(plan.Created), bySchedule, seen(gateStuck),
			"stop waiting"},
		{"before_switch could not be run", record(plan.Created), bySchedule,
			seen(unasked), "stop failed"},
	})
	// A repeated look has a Try, so that the runner pauses before it.
	o := onlyWho(func(o *plan.Observed) { o.Tries = map[plan.Kind]int{plan.LookAlias: 2} })
	if d := plan.Decide(noon, p, record(plan.Steady), bySchedule, o); d.Act.Kind != plan.LookAlias || d.Act.Try != 2 {
		t.Errorf("got %q, try %d: want a look at the alias, try 2", said(d), d.Act.Try)
	}
}
