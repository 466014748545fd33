package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// What is found of work under way, of holds, and of the record itself.
func TestFindingsOfWork(t *testing.T) {
	tryFindings(t, map[string]findingCase{
		"a lease that is over": {func(c *scene) {
			c.opens(plan.Switching, 2*time.Hour)
			c.r.Lease = lease(-2 * time.Hour)
		}, "generation-open person F3", "the lease of pool-7/host"},
		"a lease just over": {func(c *scene) {
			c.opens(plan.Switching, time.Minute)
			c.r.Lease = lease(-time.Second)
		}, "generation-open warning F3", ""},
		"a generation left alone": {func(c *scene) { c.opens(plan.Claimed, 2*time.Hour) }, "generation-open person F3",
			"keyturn run --key orders-data"},
		"a refused generation": {func(c *scene) {
			c.opens(plan.Claimed, time.Minute)
			c.r.LastError = &plan.LastError{Code: "alias-taken", Message: "it names kx", Run: "a", At: noon}
		}, "alias-taken person F3", "it names kx (as run a saw it"},
		"waits as planned": {func(c *scene) { c.opens(plan.Created, day); c.r.Claim.Prepublish = 2 * day },
			"", ""},
		"waiting for before_switch": {func(c *scene) {
			c.opens(plan.Created, day)
			c.p.BeforeSwitch = []string{"ready"}
		}, "generation-open warning F3", "waiting for before_switch"},
		"waits for it too long": {func(c *scene) {
			c.opens(plan.Created, 8*day)
			c.p.BeforeSwitch = []string{"ready"}
		}, "before-switch person F3", "before_switch has held back v4 for over 7d"},
		"its switch is due": {func(c *scene) { c.opens(plan.Created, 10*time.Minute) },
			"generation-open warning F3",
			"the switch to v4 has been due since 2026-06-01 11:50 and no run has made it"},
		"and nobody came": {func(c *scene) { c.opens(plan.Created, day) }, "generation-open person F3",
			"keyturn run --key orders-data\ntries it now; then look at cron"},
		"due and held": {func(c *scene) {
			c.opens(plan.Created, 8*day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident 7"}
		}, "generation-open warning F3; held warning",
			"the switch to v4 has been due since 2026-05-24 12:00 and stands still, because the key is held"},
		"a person's rotation under a hold": {func(c *scene) {
			c.opens(plan.Created, 10*time.Minute)
			c.r.Claim.Verb, c.r.Hold = plan.VerbRotate, &plan.Hold{By: "ann", Since: c.r.Claim.At.Add(-time.Hour)}
		}, "generation-open warning F3; held warning", "has been due since 2026-06-01 11:50 and no run has made it"},
		"a person's rotation under a hold, and nobody came": {func(c *scene) {
			c.opens(plan.Created, day)
			c.r.Claim.Verb, c.r.Hold = plan.VerbRotate, &plan.Hold{By: "ann", Since: c.r.Claim.At.Add(-time.Hour)}
		}, "generation-open person F3; held warning", ""},
		"due and frozen": {func(c *scene) {
			c.opens(plan.Created, 8*day)
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-day), To: noon.Add(day), Reason: "year's end"}}
		}, "generation-open warning F3", "and stands still, frozen until 2026-06-02 12:00: year's end"},
		"a fence": {func(c *scene) { c.r.Fence = &plan.Fence{Until: noon.Add(time.Minute), Signers: 1} },
			"fence warning F4", "AWS may still apply it until 2026-06-01 12:01"},
		"a fence that is over": {func(c *scene) { c.r.Fence = &plan.Fence{Until: noon} }, "", ""},
		"overdue": {func(c *scene) { c.r.Anchor, c.r.Live().Since = noon.Add(-31*day), noon.Add(-50*day) },
			"overdue person F3", "no run that began it"},
		"due just now": {func(c *scene) { c.r.Anchor, c.r.Live().Since = noon.Add(-30*day), noon.Add(-50*day) },
			"", ""},
		"left out": {func(c *scene) {
			c.r.Anchor, c.r.Live().Since, c.p.StartWithin = noon.Add(-31*day), noon.Add(-50*day), time.Hour
		}, "overdue person F3", "was not begun within start_within"},
		"overdue, and refused": {func(c *scene) {
			c.r.Anchor, c.r.Live().Since = noon.Add(-31*day), noon.Add(-50*day)
			c.r.LastError = &plan.LastError{Code: "unlike-plan", Message: "another spec", At: noon.Add(-time.Hour)}
		}, "overdue person F3", "keyturn run --key orders-data -v\nsays what stops it"},
		"overdue and frozen": {func(c *scene) {
			c.r.Anchor, c.r.Live().Since, c.p.Freeze = noon.Add(-31*day), noon.Add(-50*day),
				[]plan.Freeze{{From: noon.Add(-day), To: noon.Add(day)}}
		}, "", ""},
		"left out, and frozen since": {func(c *scene) {
			c.r.Anchor, c.r.Live().Since, c.p.StartWithin = noon.Add(-31*day), noon.Add(-50*day), time.Hour
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-time.Hour), To: noon.Add(day)}}
		}, "", ""},
		"frozen for longer than start_within": {func(c *scene) {
			c.r.Anchor, c.r.Live().Since, c.p.StartWithin = noon.Add(-40*day), noon.Add(-60*day), time.Hour
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-11 * day), To: noon.Add(-30 * time.Minute)}}
		}, "", ""},
		"too many drains, due and frozen": {func(c *scene) {
			c.moreDraining(2)
			c.r.Anchor, c.r.Live().Since = noon.Add(-30*day), noon.Add(-50*day)
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-day), To: noon.Add(day)}}
		}, "max-draining warning F2", ""},
		"claimed and frozen": {func(c *scene) {
			c.opens(plan.Claimed, 8*day)
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-8 * day), To: noon.Add(day), Reason: "year's end"}}
		}, "generation-open warning F3", "claimed since 2026-05-24 12:00 and stands still, frozen until 2026-06-02"},
		"claimed, and frozen till now": {func(c *scene) {
			c.opens(plan.Claimed, 8*day)
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-8 * day), To: noon}}
		}, "generation-open warning F3", "no run is working on it"},
		"confirmed and frozen: it goes on": {func(c *scene) {
			c.opens(plan.Switching, 2*time.Hour)
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-8 * day), To: noon.Add(day)}}
		}, "generation-open person F3", "no run is working on it"},
		"waits for before_switch, and was frozen": {func(c *scene) {
			c.opens(plan.Created, 9*day)
			c.p.BeforeSwitch = []string{"ready"}
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-8 * day), To: noon}}
		}, "generation-open warning F3", "waiting for before_switch"},
		"drain over, frozen": {func(c *scene) {
			c.drained(2 * day)
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-3 * day), To: noon.Add(day), Reason: "year's end"}}
		}, "drain-over warning F2", "it stays enabled, frozen until 2026-06-02 12:00: year's end"},
		"drain over, quiet, and frozen till now": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
			c.p.Freeze = []plan.Freeze{{From: noon.Add(-3 * day), To: noon}}
		}, "", ""},
		"usage unlike the plan, and a drain is over": {func(c *scene) {
			c.p.Usage, c.s.Alias.Usage = "SIGN_VERIFY", "SIGN_VERIFY"
			c.drained(2 * day)
		}, "unlike-plan person F2", "v2 finished draining at 2026-05-30 12:00; v2 (k2) has usage ENCRYPT_DECRYPT"},
		"usage unlike the plan, and a deletion is due": {func(c *scene) {
			c.p.Usage, c.s.Alias.Usage, c.p.Retire.Action = "SIGN_VERIFY", "SIGN_VERIFY", plan.RetireDelete
		}, "unlike-plan person F2", "v1 (k1) has usage ENCRYPT_DECRYPT, the plan says SIGN_VERIFY: it is left"},
		"usage unlike the plan, and a generation is open": {func(c *scene) {
			c.opens(plan.Claimed, time.Minute)
			c.r.Claim.Usage, c.p.Usage, c.s.Alias.Usage = "ENCRYPT_DECRYPT", "SIGN_VERIFY", "SIGN_VERIFY"
		}, "unlike-plan person F3", "generation 4 is claimed: v4, as it was claimed, has usage ENCRYPT_DECRYPT"},
		"held": {func(c *scene) { c.r.Hold = &plan.Hold{By: "ann", Reason: "incident 7"} },
			"held warning", "incident 7"},
		"held by itself": {func(c *scene) { c.r.Hold = &plan.Hold{Self: true, Reason: "bad target"} },
			"held-itself person F3", "keyturn release orders-data"},
		"other table": {func(c *scene) { c.s.TableID = "t2" }, "other-table person F3",
			"the table was restored or made again"},
		"other account": {func(c *scene) { c.s.Caller.Account = "999999999999" }, "wrong-account person", ""},
		"spec unlike the plan": {func(c *scene) { c.p.Spec = "RSA_2048" },
			"unlike-plan person", "v3 is SYMMETRIC_DEFAULT"},
		"listed twice": {func(c *scene) { c.r.Entry(1).KeyID = "k2" },
			"listed-twice person F4 [6]; enabled-by-hand person F2; version-alias-moved person F4 [8]", "v1 (k2)"},
		"generation behind": {func(c *scene) { c.r.Generation = 2 }, "generation-behind person F4 [6]", ""},
		"revision missing": {func(c *scene) { c.r.Events = slices.Delete(c.r.Events, 1, 2) },
			"ledger-gap person F3 [13]", "revision 2"},
		"revision in the ledger": {func(c *scene) { c.s.Ledger, c.r.Events = c.r.Events[:2], c.r.Events[1:] }, "", ""},
		"told differently": {func(c *scene) { c.s.Ledger = []plan.Event{{Rev: 2, Run: "z"}} },
			"record-restored person F3 [6]", "tells revision 2 otherwise than its record"},
		"two items tell one revision": {func(c *scene) {
			c.s.Ledger = []plan.Event{{Rev: 1, Run: "z"}, c.r.Events[0], c.r.Events[1]}
			c.r.Events = c.r.Events[1:]
		}, "ledger-differs person F3 [13]", "tell revision 1 differently"},
		"record put back": {func(c *scene) { c.s.Ledger = []plan.Event{{Rev: 4}} },
			"record-restored person F3 [6]", "goes on to revision 4"},
		"ledger not read": {func(c *scene) { c.s.Ledgered, c.r.Events = false, nil }, "", ""},
		"newer schema":    {func(c *scene) { c.r.Schema = 2; c.points("kx") }, "newer-record person", ""},
		"record lost":     {func(c *scene) { c.r = nil }, "record-lost person F3 [8]", "--from-kms"},
		"not to be adopted": {func(c *scene) { c.r, c.s.Listing.Versions, c.s.Alias.State = nil, nil, "Disabled" },
			"unlike-plan person", ""},
		"not adopted": {func(c *scene) { c.r, c.s.Listing.Versions = nil, nil }, "not-adopted warning", ""},
		"no record and no alias": {func(c *scene) {
			c.r, c.s.Listing.Versions, c.s.Alias = nil, nil, &plan.KeySeen{Missing: true}
		}, "alias-missing person", "--create"},
		"KMS could not be asked": {func(c *scene) { c.s = audit.Seen{} }, "", ""},
	})
}
