package kms

import (
	"encoding/json"
	"slices"
	"strings"
)

// AccountManages tells whether a key policy certainly leaves its key to be
// managed by the account: one statement allows the account itself, on no
// condition, to change the policy, and none denies that to anybody. Then IAM
// decides who may, and nobody can be locked out for good.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func AccountManages(policy, account string) bool {
	var p struct{ Statement some[statement] }
	if account == "" || json.Unmarshal([]byte(policy), &p) != nil {
		return false
	}
	manages := false
	for _, s := range p.Statement {
		switch {
		case s.Effect != "Allow": // whoever it is about, and if it is in doubt
			if len(s.NotAction) > 0 || slices.ContainsFunc(s.Action, changesPolicy) {
				return false
			}
		case len(s.Condition) == 0 && slices.ContainsFunc(s.Action, changesPolicy) && s.allows(account):
			manages = true
		}
	}
	return manages
}

type statement struct {
	Effect    string
	Principal json.RawMessage
	Action    some[string]
	NotAction some[string]
	Condition map[string]json.RawMessage
}

func (s statement) allows(account string) bool {
	var by struct{ AWS some[string] }
	if json.Unmarshal(s.Principal, &by) != nil {
		return false
	}
	return slices.ContainsFunc(by.AWS, func(name string) bool {
		return name == account || strings.HasPrefix(name, "arn:") && strings.HasSuffix(name, ":iam::"+account+":root")
	})
}

// changesPolicy tells whether an action of a policy covers kms:PutKeyPolicy.
func changesPolicy(action string) bool {
	head, wild := strings.CutSuffix(strings.ToLower(action), "*")
	return head == "kms:putkeypolicy" || wild && strings.HasPrefix("kms:putkeypolicy", head)
}

// some is a JSON value that a policy may write with or without brackets.
type some[T any] []T

func (l *some[T]) UnmarshalJSON(document []byte) error {
	if len(document) > 0 && document[0] == '[' {
		return json.Unmarshal(document, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(document, &(*l)[0])
}
