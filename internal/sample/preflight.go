package sample

import "github.com/keyturn/keyturn/plan"

// Preflight is one with every answer: of two keys, a call that is denied, some that nobody
// could simulate, and a warning.
func Preflight() plan.Preflight {
	p := plan.Preflight{At: At("2026-12-01T03:12:40Z"), Principal: "arn:aws:iam::123456789012:role/keyturn-cron",
		Caller: plan.Caller{ARN: "arn:aws:sts::123456789012:assumed-role/keyturn-cron/i-0abc", Account: "123456789012"}}
	keys := []plan.Policy{Policy("orders-data"), Policy("webhook-signing")}
	p.Identity(keys, 0)
	p.TableLooked("keyturn", plan.TableSeen{ID: "t"}, false, "")
	denied := plan.Answer{Verdict: plan.No, Code: "AccessDeniedException", RequestID: "7c1e",
		Cause: plan.Cause{Kind: plan.CauseDenied, Service: "KMS", Operation: "Encrypt", Denial: plan.Denial{
			Action: "kms:Encrypt", Caller: p.Caller.ARN, Policy: "identity-based policy"}}}
	for _, k := range keys {
		p.Checks = append(p.Checks, plan.Check{Key: k.Name, About: plan.AboutKey, Known: plan.KnownYes,
			Way: plan.WayLooked, Why: "of " + k.Name})
		p.Judge(k.Name, plan.Tried{Action: "kms:CreateKey", Decisions: []plan.Simulated{{Action: "kms:CreateKey",
			Resource: "*", Result: plan.Allowed}}}, plan.KeyPolicies{})
		p.Judge(k.Name, plan.Tried{Action: "kms:DescribeKey", Answer: &plan.Answer{Verdict: plan.Yes}},
			plan.KeyPolicies{})
		p.Judge(k.Name, plan.Tried{Action: "kms:UpdateAlias"}, plan.KeyPolicies{})
	}
	p.Judge("orders-data", plan.Tried{Action: "kms:Encrypt", Answer: &denied}, plan.KeyPolicies{})
	p.Judge("webhook-signing", plan.Tried{Action: "kms:Sign", Answer: &plan.Answer{Verdict: plan.No,
		Code: plan.DryRunPassed}}, plan.KeyPolicies{})
	p.Judge("webhook-signing", plan.Tried{Action: "kms:Verify"}, plan.KeyPolicies{})
	p.Unsimulated(plan.Answer{Verdict: plan.No, Code: "AccessDenied", Cause: plan.Cause{Kind: plan.CauseDenied,
		Service: "IAM", Operation: "SimulatePrincipalPolicy", Denial: plan.Denial{Caller: p.Caller.ARN,
			Action: "iam:SimulatePrincipalPolicy", Policy: "identity-based policy"}}})
	return p
}
