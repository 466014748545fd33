package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// Every kind has a code, a sentence and, but for few, something to do.
func TestEveryCause(t *testing.T) {
	idle := map[plan.CauseKind]bool{plan.CauseKeyState: true, plan.CauseNotFound: true, plan.CauseUnreadable: true,
		plan.CauseInterrupted: true}
	for _, kind := range plan.CauseKinds() {
		a := plan.Answer{Verdict: plan.No, Code: "SomeException", Message: "Some message.", RequestID: "r-1",
			Cause: plan.Cause{Kind: kind, Service: "KMS", Operation: "CreateKey", Status: 400, Region: "eu-west-1",
				Endpoint: "https://kms.eu-west-1.amazonaws.com", Detail: "some detail",
				Denial: plan.Denial{Action: "kms:CreateKey"}}}
		f := a.Fault(plan.RoleCron)
		if f.Code == "" || f.Code == "SomeException" || f.Exit == plan.ExitDone {
			t.Errorf("%s: %+v", kind, f)
		}
		if text := a.Text(); text == "" || strings.Contains(text, "r-1") || strings.Contains(text, "%!") {
			t.Errorf("%s: %s", kind, text)
		}
		if hint := fmt.Sprint(f.Hint); f.Hint.Empty() != idle[kind] || strings.Contains(hint, "%!") {
			t.Errorf("%s: %q", kind, hint)
		}
	}
}

// What a person does about a denial depends on the policy that decided, on AWS's own
// endpoints as well.
func TestDeniedHint(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	for _, c := range []struct {
		denial plan.Denial
		role   string
		want   string
	}{
		{plan.Denial{Action: "kms:UpdateAlias"}, plan.RoleCron, "keyturn init --iam cron"},
		{plan.Denial{Action: "kms:UpdateAlias"}, plan.RoleReadOnly, "keyturn init --iam cron]] prints a policy that " +
			"allows kms:UpdateAlias; roles that have it: cron, break-glass"},
		{plan.Denial{Action: "kms:ListKeys"}, plan.RoleCron, "keyturn init --iam readonly"},
		{plan.Denial{Action: "dynamodb:CreateTable"}, plan.RoleCron, "no role of keyturn init --iam has"},
		{plan.Denial{Action: "kms:Encrypt", Policy: "resource-based policy", Resource: key}, plan.RoleCron,
			"aws kms get-key-policy --key-id " + key + " --policy-name default --region eu-west-1"},
		{plan.Denial{Action: "kms:Encrypt", Policy: "resource-based policy", Resource: "$(reboot)"}, plan.RoleCron,
			"policies of the caller alone are not enough"},
		{plan.Denial{Action: "kms:Encrypt", Policy: "session policy"}, plan.RoleCron, "whoever keeps the session " +
			"policy"},
		{plan.Denial{Action: "kms:Encrypt", Policy: "identity-based policy", Explicit: true}, plan.RoleCron,
			"a Deny outweighs every Allow"},
	} {
		a := plan.Answer{Verdict: plan.No, Cause: plan.Cause{Kind: plan.CauseDenied, Service: "KMS", Denial: c.denial}}
		if got := fmt.Sprint(a.Hint(c.role)); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %s, want %s", c.denial, got, c.want)
		}
	}
}

// An emulator lacks an operation if it says so, or if it fails without a code of AWS's; AWS
// itself lacks none.
func TestLacking(t *testing.T) {
	for _, c := range []struct {
		answer plan.Answer
		want   bool
	}{
		{plan.Answer{Cause: plan.Cause{Kind: plan.CauseUnsupported}}, true},
		{plan.Answer{Cause: plan.Cause{Kind: plan.CauseTrouble, Foreign: true}}, true},
		{plan.Answer{Code: "InternalFailure", Cause: plan.Cause{Kind: plan.CauseTrouble, Foreign: true}}, false},
		{plan.Answer{Cause: plan.Cause{Kind: plan.CauseTrouble}}, false},
		{plan.Answer{Cause: plan.Cause{Kind: plan.CauseDenied, Foreign: true}}, false},
		{plan.Answer{Cause: plan.Cause{Kind: plan.CauseThrottled, Foreign: true}}, false},
	} {
		if got := c.answer.Lacking(); got != c.want {
			t.Errorf("%+v: %v", c.answer, got)
		}
	}
}
