package survey

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// simulator asks IAM's policy simulator about one role or user.
type simulator struct {
	iam       *awscall.Query
	principal string
	// mu guards what follows.
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
			Resource  string   `xml:"EvalResourceName"`
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

// simulationsAtOnce is how many questions are under way at a time. AWS documents no quota; if
// it throttles, the client slows down.
const simulationsAtOnce = 16

// askAll returns the decisions about each question; empty ones if the simulator does not answer
// it, so that the answers to other questions about the same action do not stand for all.
// answered is called for each of them, by one goroutine at a time.
func (s *simulator) askAll(ctx context.Context, questions []plan.Simulation, answered func(i int)) [][]plan.Simulated {
	all := make([][]plan.Simulated, len(questions))
	var mu sync.Mutex
	ask := func(b plan.Batch) {
		decided := s.ask(ctx, b.Simulation)
		mu.Lock()
		defer mu.Unlock()
		for _, i := range b.Of {
			all[i] = questions[i].Own(decided)
			answered(i)
		}
	}
	var group errgroup.Group
	group.SetLimit(simulationsAtOnce)
	for n, b := range plan.Batches(questions) {
		if n == 0 {
			ask(b) // alone: it shows whether the others would be refused, too
			continue
		}
		group.Go(func() error {
			ask(b)
			return nil
		})
	}
	_ = group.Wait()
	return all
}

// ask asks one question, unless it would be refused as one before was. It returns no decision
// if one of them is not known.
func (s *simulator) ask(ctx context.Context, q plan.Simulation) (all []plan.Simulated) {
	form := formOf(s.principal, q)
	for !s.refused() {
		var answer simulation
		if err := s.iam.Call(ctx, "2010-05-08", "SimulatePrincipalPolicy", form, &answer); err != nil {
			s.failed(awscall.Classify(err))
			return nil
		}
		for _, r := range answer.Result.Results {
			for _, on := range r.Resources {
				all = append(all, plan.Simulated{Action: r.Action, Resource: on.Resource, Result: on.Decision,
					Missing: on.Missing})
			}
			if len(r.Resources) == 0 {
				all = append(all, plan.Simulated{Action: r.Action, Resource: cmp.Or(r.Resource, plan.AllResources),
					Result: r.Decision, Missing: r.Missing})
			}
		}
		if !answer.Result.Truncated {
			return all
		}
		form.Set("Marker", answer.Result.Marker)
	}
	return nil
}

func (s *simulator) refused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.off
}

// failed notes why a question has no answer: the first reason, or one that holds for all.
func (s *simulator) failed(no plan.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	off := no.Verdict == plan.No && !no.Soft
	if s.no == nil || off {
		s.no = &no
	}
	s.off = s.off || off
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
