package kms

import (
	"fmt"
	"regexp"

	"github.com/keyturn/keyturn/plan"
)

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
		return plan.Answer{Verdict: plan.No, Code: "TagException",
			Message: fmt.Sprintf("it would have %d tags, and a key may have %d", tags, tagsMost)}, true
	}
	for _, name := range plan.PolicyPrincipals(n.Policy) {
		if gonePrincipal.MatchString(name) {
			return plan.Answer{Verdict: plan.No, Code: "MalformedPolicyDocumentException",
				Message: "its key policy names " + name + ", a role or user that was deleted"}, true
		}
	}
	return plan.Answer{}, false
}
