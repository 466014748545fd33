package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// withNews returns a policy that has somebody told of everything.
func withNews(p plan.Policy) plan.Policy {
	p.Notify = []plan.Notify{{On: plan.NewsKinds(), Webhook: "https://example.com"}}
	return p
}

// Whom a plan tells is no term of a rotation.
func TestDigestWithoutNotify(t *testing.T) {
	p := plan.Policy{Name: "orders-data", Alias: "alias/orders-data"}
	if p.Digest() != withNews(p).Digest() {
		t.Error("the digest depends on notify")
	}
}

// noteOn is the act of a note about what stopped a run, as a decision makes it.
func noteOn(r *plan.Record, news ...plan.News) plan.Act {
	act := plan.Writing(0, "", plan.Note{Did: []plan.EventKind{plan.EventFailed}})
	act.Self, act.At, act.Rev, act.News = plan.Self{Run: "r1", Op: "o"}, time.Unix(1, 0), r.Rev+1, news
	return act
}

// What was told is remembered for its generation, and no longer; what can happen once only
// is not remembered.
func TestToldIsRemembered(t *testing.T) {
	r := &plan.Record{Key: "k", Rev: 1, Generation: 3, Step: plan.Steady}
	r = plan.Apply(r, noteOn(r, plan.News{Kind: plan.NewsRefused, Code: "drift"},
		plan.News{Kind: plan.NewsRotated}, plan.News{Kind: plan.NewsFailed, Code: "drift"}))
	if want := []string{"refused drift", "failed drift"}; r.Told == nil || !slices.Equal(r.Told.What, want) ||
		r.Told.Generation != 3 {
		t.Fatalf("told %+v", r.Told)
	}
	before := r.Clone()
	next := plan.Apply(r, noteOn(r, plan.News{Kind: plan.NewsOverdue, Code: "overdue"}))
	if len(r.Told.What) != 2 || len(before.Told.What) != 2 || len(next.Told.What) != 3 {
		t.Errorf("a record was changed in place: %+v %+v %+v", before.Told, r.Told, next.Told)
	}
	r.Generation++
	if after := plan.Apply(r, noteOn(r)); after.Told != nil {
		t.Errorf("after its generation: %+v", after.Told)
	}
}

// What was told already in a generation is not told again, however often it is written.
func TestToldOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		told *plan.Told
		want int
	}{
		{"nothing yet", nil, 1},
		{"the same", &plan.Told{Generation: 1, What: []string{"overdue overdue"}}, 0},
		{"another code", &plan.Told{Generation: 1, What: []string{"refused drift"}}, 1},
		{"another kind", &plan.Told{Generation: 1, What: []string{"refused overdue"}}, 1},
		{"in an earlier generation", &plan.Told{Generation: 9, What: []string{"overdue overdue"}}, 1},
		{"too much", &plan.Told{Generation: 1, What: many(8)}, 0},
		{"almost too much", &plan.Told{Generation: 1, What: many(7)}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, r, o := overdueKey()
			r.Told = c.told
			act := plan.Decide(o.AliasAt, withNews(p), r, plan.Request{Verb: plan.VerbSchedule}, o).Act
			if n, ok := act.Write.(plan.Note); !ok || n.Error == nil {
				t.Fatalf("decided %s %+v", act.Kind, act.Write)
			}
			if len(act.News) != c.want {
				t.Errorf("told %+v", act.News)
			}
			id := fmt.Sprintf("%s#%d", p.Key(), r.Rev+1)
			if c.want == 1 && (act.News[0].Kind != plan.NewsOverdue || act.News[0].ID != id) {
				t.Errorf("told %+v", act.News)
			}
			if act := plan.Decide(o.AliasAt, p, r, plan.Request{Verb: plan.VerbSchedule}, o).Act; len(act.News) != 0 {
				t.Errorf("without notify: %+v", act.News)
			}
		})
	}
}

func many(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint("failed code-", i))
	}
	return all
}

// overdueKey is a key whose window was left out.
func overdueKey() (plan.Policy, *plan.Record, plan.Observed) {
	born := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := plan.Policy{Name: "k", Alias: "alias/k", Region: "eu-west-1", Table: "keyturn",
		Schedule: plan.Schedule{Every: 90 * 24 * time.Hour}, Drain: 30 * 24 * time.Hour, StartWithin: time.Hour,
		MaxDraining: 2, MaxAttempts: 5}
	r := &plan.Record{Key: p.Key(), Schema: plan.SchemaVersion, Rev: 4, Op: "o", TableID: "t",
		AliasARN: "arn:aws:kms:eu-west-1:111122223333:alias/k", Anchor: born, Generation: 1, Window: born,
		Step: plan.Steady, Active: 1, Versions: []plan.Version{{Version: 1, KeyID: "k1", Since: born}},
		Events: []plan.Event{{Rev: 4, At: born, Kind: []plan.EventKind{plan.EventAdopt}, Generation: 1, Run: "r0"}}}
	rev := int64(4)
	o := plan.Observed{Self: plan.Self{Run: "r1", Op: "o1", ClaimID: "c1"},
		Caller: &plan.Caller{ARN: "arn:aws:iam::111122223333:role/keyturn", Account: "111122223333"},
		Table:  &plan.TableSeen{ID: "t"}}
	o.LedgerRev = &rev
	o.AliasAt = born.Add(91 * 24 * time.Hour)
	return p, r, o
}
