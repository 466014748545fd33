package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// questionsOf returns those about n keys just adopted, whose old versions are deleted.
func questionsOf(n int) (all []plan.Simulation) {
	for i := range n {
		p := ordersPolicy()
		p.Alias, p.Region = fmt.Sprintf("alias/k%d", i), "eu-west-1"
		p.Retire = plan.Retire{Action: plan.RetireDelete, DeletionWindow: 14 * day}
		live := plan.KeySeen{ARN: fmt.Sprintf("arn:aws:kms:eu-west-1:123456789012:key/k%d", i),
			Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"}
		s := plan.Subject{Policy: p, Live: live, Aliases: []string{p.Alias}, Version: 1, Next: 2, Names: true,
			TableARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/keyturn"}
		actions := slices.DeleteFunc(plan.NextActions(p, live, plan.RotationSeen{}), func(a string) bool {
			way, _ := plan.WayOf(a)
			return way != plan.WaySimulated
		})
		all = append(all, s.Simulations(actions)...)
	}
	return all
}

// triples returns what is asked: a call, a resource and a context.
func triples(questions []plan.Simulation) []string {
	var all []string
	for _, q := range questions {
		for _, a := range q.Actions {
			for _, r := range q.Resources {
				all = append(all, fmt.Sprint(a, r, q.Context))
			}
			if len(q.Resources) == 0 {
				all = append(all, fmt.Sprint(a, plan.AllResources, q.Context))
			}
		}
	}
	slices.Sort(all)
	return all
}

// Batches ask what the questions ask, and nothing else: in each context once, where the
// context is a key's, and of 20 resources at a time, where it is a Region's.
func TestBatches(t *testing.T) {
	for _, keys := range []int{1, 50} {
		questions := questionsOf(keys)
		batches := plan.Batches(questions)
		calls := keys*7 + (2*keys+19)/20 + (keys+19)/20
		if len(batches) != calls || len(questions) != keys*10 {
			t.Errorf("%d keys: %d calls for %d questions; want %d", keys, len(batches), len(questions), calls)
		}
		var asked []plan.Simulation
		answered := map[int]int{}
		for _, b := range batches {
			asked = append(asked, b.Simulation)
			if len(b.Resources) > 20 {
				t.Errorf("%d resources", len(b.Resources))
			}
			for _, i := range b.Of {
				answered[i]++
			}
		}
		if got, want := triples(asked), slices.Compact(triples(questions)); !slices.Equal(got, want) {
			t.Errorf("%d keys: asked\n%s\nwant\n%s", keys, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for i := range questions {
			if answered[i] != 1 {
				t.Errorf("question %d is in %d calls", i, answered[i])
			}
		}
	}
}

// Each question takes its own answers out of a batch, and what it knows to be absent is not
// missing.
func TestOwnDecisions(t *testing.T) {
	q := plan.Simulation{Actions: []string{"kms:CreateAlias"}, Resources: []string{"a", "b"}, Absent: []string{"aws:X"}}
	got := fmt.Sprint(q.Own([]plan.Simulated{{Action: "kms:UpdateAlias", Resource: "a", Result: plan.ExplicitDeny},
		{Action: "kms:CreateAlias", Resource: "c", Result: plan.ExplicitDeny},
		{Action: "kms:CreateAlias", Resource: "a", Result: plan.Allowed, Missing: []string{"aws:x", "aws:y"}}}))
	if want := "[{kms:CreateAlias a allowed [aws:y]} {kms:CreateAlias b  []}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The table's calls go to the plan's Region, wherever the key is.
func TestRegionOfTheTable(t *testing.T) {
	for _, q := range questionsOf(1) {
		want := "eu-west-1"
		if strings.HasPrefix(q.Actions[0], "dynamodb:") {
			want = "eu-central-1"
		}
		if last := q.Context[len(q.Context)-1]; last.Key != "aws:RequestedRegion" || last.Values[0] != want {
			t.Errorf("%v in %v", q.Actions, last)
		}
	}
}
