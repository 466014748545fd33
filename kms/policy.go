package kms

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// AccountManages tells whether a key policy certainly leaves its key to be
// managed by the account: one statement allows the account itself, on no
// condition, to change the policy, and none may deny that to anybody. Then IAM
// decides who may, and nobody can be locked out for good.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func AccountManages(policy, account string) bool {
	p, ok := parsePolicy(policy)
	if account == "" || !ok {
		return false
	}
	manages := false
	for _, s := range p.Statement {
		switch {
		case s.Effect != "Allow": // whoever it is about, and if it is in doubt
			if len(s.NotAction) > 0 || slices.ContainsFunc(s.Action, changesPolicy) {
				return false
			}
		case len(s.Condition) == 0 && s.everyKey() && slices.ContainsFunc(s.Action, changesPolicy) && s.allows(account):
			manages = true
		}
	}
	return manages
}

// Portable tells whether a key with a copy of the policy can be managed as the one
// it is of: a statement that lets somebody change it is about whichever key has
// it. One that names its own key says nothing of another.
func Portable(policy string) bool {
	p, _ := parsePolicy(policy)
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && s.everyKey() && slices.ContainsFunc(s.Action, changesPolicy)
	})
}

// tagsMost is how many tags a key may have.
// https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
const tagsMost = 50

// gonePrincipal is what KMS shows in place of the ARN of a role or user that was
// deleted. The old key works on; a new one cannot be given it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
var gonePrincipal = regexp.MustCompile(`^A(ROA|IDA|GPA|NPA)[A-Z0-9]{12,}$`)

// Refused gives the no that CreateKey will be answered, as far as that can be
// told without asking; ok is false if nothing speaks against the key.
func (n NewKey) Refused() (no plan.Answer, ok bool) {
	if tags := len(n.tags()); tags > tagsMost {
		return plan.Answer{Verdict: plan.No, Code: "TagException", Message: fmt.Sprintf("it would have %d tags, and a key may have %d", tags, tagsMost)}, true
	}
	p, _ := parsePolicy(n.Policy)
	for _, s := range p.Statement {
		for _, name := range s.principals() {
			if gonePrincipal.MatchString(name) {
				return plan.Answer{Verdict: plan.No, Code: "MalformedPolicyDocumentException",
					Message: "its key policy names " + name + ", a role or user that was deleted"}, true
			}
		}
	}
	return plan.Answer{}, false
}

type policyDocument struct{ Statement some[statement] }

func parsePolicy(text string) (p policyDocument, ok bool) {
	return p, json.Unmarshal([]byte(text), &p) == nil
}

type statement struct {
	Effect    string
	Principal json.RawMessage
	Action    some[string]
	NotAction some[string]
	Resource  some[string]
	Condition map[string]json.RawMessage
}

// principals are the accounts, roles and users that a statement names.
func (s statement) principals() []string {
	var by struct{ AWS some[string] }
	if json.Unmarshal(s.Principal, &by) != nil {
		return nil
	}
	return by.AWS
}

func (s statement) allows(account string) bool {
	return slices.ContainsFunc(s.principals(), func(name string) bool {
		return name == account || strings.HasPrefix(name, "arn:") && strings.HasSuffix(name, ":iam::"+account+":root")
	})
}

// everyKey tells whether a statement is about whichever key has the policy. One
// without a Resource has no effect.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-Policy
func (s statement) everyKey() bool { return len(s.Resource) == 1 && s.Resource[0] == "*" }

// changesPolicy tells whether an action of a policy, in which * and ? stand for
// others, covers kms:PutKeyPolicy.
func changesPolicy(action string) bool {
	covers, err := path.Match(strings.ToLower(action), "kms:putkeypolicy")
	return covers || err != nil
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
