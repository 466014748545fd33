package iam_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/iam"
)

// attempt is what somebody who holds a role tries, step by step. Each step that
// is allowed has its effect, and the next is tried with it; none may be allowed.
type attempt struct {
	what  string
	key   aKey
	steps []step
	// only says that nothing but a missing Allow stands against it: a role to which
	// another policy gives kms:* may do it.
	only bool
	// retires reports whether a person may do it all the same: that is what retire is for.
	retires bool
}

// step is one call: what IAM is asked, and the key afterwards.
type step func(k aKey) ([]query, aKey)

// The keys that are tried. None of the first is of the plan.
func foreign() aKey { return aKey{aliases: []string{"alias/theirs"}, unused: "200"} }

func foreignTagged() aKey { return foreign().tagged("alias/orders-data") }

func foreignVersion() aKey { return foreign().with("alias/theirs/v3").tagged("alias/theirs") }

func foreignAlike() aKey { return aKey{aliases: []string{"alias/orders-database"}, unused: "200"} }

func foreignElsewhere() aKey {
	return aKey{region: "us-east-1", aliases: []string{"alias/orders-data", "alias/orders-data/v1"}, unused: "200"}
}

func live(alias string) aKey {
	return aKey{aliases: []string{alias, alias + "/v3"}, unused: "200"}.tagged(alias)
}

func old(alias, unused string) aKey {
	return aKey{aliases: []string{alias + "/v2"}, unused: unused}.tagged(alias)
}

// The steps.
func do(action string, more ...string) step {
	return func(k aKey) ([]query, aKey) { return []query{k.on(action, more...)}, k }
}

func tag() step {
	return func(k aKey) ([]query, aKey) {
		return []query{
				k.on("kms:TagResource", "aws:RequestTag/keyturn:alias", "alias/orders-data"),
			}, k.tagged(
				"alias/orders-data",
			)
	}
}

func name(alias string) step {
	return func(k aKey) ([]query, aKey) { return naming(k, alias), k.with(alias) }
}

// moveOnto moves the plan's alias onto the key.
func moveOnto() step {
	return func(k aKey) ([]query, aKey) {
		return moving("alias/orders-data", live("alias/orders-data"), k), k.with("alias/orders-data")
	}
}

func items(action string, keys ...string) step {
	return func(k aKey) ([]query, aKey) { return []query{onTable(action, keys...)}, k }
}

const v999 = "alias/orders-data/v999"

