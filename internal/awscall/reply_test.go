package awscall_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

func address(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// Where a call went, and whether that is AWS itself.
func TestEndpointOfReply(t *testing.T) {
	for text, want := range map[string]plan.Cause{
		"https://kms.eu-west-1.amazonaws.com/":              {Region: "eu-west-1"},
		"https://kms-fips.us-gov-west-1.amazonaws.com/":     {Region: "us-gov-west-1"},
		"https://dynamodb.cn-north-1.amazonaws.com.cn":      {Region: "cn-north-1"},
		"https://sts.amazonaws.com":                         {},
		"https://kms.eusc-de-east-1.amazonaws.eu":           {Region: "eusc-de-east-1"},
		"https://kms.eu-west-1.api.aws":                     {Region: "eu-west-1"},
		"https://111122223333.ddb.eu-west-1.amazonaws.com/": {Region: "eu-west-1"},
		"https://vpce-1.kms.eu-west-1.vpce.amazonaws.com":   {Region: "eu-west-1"},
		"https://kms.us-iso-east-1.c2s.ic.gov":              {Region: "us-iso-east-1"},
		"http://localhost:4566/":                            {Foreign: true},
		"https://kms.example.com":                           {Foreign: true},
		"https://kms.eu-west-1.amazonaws.com.example.com/":  {Foreign: true},
		"http://user:hunter2@localhost:4566/":               {Foreign: true},
	} {
		got := awscall.Reply{Service: "KMS", Operation: "ListKeys", URL: address(text), Status: 500}.Answer().Cause
		if got.Region != want.Region || got.Foreign != want.Foreign || got.Endpoint == "" {
			t.Errorf("%s: %+v", text, got)
		}
		if address(text).User != nil && got.Endpoint != "http://localhost:4566" {
			t.Errorf("%s is shown as %s", text, got.Endpoint)
		}
	}
}

// AWS's sentences about a denial, as its user guide has them.
func TestDenial(t *testing.T) {
	const (
		user = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:CreateKey"
		who  = "arn:aws:iam::1:user/x"
	)
	for message, want := range map[string]plan.Cause{
		user + " because no identity-based policy allows the kms:CreateKey action": {
			Denial: plan.Denial{Action: "kms:CreateKey", Caller: who, Policy: "identity-based policy"}},
		user + " on resource: * because no VPC endpoint policy allows the kms:CreateKey action": {
			Denial: plan.Denial{Action: "kms:CreateKey", Resource: "*", Caller: who, Policy: "VPC endpoint policy"}},
		user + " on resource: * with an explicit deny in an identity-based policy": {
			Denial: plan.Denial{Action: "kms:CreateKey", Resource: "*", Caller: who, Policy: "identity-based policy",
				Explicit: true}},
		user + " on resource: * with an explicit deny in a resource control policy: " +
			"arn:aws:organizations::9:policy/o-1/p-1": {
			Denial: plan.Denial{Action: "kms:CreateKey", Resource: "*", Caller: who, Policy: "resource control policy",
				PolicyARN: "arn:aws:organizations::9:policy/o-1/p-1", Explicit: true}},
		user + " on resource: * because the resource does not exist in this Region, no resource-based policies " +
			"allow access": {
			Denial: plan.Denial{Action: "kms:CreateKey", Resource: "*", Caller: who},
			Detail: "because the resource does not exist in this Region, no resource-based policies allow access"},
		"not you":      {Denial: plan.Denial{Action: "kms:ListKeys"}, Detail: "not you"},
		"":             {Denial: plan.Denial{Action: "kms:ListKeys"}},
		"UnknownError": {Denial: plan.Denial{Action: "kms:ListKeys"}},
		"User: x is not authorized to perform: rm -rf / on resource: $(reboot)": {
			Denial: plan.Denial{Action: "kms:ListKeys"},
			Detail: "User: x is not authorized to perform: rm -rf / on resource: $(reboot)"},
	} {
		got := awscall.Reply{Service: "KMS", Operation: "ListKeys", Status: 400, Code: "AccessDeniedException",
			Message: message}.Answer().Cause
		if got.Kind != plan.CauseDenied || got.Denial != want.Denial || got.Detail != want.Detail {
			t.Errorf("%s:\n%+v\n%+v", message, got, want)
		}
	}
}

// An error that only sounds like an emulator's is none.
func TestLacks(t *testing.T) {
	for _, c := range []struct {
		status        int
		code, message string
		want          plan.CauseKind
	}{
		{400, "UnsupportedOperationException", "the key spec is not supported", ""},
		{400, "ValidationException", "unknown operation, not implemented", ""},
		{501, "UnsupportedOperationException", "Passed X-Amz-Target (TrentService.ListKeys) is not implemented",
			plan.CauseUnsupported},
		{500, "InternalFailure", "The API for service kms is either not included in your current license plan or has " +
			"not yet been emulated by LocalStack", plan.CauseUnsupported},
		{500, "InternalFailure", "", plan.CauseTrouble},
		{503, "", "", plan.CauseTrouble},
		{400, "AccessDeniedException", "not implemented for you", plan.CauseDenied},
	} {
		a := awscall.Reply{Service: "KMS", Operation: "ListKeys", Status: c.status, Code: c.code, Message: c.message,
			Header: http.Header{}}.Answer()
		if a.Cause.Kind != c.want {
			t.Errorf("%d %s: %q, want %q", c.status, c.code, a.Cause.Kind, c.want)
		}
	}
}
