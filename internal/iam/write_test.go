package iam_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// manyKeys returns a plan of n keys of several kinds. Their names are of common length.
func manyKeys(t *testing.T, n int) *planfile.Plan {
	t.Helper()
	var b strings.Builder
	b.WriteString("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
	for i := range n {
		retire := []string{"retire: keep", "retire: {action: disable}",
			"retire: {action: delete, delete_after: 30d, deletion_window: 14d}"}[i%3]
		fmt.Fprintf(
			&b,
			"  - {alias: alias/payments-key-%03d, spec: SYMMETRIC_DEFAULT, usage: ENCRYPT_DECRYPT, %s}\n",
			i,
			retire,
		)
	}
	return parse(t, b.String())
}

// Whatever the size of a plan, each policy fits, each role has few enough, and a
// Deny by negation holds all of the role's list.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		keys     int
		patterns []string
		parts    int
	}{
		{1, nil, 1}, {8, nil, 1}, {9, nil, 1}, {42, nil, 1}, {60, nil, 1}, {100, nil, 2}, {300, nil, 0}, {400, nil, 0},
		{100, []string{"alias/payments-*"}, 1}, {300, []string{"alias/payments-*"}, 1},
		{400, []string{"alias/payments-*"}, 0},
	} {
		for _, role := range iam.Roles() {
			q := request(role, manyKeys(t, c.keys))
			q.Patterns = c.patterns
			parts, err := iam.Write(q)
			if err != nil {
				t.Fatal(err)
			}
			if c.parts > 0 && len(parts) > c.parts {
				t.Errorf("%s of %d keys, %q: %d roles", role, c.keys, c.patterns, len(parts))
			}
			var keys []plan.Policy
			for _, part := range parts {
				keys = append(keys, part.Keys...)
				if len(part.Documents) > iam.MostDocuments {
					t.Errorf("%s of %d keys: %d policies for a role", role, c.keys, len(part.Documents))
				}
				for _, d := range part.Documents {
					if n := iam.Size(d); n > iam.MostCharacters {
						t.Errorf("%s of %d keys: a policy of %d characters", role, c.keys, n)
					}
				}
				wholeDenies(t, part, c.patterns)
			}
			if len(keys) != c.keys {
				t.Errorf("%s of %d keys: only %d have a part", role, c.keys, len(keys))
			}
		}
	}
}

// wholeDenies checks that a Deny by negation knows every key of its role: what one
// list leaves out is denied, whatever another one has.
func wholeDenies(t *testing.T, part iam.Part, patterns []string) {
	t.Helper()
	for _, d := range part.Documents {
		for _, s := range d.Statement {
			for operator, keys := range s.Condition {
				for _, values := range keys {
					if s.Effect != "Deny" || !strings.Contains(operator, "Not") {
						continue
					}
					for _, k := range part.Keys {
						want := func(v string) bool {
							return strings.Contains(v, k.Alias) || len(patterns) > 0 && strings.Contains(v, patterns[0])
						}
						if !slices.ContainsFunc(values, want) {
							t.Fatalf("%s does not know %s", s.Sid, k.Alias)
						}
					}
				}
			}
		}
	}
}

