package plan

import (
	"regexp"
	"slices"
	"strings"
)

// KMS makes no key with a policy under which the caller could not change that
// policy, unless CreateKey is told to waive the check. Who rotates keys must not
// be one who decides about access, so keyturn waives it; but only where the new
// key provably stays manageable.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key

// LeavesKeyTo says to whom a key policy provably leaves the decision about it.
type LeavesKeyTo string

// Who may change a key policy.
const (
	LeavesUnknown   LeavesKeyTo = ""           // nothing is proven
	LeavesToAccount LeavesKeyTo = "account"    // the account itself: IAM decides who may
	LeavesToNamed   LeavesKeyTo = "principals" // roles or users of it, on terms that are the same for every key
)

// KeyPolicyLeaves says to whom a policy provably leaves a key of an owner: one
// statement allows it to change the policy of whichever key has it, and none may
// deny that to anybody.
func KeyPolicyLeaves(policy string, o KeyOwner) LeavesKeyTo {
	p, err := parseKeyPolicy(policy)
	if err != nil || o.Account == "" {
		return LeavesUnknown
	}
	leaves := LeavesUnknown
	for _, s := range p.statements {
		switch {
		case s.effect != "Allow" && s.mayCoverPut(): // whoever it is about, and if it is in doubt
			return LeavesUnknown
		case !s.surelyAllowsPut():
		case len(s.condition) == 0 && slices.ContainsFunc(s.principal, o.isAccount):
			leaves = LeavesToAccount
		case leaves == LeavesUnknown && s.onCallerAlone() && slices.ContainsFunc(s.principal, o.isOwn):
			leaves = LeavesToNamed
		}
	}
	return leaves
}

// surelyAllowsPut reports whether a statement allows whom it is about to change the
// policy of any key that has it, if its conditions are met.
func (s policyStatement) surelyAllowsPut() bool {
	return s.effect == "Allow" && !s.others && !s.butRes && slices.Contains(s.resources, "*") &&
		covers(s.actions, putKeyPolicy)
}

// KeyOwner is the account that a key is in.
type KeyOwner struct{ Partition, Account string }

// OwnerOf reads partition and account out of any ARN.
func OwnerOf(arn string) KeyOwner {
	parts := strings.SplitN(arn, ":", arnParts)
	if len(parts) < arnParts {
		return KeyOwner{}
	}
	return KeyOwner{Partition: parts[1], Account: parts[4]}
}

func (o KeyOwner) isAccount(p policyPrincipal) bool {
	return p.kind == "AWS" && (p.name == o.Account || p.name == "arn:"+o.Partition+":iam::"+o.Account+":root")
}

// isOwn reports whether a principal is the account, or a role or user of it. What
// is in another account, and a service, may never change a key policy.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
func (o KeyOwner) isOwn(p policyPrincipal) bool {
	if o.isAccount(p) {
		return true
	}
	rest, ok := strings.CutPrefix(p.name, "arn:"+o.Partition+":iam::"+o.Account+":")
	kind, name, _ := strings.Cut(rest, "/")
	return p.kind == "AWS" && ok && (kind == "role" || kind == "user") && name != "" && !strings.ContainsAny(name, "*?")
}

// callerKeys are condition keys that are about who calls, and say nothing of the
// key: the new one answers them as the old one did.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var callerKeys = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
	"aws:principaltype", "aws:userid", "aws:username", "kms:calleraccount",
}

// onCallerAlone reports whether the conditions of a statement, if it has any, are
// about the caller alone.
func (s policyStatement) onCallerAlone() bool {
	return !slices.ContainsFunc(s.condition, func(c policyCondition) bool {
		// A value may be a variable, and so hang on the key after all.
		keys := append(variablesIn(c.values), strings.ToLower(c.key))
		return slices.ContainsFunc(keys, func(key string) bool {
			return !slices.Contains(callerKeys, key) && !strings.HasPrefix(key, "aws:principaltag/")
		})
	})
}

