package kmsapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// verdict is what a key policy says about a call.
type verdict int

const (
	silent  verdict = iota // nothing allows it
	allowed                // a statement does, or leaves it to IAM, which allows everything here
	denied                 // a statement denies it
)

// judge asks a key policy about the caller of r: may it call the action on the
// key with that ARN?
func (d policyDocument) judge(r *request, action, arn string) verdict {
	says := silent
	for _, s := range d.Statement {
		if !s.meansAction(action) || !s.meansKey(arn) || !s.meansCaller(r) || !s.holds(r) {
			continue
		}
		if s.Effect == "Deny" {
			return denied
		}
		says = allowed
	}
	return says
}

// authorize refuses a call on a key whose policy does not let the caller make it,
// while the switch for that is on. Grants count for what KMS lets them allow.
func (r *request) authorize(k *key) error {
	if !r.KeyPolicies {
		return nil
	}
	policy, _ := k.Policy.at(r.Now)
	var d policyDocument
	if err := json.Unmarshal([]byte(policy), &d); err != nil {
		return fmt.Errorf("the policy of key %s: %w", k.ID, err)
	}
	arn := r.region.arn("key/" + k.ID)
	why := "because no resource-based policy allows the kms:" + r.Operation + " action"
	switch d.judge(r, "kms:"+r.Operation, arn) {
	case allowed:
		return nil
	case denied:
		why = "with an explicit deny in a resource-based policy"
	}
	return refuse("AccessDeniedException", "User: %s is not authorized to perform: kms:%s on resource: %s %s",
		r.Caller, r.Operation, arn, why)
}

// forbidWaiver plays a service control policy such as Control Tower's
// CT.KMS.PV.3, while the switch for that is on.
// https://docs.aws.amazon.com/controltower/latest/controlreference/ct-kms-pv-3.html
func (r *request) forbidWaiver(resource string, bypass bool) error {
	if !r.WaiverForbidden || !bypass {
		return nil
	}
	return refuse("AccessDeniedException",
		"User: %s is not authorized to perform: kms:%s on resource: %s "+
			"with an explicit deny in a service control policy",
		r.Caller, r.Operation, resource)
}

func (s statement) meansAction(action string) bool {
	named := func(pattern string) bool { return matches(strings.ToLower(pattern), strings.ToLower(action)) }
	if len(s.NotAction) > 0 {
		return !slices.ContainsFunc(s.NotAction, named)
	}
	return slices.ContainsFunc(s.Action, named)
}

// meansKey reports whether a statement is about a key. One without a Resource has
// no effect (API reference, CreateKey).
func (s statement) meansKey(arn string) bool {
	named := func(pattern string) bool { return matches(pattern, arn) }
	if len(s.NotResource) > 0 {
		return !slices.ContainsFunc(s.NotResource, named)
	}
	return slices.ContainsFunc(s.Resource, named)
}

func (s statement) meansCaller(r *request) bool {
	if s.NotPrincipal != nil {
		var others principals
		return json.Unmarshal(s.NotPrincipal, &others) == nil && !r.meansCaller(others)
	}
	return r.meansCaller(s.Principal)
}

// holds reports whether every condition of a statement is met. A key that the
// sandbox does not know is absent from the request.
func (s statement) holds(r *request) bool {
	for operator, tests := range s.Condition {
		for key, values := range tests {
			if !r.meets(operator, key, values) {
				return false
			}
		}
	}
	return true
}

func (r *request) meets(operator, key string, values list[any]) bool {
	operator, ifExists := strings.CutSuffix(operator, "IfExists")
	has, known := r.conditionValue(strings.ToLower(key))
	if operator == "Null" {
		return len(values) > 0 && (fmt.Sprint(values[0]) == "true") != known
	}
	not := strings.Contains(operator, "Not")
	if !known {
		return ifExists || not
	}
	some := slices.ContainsFunc(values, func(v any) bool { return compares(operator, fmt.Sprint(v), has) })
	return some != not
}

// compares applies an operator, without its Not.
func compares(operator, want, has string) bool {
	switch {
	case strings.HasSuffix(operator, "Like"), strings.HasPrefix(operator, "Arn"):
		return matches(want, has)
	case strings.HasSuffix(operator, "IgnoreCase"), operator == "Bool":
		return strings.EqualFold(want, has)
	}
	return want == has
}

// conditionValue returns what a call says about a condition key. There is no
// organization here, no VPC, and no service that calls for somebody.
func (r *request) conditionValue(key string) (value string, known bool) {
	switch key {
	case "kms:calleraccount", "aws:principalaccount":
		return r.Account, true
	case "aws:principalarn":
		if role := r.callersRole(); role != "" {
			return role, true
		}
		return r.Caller, true
	case "aws:requestedregion":
		return r.Region, true
	}
	return "", false
}

// callersRole returns the ARN of the role whose session calls; "" if none does.
func (r *request) callersRole() string {
	_, session, ok := strings.Cut(r.Caller, ":assumed-role/")
	if !ok {
		return ""
	}
	role, _, _ := strings.Cut(session, "/")
	return "arn:" + r.region.partition() + ":iam::" + r.Account + ":role/" + role
}

// matches reports whether a text fits a pattern of * and ?.
func matches(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return matches(pattern[1:], text) || text != "" && matches(pattern, text[1:])
	case text == "" || pattern[0] != '?' && pattern[0] != text[0]:
		return false
	}
	return matches(pattern[1:], text[1:])
}
