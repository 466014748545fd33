package plan

import (
	"slices"
	"strings"
)

// OpenStatements returns the names of the statements of a key policy that let everyone in,
// of whatever account: an Allow for the principal "*", or for all but some, without a
// condition that narrows it. A Deny for everyone else narrows it too. It returns none for a
// policy that cannot be parsed.
func OpenStatements(policy string) []string {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return nil
	}
	var open []string
	for _, s := range p.statements {
		if s.effect != "Allow" || !s.everyone() || slices.ContainsFunc(s.condition, policyCondition.narrows) {
			continue
		}
		if !slices.ContainsFunc(p.statements, func(deny policyStatement) bool { return deny.keepsOut(s) }) {
			open = append(open, s.name)
		}
	}
	return open
}

// everyone reports whether a statement is about whoever calls.
func (s policyStatement) everyone() bool {
	return s.notPrincipal || slices.Contains(s.principal, policyPrincipal{"AWS", "*"})
}

// keepsOut reports whether a Deny takes from everyone but some what another statement
// allows.
func (s policyStatement) keepsOut(allow policyStatement) bool {
	if s.effect != "Deny" || !s.everyone() || s.notPrincipal || allow.actions == nil {
		return false
	}
	for _, action := range allow.actions {
		if !covers(s.actions, strings.ToLower(action)) {
			return false
		}
	}
	return slices.ContainsFunc(s.condition, policyCondition.sparesSome) &&
		!slices.ContainsFunc(s.condition, func(c policyCondition) bool {
			return !c.sparesSome() && !slices.Contains(byServices, strings.ToLower(c.key))
		})
}

// byServices are condition keys that spare AWS's services from a Deny.
var byServices = []string{"aws:principalisawsservice", "aws:viaawsservice"}

// narrowing are the condition keys that say whose a call is, or where it comes from. Each
// AWS account can give its own calls any value of the others, such as a tag, an encryption
// context, or the service that a call goes through.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var narrowing = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid",
	"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc",
	"aws:sourcevpce", "aws:sourceip", "kms:calleraccount",
}

// narrows reports whether a test lets only some callers pass.
func (c policyCondition) narrows() bool {
	return c.about("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress")
}

// sparesSome reports whether a test of a Deny holds for everyone but some callers.
func (c policyCondition) sparesSome() bool {
	c.operator = strings.TrimSuffix(c.operator, "IfExists")
	return c.about("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike",
		"NotIpAddress")
}

// about reports whether a test compares what says who calls with values that not everyone
// has. ForAllValues and IfExists also hold where the caller has no value.
func (c policyCondition) about(operators ...string) bool {
	operator := strings.TrimPrefix(c.operator, "ForAnyValue:")
	return slices.Contains(operators, operator) && slices.Contains(narrowing, strings.ToLower(c.key)) &&
		len(c.values) > 0 && !slices.ContainsFunc(c.values, ofEveryone)
}

// ofEveryone reports whether callers of any account may have a value of a condition.
func ofEveryone(value string) bool {
	if strings.Contains(value, "${") || strings.Trim(value, "*?") == "" || strings.HasSuffix(value, "/0") {
		return true
	}
	parts := strings.SplitN(value, ":", arnParts)
	return len(parts) == arnParts && parts[0] == "arn" && strings.ContainsAny(parts[4], "*?")
}
