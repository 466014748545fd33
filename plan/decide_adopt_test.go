package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// TestDecideFirstSight is about a key without a record.
func TestDecideFirstSight(t *testing.T) {
	listed := func(alias string, versions ...string) sight {
		return func(o *plan.Observed) {
			l := plan.ListingSeen{}
			if alias != "" {
				l.Alias = &plan.AliasListed{Name: "alias/orders-data", KeyID: alias, ARN: steadyAt7().AliasARN,
					MovedAt: noon.Add(-time.Hour)}
			}
			for _, v := range versions {
				l.Versions = append(l.Versions, plan.AliasListed{Name: "alias/orders-data/" + v})
			}
			o.Listing = &l
		}
	}
	other := func(o *plan.Observed) { o.Caller.Account = "999999999999" }
	unsupported := func(o *plan.Observed) { o.Alias.Unsupported = "multi-Region" }
	with := func(sights ...sight) plan.Observed { return onlyWho(sights...) }
	failure := func(o *plan.Observed) { o.Failure = &plan.Failure{Doing: "look", Answer: hardNo} }
	tryCases(t, ordersPolicy(), []decideCase{
		{"first, whose account is this", nil, bySchedule, plan.Observed{}, "look caller"},
		{"also for a person, and for one who creates it", nil, byCreate, plan.Observed{}, "look caller"},
		{"then, is the table good", nil, bySchedule, with(func(o *plan.Observed) { o.Table = nil }), "look table"},
		{"the table is not", nil, bySchedule,
			with(func(o *plan.Observed) { o.Table = &plan.TableSeen{Unsafe: "TTL is on"} }), "refuse unsafe-table"},
		{"then all aliases are listed", nil, bySchedule, with(), "look listing"},
		{"KMS gives no request ids: listed", nil, bySchedule,
			with(listed("k1"), func(o *plan.Observed) { o.Listing.Unnamed = "http://localhost" }),
			"refuse no-request-id"},
		{"KMS gives no request ids: to be created", nil, byCreate,
			with(listed(""), func(o *plan.Observed) { o.Listing.Unnamed = "http://localhost" }),
			"refuse no-request-id"},
		{"KMS gives no request ids: described", nil, bySchedule,
			with(listed("k1"), aliasOn("k1"), func(o *plan.Observed) { o.Alias.Unnamed = "http://localhost" }),
			"refuse no-request-id"},
		{"KMS answers for another account: listed", nil, bySchedule,
			with(listed("k1"), aliasOn("k1"), func(o *plan.Observed) {
				o.Listing.Alias.ARN = "arn:aws:kms:eu-west-1:999999999999:alias/orders-data"
			}), "refuse wrong-account"},
		{"KMS answers for another account: described", nil, bySchedule,
			with(listed("k1"), aliasOn("k1"), func(o *plan.Observed) {
				o.Alias.ARN = "arn:aws:kms:eu-west-1:999999999999:key/k1"
			}), "refuse wrong-account"},
		{"the alias exists: it is described", nil, bySchedule, with(listed("k1")), "look alias"},
		{"the alias exists: adopt", nil, bySchedule, with(listed("k1"), aliasOn("k1")), "adopt"},
		{"a person may adopt as well", nil, byAdopt, with(listed("k1"), aliasOn("k1")), "adopt"},
		{"the two reads disagree", nil, bySchedule, with(listed("k1"), aliasOn("k2")), "stop lagging"},
		{"the alias is listed, and not known to DescribeKey yet", nil, bySchedule, with(listed("k1"), aliasGone),
			"stop lagging"},
		{"no alias: first, whose account is this", nil, bySchedule,
			plan.Observed{Looks: plan.Looks{Listing: &plan.ListingSeen{}}}, "look caller"},
		{"version aliases: first, whose account is this", nil, bySchedule,
			plan.Observed{Looks: plan.Looks{Listing: &plan.ListingSeen{Alias: &plan.AliasListed{KeyID: "k1"},
				Versions: []plan.AliasListed{{Name: "alias/orders-data/v3"}}}}}, "look caller"},
		{"there are version aliases: a record was lost", nil, bySchedule, with(listed("k1", "v3")),
			"refuse record-lost"},
		{"also without the alias, and also for --create", nil, byCreate, with(listed("", "v3")), "refuse record-lost"},
		{"no alias: the hint", nil, bySchedule, with(listed("")), "refuse alias-missing"},
		{"no alias and --create, but no spec in the plan", nil, byCreate, with(listed("")), "refuse spec-missing"},
		{"a kind of key that cannot be rotated", nil, bySchedule, with(listed("k1"), aliasOn("k1"), unsupported),
			"refuse unsupported-key"},
		{"another account", nil, bySchedule, with(other), "refuse wrong-account"},
		{"a failed look", nil, bySchedule, with(failure), "stop failed"},
		{"a signal", nil, bySignal, with(), "stop interrupted"},
		{"a verb that needs a record: was there one?", nil, plan.Request{Verb: plan.VerbRotate}, with(),
			"look listing"},
		{"there was none", nil, plan.Request{Verb: plan.VerbRotate}, with(listed("k1")), "refuse not-managed"},
		{"it was lost", nil, plan.Request{Verb: plan.VerbHold}, with(listed("k1", "v3")), "refuse record-lost"},
		{"there is no alias", nil, plan.Request{Verb: plan.VerbRollback}, with(listed("")), "refuse alias-missing"},
	})
	p := ordersPolicy()
	p.Spec, p.Usage = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"
	tryCases(t, p, []decideCase{
		{"--create: who are we", nil, byCreate,
			plan.Observed{Looks: plan.Looks{Listing: &plan.ListingSeen{}}}, "look caller"},
		{"--create: claim", nil, byCreate, with(listed("")), "first claim"},
		{"--create, and the alias exists: has another run just made it?", nil, byCreate,
			with(listed("k1"), aliasOn("k1"), func(o *plan.Observed) { o.ReadAgain = false }), "look record"},
		{"none has: it is not adopted unasked", nil, byCreate, with(listed("k1"), aliasOn("k1")),
			"refuse alias-taken"},
		{"only with --create", nil, byAdopt, with(listed("")), "refuse alias-missing"},
	})
}

