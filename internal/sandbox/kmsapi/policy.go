package kmsapi

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
)

// policyName is the only name a key policy can have.
const policyName = "default"

// defaultPolicy returns what KMS attaches to a key that an API call made without
// one (Developer Guide, "Default key policy"): the account decides by IAM.
func defaultPolicy(partition, account string) string {
	return fmt.Sprintf(`{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:%s:iam::%s:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`, partition, account)
}

// policyDocument is as much of a key policy as is looked at here.
type policyDocument struct {
	Statement list[statement]
}

type statement struct {
	Effect string
	// Principal is nil if the statement has none.
	Principal    principals
	NotPrincipal json.RawMessage
	Action       list[string]
	NotAction    list[string]
	Resource     list[string]
	NotResource  list[string]
	Condition    map[string]map[string]list[any]
}

// list is a JSON value that may be written with or without brackets.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(document []byte) error {
	if len(document) > 0 && document[0] == '[' {
		return json.Unmarshal(document, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(document, &(*l)[0])
}

// principals are the AWS principals of a statement.
type principals []string

func (p *principals) UnmarshalJSON(document []byte) error {
	var anyone string
	if json.Unmarshal(document, &anyone) == nil {
		*p = principals{anyone}
		return nil
	}
	var by map[string]list[string]
	if err := json.Unmarshal(document, &by); err != nil {
		return err
	}
	*p = append(principals{}, by["AWS"]...)
	return nil
}

// checkPolicy refuses a policy that KMS would not attach to the key with an ARN.
// The safety check asks the policy whether the caller may kms:PutKeyPolicy;
// where that leaves it to the account, IAM allows it here. It believes that the
// principals named exist.
func (r *request) checkPolicy(text, arn string, bypass bool) error {
	const most = 32 * 1024
	if len(text) > most {
		return refuse("LimitExceededException", "The key policy is longer than %d bytes.", most)
	}
	var document policyDocument
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return refuse("MalformedPolicyDocumentException", "The key policy is not a valid JSON policy document.")
	}
	if len(document.Statement) == 0 {
		return refuse("MalformedPolicyDocumentException", "The key policy has no statement.")
	}
	for _, s := range document.Statement {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return refuse("MalformedPolicyDocumentException", "A statement of the key policy has no valid Effect.")
		case s.Principal == nil && s.NotPrincipal == nil:
			return refuse("MalformedPolicyDocumentException", "A statement of the key policy has no principals.")
		}
	}
	if !bypass && document.judge(r, "kms:PutKeyPolicy", arn) != allowed {
		return refuse("MalformedPolicyDocumentException",
			"The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}

// meansCaller reports whether one of the principals is the caller, the caller's
// role, or the whole account.
func (r *request) meansCaller(names []string) bool {
	iam := "arn:" + r.region.partition() + ":iam::" + r.Account + ":"
	callers := []string{"*", r.Account, iam + "root", r.Caller}
	if role := r.callersRole(); role != "" {
		callers = append(callers, role)
	}
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(callers, name) })
}

type policyInput struct {
	KeyId                          string
	PolicyName                     string
	Policy                         string
	BypassPolicyLockoutSafetyCheck bool
}

type getKeyPolicyOutput struct {
	Policy     string
	PolicyName string
}

func getKeyPolicy(r *request, in policyInput) (any, error) {
	k, err := r.look(in.KeyId)
	if err != nil {
		return nil, err
	}
	if in.PolicyName != "" && in.PolicyName != policyName {
		return nil, refuse("NotFoundException", "No such policy exists")
	}
	policy, _ := k.Policy.at(r.ReadAt)
	return getKeyPolicyOutput{Policy: policy, PolicyName: policyName}, nil
}

// putKeyPolicy replaces the policy, in every state of the key.
func putKeyPolicy(r *request, in policyInput) (any, error) {
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if in.PolicyName != "" && in.PolicyName != policyName {
		return nil, refuse("ValidationException", "The policy name must be %q.", policyName)
	}
	arn := r.region.arn("key/" + k.ID)
	if err := first(required("policy", in.Policy), r.forbidWaiver(arn, in.BypassPolicyLockoutSafetyCheck),
		r.checkPolicy(in.Policy, arn, in.BypassPolicyLockoutSafetyCheck)); err != nil {
		return nil, err
	}
	k.Policy.set(r.Now, in.Policy)
	return nil, nil
}

type listOfKeyInput struct {
	KeyId string
	page
}

type listKeyPoliciesOutput struct {
	PolicyNames []string
	pageOutput
}

func listKeyPolicies(r *request, in listOfKeyInput) (any, error) {
	if _, err := r.look(in.KeyId); err != nil {
		return nil, err
	}
	names, more, err := turn(r, in.page, 100, 1000, func(after string) iter.Seq2[string, string] {
		return func(yield func(string, string) bool) {
			for _, name := range following([]string{policyName}, after) {
				yield(name, name)
			}
		}
	})
	return listKeyPoliciesOutput{names, more}, err
}
