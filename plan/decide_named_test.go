package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// aliasesOf is a run that has listed what names a key.
func aliasesOf(keyID string, names ...string) sight {
	return func(o *plan.Observed) {
		s := plan.OldSeen{Listed: true}
		if was, ok := o.Old[keyID]; ok {
			s = was
			s.Listed, s.Aliases = true, nil
		}
		for _, n := range names {
			s.Aliases = append(s.Aliases, plan.AliasListed{Name: n, KeyID: keyID})
		}
		if o.Old == nil {
			o.Old = map[string]plan.OldSeen{}
		}
		o.Old[keyID] = s
	}
}

// nothingNames takes v<n> away from KMS, and from what was seen.
func nothingNames(version int64) sight { return otherNamed(version, "") }

// otherNamed has v<n> name another key than the record says; "" is none.
func otherNamed(version int64, keyID string) sight {
	return func(o *plan.Observed) {
		o.Version[version] = plan.VersionSeen{Version: version, KeySeen: plan.KeySeen{Missing: keyID == ""}}
		if keyID != "" {
			o.Version[version] = plan.VersionSeen{Version: version, KeySeen: enabled(keyID)}
		}
		var left []plan.AliasListed
		for _, a := range o.Listing.Versions {
			if a.Name != plan.VersionAlias("alias/orders-data", version) {
				left = append(left, a)
			} else if keyID != "" {
				left = append(left, plan.AliasListed{Name: a.Name, KeyID: keyID})
			}
		}
		o.Listing.Versions = left
		for id := range o.Old {
			aliasesOf(id)(o)
		}
	}
}

// oldTarget has described v6 as the target of a rollback.
func oldTarget(o *plan.Observed) { k := enabled("k6"); o.Target = &k }

// The target of an open generation must be the key that v<g> names, with the tag of the
// claim, whatever the record says. Before that it is not even tried.
func TestTargetIsNotBelievedAlone(t *testing.T) {
	mine := leased(me, minute)
	longAgo := func(r *plan.Record) { r.Next().CreatedAt = noon.Add(-day) }
	waited := func(o *plan.Observed) { o.WaitingSince = noon.Add(-plan.PropagationBudget) }
	fresh := func(o *plan.Observed) { o.Version = map[int64]plan.VersionSeen{} }
	byTag := func(claim string) sight {
		return func(o *plan.Observed) {
			v := o.Version[8]
			v.Claim = claim
			o.Version[8] = v
		}
	}
	mineMade := func(o *plan.Observed) { o.Made = &plan.Made{Generation: 8, KeyID: "k8"} }
	tryCases(t, ordersPolicy(), []decideCase{
		{"another run made it: its name is looked up first", record(plan.Created, mine), bySchedule, seen(fresh),
			"look version"},
		{"also before a second signature", record(plan.Switching, mine), bySchedule, seen(fresh), "look version"},
		{"v8 names it, with the claim's tag", record(plan.Created, mine), bySchedule, seen(), "sign move"},
		{"this run has made and named it: no look more", record(plan.Switching, mine), bySchedule, seen(fresh,
			mineMade), "sign move"},
		{"v8 names another key", record(plan.Created, mine), bySchedule, seen(otherNamed(8, "kx")),
			"note refused version-unproven"},
		{"in a switch too", record(plan.Switching, mine), bySchedule, seen(otherNamed(8, "kx")),
			"note refused version-unproven"},
		{"a forged target that this run has not made", record(plan.Switching, mine,
			func(r *plan.Record) { r.Next().KeyID = "kx" }), bySchedule, seen(fresh, mineMade), "look version"},
		{"it names it, and the tag is of another claim", record(plan.Created, mine), bySchedule, seen(byTag("c3")),
			"note refused version-unproven"},
		{"there is no v8 yet: KMS is given its minute", record(plan.Created, mine), bySchedule, seen(nothingNames(8)),
			"look version"},
		{"and then, so soon after it was made, it is lag", record(plan.Created, mine), bySchedule, seen(nothingNames(8),
			waited), "note free"},
		{"there is none, and it is a day old", record(plan.Created, mine, longAgo), bySchedule, seen(nothingNames(8),
			waited), "note refused version-unproven"},
		{"tags are late as well", record(plan.Created, mine, longAgo), bySchedule, seen(byTag("")), "look version"},
		{"a key without the tag", record(plan.Created, mine, longAgo), bySchedule, seen(byTag(""), waited),
			"note refused version-unproven"},
		{"the record gives the target another number", record(plan.Created, mine,
			func(r *plan.Record) { r.Target, r.Next().KeyID = 6, "k6" }), bySchedule, seen(),
			"note refused version-unproven"},
		{"a rollback's own v6 names it", record(plan.Claimed, mine, rolling), bySchedule, seen(oldTarget), "sign move"},
		{"a rollback onto a key that v6 does not name", record(plan.Claimed, mine, rolling), bySchedule, seen(oldTarget,
			aliasesOf("k6", "alias/x"), otherNamed(6, "kx")), "note refused version-unproven"},
		{"nothing names it, and cron has not been told that it is v6", record(plan.Claimed, mine, rolling), bySchedule,
			seen(oldTarget, aliasesOf("k6"), nothingNames(6)), "note refused version-unproven"},
		{"nor has who did not name it", record(plan.Claimed, mine, rolling), plan.Request{Verb: plan.VerbRollback},
			seen(oldTarget, aliasesOf("k6"), nothingNames(6)), "note refused version-unproven"},
		{"a person who has named it names it in KMS", record(plan.Claimed, mine, rolling),
			plan.Request{Verb: plan.VerbRollback, Version: 6}, seen(oldTarget, aliasesOf("k6"), nothingNames(6)),
			"name version"},
		{"but not a key that another alias has as a version", record(plan.Claimed, mine, rolling),
			plan.Request{Verb: plan.VerbRollback, Version: 6},
			seen(oldTarget, nothingNames(6), aliasesOf("k6", "alias/x/v3")), "note refused version-unproven"},
		{"adopt --create: the alias itself is put on nothing else", record(plan.Claimed, mine, firstClaimed,
			func(r *plan.Record) {
				r.Target = 1
				r.Versions = append(r.Versions, plan.Version{Version: 1, KeyID: "kx", CreatedAt: noon.Add(-day)})
			}), bySchedule, seen(func(o *plan.Observed) {
			o.Version[1] = plan.VersionSeen{Version: 1, KeySeen: plan.KeySeen{Missing: true}}
		}, waited), "note refused version-unproven"},
	})
}

