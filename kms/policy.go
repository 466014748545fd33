package kms

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// tagsMost is how many tags a key may have.
// https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
const tagsMost = 50

// Refused returns the no that CreateKey would get, as far as that is known without
// a call; ok is false if nothing is known to be wrong.
func (n NewKey) Refused() (no plan.Answer, ok bool) {
	if tags := len(n.tags()); tags > tagsMost {
		return plan.Answer{Verdict: plan.No, Code: "TagException",
			Message: fmt.Sprintf("it would have %d tags, and a key may have %d", tags, tagsMost)}, true
	}
	for _, name := range plan.PolicyPrincipals(n.Policy) {
		if plan.GoneRole(name) {
			return plan.Answer{Verdict: plan.No, Code: "MalformedPolicyDocumentException",
				Message: "its key policy names " + name + ", a role or user that was deleted"}, true
		}
	}
	return plan.Answer{}, false
}