// TestDecideFirstAlias is about the steps of `adopt --create`.
func TestDecideFirstAlias(t *testing.T) {
	mine := leased(me, minute)
	ready := func(changes ...sight) plan.Observed {
		return seen(append([]sight{func(o *plan.Observed) {
			k := enabled("k1")
			o.Target, o.Alias = &k, nil
			o.Version = map[int64]plan.VersionSeen{1: {Version: 1, KeySeen: k, Claim: "c1"}}
		}}, changes...)...)
	}
	answer := func(a plan.Answer) sight { return func(o *plan.Observed) { o.FirstAlias, o.FirstAliasOf = &a, 1 } }
	taken := answer(plan.Answer{Verdict: plan.No, Code: "AlreadyExistsException"})
	tiredOf := func(k plan.Kind) sight {
		return func(o *plan.Observed) {
			o.Tries = map[plan.Kind]int{k: plan.MaxTries}
			o.WaitingSince = noon.Add(-2 * time.Minute)
		}
	}
	createdHere := func(o *plan.Observed) { o.FirstAlias, o.FirstAliasOf, o.ClaimedHere = &yes, 1, "c1" }
	ended := func(r *plan.Record) {
		firstClaimed(r)
		r.Step, r.Window, r.SwitchedAt = plan.Steady, opened, noon
		live(r, 1)
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"any run goes on with it", record(plan.Claimed, firstClaimed), bySchedule, onlyWho(), "take over"},
		{"the version is ready: make the alias", record(plan.Claimed, firstClaimed, mine), bySchedule, ready(),
			"create alias"},
		{"made: finish", record(plan.Claimed, firstClaimed, mine), bySchedule, ready(answer(yes)), "finish"},
		{"it exists: whose is it", record(plan.Claimed, firstClaimed, mine), byCreate, ready(taken), "look alias"},
		{"it exists and names ours: finish", record(plan.Claimed, firstClaimed, mine), byCreate,
			ready(taken, aliasOn("k1")), "finish"},
		{"it exists and names another", record(plan.Claimed, firstClaimed, mine), byCreate, ready(taken, aliasOn("kx")),
			"note refused alias-taken"},
		{"it exists and cannot be read for a minute", record(plan.Claimed, firstClaimed, mine), byCreate,
			ready(taken, aliasGone, tiredOf(plan.LookAlias)), "note free"},
		{"made for a generation that was given up since", record(plan.Claimed, firstClaimed, mine), bySchedule,
			ready(func(o *plan.Observed) { o.FirstAlias, o.FirstAliasOf = &yes, 2 }), "create alias"},
		{"done here, and KMS does not show the alias yet", record(plan.Steady, ended), byCreate,
			ready(createdHere, aliasGone), "stop adopted"},
		{"a yes for another generation says nothing of that", record(plan.Steady, ended), byCreate,
			ready(func(o *plan.Observed) { o.FirstAlias, o.FirstAliasOf = &yes, 2 }, aliasGone),
			"note refused alias-missing"},
		{"done here: nothing more is asked", record(plan.Steady, ended), byCreate, ready(createdHere), "stop adopted"},
		{"claimed here, finished by another run", record(plan.Steady, ended), byCreate,
			ready(func(o *plan.Observed) { o.ClaimedHere = "c1" }), "stop adopted"},
	})
}

