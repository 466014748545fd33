package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// Only what certainly never served gets a command.
func TestOrphans(t *testing.T) {
	same := func(*audit.Suspect, *scene) {}
	full := inOrder().r
	for i := range plan.MaxGone {
		full.Versions = append(full.Versions, plan.Version{Version: int64(100 + i), State: plan.Kept, KeptAt: noon})
	}
	full.LeftOut, full.Generation = 100, 150
	for name, c := range map[string]struct {
		change func(*audit.Suspect, *scene)
		want   string // verdict, "command" or "none"
		owner  func(*audit.Owner)
	}{
		"left behind":      {func(*audit.Suspect, *scene) {}, "command", nil},
		"late alias":       {func(s *audit.Suspect, _ *scene) { s.Name = alias + "/v2" }, "command", nil},
		"not ours":         {func(s *audit.Suspect, _ *scene) { s.Tags = audit.Tags{} }, "none", nil},
		"a version":        {func(s *audit.Suspect, _ *scene) { s.Key.KeyID = "k2" }, "none", nil},
		"gone":             {func(s *audit.Suspect, _ *scene) { s.Key.Missing = true }, "none", nil},
		"disabled already": {func(s *audit.Suspect, _ *scene) { s.Key.State = "Disabled" }, "already disabled", nil},
		"just made": {func(s *audit.Suspect, _ *scene) { s.Key.CreatedAt = noon.Add(-time.Minute) },
			"may be of a run that is under way", nil},
		"of an open claim": {func(s *audit.Suspect, c *scene) {
			c.opens(plan.Claimed, 3*time.Hour)
			s.Name, s.Tags.Claim = alias+"/v4", "c4"
		}, "under way", nil},
		"no record": {func(_ *audit.Suspect, c *scene) { c.r = nil },
			"there is no record of alias/orders-data", nil},
		"newer record":     {func(_ *audit.Suspect, c *scene) { c.r.Schema = 2 }, "newer keyturn", nil},
		"malformed record": {func(_ *audit.Suspect, c *scene) { c.r = nil }, "is malformed", nil},
		"longer ago than kept": {func(s *audit.Suspect, c *scene) { c.r, s.Tags.Version = full, "90" },
			"longer ago than the record keeps", nil},
		"younger than kept": {func(s *audit.Suspect, c *scene) { c.r, s.Tags.Version = full, "120" },
			"command", nil},
		"the ledger was not read": {same, "is not proven", func(o *audit.Owner) { o.History = nil }},
		"the ledger has a gap": {same, "is not proven", func(o *audit.Owner) {
			o.History.Findings = []plan.Finding{{Kind: plan.Gap}}
		}},
		"the record was rebuilt once": {same, "is not proven", func(o *audit.Owner) {
			o.History.Findings = []plan.Finding{{Kind: plan.Jump}}
		}},
		"the ledger shows it live": {same, "data may need it", func(o *audit.Owner) {
			o.History.Events[1] = plan.Event{Rev: 2, KeyID: "kx", Kind: []plan.EventKind{plan.EventFinish}}
		}},
		"the ledger shows it adopted": {same, "data may need it", func(o *audit.Owner) {
			o.History.Events[0] = plan.Event{Rev: 1, KeyID: "kx", Kind: []plan.EventKind{plan.EventAdopt}}
		}},
		"the ledger shows that it left": {same, "data may need it", func(o *audit.Owner) {
			o.History.Events[1].Left = []plan.Left{{Version: 2, KeyID: "kx", Until: noon}}
		}},
		"the ledger does not have its claim": {same, "is not proven", func(o *audit.Owner) {
			o.History.Events[1].Claim = "" // another story of the alias, which began after it
		}},
		"above the record's generation": {func(s *audit.Suspect, _ *scene) { s.Tags.Version = "4" },
			"above the generation", nil},
		"drift stands": {same, "settle drift first", func(o *audit.Owner) { o.Doubt = plan.CodeDrift }},
	} {
		t.Run(name, func(t *testing.T) {
			sc := inOrder()
			s := audit.Suspect{Key: plan.KeySeen{KeyID: "kx", State: "Enabled", CreatedAt: noon.Add(-2 * time.Hour)},
				Tags: audit.Tags{Alias: alias, Version: "3", Claim: "cx"}}
			c.change(&s, sc)
			history := plan.HistoryOf(sc.r, nil)
			if len(history.Events) > 1 {
				history.Events[1].Claim = "cx"
			}
			owner := audit.Owner{Record: sc.r, Broken: name == "malformed record", History: &history}
			if c.owner != nil {
				c.owner(&owner)
			}
			owners := map[string]audit.Owner{"eu-west-1/" + alias: owner}
			got := audit.Orphans(noon, "eu-west-1", []audit.Suspect{s}, owners)
			switch {
			case c.want == "none" && len(got) == 0:
			case len(got) != 1:
				t.Fatalf("%+v", got)
			case c.want == "command":
				if f := got[0].Finding(); told(f) != f.What+"\n\naws kms disable-key --region eu-west-1 --key-id "+
					"kx\n" ||
					f.Level != audit.Person || f.Code != plan.CodeOrphan || f.Mode != audit.Partial {
					t.Errorf("%+v", f)
				}
			case name == "drift stands" && got[0].Served.Never():
				t.Errorf("claims by a record in doubt: %+v", got[0])
			case !got[0].Next.Empty() || got[0].Finding().Level == audit.Person || !strings.Contains(got[0].Verdict,
				c.want):
				t.Errorf("%+v", got[0])
			}
		})
	}
}