// attempts returns what no role may do.
func attempts() []attempt {
	theirs, tagged := foreign(), foreignTagged()
	const foreignKey, taggedKey = "another's key: ", "another's key that already bears our tag: "
	list := []attempt{
		{what: foreignKey + "tag it", key: theirs, steps: []step{tag()}},
		{what: foreignKey + "name it …/v999", key: theirs, steps: []step{name(v999)}},
		{what: foreignKey + "tag it, then name it …/v999", key: theirs, steps: []step{tag(), name(v999)}},
		{what: foreignKey + "move the alias onto it", key: theirs, steps: []step{moveOnto()}},
		{
			what:  foreignKey + "tag, name, then move the alias onto it",
			key:   theirs,
			steps: []step{tag(), name(v999), moveOnto()},
		},
	}
	for _, use := range []struct{ what, action string }{
		{"decrypt with it", "kms:Decrypt"}, {"disable it", "kms:DisableKey"},
		{"schedule its deletion", "kms:ScheduleKeyDeletion"},
		{"cancel its deletion", "kms:CancelKeyDeletion"}, {"enable it", "kms:EnableKey"}, {"sign with it", "kms:Sign"},
	} {
		list = append(
			list,
			attempt{what: foreignKey + use.what, key: theirs, steps: []step{do(use.action)}},
			attempt{what: foreignKey + "tag it, then " + use.what, key: theirs, steps: []step{tag(), do(use.action)}},
			attempt{
				what:  foreignKey + "tag, name, then " + use.what,
				key:   theirs,
				steps: []step{tag(), name(v999), do(use.action)},
			},
			attempt{what: taggedKey + use.what, key: tagged, steps: []step{do(use.action)}},
			attempt{
				what:  "a version in another plan: " + use.what,
				key:   foreignVersion(),
				steps: []step{do(use.action)},
			},
			attempt{
				what:  "the key of alias/orders-database: " + use.what,
				key:   foreignAlike(),
				steps: []step{do(use.action)},
			},
		)
	}
	for _, use := range []string{"Encrypt", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret",
		"GetPublicKey", "EnableKeyRotation", "Encapsulate", "Decapsulate"} {
		list = append(
			list,
			attempt{
				what:  foreignKey + "tag, name, then " + use,
				key:   theirs,
				steps: []step{tag(), name(v999), do("kms:" + use)},
			},
		)
	}
	return append(
		list,
		attempt{what: taggedKey + "name it …/v999", key: tagged, steps: []step{name(v999)}},
		attempt{what: taggedKey + "move the alias onto it", key: tagged, steps: []step{moveOnto()}},
		attempt{what: "a version in another plan: name it …/v999", key: foreignVersion(), steps: []step{name(v999)}},
		attempt{what: "a version in another plan: tag it", key: foreignVersion(), steps: []step{tag()}},
		attempt{
			what:  "the key of alias/orders-database: name it …/v999",
			key:   foreignAlike(),
			steps: []step{name(v999)},
		},
		attempt{what: foreignKey + "take the name alias/theirs off it", key: theirs, only: true,
			steps: []step{func(k aKey) ([]query, aKey) {
				return []query{onAlias("kms:DeleteAlias", k.in(), "alias/theirs"), k.on("kms:DeleteAlias")}, aKey{}
			}}},
		attempt{what: foreignKey + "move alias/theirs onto a key of the plan", key: theirs,
			steps: []step{
				func(k aKey) ([]query, aKey) { return moving("alias/theirs", k, live("alias/orders-data")), k },
			}},
		attempt{
			what:  foreignKey + "replace its key policy",
			key:   theirs,
			only:  true,
			steps: []step{do("kms:PutKeyPolicy")},
		},
		attempt{
			what:  foreignKey + "grant oneself its use",
			key:   theirs,
			only:  true,
			steps: []step{do("kms:CreateGrant")},
		},
		attempt{
			what:  foreignKey + "take its tags off",
			key:   theirs,
			only:  true,
			steps: []step{do("kms:UntagResource")},
		},
		attempt{
			what:  foreignKey + "make a data key with it",
			key:   theirs,
			only:  true,
			steps: []step{do("kms:GenerateDataKey")},
		},
		attempt{
			what:  "a key of the same alias in another Region: decrypt with it",
			key:   foreignElsewhere(),
			only:  true,
			steps: []step{do("kms:Decrypt")},
		},
		attempt{
			what:  "a key of the same alias in another Region: disable it",
			key:   foreignElsewhere(),
			only:  true,
			steps: []step{do("kms:DisableKey")},
		},
		attempt{
			what:  "the live version: disable it",
			key:   live("alias/orders-data"),
			steps: []step{do("kms:DisableKey")},
		},
		attempt{
			what:  "the live version: schedule its deletion",
			key:   live("alias/orders-data"),
			steps: []step{do("kms:ScheduleKeyDeletion")},
		},
		attempt{what: "the live version: tag it otherwise", key: live("alias/orders-data"), steps: []step{tag()}},
		attempt{
			what:    "an old version used two days ago: disable it",
			key:     old("alias/orders-data", "2"),
			steps:   []step{do("kms:DisableKey")},
			retires: true,
		},
		attempt{what: "an old version: schedule its deletion in 7 days", key: old("alias/orders-data", "200"),
			steps: []step{do("kms:ScheduleKeyDeletion", "kms:ScheduleKeyDeletionPendingWindowInDays", "7")}},
		attempt{
			what:  "an old version that the plan only disables: schedule its deletion",
			key:   old("alias/session-mac", "200"),
			steps: []step{do("kms:ScheduleKeyDeletion")},
		},
		attempt{
			what:    "an old version that the plan keeps: disable it",
			key:     old("alias/agreement", "200"),
			steps:   []step{do("kms:DisableKey")},
			retires: true,
		},
		attempt{
			what:  "an old version that another alias names: disable it",
			key:   old("alias/orders-data", "200").with("alias/reports"),
			steps: []step{do("kms:DisableKey")},
		},
		attempt{
			what:  "an old version that another alias names: schedule its deletion",
			key:   old("alias/orders-data", "200").with("alias/reports"),
			steps: []step{do("kms:ScheduleKeyDeletion")},
		},
		attempt{
			what: "the name of a version: move it onto another version",
			key:  old("alias/orders-data", "200"),
			only: true,
			steps: []step{
				func(k aKey) ([]query, aKey) { return moving("alias/orders-data/v3", live("alias/orders-data"), k), k },
			},
		},
		attempt{
			what:  "another plan's record: write it",
			steps: []step{items("dynamodb:PutItem", "eu-west-1/alias/theirs")},
		},
		attempt{
			what:  "another plan's record: change it",
			steps: []step{items("dynamodb:UpdateItem", "eu-west-1/alias/theirs")},
		},
		attempt{
			what:  "another plan's record: delete it",
			steps: []step{items("dynamodb:DeleteItem", "eu-west-1/alias/theirs")},
		},
		attempt{what: "another plan's record: read it beside one's own", only: true,
			steps: []step{items("dynamodb:BatchGetItem", "eu-west-1/alias/orders-data", "eu-west-1/alias/theirs")}},
		attempt{what: "a write that names no item", only: true, steps: []step{items("dynamodb:PutItem")}},
		attempt{
			what:  "one's own record or ledger: delete it",
			only:  true,
			steps: []step{items("dynamodb:DeleteItem", "eu-west-1/alias/orders-data")},
		},
		attempt{what: "the table: delete it", only: true, steps: []step{items("dynamodb:DeleteTable")}},
	)
}