// TestDecideFirstClaimAgain is about an adopt --create whose terms cannot work: a person
// changes the plan and types it again.
func TestDecideFirstClaimAgain(t *testing.T) {
	p := ordersPolicy()
	p.Spec, p.Usage = "HMAC_256", "GENERATE_VERIFY_MAC"
	byAdoptAlone := plan.Request{Verb: plan.VerbAdopt}
	unmade := func(o *plan.Observed) {
		o.Version = map[int64]plan.VersionSeen{1: {Version: 1, KeySeen: plan.KeySeen{Missing: true}}}
		aliasGone(o)
	}
	made := func(o *plan.Observed) {
		o.Version = map[int64]plan.VersionSeen{1: {Version: 1, KeySeen: enabled("k1"), Claim: "c1"}}
		aliasGone(o)
	}
	first := func(more ...change) *plan.Record {
		return record(plan.Claimed, append([]change{firstClaimed}, more...)...)
	}
	tryCases(t, p, []decideCase{
		{"was a key made", first(), byCreate, onlyWho(), "look version"},
		{"is there an alias", first(), byCreate, seen(unmade, func(o *plan.Observed) { o.Alias = nil }), "look alias"},
		{"claimed again", first(), byCreate, seen(unmade), "abandon"},
		{"also when the key holds itself", first(held("keyturn", minute, 0)), byCreate, seen(unmade), "abandon"},
		{"also when a key was made", first(), byCreate, seen(made), "abandon"},
		{"another run works on it", first(leased(other, minute)), byCreate, seen(unmade), "wait"},
		{"somebody else made the alias", first(), byCreate, seen(unmade, aliasOn("kx")), "note refused alias-taken"},
		{"it is made after all", first(), byCreate, seen(made, aliasOn("k1")), "take over"},
		{"not without --create", first(), byAdoptAlone, seen(unmade), "note refused unlike-plan"},
		{"not by cron", first(), bySchedule, seen(unmade), "note refused unlike-plan"},
	})
	same := ordersPolicy()
	same.Spec, same.Usage = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"
	tryCases(t, same, []decideCase{{"not on the same terms", first(), byCreate, seen(unmade), "take over"}})
	tryCases(t, ordersPolicy(), []decideCase{{"not on none", first(), byCreate, seen(unmade), "take over"}})

	r := first(held("keyturn", minute, 0), tried(4, minute))
	after := plan.Apply(r, plan.Decide(noon, p, r, byCreate, seen(made)).Act)
	c := after.Claim
	if after.Generation != 2 || after.Step != plan.Claimed || c.ID == "c1" ||
		c.Verb != plan.VerbAdopt || c.Spec != p.Spec || c.Usage != p.Usage {
		t.Errorf("generation %d %s, claim %+v", after.Generation, after.Step, c)
	}
	if after.Hold != nil || after.Attempts != nil || after.Active != 0 || entry(after, 1) == nil {
		t.Errorf("%+v", after)
	}
}

