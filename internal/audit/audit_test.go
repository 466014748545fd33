package audit_test

import (
	"fmt"
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

// findingCase is a change of a scene in order, and what the audit finds then.
type findingCase struct {
	change func(*scene)
	want   string // all findings
	says   string // in what, safe or hint of the first
}

func tryFindings(t *testing.T, cases map[string]findingCase) {
	t.Helper()
	for name, c := range cases {
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

// Each anomaly alone is found, and nothing else; without it nothing is. These are of the alias, and
// of the states of keys.
func TestFindings(t *testing.T) {
	tryFindings(t, map[string]findingCase{
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
	})
}
