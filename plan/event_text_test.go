package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// The sentences that history prints, each with a word of what it is made of.
func TestEventText(t *testing.T) {
	refusedCall := []plan.Answered{{Operation: "CreateKey", Answer: "yes"},
		{Operation: "DisableKey", Answer: "AccessDenied"}}
	for want, e := range map[string]plan.Event{
		"adopted v1":                                 {Kind: kinds("adopt"), Version: 1},
		"claimed v8":                                 {Kind: kinds("claim"), Generation: 8},
		"claimed v8: rotate":                         {Kind: kinds("claim by-rotate"), Generation: 8},
		"claimed generation 9: rollback to v6":       {Kind: kinds("claim by-rollback"), Generation: 9, Version: 6},
		"abandoned generation 8, claimed v9: rotate": {Kind: kinds("abandon claim by-rotate"), Generation: 9},
		"abandoned generation 8":                     {Kind: kinds("abandon finish by-rollback"), Generation: 8},
		"took over":                                  {Kind: kinds("takeover")},
		"took over: rotate":                          {Kind: kinds("takeover by-rotate")},
		"switched to v8: rotate":                     {Kind: kinds("finish by-rotate"), Version: 8},
		"rebuilt from KMS":                           {Kind: kinds("rebuild abandon release"), Version: 8},
		"rebuilt from KMS, the key holds itself":     {Kind: kinds("rebuild self-hold"), Version: 8},
		"held":                                       {Kind: kinds("hold self-hold")},
		"lease freed":                                {Kind: kinds("note free")},
		"refused: drift":                             {Kind: kinds("note refused drift")},
		"alias move refused, the key holds itself":   {Kind: kinds("note move-no hold self-hold")},
		"DisableKey failed":                          {Kind: kinds("note failed"), Calls: refusedCall},
		"failed":                                     {Kind: kinds("note failed")},
		"another key for v8":                         {Kind: kinds("note another-key"), Generation: 8},
		"note":                                       {Kind: kinds("note")},
		"marked v6: delete":                          {Kind: kinds("mark delete"), Version: 6},
		"disable refused: AccessDenied":              {Kind: kinds("mark-no disable"), Calls: refusedCall},
		"signature thrown away":                      {Kind: kinds("mark-no disable unsent")},
		"disabled v6":                                {Kind: kinds("retired"), Version: 6},
		"found v6 pending deletion":                  {Kind: kinds("deleting found pending-deletion"), Version: 6},
		"adopted v9, of-a-newer-keyturn":             {Kind: kinds("adopt of-a-newer-keyturn"), Version: 9},
		"switched to v8, of-a-newer-keyturn, and-of-a-2nd": {Kind: kinds("finish of-a-newer-keyturn and-of-a-2nd"),
			Version: 8},
	} {
		if got := plan.EventText(e); got != want {
			t.Errorf("%v: %q, want %q", e.Kind, got, want)
		}
	}
}

func kinds(words string) []plan.EventKind {
	var all []plan.EventKind
	for _, w := range strings.Fields(words) {
		all = append(all, plan.EventKind(w))
	}
	return all
}

// Why a key holds itself may quote AWS at any length; an event does not.
func TestEventReasonIsBounded(t *testing.T) {
	long := strings.Repeat("é", 200)
	r := plan.Apply(record(plan.Claimed), written(8, "", plan.Note{SelfHold: long}))
	e := r.Events[len(r.Events)-1]
	if !slices.Equal(e.Kind, kinds("note hold self-hold")) || len(e.Reason) > plan.MaxReason ||
		!strings.HasSuffix(e.Reason, "é…") {
		t.Errorf("%v %q", e.Kind, e.Reason)
	}
	if r.Hold.Reason != long {
		t.Errorf("the hold says %q", r.Hold.Reason)
	}
}

// An event has the answers since the run's write before, and the newest only.
func TestEventCalls(t *testing.T) {
	o := plan.Observed{}
	for range plan.MaxCalls + 1 {
		o.Learn(noon, record(plan.Claimed), plan.Act{Kind: plan.CreateKey},
			plan.Result{Answer: plan.Answer{Verdict: plan.No, Code: "ThrottlingException", Soft: true,
				RequestID: "q1"}})
	}
	o.Learn(noon, record(plan.Claimed), plan.Act{Kind: plan.CreateKey, Version: 8},
		plan.Result{Answer: plan.Answer{Verdict: plan.Yes, RequestID: "q2"}, Made: plan.Made{KeyID: "k8"}})
	last := plan.Answered{Operation: "CreateKey", RequestID: "q2", Answer: "yes"}
	got := o.Calls[len(o.Calls)-1]
	if len(o.Calls) != plan.MaxCalls || got.Answer != last.Answer || got.RequestID != last.RequestID {
		t.Errorf("%+v", o.Calls)
	}
	created := written(8, "", plan.CreatedWrite{Target: plan.Version{Version: 8, KeyID: "k8"}})
	created.Calls = o.Calls
	r := plan.Apply(record(plan.Claimed), created)
	if e := r.Events[len(r.Events)-1]; len(e.Calls) != plan.MaxCalls {
		t.Errorf("%+v", e.Calls)
	}
	o.Wrote(created)
	if len(o.Calls) != 0 {
		t.Errorf("recorded twice: %+v", o.Calls)
	}
}