// A rollback is not claimed for a version that only the record has.
func TestRollbackClaimIsNotBelievedAlone(t *testing.T) {
	to6 := plan.Request{Verb: plan.VerbRollback, Version: 6, Reason: "x"}
	tryCases(t, ordersPolicy(), []decideCase{
		{"named by its own", record(plan.Steady), to6, seen(oldTarget), "claim"},
		{"v6 names another key", record(plan.Steady), to6, seen(oldTarget, aliasesOf("k6"), otherNamed(6, "kx")),
			"refuse version-unproven"},
		{"by default only a version with a name", record(plan.Steady), plan.Request{Verb: plan.VerbRollback,
			Reason: "x"}, seen(oldTarget, aliasesOf("k6"), nothingNames(6)), "refuse version-unproven"},
		{"one that the person has named is claimed, and named after", record(plan.Steady), to6, seen(oldTarget,
			aliasesOf("k6"), nothingNames(6)), "claim"},
	})
}

// Nothing is done to an old version that its v<n> does not name. The key itself is
// rotated all the same.
func TestOldVersionIsNotBelievedAlone(t *testing.T) {
	p := ordersPolicy()
	p.Retire = plan.Retire{Action: plan.RetireDelete, UsageOff: true, DeleteAfter: day, DeletionWindow: 7 * day}
	disabling := func(r *plan.Record) {
		r.Window, r.Entry(6).DrainUntil = opened, noon.Add(-day)
		r.Entry(6).Retire = p.Retire
		r.Entry(6).CheckedAt = noon
	}
	turn := func(o *plan.Observed) {
		k := enabled("k6")
		o.Old = map[string]plan.OldSeen{"k6": {Checking: true, CheckingSince: noon, Key: &k}}
		aliasesOf("k6", "alias/orders-data/v6")(o)
	}
	deleting := func(r *plan.Record) {
		r.Window = opened
		old(r, plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-2 * day),
			CheckedAt: noon})
	}
	disabled := func(o *plan.Observed) { s := o.Old["k6"]; s.Key.State = "Disabled"; o.Old["k6"] = s }
	unlooked := func(o *plan.Observed) { delete(o.Version, 6); aliasesOf("k6")(o) }
	reinstated := func(r *plan.Record) { r.Window, r.Entry(6).LookAfter = opened, noon.Add(minute) }
	sees := func(o *plan.Observed) {
		turn(o)
		s := o.Old["k6"]
		s.SeesTo = noon.Add(minute)
		o.Old["k6"] = s
	}
	tryCases(t, p, []decideCase{
		{"v6 names it: disabled", record(plan.Steady, disabling), bySchedule, seen(turn), "sign mark"},
		{"not in the list: v6 itself is looked at", record(plan.Steady, disabling), bySchedule, seen(turn, unlooked),
			"look version"},
		{"v6 names another key", record(plan.Steady, disabling), bySchedule, seen(turn, otherNamed(6, "kx")),
			"note refused version-unproven"},
		{"there is no v6", record(plan.Steady, disabling), bySchedule, seen(turn, nothingNames(6)),
			"note refused version-unproven"},
		{"somebody's alias names it: refused all the same", record(plan.Steady, disabling), bySchedule, seen(turn,
			nothingNames(6), aliasesOf("k6", "alias/x")), "note refused version-unproven"},
		{"a deletion", record(plan.Steady, deleting), bySchedule, seen(turn, disabled), "sign mark"},
		{"a deletion of what v6 does not name", record(plan.Steady, deleting), bySchedule, seen(turn, disabled,
			nothingNames(6)), "note refused version-unproven"},
		{"a reinstated one is enabled", record(plan.Steady, reinstated), bySchedule, seen(sees, disabled),
			"enable key"},
		{"a stranger's key is not enabled either", record(plan.Steady, reinstated), bySchedule, seen(sees, disabled,
			otherNamed(6, "kx")), "checked"},
		{"nor for a person, if v6 is another key", record(plan.Steady, reinstated),
			plan.Request{Verb: plan.VerbReinstate, Version: 6}, seen(sees, disabled, otherNamed(6, "kx")),
			"note refused version-unproven"},
		{"and the window is not lost for it", record(plan.Steady, reinstated,
			func(r *plan.Record) { r.Window = opened.Add(-30 * day) }), bySchedule,
			seen(nothingNames(6)), "claim"},
	})
}

