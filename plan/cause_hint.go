package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Hint returns what a person can do about an answer other than yes. role is that of
// `keyturn init --iam` that the command belongs to; "" if it is not known.
func (a Answer) Hint(role string) Hint {
	c := a.Cause
	switch c.Kind {
	case CauseExpired, CauseNotFetched, CauseUnknownCaller, CauseSignature:
		return Try("aws", "sts", "get-caller-identity").Noted(credentialNotes[c.Kind])
	case CauseDenied:
		return c.deniedHint(role)
	case CauseQuota:
		return c.regional("aws", "service-quotas", "list-service-quotas", "--service-code", c.prefix()).
			Noted("have the quota raised, or delete what nobody needs")
	case CauseKeyState:
		if isARN().MatchString(c.Resource) {
			return c.regional("aws", "kms", "describe-key", "--key-id", c.Resource).Noted("shows the state of the key")
		}
	case CauseSchema:
		return Try("keyturn", "init", "--table").Noted("first name a table of its own in the plan: table:")
	}
	if note, ok := causeNotes[c.Kind]; ok {
		return Hint{Note: note(c)}
	}
	return Hint{}
}

const sameUser = "it must answer in the same environment and as the same user"

var credentialNotes = map[CauseKind]string{
	CauseExpired:    sameUser + "; get new credentials first (SSO: log in again)",
	CauseNotFetched: sameUser,
	CauseUnknownCaller: sameUser + "; if it does, the account may not have enabled the Region, " +
		"or the session token is of another partition",
	CauseSignature: sameUser,
}

// causeNotes has what to do where there is nothing to type.
var causeNotes = map[CauseKind]func(Cause) string{
	CauseRegionDisabled: func(Cause) string {
		return "check region in the plan, or have the Region enabled for the account"
	},
	CauseScope: func(c Cause) string {
		return fmt.Sprintf("check region in the plan, and %s: what is called there is of another Region", c.variables())
	},
	CauseClock: func(Cause) string { return "set this host's clock (NTP)" },
	CauseThrottled: func(c Cause) string {
		return "the next run tries again; if it stays so, raise the quota of " + c.Operation +
			", or find out which program calls it so often"
	},
	CauseUnsupported: func(c Cause) string {
		if !c.Foreign {
			return "AWS does not have this operation in this Region"
		}
		return fmt.Sprintf("no permission is missing: an emulator does not have everything that AWS has, "+
			"see docs/backends.md; %s says where it is called", c.variables())
	},
	CauseForeign: func(c Cause) string {
		if c.Service == stsName {
			return fmt.Sprintf("check %s, and endpoint_url in the profile; an emulator of KMS or DynamoDB alone "+
				"has no STS", c.variables())
		}
		return fmt.Sprintf("check %s, and endpoint_url in the profile; if they are right, a proxy answers in its place",
			c.variables())
	},
	CauseHostUnknown: func(c Cause) string {
		if c.Foreign {
			return fmt.Sprintf("check %s, and this host's DNS", c.variables())
		}
		return "check region in the plan, and this host's DNS"
	},
	CauseRefused:     network,
	CauseTimeout:     network,
	CauseUnreachable: network,
	CauseTLS: func(c Cause) string {
		return fmt.Sprintf("if a proxy or an endpoint of your own has its own authority, name its certificates in "+
			"AWS_CA_BUNDLE; check %s, and this host's clock", c.variables())
	},
	CauseTrouble: func(c Cause) string {
		if c.Foreign {
			return fmt.Sprintf("look at the log of what answers there; %s says where that is", c.variables())
		}
		return "the next run goes on; if it stays so, ask AWS's support, with the request id"
	},
}

func network(c Cause) string {
	if c.Foreign {
		return fmt.Sprintf("check the network, and that something runs there; %s says where it is called",
			c.variables())
	}
	return "check the network (a proxy: HTTPS_PROXY), and region in the plan"
}

// deniedHint returns what can be done about a denial. An Allow of the caller's own
// policies helps only where none allows the call.
func (c Cause) deniedHint(role string) Hint {
	switch {
	case c.Action == "":
		return Hint{}
	case c.Explicit:
		return Hint{Note: fmt.Sprintf("a Deny outweighs every Allow: change the %s that denies %s%s",
			c.Policy, c.Action,
			bracketed(c.PolicyARN))}
	case c.Policy == "resource-based policy" && isARN().MatchString(c.Resource):
		look := c.regional("aws", "kms", "get-key-policy", "--key-id", c.Resource, "--policy-name", "default")
		if c.prefix() == "dynamodb" {
			look = c.regional("aws", "dynamodb", "get-resource-policy", "--resource-arn", c.Resource)
		}
		return look.Noted(fmt.Sprintf("let that policy leave %s to the account, or allow it to this caller", c.Action))
	case c.Policy != "" && c.Policy != "identity-based policy":
		return Hint{Note: fmt.Sprintf("policies of the caller alone are not enough: whoever keeps the %s has to "+
			"allow %s", c.Policy, c.Action)}
	}
	has := RolesWith(c.Action)
	switch {
	case slices.Contains(has, role):
		return Try("keyturn", "init", "--iam", role).
			Noted(fmt.Sprintf("prints the policy that allows %s; attach it to the role of this caller", c.Action))
	case len(has) > 0:
		return Try("keyturn", "init", "--iam", has[0]).
			Noted(fmt.Sprintf("prints a policy that allows %s; roles that have it: %s",
				c.Action, strings.Join(has, ", ")))
	}
	return Hint{Note: fmt.Sprintf("no role of keyturn init --iam has %s: this is for a person with more rights",
		c.Action)}
}

// isARN matches an ARN that AWS may name as a resource.
var isARN = Pattern(`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[A-Za-z0-9/_.-]+$`)

// regional returns the hint to type a command of the aws CLI in the Region of the call,
// as far as it is known.
func (c Cause) regional(words ...string) Hint {
	region := c.Region
	if parts := strings.SplitN(c.Resource, ":", 5); isARN().MatchString(c.Resource) && parts[3] != "" {
		region = parts[3]
	}
	if region != "" {
		words = append(words, "--region", region)
	}
	return Try(words...)
}

// prefix is IAM's and the quotas' name of the service: "kms".
func (c Cause) prefix() string { return strings.ToLower(c.Service) }

// variables names what may have set the endpoint.
func (c Cause) variables() string {
	return "AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_" + strings.ToUpper(c.Service)
}