// TestDecidePlanContradicts is about a plan with another spec than the live version's. A
// rotation keeps the spec, so it is neither begun nor confirmed for the first time. After
// that the claim counts, as it always does for a rollback.
func TestDecidePlanContradicts(t *testing.T) {
	p := ordersPolicy()
	p.Spec, p.Usage = "RSA_4096", "ENCRYPT_DECRYPT"
	const no = "note refused unlike-plan"
	back := targetIs(func(k *plan.KeySeen) { k.KeyID = "k6" })
	tryCases(t, p, []decideCase{
		{"due, but of another spec", record(plan.Steady), bySchedule, seen(), "note refused unlike-plan"},
		{"a person rotates", record(plan.Steady), byRotate, seen(), no},
		{"a person rolls back", record(plan.Steady), byRollback, seen(back), "claim"},
		{"claimed", record(plan.Claimed, leased(me, minute)), bySchedule, seen(), no},
		{"claimed: no lease is taken for it", record(plan.Claimed), bySchedule, seen(), no},
		{"claimed, and leased", record(plan.Claimed, leased(other, minute)), bySchedule, seen(), "wait"},
		{"made", record(plan.Created, leased(me, minute)), bySchedule, seen(), no},
		{"made, and a person goes on with it", record(plan.Created), byRotate, seen(), no},
		{"made, and a person wants another", record(plan.Created), byAbandon, seen(), no},
		{"made, and a person rolls back", record(plan.Created), byRollback, seen(back), "abandon"},
		{"confirmed: the claim counts", record(plan.Switching, leased(me, minute)), bySchedule, seen(), "sign move"},
		{"an open rollback", record(plan.Claimed, rolling, leased(me, minute)), bySchedule, seen(back), "sign move"},
	})
}