// Policies in several documents, and with a pattern in place of the list, allow and
// deny what one does.
func TestSplitIsTheSame(t *testing.T) {
	for _, patterns := range [][]string{nil, {"alias/payments-*"}} {
		q := request(iam.Cron, manyKeys(t, 45))
		q.Patterns = patterns
		parts, err := iam.Write(q)
		if err != nil || len(parts) != 1 || len(parts[0].Documents) < 2 {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		docs := parts[0].Documents
		for _, i := range []int{0, 1, 2, 22, 23, 42, 43, 44} { // the first, the last, and where pieces begin
			alias := q.Plan.Keys[i].Alias
			for _, a := range []struct {
				q    query
				want bool
			}{
				{live(alias).on("kms:Decrypt"), true},
				{live(alias).on("kms:DisableKey"), false},
				{live(alias).on("kms:TagResource", "aws:RequestTag/keyturn:alias", alias), false},
				{old(alias, "40").on("kms:DisableKey"), i%3 != 0},
				{old(alias, "40").on("kms:ScheduleKeyDeletion"), i%3 == 2},
				{onAlias("kms:CreateAlias", "eu-west-1", alias+"/v7"), true},
				{aKey{}.tagged(alias).on("kms:CreateAlias"), true},
				{onAlias("kms:UpdateAlias", "eu-west-1", alias), true},
				{onAlias("kms:UpdateAlias", "eu-west-1", alias+"/v7"), false},
				{onTable("dynamodb:PutItem", "eu-west-1/"+alias), true},
				{creating("eu-west-1", alias)[0], true},
				{foreign().tagged(alias).on("kms:Decrypt"), false},
				{foreign().tagged(alias).on("kms:DisableKey"), false},
				{foreign().on("kms:CreateAlias"), false},
			} {
				if v := ask(t, docs, a.q); v.allowed != a.want {
					t.Errorf("%q, key %d: %s: %+v", patterns, i, a.q, v)
				}
			}
		}
	}
}

// An alias of the plan in one Region is somebody else's in another.
func TestRegionsApart(t *testing.T) {
	p := parse(t, `
region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - {alias: alias/orders-data, retire: {action: disable}}
  - {alias: alias/reports, region: us-east-1}
`)
	docs := policies(t, iam.Cron, p)
	for _, k := range []struct {
		key  aKey
		want bool
	}{
		{aKey{aliases: []string{"alias/orders-data"}}, true},
		{aKey{aliases: []string{"alias/orders-data"}, region: "us-east-1"}, false},
		{aKey{aliases: []string{"alias/reports"}}, false},
		{aKey{aliases: []string{"alias/reports"}, region: "us-east-1"}, true},
	} {
		for _, op := range []string{"kms:Decrypt", "kms:CreateAlias"} {
			if v := ask(t, docs, k.key.on(op)); v.allowed != k.want {
				t.Errorf("%s: %+v", k.key.on(op), v)
			}
		}
	}
	sids := map[string]bool{}
	for _, s := range merged(t, iam.Cron, p).Statement {
		if sids[s.Sid] {
			t.Errorf("%s is there twice", s.Sid)
		}
		sids[s.Sid] = true
	}
}

// Encapsulate and Decapsulate are new: they stand only where it is known that a key
// is for that.
func TestKEM(t *testing.T) {
	const head = "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n"
	for text, want := range map[string]bool{
		"  - alias: alias/kem\n":                                         false,
		"  - {alias: alias/kem, spec: ML_KEM_768}\n":                     true,
		"  - {alias: alias/kem, usage: ENCAPSULATE_DECAPSULATE}\n":       true,
		"  - {alias: alias/kem, spec: RSA_2048, usage: SIGN_VERIFY}\n":   false,
		"  - {alias: alias/kem, spec: ECC_NIST_P256}\n":                  false,
		"  - {alias: alias/a, usage: SIGN_VERIFY}\n  - alias: alias/b\n": false,
	} {
		p := parse(t, head+text)
		q := request(iam.Cron, p)
		for range 2 {
			parts, err := iam.Write(q)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(fmt.Sprint(parts[0].Documents), "kms:Encapsulate"); got != want {
				t.Errorf("%s: %v", text, got)
			}
			if notes := strings.Join(iam.Notes(q, parts), "\n"); strings.Contains(
				notes,
				"what these keys are for is not known: kem;",
			) != (!want && !strings.Contains(text, "usage")) {
				t.Errorf("%s: %s", text, notes)
			}
			if text != "  - alias: alias/kem\n" {
				break
			}
			q.Read, want = map[string]iam.Seen{p.Keys[0].Key(): {Usage: "ENCAPSULATE_DECAPSULATE"}}, true
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{"alias/a", "alias/a", true}, {"alias/a", "alias/ab", false},
		{"alias/a*", "alias/a", true}, {"alias/a*", "alias/ab/c", true},
		{"alias/a*z", "alias/az", true}, {"alias/a*z", "alias/a", false},
		{"alias/a*/v*", "alias/a-b/v1", true}, {"alias/a*/v*", "alias/a/x/v", true},
		{"alias/a*/v*", "alias/a/w1", false}, {"alias/a*a", "alias/a", false},
		{"*", "", true}, {"a*b*c", "abc", true}, {"a*b*c", "acb", false},
	} {
		if got := iam.Matches(c.pattern, c.value); got != c.want {
			t.Errorf("%s, %s: %v", c.pattern, c.value, got)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	for _, c := range []struct {
		patterns, also []string
		why            string
	}{
		{[]string{"alias/*"}, nil, "does not say which"},
		{[]string{"*"}, nil, "does not say which"},
		{[]string{"payments-*"}, nil, "does not say which"},
		{[]string{"alias/payments-key-00?"}, nil, "does not say which"},
		{[]string{"alias/orders-*"}, nil, "no --pattern stands for alias/payments-key-000"},
		{nil, []string{"alias/*"}, "not an alias of your own"},
		{nil, []string{"alias/aws/ebs"}, "not an alias of your own"},
		{nil, []string{"reports"}, "not an alias of your own"},
		{nil, []string{"alias/" + strings.Repeat("x", 6200)}, "more than 6144"},
	} {
		q := request(iam.Cron, manyKeys(t, 3))
		q.Patterns, q.Also = c.patterns, c.also
		_, err := iam.Write(q)
		if e, ok := errors.AsType[*iam.RequestError](err); !ok || !strings.Contains(e.What, c.why) ||
			len(e.Hint.Commands) == 0 {
			t.Errorf("%q %q: %v", c.patterns, c.also, err)
		}
	}
	q := request(
		iam.Cron,
		parse(t, "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n  - alias: alias/pay-a/vault\n"),
	)
	q.Patterns = []string{"alias/pay-*"}
	if _, err := iam.Write(q); err == nil || !strings.Contains(err.Error(), "looks like the name of a version") {
		t.Error(err)
	}
}

func TestNotes(t *testing.T) {
	notes := func(q iam.Request) string {
		parts, err := iam.Write(q)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(iam.Notes(q, parts), "\n")
	}
	keep := request(iam.Cron, parse(t, keepPlan))
	if n := notes(keep); strings.Contains(n, "characters") || !strings.Contains(n, "5 minutes") ||
		!strings.Contains(n, "without any alias") ||
		!strings.Contains(n, "was not looked at: orders-data") {
		t.Error(n)
	}
	keep.Read = map[string]iam.Seen{
		keep.Plan.Keys[0].Key(): {Usage: "ENCRYPT_DECRYPT", LikeVersions: []string{"alias/orders-data/vault"}},
	}
	if n := notes(keep); strings.Contains(n, "was not looked at") ||
		!strings.Contains(n, "alias/orders-data/vault is taken for a version") {
		t.Error(n)
	}
	if n := notes(request(iam.Cron, manyKeys(t, 20))); !strings.Contains(n, "policies for one role") {
		t.Error(n)
	}
	long := request(iam.Cron, manyKeys(t, 100))
	if n := notes(long); !strings.Contains(n, "role 2, policies") || !strings.Contains(n, "payments-key-099") {
		t.Error(n)
	}
	long.Patterns = []string{"alias/payments-*"}
	if n := notes(long); strings.Contains(n, "role 2, policies") ||
		!strings.Contains(n, "alias/payments-* stands for the plan's aliases") {
		t.Error(n)
	}
}
