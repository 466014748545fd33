package iam_test

import (
	_ "embed"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan/planfile"
)

const account = "111122223333"

// manyPlan has a key of every usage, and of each way to retire. scripts/iam-check.sh
// has its policies linted.
//
//go:embed testdata/many.yaml
var manyPlan string

const keepPlan = `
region: cn-north-1
schedule: {every: 90d}
drain: 30d
keys:
  - {alias: alias/orders-data, spec: SYMMETRIC_DEFAULT, usage: ENCRYPT_DECRYPT}
`

func parse(t *testing.T, text string) *planfile.Plan {
	t.Helper()
	p, err := planfile.Parse("keyturn.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// request returns what is asked for a role of a plan.
func request(role iam.Role, p *planfile.Plan) iam.Request {
	return iam.Request{Role: role, Account: account, Plan: p, Partition: kms.Partition}
}

// policies returns those of a role for a plan that fits one.
func policies(t *testing.T, role iam.Role, p *planfile.Plan) []iam.Document {
	t.Helper()
	parts, err := iam.Write(request(role, p))
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	return parts[0].Documents
}

// merged returns all statements of a role.
func merged(t *testing.T, role iam.Role, p *planfile.Plan) iam.Document {
	t.Helper()
	var all iam.Document
	for _, d := range policies(t, role, p) {
		all.Statement = append(all.Statement, d.Statement...)
	}
	return all
}

// The policies as they are printed.
func TestPolicies(t *testing.T) {
	for name, text := range map[string]string{"many": manyPlan, "keep": keepPlan} {
		for _, role := range iam.Roles() {
			got, err := json.MarshalIndent(policies(t, role, parse(t, text)), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+"-"+string(role)+".json")
			golden.Compare(t, path, string(got)+"\n")
		}
	}
}

// actions returns those that a policy allows.
func actions(d iam.Document) []string {
	var list []string
	for _, s := range d.Statement {
		if s.Effect == "Allow" {
			list = append(list, s.Action...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func protects(s iam.Statement, alias string) bool {
	return slices.Contains(s.Condition["ForAnyValue:StringLike"]["kms:ResourceAliases"], alias)
}

func statement(t *testing.T, d iam.Document, sid string) iam.Statement {
	t.Helper()
	i := slices.IndexFunc(d.Statement, func(s iam.Statement) bool { return s.Sid == sid })
	if i < 0 {
		t.Fatalf("no statement %s", sid)
	}
	return d.Statement[i]
}

// What makes a role safe, whatever the plan.
func TestLimits(t *testing.T) {
	p := parse(t, manyPlan)
	for _, a := range actions(merged(t, iam.ReadOnly, p)) {
		_, op, _ := strings.Cut(a, ":")
		if !slices.ContainsFunc([]string{"Describe", "List", "Get", "BatchGet", "Query", "Scan"},
			func(s string) bool { return strings.HasPrefix(op, s) }) {
			t.Errorf("readonly may %s", a)
		}
	}
	for _, role := range []iam.Role{iam.Cron, iam.BreakGlass} {
		d := merged(t, role, p)
		live := statement(t, d, "NeverLiveNorKept")
		if live.Effect != "Deny" || !slices.Equal(live.Action, []string{"kms:DisableKey", "kms:ScheduleKeyDeletion"}) ||
			!protects(live, "alias/orders-data") ||
			protects(live, "alias/orders-data/v*") || protects(live, "alias/kem/v*") != (role == iam.Cron) {
			t.Errorf("%s: %+v", role, live)
		}
		sids := map[string]bool{}
		for _, s := range d.Statement {
			if sids[s.Sid] || s.Effect != "Allow" && s.Effect != "Deny" || len(s.Action) == 0 || len(s.Resource) == 0 {
				t.Errorf("%s: %+v", role, s)
			}
			sids[s.Sid] = true
			if slices.Contains(s.Resource, "*") && len(s.Condition) == 0 {
				t.Errorf("%s: %s holds everywhere", role, s.Sid)
			}
		}
	}
	cron, glass := actions(merged(t, iam.Cron, p)), actions(merged(t, iam.BreakGlass, p))
	if slices.Contains(glass, "kms:ScheduleKeyDeletion") {
		t.Error("a person's verbs delete nothing")
	}
	if !slices.Contains(cron, "kms:ScheduleKeyDeletion") {
		t.Error("cron cannot do what the plan says")
	}
	if kept := actions(merged(t, iam.Cron, parse(t, keepPlan))); slices.Contains(kept, "kms:ScheduleKeyDeletion") ||
		slices.Contains(kept, "kms:GetKeyLastUsage") {
		t.Errorf("keep needs less: %q", kept)
	}
}

// The days of unless_used_within round down: to deny more than keyturn itself
// asks for would keep a version enabled for good.
func TestNeverInUse(t *testing.T) {
	d := merged(t, iam.Cron, parse(t, manyPlan))
	for sid, want := range map[string]string{"NeverInUse7Days": "alias/orders-data/v*",
		"NeverInUse1Days": "alias/session-mac/v*"} {
		got := statement(t, d, sid).Condition["ForAnyValue:StringLike"]["kms:ResourceAliases"]
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", sid, got)
		}
	}
	for _, s := range d.Statement {
		if strings.HasPrefix(s.Sid, "NeverInUse") &&
			slices.Contains(s.Condition["ForAnyValue:StringLike"]["kms:ResourceAliases"], "alias/webhook-signing/v*") {
			t.Error("unless_used_within: off asks for nothing")
		}
	}
}
