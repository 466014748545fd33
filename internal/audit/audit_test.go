package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// summary returns the findings of a scene: "drift person F4 [2]; …".
func summary(list []audit.Finding) string {
	var texts []string
	for _, f := range list {
		text := fmt.Sprintf("%s %s %s", f.Code, f.Level, f.Mode)
		if len(f.Invariants) > 0 {
			text += fmt.Sprint(" ", f.Invariants)
		}
		texts = append(texts, strings.TrimSpace(text))
	}
	return strings.Join(texts, "; ")
}

// Each anomaly alone is found, and nothing else; without it nothing is.
func TestFindings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scene)
		want   string // all findings
		says   string // in what, safe or hint of the first
	}{
		"in order": {func(*scene) {}, "", ""},

		"drift to a stranger": {func(c *scene) { c.points("kx") }, "drift person F4 [2]",
			"it names kx (not ours) since"},
		"drift to an older version": {func(c *scene) { c.points("k2") }, "drift person F4 [1 2]", "it names v2"},
		"lag after a switch": {func(c *scene) { c.points("k2"); c.r.SwitchedAt = noon.Add(-time.Minute) },
			"lag warning F4", "still shows the alias on v2"},
		"on the target of a switch": {func(c *scene) {
			c.opens(plan.Switching, 0)
			c.r.Lease = lease(time.Minute)
			c.points("k4")
		}, "", ""},
		"alias gone": {func(c *scene) { c.s.Alias = &plan.KeySeen{Missing: true} },
			"alias-missing person F4 [2]", "encrypt fails: there is no alias"},
		"drift to a disabled stranger": {func(c *scene) { c.key("kx", "Disabled"); c.points("kx") },
			"drift person F4 [2]; live-unusable person F2 [3]", "encrypt fails: kx is disabled"},
		"alias on a marked version": {func(c *scene) { c.points("k2"); c.r.Entry(2).Fence = mark(time.Minute) },
			"drift person F4 [1 2]; marked-live person F2 [3]", ""},
		"active disabled": {func(c *scene) { c.key("k3", "Disabled") }, "active-disabled person F2 [3]",
			"aws kms enable-key --region eu-west-1 --key-id k3"},
		"active pending deletion": {func(c *scene) { c.key("k3", "PendingDeletion") },
			"active-disabled person F2 [3]",
			"cancel-key-deletion --region eu-west-1 --key-id k3\naws kms enable-key"},
		"draining disabled": {func(c *scene) { c.key("k2", "Disabled") }, "version-disabled person F2 [4]",
			"encrypt and decrypt work with v3; decrypt fails with v2 (disabled)"},
		"draining pending deletion": {func(c *scene) { c.key("k2", "PendingDeletion") },
			"version-gone person F2 [4]", "keyturn did not ask for it"},
		"draining gone": {func(c *scene) { c.key("k2", "") }, "version-gone person F2 [4]", "cannot be brought back"},
		"draining disabled by keyturn": {func(c *scene) {
			c.key("k2", "Disabled")
			c.drained(time.Hour).Fence = mark(time.Minute)
		}, "drain-over warning F2", "disable has been under way"},
		"reinstated and not yet": {func(c *scene) {
			c.key("k2", "Disabled")
			c.r.Entry(2).LookAfter = noon.Add(time.Minute)
		}, "reinstate-open warning F2", ""},
		"reinstated and denied": {func(c *scene) {
			c.key("k2", "Disabled")
			c.r.Entry(2).LookAfter = noon.Add(time.Minute)
			c.r.LastError = &plan.LastError{About: "v2", Message: "KMS denied kms:EnableKey", At: noon}
		}, "reinstate-open warning F2", "; the last error is of 2026-06-01 12:00: KMS denied kms:EnableKey"},
		"kept disabled": {func(c *scene) {
			*c.r.Entry(1) = plan.Version{Version: 1, KeyID: "k1", State: plan.Kept, KeptAt: noon}
		}, "version-disabled person F2 [12]", "decrypt fails with v1 (disabled)"},
		"enabled by hand": {func(c *scene) { c.key("k1", "Enabled") }, "enabled-by-hand person F2",
			"keyturn reinstate orders-data/v1"},
		"deletion unknown": {func(c *scene) { c.key("k1", "PendingDeletion") }, "deletion-unknown person F2 [12]",
			"keyturn reinstate orders-data/v1"},
		"deletion of another plan": {func(c *scene) { c.key("k1", "PendingDeletion"); c.deletes(noon.Add(day)) },
			"deletion-unwanted person F2", "this plan does not delete"},
		"deletion known": {func(c *scene) {
			c.p.Retire.Action = plan.RetireDelete
			c.key("k1", "PendingDeletion")
			c.deletes(noon.Add(day))
		}, "", ""},
		"deletion under way": {func(c *scene) {
			c.key("k1", "PendingDeletion")
			c.r.Entry(1).Fence = mark(time.Minute)
		},
			"", ""},
		"deleted in time": {func(c *scene) { c.key("k1", ""); c.deletes(noon.Add(-day)) }, "", ""},
		"deleted too early": {func(c *scene) { c.key("k1", ""); c.deletes(noon.Add(day)) },
			"version-gone person F2 [12]", ""},
		"found gone": {func(c *scene) { c.key("k1", ""); c.foundGone() },
			"version-gone warning F2", "was found gone on"},
		"found gone, and drift": {func(c *scene) {
			c.key("k1", "")
			c.foundGone()
			c.points("kx")
		}, "drift person F4 [2]; version-gone warning F2", "decrypt fails with v1 (deleted)"},
		"deletion cancelled": {func(c *scene) { c.deletes(noon.Add(day)) }, "deletion-cancelled warning", ""},
		"version alias missing": {func(c *scene) { c.rename(2, "") }, "version-alias-missing person F4 [8]",
			"aws kms create-alias --region eu-west-1 --alias-name alias/orders-data/v2 --target-key-id k2"},
		"an adopted one's is missing": {func(c *scene) { c.rename(1, ""); c.s.Tags["k1"] = audit.Tags{} }, "", ""},
		"version alias moved": {func(c *scene) { c.rename(2, "kx") },
			"version-alias-moved person F4 [8]", "aws kms update-alias"},
		"foreign version": {func(c *scene) { c.name(4, "kx") }, "foreign-version person F1 [8]",
			"somebody else rotates this key"},
		"foreign version with a claim": {func(c *scene) {
			c.name(4, "kx")
			c.s.Tags["kx"] = audit.Tags{Alias: alias, Claim: "cx"}
		}, "foreign-version person F1 [8]", "claim cx"},
		"a number that keyturn cannot have given": {func(c *scene) {
			c.s.Listing.Versions = append(c.s.Listing.Versions,
				plan.AliasListed{Name: alias + "/v9223372036854775807", KeyID: "kx"})
		}, "bad-version person F1 [8]", "delete-alias --alias-name alias/orders-data/v9223372036854775807"},
		"late version": {func(c *scene) {
			c.r.Generation = 5
			c.name(4, "kx")
			c.s.Tags["kx"] = audit.Tags{Alias: alias, Claim: "cx"}
		}, "late-version person F3 [8]", "generation 4, which was given up"},
		"a version that somebody else made in place of a rollback": {func(c *scene) {
			c.r.Generation, c.r.Claim.Verb = 4, plan.VerbRollback
			c.name(4, "kx")
			c.s.Tags["kx"] = audit.Tags{Alias: alias, Claim: "cx"}
			c.points("kx")
		}, "drift person F4 [2]; foreign-version person F1 [8]", "keyturn adopt orders-data --from-kms"},
		"version of the open claim": {func(c *scene) {
			c.opens(plan.Claimed, 0)
			c.r.Lease = lease(time.Minute)
			c.name(4, "k4")
			c.s.Tags["k4"] = audit.Tags{Claim: "c4"}
		}, "", ""},
		"two versions for one window": {func(c *scene) { t := c.s.Tags["k3"]; t.Window = "w2"; c.s.Tags["k3"] = t },
			"duplicate-window person F1 [9]", "were both made for window w2"},
		"of one window for two aliases": {func(c *scene) {
			c.s.Tags["k3"] = audit.Tags{Alias: "alias/other", Claim: "c3", Window: "w2"}
		}, "", ""},

		"drain over, in use": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{LastAt: noon.Add(-2 * time.Hour), Operation: "Decrypt",
				TrackedAt: noon.Add(-99 * day)}
		}, "drain-over warning F2", "last used 2026-06-01 10:00, 2h ago (Decrypt)"},
		"drain over, not known": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{Failed: "AccessDenied"}
		}, "last-use person F2", "its use could not be learnt: AccessDenied"},
		"drain over, other alias": {func(c *scene) {
			c.drained(2 * day)
			c.s.Aliases["k2"] = append(c.s.Aliases["k2"], plan.AliasListed{Name: "alias/b"})
		}, "drain-over person F2", "while alias/b names it too"},
		"drain over, shared with another key": {func(c *scene) {
			c.drained(2 * day)
			c.s.Aliases["k2"] = append(c.s.Aliases["k2"], plan.AliasListed{Name: "alias/b/v1"})
		}, "drain-over person F2", "is disabled for neither"},
		"drain over, held": {func(c *scene) {
			c.drained(2 * day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident"}
		}, "drain-over warning F2; held warning", "the key is held"},
		"drain over, kept, held": {func(c *scene) { // it would stay enabled without the hold, too
			c.p.Retire.Action = plan.RetireKeep
			c.drained(2 * day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident 7"}
		}, "held warning", "incident 7"},
		"drain over, quiet, today": {func(c *scene) {
			c.drained(time.Hour)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
		}, "", ""},
		"drain over, quiet, undone": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
		}, "drain-over warning F2", "no run has disabled it"},
		"drain over, quiet, checked today": {func(c *scene) {
			c.drained(2 * day).CheckedAt = noon.Add(-time.Hour)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
			c.r.LastError = &plan.LastError{Code: "access-denied", Message: "disable v2: no permission", At: noon}
		}, "drain-over warning F2", "has not disabled it: disable v2: no permission"},
		"drain over, and only the record knows the version": {func(c *scene) {
			c.drained(2 * day).CheckedAt = noon.Add(-time.Hour)
			c.r.LastError = &plan.LastError{Code: plan.CodeVersionUnproven, About: "v2 k2", At: noon, Run: "x",
				Message: "only the record says that k2 is v2"}
		}, "version-unproven person F2", "keyturn reinstate orders-data/v2"},
		"drain over, quiet, and the alias has just moved": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
			c.r.SwitchedAt = noon.Add(-3 * time.Minute)
		}, "drain-over warning F2", "whether it may retire is checked after 12:07:00 UTC"},
		"drain over, kept, undone": {func(c *scene) { c.p.Retire.Action = plan.RetireKeep; c.drained(2 * day) },
			"drain-over warning F2", "no run has written that down"},
		"drains side by side": {func(c *scene) { c.moreDraining(1) },
			"drains-overlap warning F2", "v2 until 2026-06-11"},
		"too many drains": {func(c *scene) {
			c.moreDraining(2)
			for _, v := range c.r.Draining() {
				c.r.Entry(v.Version).DrainUntil = noon.Add(11 * day) // the next window opens on the 10th day
			}
		}, "max-draining warning F2", "3 versions await disabling"},
		"one, and it is in use": {func(c *scene) {
			c.p.MaxDraining = 1
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{LastAt: noon.Add(-2 * time.Hour), Operation: "Decrypt",
				TrackedAt: noon.Add(-99 * day)}
		}, "drain-over warning F2; max-draining warning F2", "last used"},
		"one, and its drain ends in time": {func(c *scene) {
			c.p.MaxDraining = 1
			c.r.Entry(2).DrainUntil = noon.Add(9*day + 23*time.Hour)
		}, "", ""},
		"one, and its drain does not": {func(c *scene) {
			c.p.MaxDraining = 1
			c.r.Entry(2).DrainUntil = noon.Add(10*day + time.Hour)
		}, "max-draining warning F2", "1 version awaits disabling"},
		"too many drains, and due": {func(c *scene) {
			c.moreDraining(2)
			c.r.Anchor, c.r.Live().Since = noon.Add(-30*day), noon.Add(-50*day)
		}, "max-draining person F2", ""},
		"too many drains, and due, and held": {func(c *scene) {
			c.moreDraining(2)
			c.r.Anchor, c.r.Live().Since = noon.Add(-30*day), noon.Add(-50*day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident 7"}
		}, "max-draining warning F2; held warning", ""},

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
	} {
		t.Run(name, func(t *testing.T) {
			s := inOrder()
			c.change(s)
			got := audit.Key(noon, s.p, s.r, s.s)
			if text := summary(got); text != c.want {
				t.Fatalf("found %q, want %q\n%+v", text, c.want, got)
			}
			for _, f := range got {
				if f.Level == audit.Person && (!f.Works.Made() || f.Hint.Empty()) || f.What == "" ||
					f.Key != "orders-data" {
					t.Errorf("says too little: %+v", f)
				}
			}
			if len(got) > 0 && !strings.Contains(told(got[0]), c.says) {
				t.Errorf("does not say %q: %+v", c.says, got[0])
			}
		})
	}
}

