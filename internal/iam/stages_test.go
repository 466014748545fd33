package iam_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/iam"
)

// stage is a key of the plan at some point of its life.
type stage struct {
	what string
	key  aKey
	// also are the aliases of --also-alias.
	also []string
	// may are the operations that these roles need there.
	cron, person, readOnly []string
}

const ours = "alias/orders-data"

func stages() []stage {
	looks := []string{"DescribeKey", "ListResourceTags"}
	more := append([]string{"GetKeyPolicy", "ListGrants", "GetKeyLastUsage", "GetKeyRotationStatus"}, looks...)
	audited := append([]string{"ListKeyRotations"}, more...)
	onNew := []string{"GetKeyPolicy", "DisableKey", "EnableKeyRotation", "GetKeyRotationStatus"}
	probes := []string{"Encrypt", "Decrypt"}
	back := []string{"EnableKey", "CancelKeyDeletion"}
	join := func(lists ...[]string) (all []string) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	person := func(lists ...[]string) []string { // it asks for no last use
		return slices.DeleteFunc(join(lists...), func(op string) bool { return op == "GetKeyLastUsage" })
	}
	moved := []string{"CreateAlias " + ours + "/v4", "UpdateAlias"}
	return []stage{
		{what: "the key to be adopted", key: aKey{aliases: []string{ours}},
			cron: join(more, probes, moved), person: person(more, probes, moved), readOnly: audited},
		{
			what:     "the key to be adopted, with a second alias that --also-alias names",
			key:      aKey{aliases: []string{ours, "alias/old-name"}},
			also:     []string{"alias/old-name"},
			cron:     join(more, probes, moved),
			person:   person(more, probes, moved),
			readOnly: audited,
		},
		{what: "a key just made, without a name", key: aKey{}.tagged(ours),
			cron: join(
				looks,
				onNew,
				probes,
				moved,
			), person: join(looks, onNew, probes, moved), readOnly: looks},
		{what: "a key just made, whose tag does not count yet", key: aKey{},
			cron: join(looks, moved), person: join(looks, moved), readOnly: looks},
		{what: "a version with its name", key: aKey{aliases: []string{ours + "/v4"}}.tagged(ours),
			cron: join(more, probes, moved, back), person: person(more, probes, moved, back), readOnly: audited},
		{what: "the live version", key: live(ours),
			cron: join(more, probes, moved), person: person(more, probes, moved), readOnly: audited},
		{what: "the live version, to which somebody gave a second alias", key: live(ours).with("alias/reports"),
			cron: join(
				more,
				probes,
				[]string{"UpdateAlias"},
			), person: person(more, probes, []string{"UpdateAlias"}), readOnly: audited},
		{what: "an old version that is over", key: old(ours, "40"),
			cron: join(
				more,
				[]string{"DisableKey", "ScheduleKeyDeletion"},
				back,
			), person: person(more, []string{"DisableKey"}, back, probes, []string{"UpdateAlias"}), readOnly: audited},
	}
}

// queries returns what IAM is asked about an operation on the key.
func (s stage) queries(op string) []query {
	op, alias, _ := strings.Cut(op, " ")
	switch {
	case op == "UpdateAlias":
		return moving(ours, live(ours), s.key)
	case alias != "":
		return naming(s.key, alias)
	}
	return []query{s.key.on("kms:" + op)}
}