// variablesIn are the condition keys whose values stand in a text, in lower case.
func variablesIn(values []string) (keys []string) {
	for _, v := range values {
		for _, variable := range policyVariable.FindAllString(v, -1) {
			key, _, _ := strings.Cut(strings.Trim(variable, "${}"), ",") // what follows is its default
			keys = append(keys, strings.ToLower(strings.TrimSpace(key)))
		}
	}
	return keys
}

const putKeyPolicy = "kms:putkeypolicy"

// covers reports whether one of the actions of a policy, in which * and ? stand
// for others and case does not count, is the one meant.
func covers(actions []string, action string) bool {
	return slices.ContainsFunc(actions, func(a string) bool { return wildcard(strings.ToLower(a), action) })
}

// mayCoverPut reports whether a statement may be about PutKeyPolicy.
func (s policyStatement) mayCoverPut() bool {
	return covers(s.actions, putKeyPolicy) || s.butActs != nil && !covers(s.butActs, putKeyPolicy)
}

// MayPut is whether a caller may change the policy of a key that has it.
type MayPut string

// The answers that a policy alone gives.
const (
	MayPutYes     MayPut = "yes"
	MayPutNo      MayPut = "no"
	MayPutUnknown MayPut = "not known" // IAM decides, or a condition
)

// CallerMayPut says what a key policy says of the caller of CreateKey.
func CallerMayPut(policy string, c Caller) MayPut {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return MayPutUnknown
	}
	o := OwnerOf(c.ARN)
	var allowed, perhapsAllowed, perhapsDenied bool
	for _, s := range p.statements {
		if !s.mayCoverPut() || !s.mayBeOfAny() {
			continue
		}
		is, perhaps := s.meets(c, o)
		sure := is && len(s.condition) == 0 && s.butActs == nil && slices.Contains(s.resources, "*")
		switch {
		case s.effect != "Allow" && sure:
			return MayPutNo
		case s.effect != "Allow":
			perhapsDenied = perhapsDenied || is || perhaps
		case sure:
			allowed = true
		default:
			perhapsAllowed = perhapsAllowed || is || perhaps
		}
	}
	switch {
	case allowed && !perhapsDenied:
		return MayPutYes
	case !allowed && !perhapsAllowed:
		return MayPutNo
	}
	return MayPutUnknown
}

// mayBeOfAny reports whether a statement may be about a key that is not made yet.
// One without a Resource has no effect.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-Policy
func (s policyStatement) mayBeOfAny() bool {
	return s.butRes || slices.ContainsFunc(s.resources, func(r string) bool { return strings.ContainsAny(r, "*?$") })
}

// meets reports whether a statement is about the caller: by name, or by the
// account, where IAM decides.
func (s policyStatement) meets(c Caller, o KeyOwner) (is, perhaps bool) {
	if s.others {
		return false, true
	}
	for _, p := range s.principal {
		switch {
		case p.kind == "AWS" && (p.name == "*" || p.name == c.ARN || p.name == roleOf(c.ARN)):
			is = true
		case s.effect != "Allow" && o.isAccount(p):
			is = true // it is about everybody in it
		case o.isAccount(p), p.kind == "AWS" && roleName(p.name) != "" && roleName(p.name) == roleName(roleOf(c.ARN)):
			perhaps = true
		case p.kind == "Federated":
			perhaps = true
		}
	}
	return is, perhaps
}

// assumedRole is the ARN of a session; it does not say the path of its role.
var assumedRole = regexp.MustCompile(`^arn:([^:]+):sts::(\d+):assumed-role/([^/]+)/`)

// roleOf is the ARN of the role of a session, as far as that can be told.
func roleOf(arn string) string {
	if m := assumedRole.FindStringSubmatch(arn); m != nil {
		return "arn:" + m[1] + ":iam::" + m[2] + ":role/" + m[3]
	}
	return ""
}

// roleName is a role's account and its name without the path.
func roleName(arn string) string {
	head, path, ok := strings.Cut(arn, ":role/")
	if !ok {
		return ""
	}
	return head + ":" + path[strings.LastIndex(path, "/")+1:]
}
