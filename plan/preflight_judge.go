package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Tried is what was found out about one call of a rotation.
type Tried struct {
	Action string
	// Answer is that to the call itself, or to its DryRun, made by the principal; nil if it
	// was not made.
	Answer *Answer
	// Decisions are the simulator's, one for each resource.
	Decisions []Simulated
}

// DryRunPassed is KMS's code for a call that DryRun alone stopped.
// https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
const DryRunPassed = "DryRunOperationException"

// KeyPolicies are those of the live key and of the next one; "" is not known.
type KeyPolicies struct{ Live, New string }

// Judge adds the check of one call on a key.
func (p *Preflight) Judge(key string, t Tried, policies KeyPolicies) {
	c := Check{Key: key, About: t.Action}
	way, realUse := WayOf(t.Action)
	switch {
	case t.Answer != nil:
		c.Way = way
		c.answered(*t.Answer)
		if c.Known == KnownYes && way == WayDryRun {
			c.onNewKey(t.Action, policies.New, p.Principal)
		}
	case slices.ContainsFunc(t.Decisions, func(d Simulated) bool { return d.Result != "" }):
		c.Way = WaySimulated
		c.simulated(t.Decisions, policies, p.Principal)
	default:
		c.Known, c.Why = NotKnown, "cannot be known without doing it"
		if realUse {
			c.Why = "needs a real use of the key"
		}
	}
	p.Checks = append(p.Checks, c)
}

// onNewKey makes a no of a yes for the live key, if the policy of the next one denies the call
// or nothing in it allows it: a grant does not follow the alias.
func (c *Check) onNewKey(action, policy, principal string) {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return
	}
	d := Simulated{Action: action, Result: Allowed, Resource: NoKey}
	if known, _, why := p.lets(principal, action); known == KnownNo {
		no := d.denial(principal)
		c.Known, c.Why, c.Code, c.Hint = known, why+d.on(), no.FaultCode(), no.Hint(RoleCron)
	}
}

// answered judges the answer to a call, or to its DryRun.
func (c *Check) answered(a Answer) {
	switch {
	case a.Verdict == Yes, a.Code == DryRunPassed:
		c.Known = KnownYes
		return
	case a.Denied():
		c.Known = KnownNo
	default:
		c.Known = NotKnown
	}
	c.Why, c.Code, c.Hint = a.Text(), a.FaultCode(), a.Hint(RoleCron)
}

// simulated judges decisions: the call needs yes for each of its resources.
func (c *Check) simulated(all []Simulated, policies KeyPolicies, principal string) {
	c.Known = KnownYes
	for _, d := range all {
		known, why := d.judge(policies, principal)
		if known == KnownYes && why != "" && c.Why == "" {
			c.Why = why
		}
		if known == KnownYes || c.Known == KnownNo || c.Known == known {
			continue
		}
		c.Known, c.Why = known, why
		c.Code, c.Hint = "", Hint{}
		if known == KnownNo {
			no := d.denial(principal)
			c.Code, c.Hint = no.FaultCode(), no.Hint(RoleCron)
		}
	}
}

// judge returns what a decision is worth. A condition key that was not in the question
// leaves a denial open. A key policy may allow what no policy of the principal does.
func (d Simulated) judge(policies KeyPolicies, principal string) (Known, string) {
	depends := ""
	if len(d.Missing) > 0 {
		depends = "it turns on " + strings.Join(d.Missing, ", ") + ", which the simulation does not have"
	}
	policy, onKey := policies.Live, strings.Contains(d.Resource, ":key/")
	if strings.HasSuffix(d.Resource, NoKey) {
		policy = policies.New
	}
	switch {
	case d.Result == "":
		return NotKnown, "the simulator gave no answer" + d.on()
	case d.Result == Allowed && onKey && d.Action != "kms:TagResource": // CreateKey's, which no key policy decides
		known, why := d.allowedOn(policy, principal)
		if known == KnownYes {
			why = depends
		}
		return known, why
	case d.Result == Allowed:
		return KnownYes, depends
	case depends != "":
		return NotKnown, d.about() + "; " + depends
	case d.Result == ExplicitDeny:
		return KnownNo, "a policy denies it" + d.on()
	case d.Result != ImplicitDeny:
		return NotKnown, fmt.Sprintf("the simulator answered %q%s", d.Result, d.on())
	case onKey && mayAllow(policy, principal):
		return NotKnown, d.about() + "; the key policy, which no simulation sees, may"
	}
	return KnownNo, d.about()
}

func (d Simulated) about() string {
	if d.Result == ExplicitDeny {
		return "a policy denies it" + d.on()
	}
	return "no policy allows it" + d.on()
}

// on names the resource; a key that does not exist yet is a new one.
func (d Simulated) on() string {
	switch {
	case d.Resource == "" || d.Resource == "*":
		return ""
	case strings.HasSuffix(d.Resource, NoKey):
		return " on a new key"
	}
	return " on " + d.Resource
}

// denial is the decision as AWS's own answer to the call. What IAM allows, the key policy
// denies.
func (d Simulated) denial(principal string) Answer {
	service, operation, _ := strings.Cut(d.Action, ":")
	denial := Denial{Action: d.Action, Caller: principal, Policy: "identity-based policy",
		Explicit: d.Result == ExplicitDeny}
	if d.Result == Allowed {
		denial.Policy = "resource-based policy"
		if !strings.HasSuffix(d.Resource, NoKey) {
			denial.Resource = d.Resource
		}
	}
	return Answer{Verdict: No, Code: "AccessDenied", Cause: Cause{Kind: CauseDenied, Service: service,
		Operation: operation, Denial: denial}}
}

// mayAllow reports whether a key policy may itself allow something to a role or user: it
// names it, or everybody, or somebody this cannot name. A statement for the account
// alone allows nothing that IAM does not.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func mayAllow(policy, principal string) bool {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return true
	}
	who, owner := Caller{ARN: principal}, OwnerOf(principal)
	for _, s := range p.statements {
		if s.effect != "Allow" {
			continue
		}
		s.principal = slices.DeleteFunc(slices.Clone(s.principal), owner.isAccount)
		is, perhaps := s.covers(who, owner)
		if is || perhaps || slices.ContainsFunc(s.principal, func(by policyPrincipal) bool {
			return roleName(by.name) != "" && roleName(by.name) == roleName(principal)
		}) {
			return true
		}
	}
	return false
}

// Unsimulated adds why the simulator was not asked, or did not answer. No rotation needs it.
func (p *Preflight) Unsimulated(no Answer) {
	p.Checks = append(p.Checks, Check{About: "iam:SimulatePrincipalPolicy", Known: NotKnown, Way: WayCalled,
		Warns: true, Why: no.Text(), Code: no.FaultCode(), Hint: p.simulateHint(no)})
}

// simulateHint says what lets the simulator be asked.
func (p *Preflight) simulateHint(no Answer) Hint {
	switch {
	case no.Denied():
		return Try("keyturn", "verify", "--role", p.Principal).Noted("type it as somebody who may " +
			"iam:SimulatePrincipalPolicy, or allow that: keyturn init --iam verify prints the policy")
	case no.Code == "NoSuchEntity":
		return Noted("AWS does not say the path of a caller's role: name the role with its path, by --role")
	}
	return no.Hint("")
}
