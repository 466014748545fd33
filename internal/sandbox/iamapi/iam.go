// Package iamapi is the embedded AWS's Identity and Access Management: the one operation
// by which a caller asks what a role or user may do. It has no policies: everything is
// allowed but for the actions that the switch names. It keeps no state.
package iamapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Version is that of IAM's API.
const Version = "2010-05-08"

// Service answers IAM calls.
type Service struct {
	wire.Stateless
	account string
}

// New makes the service of one account (12 digits).
func New(account string) *Service { return &Service{account: account} }

// The lists and results of SimulatePrincipalPolicy, in the order in which AWS sends them.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
type (
	result struct {
		IsTruncated       bool         `xml:"IsTruncated"`
		EvaluationResults []evaluation `xml:"EvaluationResults>member"`
	}
	evaluation struct {
		Action   string       `xml:"EvalActionName"`
		Decision string       `xml:"EvalDecision"`
		Resource string       `xml:"EvalResourceName"`
		Specific []onResource `xml:"ResourceSpecificResults>member"`
	}
	onResource struct {
		Resource string `xml:"EvalResourceName"`
		Decision string `xml:"EvalResourceDecision"`
	}
)

// Handle carries out one call.
func (s *Service) Handle(call wire.Call) (wire.Answer, error) {
	if call.Operation != "SimulatePrincipalPolicy" {
		return wire.Answer{}, wire.Errorf("InvalidAction", "Could not find operation %s for version %s",
			call.Operation, Version)
	}
	var form map[string]string
	if err := json.Unmarshal(call.Body, &form); err != nil {
		return wire.Answer{}, err
	}
	source, actions, resources := form["PolicySourceArn"], list(form, "ActionNames"), list(form, "ResourceArns")
	if err := s.check(source, actions); err != nil {
		return wire.Answer{}, err
	}
	var out result
	for _, action := range actions {
		e := evaluation{Action: action, Decision: decision(call.Simulated, action), Resource: "*"}
		for _, r := range resources {
			if r != "*" {
				e.Specific = append(e.Specific, onResource{Resource: r, Decision: e.Decision})
			}
		}
		out.EvaluationResults = append(out.EvaluationResults, e)
	}
	return wire.Answer{Body: out, Resource: source}, nil
}

// check refuses what AWS refuses: the session of a role is none of its principals.
func (s *Service) check(source string, actions []string) error {
	switch {
	case len(actions) == 0:
		return wire.Errorf("ValidationError", "Value at 'actionNames' failed to satisfy constraint: "+
			"Member must not be null")
	case !strings.HasPrefix(source, "arn:aws:iam::"):
		return wire.Errorf("InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.",
			source)
	case !strings.HasPrefix(source, "arn:aws:iam::"+s.account+":"):
		return &wire.Error{Status: 404, Code: "NoSuchEntity", Message: fmt.Sprintf("The entity %s cannot be found.",
			source)}
	}
	return nil
}

// decision is that of the switch; everything else is allowed.
func decision(switched map[string]string, action string) string {
	if d := switched[action]; d != "" {
		return d
	}
	return "allowed"
}

// list reads a list of the query protocol: NAME.member.1, NAME.member.2 and so on.
func list(form map[string]string, name string) []string {
	var all []string
	for n := 1; ; n++ {
		value, ok := form[fmt.Sprintf("%s.member.%d", name, n)]
		if !ok {
			return all
		}
		all = append(all, value)
	}
}
