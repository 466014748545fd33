package plan

import (
	"slices"
	"strings"
)

// The policy simulator does not see key policies. A call on a key needs more than its yes:
// the key policy must let IAM decide, or allow the call itself, and must not deny it. Of what
// depends on a condition nothing is known.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html

// lets returns whether a key policy lets a role or user make a call on its key that IAM's
// policies allow, whether it denies the call outright, and why not.
func (p *keyPolicy) lets(principal, action string) (known Known, denied bool, why string) {
	who, owner := Caller{ARN: principal}, OwnerOf(principal)
	allowed, open, denies := false, "", ""
	for _, s := range p.statements {
		is, perhaps := s.covers(who, owner)
		if s.effect == "Allow" && slices.ContainsFunc(s.principal, owner.isAccount) {
			is = true // IAM decides, and has said yes
		}
		if !is && !perhaps || !s.mayCover(strings.ToLower(action)) || s.effect != "Allow" && s.spares(principal) {
			continue
		}
		sure := is && len(s.condition) == 0 && !s.notResource && slices.Contains(s.resources, "*")
		switch {
		case s.effect == "Allow" && sure:
			allowed = true
		case s.effect == "Allow":
			open = s.name
		case sure:
			return KnownNo, true, "the key policy denies it: " + s.name
		default:
			denies = s.name
		}
	}
	switch {
	case denies != "":
		return NotKnown, false, "IAM allows it; the key policy may deny it: " + denies
	case allowed:
		return KnownYes, false, ""
	case open != "":
		return NotKnown, false, "IAM allows it; the key policy may not: that turns on " + open
	}
	return KnownNo, false, "the key policy neither lets IAM decide nor allows it itself"
}

// spares reports whether a condition is certainly not met by the calls of a role or user: it
// is about everybody else, or about calls without TLS.
func (s policyStatement) spares(principal string) bool {
	return slices.ContainsFunc(s.condition, func(c policyCondition) bool {
		switch strings.ToLower(c.key) {
		case "aws:principalarn":
			return slices.ContainsFunc(c.values, func(v string) bool { return c.isNot(v, principal) })
		case "aws:securetransport":
			return c.operator == "Bool" && slices.Equal(c.values, []string{"false"})
		}
		return false
	})
}

// isNot reports whether a test fails for an ARN because a value of it matches.
func (c policyCondition) isNot(value, arn string) bool {
	if strings.Contains(value, "${") {
		return false
	}
	switch strings.TrimSuffix(c.operator, "IfExists") {
	case "StringNotEquals":
		return value == arn
	case "StringNotLike":
		return wildcard(value, arn)
	case "ArnNotEquals", "ArnNotLike": // part by part, and both with wildcards
		is, want := strings.SplitN(arn, ":", arnParts), strings.SplitN(value, ":", arnParts)
		return slices.EqualFunc(want, is, wildcard)
	}
	return false
}

// allowedOn returns what a key policy makes of the simulator's yes to a call on its key.
func (d Simulated) allowedOn(policy, principal string) (Known, string) {
	p, err := parseKeyPolicy(policy)
	switch {
	case policy == "":
		return NotKnown, "IAM allows it; the key policy, which no simulation sees, was not read"
	case err != nil:
		return NotKnown, "IAM allows it; the key policy cannot be judged: " + err.Error()
	}
	known, denied, why := p.lets(principal, d.Action)
	if _, realUse := WayOf(d.Action); realUse && known == KnownNo && !denied {
		known = NotKnown // a grant may allow it
	}
	if known != KnownYes {
		why += d.on()
	}
	return known, why
}