// A version that will never be disabled must not stop rotations.
func TestMaxDrainingCountsWhatHasItsName(t *testing.T) {
	p := ordersPolicy()
	p.MaxDraining = 1
	unlisted := func(o *plan.Observed) { o.Listing = nil }
	tryCases(t, p, []decideCase{
		{"too many, by the record: KMS is asked", record(plan.Steady), bySchedule, seen(unlisted), "look listing"},
		{"too many", record(plan.Steady), bySchedule, seen(), "note refused max-draining"},
		{"it has no name", record(plan.Steady), bySchedule, seen(nothingNames(6)), "claim"},
		{"its name is another's", record(plan.Steady), bySchedule, seen(otherNamed(6, "kx")), "claim"},
	})
}

// An adopted version gets its name while the alias itself proves what it is.
func TestAdoptedIsNamedByTheAlias(t *testing.T) {
	adopted := func(r *plan.Record) { r.Live().Adopted = true }
	fresh := func(o *plan.Observed) {
		o.ClaimedHere, o.MayMake, o.Version = "c8", "c8", map[int64]plan.VersionSeen{8: {Version: 8,
			KeySeen: plan.KeySeen{Missing: true}}}
	}
	back := func(r *plan.Record) { rolling(r); r.SwitchedAt = noon.Add(-minute) }
	rotating := func(r *plan.Record) { r.Claim.Verb, r.SwitchedAt = plan.VerbRotate, noon.Add(-minute) }
	mine := leased(me, minute)
	tryCases(t, ordersPolicy(), []decideCase{
		{"what names it is listed", record(plan.Claimed, mine, adopted), bySchedule, seen(fresh), "look old aliases"},
		{"nothing but the alias", record(plan.Claimed, mine, adopted), bySchedule, seen(fresh, aliasesOf("k7",
			"alias/orders-data")), "name version"},
		{"it has its name", record(plan.Claimed, mine, adopted), bySchedule, seen(fresh, aliasesOf("k7",
			"alias/orders-data", "alias/orders-data/v7")), "create key"},
		{"it is another version by KMS", record(plan.Claimed, mine, adopted), bySchedule, seen(fresh, aliasesOf("k7",
			"alias/orders-data", "alias/orders-data/v3")), "note refused version-unproven"},
		{"the alias is seen elsewhere: a person's rotation waits for KMS", record(plan.Claimed, mine, adopted,
			rotating), bySchedule,
			seen(fresh, aliasOn("k6"), activeSeen, aliasesOf("k7")), "look version"},
		{"a rollback that leaves it names it too", record(plan.Claimed, mine, adopted, back), bySchedule,
			seen(oldTarget, aliasesOf("k7", "alias/orders-data"), nothingNames(7)), "name version"},
		{"but not while the alias is seen elsewhere", record(plan.Claimed, mine, adopted, back), bySchedule,
			seen(oldTarget, aliasOn("k6"), activeSeen, aliasesOf("k7"), nothingNames(7)), "sign move"},
		{"nothing shows that it is v7", record(plan.Claimed, mine, adopted, rotating), bySchedule,
			seen(aliasOn("k6"), activeSeen, aliasesOf("k7"), nothingNames(7)), "note free"},
	})
}