// Every role may do what it needs in every stage of a key's life, by the
// policies as they are.
func TestStages(t *testing.T) {
	p := parse(t, manyPlan)
	var rows strings.Builder
	rows.WriteString("| the key is | cron may | break-glass may | readonly may |\n|---|---|---|---|\n")
	for _, s := range stages() {
		needs := map[iam.Role][]string{iam.Cron: s.cron, iam.BreakGlass: s.person, iam.ReadOnly: s.readOnly}
		for role, ops := range needs {
			q := request(role, p)
			q.Also = s.also
			parts, err := iam.Write(q)
			if err != nil || len(parts) != 1 {
				t.Fatal(len(parts), err)
			}
			for _, op := range ops {
				for _, q := range s.queries(op) {
					if v := ask(t, parts[0].Documents, q); !v.allowed {
						t.Errorf("%s: %s may not %s: %s, %q", s.what, role, op, q, v.deny)
					}
				}
			}
		}
		cell := func(ops []string) string {
			for i, op := range ops {
				ops[i], _, _ = strings.Cut(op, " ")
			}
			return strings.Join(ops, ", ")
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", s.what, cell(s.cron), cell(s.person), cell(s.readOnly))
	}
	page(t, "stages", rows.String())
}

// What has no key yet: a new version, the list, the records.
func TestWithoutAKey(t *testing.T) {
	p := parse(t, manyPlan)
	items := []string{"eu-west-1/alias/orders-data", "eu-west-1/alias/kem"}
	for _, c := range []struct {
		role iam.Role
		ask  []query
	}{
		{iam.Cron, creating("eu-west-1", "alias/orders-data")},
		{iam.BreakGlass, creating("eu-west-1", "alias/session-mac")},
		{iam.Cron, []query{onTable("dynamodb:BatchGetItem", items...), onTable("dynamodb:PutItem", items[0])}},
		{iam.Cron, []query{onTable("dynamodb:DescribeTable")}},
		{iam.BreakGlass, []query{onTable("dynamodb:Query", items[0]), onTable("dynamodb:UpdateItem", items[1])}},
		{iam.ReadOnly, []query{onTable("dynamodb:Query", items[0]), onTable("dynamodb:Scan")}},
	} {
		for _, q := range c.ask {
			if v := ask(t, policies(t, c.role, p), q); !v.allowed {
				t.Errorf("%s may not %s: %q", c.role, q, v.deny)
			}
		}
	}
	// An alias of the plan in another Region, or none of the plan, makes no key.
	for _, c := range [][]query{creating("us-east-1", "alias/orders-data"), creating("eu-west-1", "alias/theirs")} {
		if v := ask(t, policies(t, iam.Cron, p), c[0]); v.allowed {
			t.Errorf("cron may %s", c[0])
		}
	}
}

// Every Deny holds something: without it, an attempt succeeds somewhere.
func TestEveryDenyIsNeeded(t *testing.T) {
	p := parse(t, manyPlan)
	docs := policies(t, iam.Cron, p)
	for i, d := range docs {
		for j, s := range d.Statement {
			if s.Effect != "Deny" || s.Sid == "NeverInUse1Days" { // the same as NeverInUse7Days, for another key
				continue
			}
			without := d
			without.Statement = append(append([]iam.Statement{}, d.Statement[:j]...), d.Statement[j+1:]...)
			rest := append(
				[]iam.Document{tooMuch(), without},
				append(append([]iam.Document{}, docs[:i]...), docs[i+1:]...)...)
			if !succeeds(t, rest) {
				t.Errorf("no attempt needs %s", s.Sid)
			}
		}
	}
}

// succeeds reports whether a step of an attempt that a Deny stands against is allowed.
func succeeds(t *testing.T, docs []iam.Document) bool {
	for _, a := range attempts() {
		for _, s := range a.steps {
			queries, _ := s(a.key)
			allowed := !a.only
			for _, q := range queries {
				v, err := byRules{}.ask(docs, q)
				if err != nil {
					t.Fatal(err)
				}
				allowed = allowed && v.allowed
			}
			if allowed {
				return true
			}
		}
	}
	return false
}

// A key without any alias looks like a version just made. The page says so, and has
// the statement for its key policy that shuts the roles out.
func TestUnnamedForeignKey(t *testing.T) {
	text, err := os.ReadFile("../../docs/iam.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "<!-- key policy -->\n```json\n")
	block, _, found := strings.Cut(rest, "```")
	var s keyStatement
	if err := json.Unmarshal([]byte(block), &s); !found || err != nil {
		t.Fatal(found, err)
	}
	unnamed := aKey{unused: "200"}
	p := parse(t, manyPlan)
	for _, role := range []iam.Role{iam.Cron, iam.BreakGlass} {
		docs := policies(t, role, p)
		for _, q := range []query{
			unnamed.on("kms:TagResource", "aws:RequestTag/keyturn:alias", ours),
			unnamed.on("kms:CreateAlias"), unnamed.on("kms:UpdateAlias"),
			unnamed.tagged(ours).on("kms:Decrypt"), unnamed.tagged(ours).on("kms:DisableKey"),
			unnamed.with(v999).on("kms:Decrypt"),
		} {
			q.Context["aws:PrincipalArn"] = []string{"arn:aws:iam::" + account + ":role/keyturn-" + string(role)}
			if v := ask(t, docs, q); !v.allowed {
				t.Errorf("%s may not %s: docs/iam.md says it can", role, q)
			}
			q.KeyPolicy = []keyStatement{s}
			if v := ask(t, docs, q); v.allowed {
				t.Errorf("%s may %s, whatever the key policy says", role, q)
			}
		}
	}
}