// TestDecideAdoptDrift is about a person who accepts what the alias names.
func TestDecideAdoptDrift(t *testing.T) {
	switchedJustNow := func(r *plan.Record) { r.SwitchedAt = noon.Add(-time.Minute) }
	reinstated := func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(10 * minute) }
	found := func(f func(*plan.KeySeen)) sight {
		return func(o *plan.Observed) { aliasOn("kx")(o); f(o.Alias) }
	}
	untried := func(o *plan.Observed) { o.Probe = nil }
	notThere := probed(plan.Answer{Verdict: plan.No, Missing: true, Soft: true})
	long := func(o *plan.Observed) { o.WaitingSince = noon.Add(-2 * minute) }
	tryCases(t, ordersPolicy(), []decideCase{
		{"the alias is as recorded: nothing to do", record(plan.Steady), byAdopt, seen(), "stop settled"},
		{"a foreign key is tried first", record(plan.Steady), byAdopt, seen(aliasOn("kx"), untried), "try target"},
		{"a foreign key", record(plan.Steady), byAdopt, seen(aliasOn("kx")), "adopt drift"},
		{"an older version of ours", record(plan.Steady), byAdopt, seen(aliasOn("k6")), "adopt drift"},
		{"an older version of ours right after a switch: that may be lag", record(plan.Steady, switchedJustNow),
			byAdopt, seen(aliasOn("k6")), "stop lagging"},
		{"seen right after a switch, and the run was paused since",
			record(plan.Steady, func(r *plan.Record) { r.SwitchedAt = noon.Add(-31 * minute) }), byAdopt,
			seen(aliasOn("k6"), func(o *plan.Observed) { o.AliasAt = noon.Add(-30 * minute) }), "stop lagging"},
		{"another's lease", record(plan.Claimed, leased(other, minute)), byAdopt, seen(aliasOn("kx")), "wait"},
		{"a fence alive", record(plan.Steady, fenced(minute)), byAdopt, seen(aliasOn("kx")), "wait"},
		{"a key that is disabled", record(plan.Steady), byAdopt,
			seen(found(func(k *plan.KeySeen) { k.State = "Disabled" })), "note refused unlike-plan"},
		{"a kind of key that cannot be rotated", record(plan.Steady), byAdopt,
			seen(found(func(k *plan.KeySeen) { k.Unsupported = "multi-Region" })), "note refused unsupported-key"},
		{"a version under a mark", record(plan.Steady, marked(6)), byAdopt, seen(aliasOn("k6")), "note refused marked"},
		{"a reinstated version that must be seen to again", record(plan.Steady, reinstated), byAdopt,
			seen(aliasOn("k6")), "note refused marked"},
		{"no alias", record(plan.Steady), byAdopt, seen(aliasGone), "note refused alias-missing"},
		{"KMS does not know the key yet: tried again", record(plan.Steady), byAdopt, seen(aliasOn("kx"), notThere),
			"try target"},
		{"but not for ever", record(plan.Steady), byAdopt, seen(aliasOn("kx"), notThere, long), "stop lagging"},
		{"an open switch crashed, its fence over, the alias elsewhere", record(plan.Switching, fenced(-1)), byAdopt,
			seen(aliasOn("kx")), "adopt drift"},
		{"an open switch, the alias on its target: run finishes it", record(plan.Switching, fenced(-1)), byAdopt,
			seen(aliasOn("k8")), "stop settled"},
		{"a created version put behind the alias by hand: run refuses, so adopt takes it", record(plan.Created),
			byAdopt, seen(aliasOn("k8")), "adopt drift"},
		{"adopted in this run: done", record(plan.Steady), byAdopt,
			seen(func(o *plan.Observed) { o.AdoptedHere = true }), "stop adopted"},
	})
	t.Run("a created version that was adopted keeps its number", func(t *testing.T) {
		r := record(plan.Created)
		after := plan.Apply(r, plan.Decide(noon, ordersPolicy(), r, byAdopt, seen(aliasOn("k8"))).Act)
		if after.Active != 8 || after.Generation != 9 || after.Step != plan.Steady || len(after.Draining()) != 2 {
			t.Errorf("%+v, active %+v, draining %+v", after, after.Live(), after.Draining())
		}
	})
	// A run made v8 and died, or was refused, before it could record that.
	unmade := func(o *plan.Observed) {
		o.Version[8] = plan.VersionSeen{Version: 8, KeySeen: plan.KeySeen{Missing: true}}
	}
	foreign := func(o *plan.Observed) {
		o.Version[8] = plan.VersionSeen{Version: 8, KeySeen: enabled("k8"), Claim: "c-else"}
	}
	named := func(o *plan.Observed) {
		o.Listing = &plan.ListingSeen{Versions: []plan.AliasListed{{Name: "alias/orders-data/v2", KeyID: "kx"}}}
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"what the open generation made is looked up", record(plan.Claimed), byAdopt,
			seen(aliasOn("k8"), func(o *plan.Observed) { o.Version = nil }), "look version"},
		{"it made nothing yet", record(plan.Claimed), byAdopt, seen(aliasOn("kx"), unmade), "adopt drift"},
		{"its number is another record's", record(plan.Claimed), byAdopt, seen(aliasOn("k8"), foreign),
			"note refused foreign-version"},
		{"whether a foreign key has a number is looked up", record(plan.Steady), byAdopt,
			seen(aliasOn("kx"), func(o *plan.Observed) { o.Listing = nil }), "look listing"},
		{"it has one that the record does not explain", record(plan.Steady), byAdopt, seen(aliasOn("kx"), named),
			"note refused foreign-version"},
	})
	t.Run("a version made for the open generation keeps its number, or drains", func(t *testing.T) {
		for on, want := range map[string]int64{"k8": 8, "kx": 9} {
			r := record(plan.Claimed)
			after := plan.Apply(r, plan.Decide(noon, ordersPolicy(), r, byAdopt, seen(aliasOn(on))).Act)
			a := after.Live()
			if a.Version != want || a.KeyID != on || a.Adopted != (on == "kx") || after.Generation != 9 {
				t.Errorf("%s: active %+v, generation %d", on, a, after.Generation)
			}
			e := entry(after, 8)
			if on == "kx" && (e == nil || !e.Left.IsZero() || e.DrainUntil.Before(noon.Add(7*day))) {
				t.Errorf("v8: %+v", e)
			}
		}
	})
}