// A person's reinstate names the version that it is about, and no other.
func TestReinstateNames(t *testing.T) {
	to5 := plan.Request{Verb: plan.VerbReinstate, Version: 5, Reason: "x"}
	disabled := func(r *plan.Record) {
		*r.Entry(5) = plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon.Add(-day)}
	}
	described := func(state string) sight {
		return func(o *plan.Observed) {
			k := enabled("k5")
			k.State = state
			o.Old = map[string]plan.OldSeen{"k5": {Key: &k, Listed: true}}
		}
	}
	named := func(o *plan.Observed) { s := o.Old["k5"]; s.Named = 5; o.Old["k5"] = s }
	reinstated := func(r *plan.Record) {
		*r.Entry(5) = plan.Version{Version: 5, KeyID: "k5", State: plan.Draining, DrainUntil: noon.Add(day),
			LookAfter: noon}
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"it is written first", record(plan.Steady, disabled), to5, seen(described("Disabled"), nothingNames(5)),
			"reinstate"},
		{"then it is named", record(plan.Steady, reinstated), to5, seen(described("Disabled"), nothingNames(5)),
			"name version"},
		{"then it is enabled", record(plan.Steady, reinstated), to5,
			seen(described("Disabled"), nothingNames(5), named),
			"enable key"},
		{"a deletion is cancelled before: such a key takes no name", record(plan.Steady, reinstated), to5,
			seen(described("PendingDeletion"), nothingNames(5)), "cancel deletion"},
		{"by default nothing without a name is taken", record(plan.Steady, disabled),
			plan.Request{Verb: plan.VerbReinstate}, seen(described("Disabled"), nothingNames(5)),
			"refuse version-unproven"},
		{"v5 names another key", record(plan.Steady, disabled), to5, seen(described("Disabled"), otherNamed(5, "kx")),
			"refuse version-unproven"},
		{"it is enabled, and has no name: that is written first, too", record(plan.Steady), to5,
			seen(described("Enabled"), nothingNames(5)), "reinstate"},
		{"then it is named", record(plan.Steady, reinstated), to5, seen(described("Enabled"), nothingNames(5)),
			"name version"},
		{"and looked at", record(plan.Steady, reinstated), to5, seen(described("Enabled"), nothingNames(5), named),
			"enable key"},
		{"it is enabled, and has its name", record(plan.Steady), to5, seen(described("Enabled")), "stop settled"},
	})
}

// A person's adopt names the old versions without a name, if no other alias names their
// keys.
func TestAdoptNamesTheRest(t *testing.T) {
	adoptedHere := func(o *plan.Observed) { o.AdoptedHere = true }
	leftNow := func(r *plan.Record) { r.SwitchedAt = noon.Add(-time.Minute); r.Entry(6).Left = r.SwitchedAt }
	// In steadyAt7 v6 left at the moment of the last switch; here it did so before.
	leftBefore := func(r *plan.Record) { r.Entry(6).Left = r.SwitchedAt.Add(-day) }
	tryCases(t, ordersPolicy(), []decideCase{
		{"all have theirs", record(plan.Steady), byAdopt, seen(), "stop settled"},
		{"the list shows one without", record(plan.Steady), byAdopt, seen(nothingNames(6)), "look old aliases"},
		{"nothing names it, and only the record says what it is", record(plan.Steady), byAdopt,
			seen(aliasesOf("k6"), nothingNames(6)), "stop settled"},
		{"this adopt has left another", record(plan.Steady, leftBefore), byAdopt,
			seen(aliasesOf("k6"), nothingNames(6), adoptedHere), "stop adopted"},
		{"this adopt has left it", record(plan.Steady, leftNow), byAdopt,
			seen(aliasesOf("k6"), nothingNames(6), adoptedHere), "name version"},
		{"somebody's alias does: it may be anything", record(plan.Steady, leftNow), byAdopt,
			seen(nothingNames(6), aliasesOf("k6", "alias/x"), adoptedHere), "stop adopted"},
		{"v6 names another key", record(plan.Steady), byAdopt, seen(aliasesOf("k6"), otherNamed(6, "kx")),
			"stop settled"},
		{"the key found is v6 by the record, and v6 another by KMS", record(plan.Steady), byAdopt, seen(aliasOn("k6"),
			movedLooked, otherNamed(6, "kx")), "note refused version-unproven"},
	})
}
