package plan_test

import (
	"slices"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// Every write that ends a claim says of which one it is the end, and how.
func TestEventsSayWhatBecameOfAClaim(t *testing.T) {
	target := plan.Version{Version: 8, KeyID: "k8"}
	found := plan.Version{Version: 9, KeyID: "kx", Since: noon}
	next := plan.Claim{ID: "c9", At: noon, Verb: plan.VerbRotate}
	for _, c := range []struct {
		name          string
		r             *plan.Record
		write         plan.Write
		kind          []plan.EventKind
		claim, gaveUp string
	}{
		{"claimed", record(plan.Steady), plan.ClaimWrite{Claim: next}, []plan.EventKind{plan.EventClaim, "by-rotate"},
			"c9", ""},
		{"carried on", record(plan.Claimed), plan.LeaseWrite{}, []plan.EventKind{plan.EventTakeover}, "c8", ""},
		{"finished", record(plan.Switching), plan.FinishWrite{}, []plan.EventKind{plan.EventFinish}, "c8", ""},
		{"created first", record(plan.Claimed, firstClaimed), plan.FinishWrite{Target: &target},
			[]plan.EventKind{plan.EventFinish}, "c1", ""},
		{"given up for a claim", record(plan.Created), plan.AbandonWrite{Claim: &next},
			[]plan.EventKind{plan.EventAbandon, plan.EventClaim, "by-rotate"}, "c9", "c8"},
		{"given up, and that was all", record(plan.Switching), plan.AbandonWrite{Ended: &next},
			[]plan.EventKind{plan.EventAbandon, plan.EventFinish}, "c9", "c8"},
		{"given up for nothing", record(plan.Switching), plan.AbandonWrite{}, []plan.EventKind{plan.EventAbandon}, "",
			"c8"},
		{"adopted over", record(plan.Created), plan.AdoptDriftWrite{Live: found},
			[]plan.EventKind{plan.EventAdopt, plan.EventAbandon}, "", "c8"},
		{"adopted", record(plan.Steady), plan.AdoptDriftWrite{Live: found}, []plan.EventKind{plan.EventAdopt}, "", ""},
		{"rebuilt over", record(plan.Created), plan.RebuildWrite{Record: steadyAt7()},
			[]plan.EventKind{plan.EventRebuild, plan.EventAbandon}, "", "c8"},
		{"rebuilt of nothing", nil, plan.RebuildWrite{Record: steadyAt7()}, []plan.EventKind{plan.EventRebuild}, "",
			""},
		{"beside it", record(plan.Steady), plan.Note{}, []plan.EventKind{plan.EventNote}, "", ""},
	} {
		after := plan.Apply(c.r, written(9, "kx", c.write))
		e := after.Events[len(after.Events)-1]
		if !slices.Equal(e.Kind, c.kind) || e.Claim != c.claim || e.GaveUp != c.gaveUp {
			t.Errorf("%s: %v, claim %q, gave up %q", c.name, e.Kind, e.Claim, e.GaveUp)
		}
		// What was given up does not stand as the last generation that was done.
		if c.gaveUp != "" && after.Claim != nil && after.Claim.ID == c.gaveUp {
			t.Errorf("%s: %s stands there still", c.name, c.gaveUp)
		}
	}
}