// told is all that a finding says.
func told(f audit.Finding) string {
	lines := []string{f.What, f.Works.Text()}
	for _, words := range f.Hint.Commands {
		lines = append(lines, plan.Shell(words...))
	}
	return strings.Join(append(lines, f.Hint.Note), "\n")
}

func lease(left time.Duration) *plan.Lease {
	return &plan.Lease{Pool: "pool-7", Host: "host", Run: "r", Since: noon.Add(-3 * time.Hour), Until: noon.Add(left)}
}

func mark(left time.Duration) *plan.Fence {
	return &plan.Fence{What: plan.FencedDisable, Run: "r", Since: noon.Add(-time.Minute),
		Until: noon.Add(left), Signers: 1}
}

// moreDraining adds versions that drain at the same time as v2.
func (c *scene) moreDraining(n int64) {
	c.r.Generation += n
	for i := range n {
		v, id := 4+i, fmt.Sprint("k", 4+i)
		c.key(id, "Enabled")
		c.name(v, id)
		d := *c.r.Entry(2)
		d.Version, d.KeyID = v, id
		c.r.Versions = append(c.r.Versions, d)
	}
}

// The records of other plans are counted by plan.
func TestOthers(t *testing.T) {
	seen := audit.TableSeen{Name: "keyturn", Records: []audit.Record{
		{Key: "c", Plans: []string{"billing"}}, {Key: "a", Plans: []string{"billing"}},
		{Key: "b", Plans: []string{"payments"}},
		{Key: "d", Plans: []string{"billing", "shipping"}}, {Key: "e"}, {Key: "ours", Plans: []string{"billing"}},
	}}
	got := fmt.Sprint(audit.Others(seen, map[string]bool{"ours": true}, "payments"))
	if want := "[{billing keyturn [a c]} {billing, shipping keyturn [d]}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTable(t *testing.T) {
	good := audit.TableSeen{Name: "keyturn", Region: "eu-west-1", Deletion: true, PITR: true,
		Records: []audit.Record{{Key: "eu-west-1/alias/a", Plans: []string{"payments"}}}}
	has := func(t *audit.TableSeen, plans ...string) {
		t.Records = append(t.Records, audit.Record{Key: "eu-west-1/alias/b", Plans: plans})
	}
	for name, c := range map[string]struct {
		change func(*audit.TableSeen)
		want   string
	}{
		"in order":        {func(*audit.TableSeen) {}, ""},
		"another plan's":  {func(t *audit.TableSeen) { has(t, "billing") }, ""},
		"moved away":      {func(t *audit.TableSeen) { has(t, "billing", "payments") }, "not-in-plan warning"},
		"left out":        {func(t *audit.TableSeen) { has(t, "payments") }, "not-in-plan warning"},
		"unsafe":          {func(t *audit.TableSeen) { t.Verdict.Unsafe = "TTL" }, "unsafe-table person F4"},
		"unprotected":     {func(t *audit.TableSeen) { t.Deletion = false }, "no-deletion-protection warning"},
		"no recovery":     {func(t *audit.TableSeen) { t.PITR = false }, "no-recovery warning"},
		"recovery unread": {func(t *audit.TableSeen) { t.PITR, t.PITRNote = false, "denied" }, ""},
		"nobody's":        {func(t *audit.TableSeen) { has(t) }, "not-in-plan warning"},
	} {
		seen := good
		c.change(&seen)
		if got := summary(audit.Table(seen, map[string]bool{"eu-west-1/alias/a": true}, "payments")); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
