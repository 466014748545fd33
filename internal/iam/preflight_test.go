package iam_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
)

// subjectOf is a key of the plan before its next rotation, with what it is for.
func subjectOf(k plan.Policy) plan.Subject {
	return plan.Subject{Policy: k, TableARN: arn("dynamodb", "eu-west-1", "table/"+k.Table),
		Live:    plan.KeySeen{KeyID: "k1", ARN: arn("kms", k.Region, "key/k1"), Spec: k.Spec, Usage: k.Usage},
		Aliases: []string{k.Alias}, Version: 1, Next: 2, Names: true, Waives: true}
}

// asked turns a question for AWS's simulator into those for the judge of these tests.
func asked(q plan.Simulation) []query {
	resources := q.Resources
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	context := map[string][]string{}
	for _, c := range q.Context {
		context[c.Key] = c.Values
	}
	var all []query
	for _, action := range q.Actions {
		for _, r := range resources {
			all = append(all, query{Action: action, Resource: r, Context: context})
		}
	}
	return all
}

// A preflight of a role that has the policies of `init --iam cron` says yes to every call,
// of a key just adopted and of one that keyturn made; and it says no where one action of
// these policies is missing.
func TestPreflightOfCron(t *testing.T) {
	p := parse(t, manyPlan)
	documents := policies(t, iam.Cron, p)
	for _, k := range p.Keys {
		adopted := subjectOf(k)
		made := adopted
		made.Aliases, made.Tagged, made.Names = []string{k.Alias, k.Alias + "/v4"}, true, false
		made.Version, made.Next = 4, 5
		for _, s := range []plan.Subject{adopted, made} {
			actions := plan.NextActions(k, s.Live, plan.RotationSeen{Unknown: "not asked"})
			seen := map[string]bool{}
			for _, q := range s.Simulations(actions) {
				for _, one := range asked(q) {
					seen[one.Action] = true
					if v := ask(t, documents, one); !v.allowed && !v.unknown {
						t.Errorf("%s: %s: %q", k.Name, one, v.deny)
					}
				}
			}
			for _, action := range actions {
				if !seen[action] {
					t.Errorf("%s: %s is simulated nowhere", k.Name, action)
				}
			}
		}
	}
}

func TestPreflightOfCronWithoutOneAction(t *testing.T) {
	p := parse(t, manyPlan)
	for _, missing := range []string{"kms:CreateKey", "kms:TagResource", "kms:CreateAlias", "kms:UpdateAlias",
		"kms:DisableKey", "kms:EnableKeyRotation", "dynamodb:UpdateItem", "kms:Encrypt"} {
		var documents []iam.Document
		for _, d := range policies(t, iam.Cron, p) {
			var less iam.Document
			for _, s := range d.Statement {
				if s.Effect == "Allow" {
					s.Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == missing })
				}
				less.Statement = append(less.Statement, s)
			}
			documents = append(documents, less)
		}
		denied := map[string]bool{}
		k := p.Keys[0]
		actions := plan.NextActions(k, subjectOf(k).Live, plan.RotationSeen{Every: 365 * day})
		for _, q := range subjectOf(k).Simulations(actions) {
			for _, one := range asked(q) {
				if !(byRules{}).allows(t, documents, one) {
					denied[one.Action] = true
				}
			}
		}
		if len(denied) != 1 || !denied[missing] {
			t.Errorf("without %s: %v", missing, denied)
		}
	}
}

func (r byRules) allows(t *testing.T, documents []iam.Document, q query) bool {
	t.Helper()
	v, err := r.ask(documents, q)
	if err != nil {
		t.Fatal(err)
	}
	return v.allowed
}

// The calls of a preflight are those that cron makes, from the first run to the deletion of
// the version before, and each of them has a way to be found out.
func TestPreflightKnowsEveryCall(t *testing.T) {
	w := newWorld(t)
	for i, k := range w.plan.Keys {
		w.alias(k.Alias, w.makeKey(w.plan.Keys[i]))
	}
	schedule := plan.Request{Verb: plan.VerbSchedule}
	w.do(iam.Cron, schedule)
	for _, d := range []int{91, 31, 31, 1} { // rotated, drained, disabled for long enough
		w.advance(time.Duration(d) * day)
		w.do(iam.Cron, schedule)
	}
	want := map[string]bool{}
	for _, k := range w.plan.Keys {
		live := plan.KeySeen{Spec: k.Spec, Usage: k.Usage}
		for _, action := range plan.NextActions(k, live, plan.RotationSeen{Every: 365 * day}) {
			want[action] = true
		}
	}
	made := map[string]bool{}
	for _, call := range w.called(iam.Cron) {
		made[call] = true
		if !want[call] && call != "sts:GetCallerIdentity" {
			t.Errorf("cron calls %s, and no preflight asks about it", call)
		}
	}
	for action := range want {
		// TagResource is part of CreateKey; a run disables a key of its own only after a race.
		if !made[action] && action != "kms:TagResource" {
			t.Errorf("a preflight asks about %s, and cron never calls it", action)
		}
	}
}
