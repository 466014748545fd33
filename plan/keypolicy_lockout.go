package plan

import (
	"slices"
	"strings"
)

// KMS refuses to create a key if its policy would not let the caller change that
// policy, unless CreateKey waives the check. Somebody who rotates keys should not be
// able to decide about access, so keyturn waives the check; but only where the new key
// provably stays manageable.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key

// LeavesKeyTo is who can provably change a key policy.
type LeavesKeyTo string

// Who can change a key policy.
const (
	// LeavesUnknown: nothing is proven.
	LeavesUnknown LeavesKeyTo = ""
	// LeavesToAccount: the account itself; IAM decides who in it.
	LeavesToAccount LeavesKeyTo = "account"
	// LeavesToNamed: roles or users of the account, on terms that are the same for
	// every key.
	LeavesToNamed LeavesKeyTo = "principals"
)

// KeyPolicyLeaves returns who in the owner's account can provably change the policy of
// a key that has this policy: one statement allows it for any such key, and none may
// deny it to anybody.
func KeyPolicyLeaves(policy string, o KeyOwner) LeavesKeyTo {
	p, err := parseKeyPolicy(policy)
	if err != nil || o.Account == "" {
		return LeavesUnknown
	}
	leaves := LeavesUnknown
	for _, s := range p.statements {
		switch {
		case s.effect != "Allow" && s.mayCoverPut(): // whatever principal it names, even in doubt
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

// surelyAllowsPut reports whether a statement allows its principals to change the
// policy of any key that has it, if its conditions are met.
func (s policyStatement) surelyAllowsPut() bool {
	return s.effect == "Allow" && !s.notPrincipal && !s.notResource && slices.Contains(s.resources, "*") &&
		covers(s.actions, putKeyPolicy)
}

// KeyOwner is the account that a key is in.
type KeyOwner struct{ Partition, Account string }

// OwnerOf returns the partition and account of any ARN.
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

// isOwn reports whether a principal is the account, or a role or user of it. A
// principal of another account, or a service, can never change a key policy.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
func (o KeyOwner) isOwn(p policyPrincipal) bool {
	if o.isAccount(p) {
		return true
	}
	rest, ok := strings.CutPrefix(p.name, "arn:"+o.Partition+":iam::"+o.Account+":")
	kind, name, _ := strings.Cut(rest, "/")
	return p.kind == "AWS" && ok && (kind == "role" || kind == "user") &&
		name != "" && !strings.ContainsAny(name, "*?")
}

// callerKeys are condition keys about the caller. They do not depend on the KMS key,
// so they have the same value for the new one as for the old one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var callerKeys = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
	"aws:principaltype", "aws:userid", "aws:username", "kms:calleraccount",
}

// onCallerAlone reports whether the conditions of a statement, if it has any, are
// about the caller alone.
func (s policyStatement) onCallerAlone() bool {
	return !slices.ContainsFunc(s.condition, func(c policyCondition) bool {
		// A value may be a variable, and so depend on the key after all.
		keys := append(variablesIn(c.values), strings.ToLower(c.key))
		return slices.ContainsFunc(keys, func(key string) bool {
			return !slices.Contains(callerKeys, key) && !strings.HasPrefix(key, "aws:principaltag/")
		})
	})
}

// variablesIn returns the condition keys that values use as variables, in lower case.
func variablesIn(values []string) (keys []string) {
	for _, v := range values {
		for _, variable := range policyVariable().FindAllString(v, -1) {
			key, _, _ := strings.Cut(strings.Trim(variable, "${}"), ",") // what follows is its default
			keys = append(keys, strings.ToLower(strings.TrimSpace(key)))
		}
	}
	return keys
}

const putKeyPolicy = "kms:putkeypolicy"

// covers reports whether one of the actions of a policy matches an action. They may
// have wildcards, and case does not count.
func covers(actions []string, action string) bool {
	return slices.ContainsFunc(actions, func(a string) bool { return wildcard(strings.ToLower(a), action) })
}

// mayCoverPut reports whether a statement may cover PutKeyPolicy.
func (s policyStatement) mayCoverPut() bool { return s.mayCover(putKeyPolicy) }

// mayCover reports whether a statement is about an action, which is in lower case.
func (s policyStatement) mayCover(action string) bool {
	return covers(s.actions, action) || s.notActions != nil && !covers(s.notActions, action)
}

// MayPut is whether a caller may change a key policy under that very policy.
type MayPut string

// The answers that a policy alone gives.
const (
	MayPutYes MayPut = "yes"
	MayPutNo  MayPut = "no"
	// MayPutUnknown: IAM or a condition decides.
	MayPutUnknown MayPut = "not known"
)

// CallerMayPut returns whether a key policy lets the caller of CreateKey change it.
func CallerMayPut(policy string, c Caller) MayPut {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return MayPutUnknown
	}
	o := OwnerOf(c.ARN)
	var allowed, perhapsAllowed, perhapsDenied bool
	for _, s := range p.statements {
		if !s.mayCoverPut() || !s.mayCoverNewKey() {
			continue
		}
		is, perhaps := s.covers(c, o)
		sure := is && len(s.condition) == 0 && s.notActions == nil && slices.Contains(s.resources, "*")
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

// mayCoverNewKey reports whether a statement may cover a key that does not exist yet.
// One without a Resource has no effect.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-Policy
func (s policyStatement) mayCoverNewKey() bool {
	return s.notResource ||
		slices.ContainsFunc(s.resources, func(r string) bool { return strings.ContainsAny(r, "*?$") })
}

// covers reports whether a statement covers the caller: is if it names the caller,
// perhaps if it names the account or a federation, where IAM decides.
func (s policyStatement) covers(c Caller, o KeyOwner) (is, perhaps bool) {
	if s.notPrincipal {
		return false, true
	}
	for _, p := range s.principal {
		switch {
		case p.kind == "AWS" && (p.name == "*" || p.name == c.ARN || p.name == roleOf(c.ARN)):
			is = true
		case s.effect != "Allow" && o.isAccount(p):
			is = true // a Deny covers everybody in the account
		case o.isAccount(p), p.kind == "Federated":
			perhaps = true
		case p.kind == "AWS" && roleName(p.name) != "" && roleName(p.name) == roleName(roleOf(c.ARN)):
			perhaps = true
		}
	}
	return is, perhaps
}

// assumedRole matches the ARN of a session, which has not the path of its role.
var assumedRole = Pattern(`^arn:([^:]+):sts::(\d+):assumed-role/([^/]+)/`)

// roleOf returns the ARN of the role of a session, without its path; "" if it is none.
func roleOf(arn string) string {
	if m := assumedRole().FindStringSubmatch(arn); m != nil {
		return "arn:" + m[1] + ":iam::" + m[2] + ":role/" + m[3]
	}
	return ""
}

// roleName returns a role's account and its name without the path; "" if it is none.
func roleName(arn string) string {
	head, path, ok := strings.Cut(arn, ":role/")
	if !ok {
		return ""
	}
	return head + ":" + path[strings.LastIndex(path, "/")+1:]
}
