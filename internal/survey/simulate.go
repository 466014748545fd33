package survey

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// simulator asks IAM's policy simulator about one role or user, one question after the
// other.
type simulator struct {
	iam       *awscall.Query
	principal string
	// mu guards the others.
	mu sync.Mutex
	// no is why a question has no answer; nil if each has one.
	no *plan.Answer
	// off reports whether it is not asked again, because it would be answered the same.
	off bool
}

// simulation is the answer of SimulatePrincipalPolicy. The result of an action as a whole
// counts where it was asked about no resource.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
type simulation struct {
	Result struct {
		Truncated bool   `xml:"IsTruncated"`
		Marker    string `xml:"Marker"`
		Results   []struct {
			Action    string   `xml:"EvalActionName"`
			Decision  string   `xml:"EvalDecision"`
			Missing   []string `xml:"MissingContextValues>member"`
			Resources []struct {
				Resource string   `xml:"EvalResourceName"`
				Decision string   `xml:"EvalResourceDecision"`
				Missing  []string `xml:"MissingContextValues>member"`
			} `xml:"ResourceSpecificResults>member"`
		} `xml:"EvaluationResults>member"`
	} `xml:"SimulatePrincipalPolicyResult"`
}

// ask returns the decisions about a question; none if the simulator does not answer.
func (s *simulator) ask(ctx context.Context, q plan.Simulation) []plan.Simulated {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []plan.Simulated
	form := formOf(s.principal, q)
	for !s.off {
		var answer simulation
		if err := s.iam.Call(ctx, "2010-05-08", "SimulatePrincipalPolicy", form, &answer); err != nil {
			no := awscall.Classify(err)
			s.no, s.off = &no, no.Verdict == plan.No && !no.Soft
			return nil
		}
		for _, r := range answer.Result.Results {
			for _, on := range r.Resources {
				all = append(all, plan.Simulated{Action: r.Action, Resource: on.Resource, Result: on.Decision,
					Missing: q.Unlisted(on.Missing)})
			}
			if len(r.Resources) == 0 {
				all = append(all, plan.Simulated{Action: r.Action, Resource: "*", Result: r.Decision,
					Missing: q.Unlisted(r.Missing)})
			}
		}
		if !answer.Result.Truncated {
			return whole(q, all)
		}
		form.Set("Marker", answer.Result.Marker)
	}
	return nil
}

// whole adds an empty decision for each call and resource about which there is none.
func whole(q plan.Simulation, all []plan.Simulated) []plan.Simulated {
	resources := q.Resources
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	for _, action := range q.Actions {
		for _, r := range resources {
			if !slices.ContainsFunc(all, func(d plan.Simulated) bool { return d.Action == action && d.Resource == r }) {
				all = append(all, plan.Simulated{Action: action, Resource: r})
			}
		}
	}
	return all
}

// formOf writes a question in the query protocol.
func formOf(principal string, q plan.Simulation) url.Values {
	form := url.Values{"PolicySourceArn": {principal}}
	list := func(name string, values []string) {
		for i, v := range values {
			form.Set(fmt.Sprintf("%s.member.%d", name, i+1), v)
		}
	}
	list("ActionNames", q.Actions)
	list("ResourceArns", q.Resources)
	for i, c := range q.Context {
		entry := fmt.Sprintf("ContextEntries.member.%d.", i+1)
		form.Set(entry+"ContextKeyName", c.Key)
		form.Set(entry+"ContextKeyType", c.Type)
		list(entry+"ContextKeyValues", c.Values)
	}
	return form
}

// decisions returns those about one action.
func decisions(all []plan.Simulated, action string) []plan.Simulated {
	return slices.DeleteFunc(slices.Clone(all), func(d plan.Simulated) bool { return d.Action != action })
}
