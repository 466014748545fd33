package iam_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyturn/keyturn/internal/iam"
)

// query is what IAM is asked: may the role do this, to this, under these
// circumstances? One call may be several: it needs yes to all of them.
type query struct {
	Action, Resource string
	Context          map[string][]string
	// KeyPolicy are statements in the key's own policy, beside that one by which
	// IAM policies of the account count.
	KeyPolicy []keyStatement
}

// keyStatement is a statement of a key policy.
type keyStatement struct {
	iam.Statement
	Principal string
}

func (q query) String() string { return fmt.Sprintf("%s on %s %v", q.Action, q.Resource, q.Context) }

// verdict is an answer: allowed, or denied by a statement, or allowed by none.
type verdict struct {
	allowed bool
	// deny has the Sids of the Denies.
	deny []string
	// unknown says that the judge does not know the action.
	unknown bool
}

// byRules judges what the policies that stand on one role allow, as the IAM User
// Guide says, as far as these policies need it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
type byRules struct{}

func (byRules) ask(policies []iam.Document, q query) (verdict, error) {
	var v verdict
	for _, s := range q.KeyPolicy {
		policies = append(slices.Clone(policies), iam.Document{Statement: []iam.Statement{s.Statement}})
	}
	for _, d := range policies {
		for _, s := range d.Statement {
			like := func(pattern string) bool { return iam.Matches(pattern, q.Resource) }
			if !slices.ContainsFunc(s.Action, func(a string) bool { return iam.Matches(a, q.Action) }) ||
				!slices.ContainsFunc(s.Resource, like) {
				continue
			}
			switch holds, err := conditions(s, q.Context); {
			case err != nil:
				return v, err
			case holds && s.Effect == "Deny":
				v.deny = append(v.deny, s.Sid)
			case holds:
				v.allowed = true
			}
		}
	}
	v.allowed = v.allowed && len(v.deny) == 0
	return v, nil
}

// conditions reports whether all conditions of a statement hold.
func conditions(s iam.Statement, context map[string][]string) (bool, error) {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			holds, err := holds(operator, context[key], values)
			if !holds || err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// holds reports whether a condition holds for the values of a request. Without a
// set operator a request has one value or none.
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func holds(operator string, got, want []string) (bool, error) {
	if operator == "Null" {
		return slices.Contains(want, strconv.FormatBool(len(got) == 0)), nil
	}
	set, single, _ := strings.Cut(operator, ":")
	if single == "" {
		set, single = "", operator
	}
	compare := map[string]func(got, want string) bool{
		"StringEquals":    func(g, w string) bool { return g == w },
		"StringLike":      func(g, w string) bool { return iam.Matches(w, g) },
		"ArnLike":         func(g, w string) bool { return iam.Matches(w, g) },
		"NumericLessThan": func(g, w string) bool { a, _ := strconv.Atoi(g); b, _ := strconv.Atoi(w); return a < b },
	}
	positive := strings.Replace(single, "Not", "", 1)
	test, ok := compare[positive]
	if !ok {
		return false, fmt.Errorf("operator %s is not known here", operator)
	}
	one := func(g string) bool { // for a negated operator: unlike all of them
		return slices.ContainsFunc(want, func(w string) bool { return test(g, w) }) == (positive == single)
	}
	switch {
	case set == "ForAllValues":
		return !slices.ContainsFunc(got, func(g string) bool { return !one(g) }), nil
	case set == "ForAnyValue":
		return slices.ContainsFunc(got, one), nil
	case len(got) == 0:
		return positive != single, nil
	}
	return one(got[0]), nil
}