// tooMuch returns what another policy on the same role might allow.
func tooMuch() iam.Document {
	return iam.Document{Version: "2012-10-17", Statement: []iam.Statement{
		{Sid: "TooMuch", Effect: "Allow", Action: []string{"kms:*", "dynamodb:*"}, Resource: []string{"*"}}}}
}

// try runs an attempt and returns the Denies that stood against its steps.
func try(t *testing.T, role iam.Role, docs []iam.Document, a attempt) (denied []string) {
	t.Helper()
	k := a.key
	for _, s := range a.steps {
		queries, after := s(k)
		allowed := true
		for _, q := range queries {
			v := ask(t, docs, q)
			allowed = allowed && v.allowed
			for _, sid := range v.deny {
				if !slices.Contains(denied, sid) {
					denied = append(denied, sid)
				}
			}
		}
		if allowed {
			t.Errorf("%s may: %s: %v", role, a.what, queries)
			k = after
		}
	}
	return denied
}

// A role reaches nothing beyond the plan, and ends no version too early: neither
// by what its policies allow, nor by what another policy on it does.
func TestAttempts(t *testing.T) {
	p := parse(t, manyPlan)
	if n := len(attempts()); n < 30 {
		t.Fatalf("only %d attempts", n)
	}
	var rows strings.Builder
	rows.WriteString("| attempt | cron | break-glass |\n|---|---|---|\n")
	for _, a := range attempts() {
		cells := []string{a.what}
		for _, role := range iam.Roles() {
			docs := policies(t, role, p)
			if a.retires && role == iam.BreakGlass {
				for _, s := range a.steps {
					if queries, _ := s(a.key); !ask(t, docs, queries[0]).allowed {
						t.Errorf("%s may not: %s", role, a.what)
					}
				}
				cells = append(cells, "allowed: retire")
				continue
			}
			try(t, role, docs, a)
			if role == iam.ReadOnly {
				continue // it has no Denies
			}
			cell := "not allowed"
			if !a.only {
				denies := try(t, role, append([]iam.Document{tooMuch()}, docs...), a)
				cell = "denied: " + strings.Join(denies, ", ")
			}
			cells = append(cells, cell)
		}
		fmt.Fprintf(&rows, "| %s |\n", strings.Join(cells, " | "))
	}
	page(t, "attempts", rows.String())
}

// page compares what stands between two marks in docs/iam.md; -update writes it.
func page(t *testing.T, mark, want string) {
	t.Helper()
	const path = "../../docs/iam.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+mark+" -->\n", "<!-- end of "+mark+" -->\n"
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("docs/iam.md has no %q", strings.TrimSpace(begin))
	}
	if got == want {
		return
	}
	if !golden.Update() {
		t.Errorf("docs/iam.md: %s: the table is another now; go test ./internal/iam -update writes it", mark)
		return
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
