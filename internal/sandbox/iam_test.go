package sandbox

import (
	"regexp"
	"strings"
	"testing"
)

// simulate sends one SimulatePrincipalPolicy as the query protocol writes it.
func simulate(t *testing.T, s *Sandbox, form string) (status int, body string) {
	t.Helper()
	r := raw{body: "Action=SimulatePrincipalPolicy&Version=2010-05-08&" + form, date: s.Now()}
	got := r.send(t, s)
	id := regexp.QuoteMeta(got.Header.Get("X-Amzn-Requestid"))
	return got.StatusCode, regexp.MustCompile(id).ReplaceAllString(got.body, "ID")
}

const asUser = "PolicySourceArn=arn:aws:iam::111122223333:user/x"

// The answer is in the form that IAM documents: with resources, each has a result of its own.
func TestSimulation(t *testing.T) {
	s, err := New(Options{Switches: Switches{Simulated: map[string]string{"kms:CreateKey": "explicitDeny",
		"kms:UpdateAlias": "implicitDeny"}}})
	if err != nil {
		t.Fatal(err)
	}
	status, body := simulate(t, s, asUser+"&ActionNames.member.1=kms:CreateKey&ActionNames.member.2=kms:CreateAlias")
	const want = `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` +
		`<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>` +
		`<member><EvalActionName>kms:CreateKey</EvalActionName><EvalDecision>explicitDeny</EvalDecision>` +
		`<EvalResourceName>*</EvalResourceName><ResourceSpecificResults></ResourceSpecificResults></member>` +
		`<member><EvalActionName>kms:CreateAlias</EvalActionName><EvalDecision>allowed</EvalDecision>` +
		`<EvalResourceName>*</EvalResourceName><ResourceSpecificResults></ResourceSpecificResults></member>` +
		`</EvaluationResults></SimulatePrincipalPolicyResult>` +
		`<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></SimulatePrincipalPolicyResponse>`
	if status != 200 || body != want {
		t.Errorf("%d %s", status, body)
	}
	_, body = simulate(t, s, asUser+"&ActionNames.member.1=kms:UpdateAlias&ResourceArns.member.1=arn:a"+
		"&ResourceArns.member.2=arn:b")
	if !strings.Contains(body, `<ResourceSpecificResults><member><EvalResourceName>arn:a</EvalResourceName>`+
		`<EvalResourceDecision>implicitDeny</EvalResourceDecision></member><member><EvalResourceName>arn:b<`) {
		t.Error(body)
	}
}

// IAM knows roles and users, not sessions, and those of its own account.
func TestSimulationOfNobody(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string]string{
		"PolicySourceArn=arn:aws:sts::111122223333:assumed-role/a/b&ActionNames.member.1=kms:Sign": "InvalidInput",
		"PolicySourceArn=arn:aws:iam::444455556666:role/a&ActionNames.member.1=kms:Sign":           "NoSuchEntity",
		asUser: "ValidationError",
	} {
		if status, body := simulate(t, s, form); status < 400 || !strings.Contains(body, "<Code>"+want+"</Code>") {
			t.Errorf("%s: %d %s", form, status, body)
		}
	}
	if err := s.SetSwitches(Switches{Simulated: map[string]string{"kms:Sign": "maybe"}}); err == nil {
		t.Error("a decision that IAM does not have was accepted")
	}
}
