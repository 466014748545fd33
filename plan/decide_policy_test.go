package plan_test

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// keyPolicy sets the policy and the ARN of the live version, k7.
func keyPolicy(text string) sight {
	return func(o *plan.Observed) {
		o.Source = &plan.SourceSeen{Policy: text}
		o.Alias.ARN = oldARN
	}
}

func noSource(o *plan.Observed) { o.Source = nil }

func claimedHere(o *plan.Observed) { o.ClaimedHere, o.MayMake, o.Version = "c8", "c8", nil }

func justWrote(o *plan.Observed) { o.JustWrote = true }

// Before a version is claimed, and again before it is made, its key policy is read:
// what cannot be copied, and what KMS would refuse, makes no claim and no key.
func TestDecideKeyPolicy(t *testing.T) {
	notResource := statementWith(`"NotResource":"arn:aws:kms:*:*:key/ffff"`)
	othersOnly := strings.Replace(accountDecides, ":root", ":role/admins", 1)
	service := strings.Replace(accountDecides, `"AWS":"arn:aws:iam::123456789012:root"`,
		`"Service":"s3.amazonaws.com"`, 1)
	ownRole := strings.Replace(accountDecides, ":root", ":role/keyturn", 1)
	byIAM := strings.Replace(accountDecides, `"Resource"`,
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}},"Resource"`, 1)
	byRotate := plan.Request{Verb: plan.VerbRotate, Reason: "leaked"}
	abandoning := plan.Request{Verb: plan.VerbRotate, Reason: "leaked", Abandon: true}
	back := plan.Request{Verb: plan.VerbRollback, Reason: "v7 breaks", Version: 6}
	inFile := func(p *plan.Policy) { p.PolicyPath = "policy.json" }
	file := func(text string) sight { return func(o *plan.Observed) { o.OwnPolicy = text } }
	for _, c := range []struct {
		name string
		r    *plan.Record
		q    plan.Request
		o    plan.Observed
		p    func(*plan.Policy)
		want string
	}{
		{"due: the policy is read first", record(plan.Steady), bySchedule, seen(aliasOn("k7"), noSource), nil,
			"look source"},
		{"due, the account decides", record(plan.Steady), bySchedule, seen(keyPolicy(accountDecides)), nil, "claim"},
		{"due, named principals decide", record(plan.Steady), bySchedule, seen(keyPolicy(othersOnly)), nil, "claim"},
		{"due, this caller decides", record(plan.Steady), bySchedule, seen(keyPolicy(ownRole)), nil, "claim"},
		{"due, a condition decides", record(plan.Steady), bySchedule, seen(keyPolicy(byIAM)), nil, "claim"},
		{"due, its own ARN is translated", record(plan.Steady), bySchedule,
			seen(keyPolicy(strings.Replace(accountDecides, `"*"}`, `"`+oldARN+`"}`, 1))), nil, "claim"},
		{"due, NotResource", record(plan.Steady), bySchedule, seen(keyPolicy(notResource)), nil,
			"note refused policy-of-one-key"},
		{"due, it is read no more", record(plan.Steady), bySchedule, seen(keyPolicy("what")), nil,
			"note refused policy-of-one-key"},
		{"due, a service may", record(plan.Steady), bySchedule, seen(keyPolicy(service)), nil,
			"note refused policy-lockout"},
		{"who calls is asked before that is said", record(plan.Steady), bySchedule,
			seen(keyPolicy(service), func(o *plan.Observed) { o.Caller = nil }), nil, "look caller"},
		{"rotate: the policy is read first", record(plan.Steady), byRotate, seen(aliasOn("k7"), noSource), nil,
			"look source"},
		{"rotate, NotResource", record(plan.Steady), byRotate, seen(keyPolicy(notResource)), nil,
			"note refused policy-of-one-key"},
		{"rotate --abandon: the policy is read first", record(plan.Created, rolling), abandoning, seen(noSource), nil,
			"look source"},
		{"rotate --abandon, NotResource", record(plan.Created, rolling), abandoning, seen(keyPolicy(notResource)),
			nil, "note refused policy-of-one-key"},
		{"a rollback makes none", record(plan.Steady), back, seen(keyPolicy(notResource), noSource,
			targetIs(func(k *plan.KeySeen) { k.KeyID = "k6" })), nil, "claim"},
		{"claimed, NotResource since", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(keyPolicy(notResource), claimedHere), nil, "note refused policy-of-one-key"},
		{"claimed, a service may since", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(keyPolicy(service), claimedHere), nil, "note refused policy-lockout"},
		{"a file, and what is live does not count", record(plan.Steady), bySchedule, seen(keyPolicy(notResource),
			file(accountDecides)), inFile, "claim"},
		{"a file that names the live key", record(plan.Steady), bySchedule, seen(keyPolicy(accountDecides),
			file(strings.Replace(accountDecides, `"*"}`, `"`+oldARN+`"}`, 1))), inFile,
			"note refused policy-of-one-key"},
		{"a file that locks out", record(plan.Steady), bySchedule, seen(keyPolicy(accountDecides), file(othersOnly)),
			inFile, "note refused policy-lockout"},
		{"a file that names this role", record(plan.Steady), bySchedule, seen(keyPolicy(accountDecides),
			file(ownRole)), inFile, "claim"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := ordersPolicy()
			if c.p != nil {
				c.p(&p)
			}
			if d := plan.Decide(noon, p, c.r, c.q, c.o); said(d) != c.want {
				t.Errorf("got %q, want %q: %v", said(d), c.want, d.Reasons)
			}
		})
	}
}

// deniedByName is a no of a service control policy, in AWS's words.
var deniedByName = plan.Answer{Verdict: plan.No, Code: "AccessDeniedException",
	Message: "User: x is not authorized to perform: kms:CreateKey on resource: * " +
		"with an explicit deny in a service control policy"}

var lockedOut = plan.Answer{Verdict: plan.No, Code: "MalformedPolicyDocumentException",
	Message: "The new key policy will not allow you to update the key policy in the future."}

// The lockout check is waived where that is safe. CreateKey has no idempotency token, so
// it is called without the waiver only after a no with that reason, and only once.
func TestDecideWaiver(t *testing.T) {
	othersOnly := strings.Replace(accountDecides, ":root", ":role/admins", 1)
	inDoubt := strings.Replace(accountDecides, `"Resource"`,
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}},"Resource"`, 1)
	soft := plan.Answer{Verdict: plan.No, Code: "ThrottlingException", Soft: true, Message: "explicit deny"}
	mayHaveStruck := plan.Answer{Verdict: plan.Unknown, Code: "AccessDeniedException", Message: deniedByName.Message}
	plainNo := plan.Answer{Verdict: plan.No, Code: "AccessDeniedException",
		Message: "x is not authorized to perform: kms:CreateKey " +
			"because no identity-based policy allows the kms:CreateKey action"}
	for _, c := range []struct {
		name    string
		policy  string
		answers []plan.Answer // to CreateKey
		want    string        // what comes after: the act, and whether it waives
	}{
		{"the account decides", accountDecides, nil, "create key, waived"},
		{"named principals decide", othersOnly, nil, "create key, waived"},
		{"in doubt", inDoubt, nil, "create key, checked"},
		{"denied by name", accountDecides, []plan.Answer{deniedByName}, "create key, checked"},
		{"denied by name, checked anyway", inDoubt, []plan.Answer{deniedByName}, "note failed"},
		{"denied otherwise", accountDecides, []plan.Answer{plainNo}, "note failed"},
		{"throttled", accountDecides, []plan.Answer{soft}, "create key, waived"},
		{"not answered", accountDecides, []plan.Answer{mayHaveStruck}, "create key, waived"},
		{"denied twice", accountDecides, []plan.Answer{deniedByName, deniedByName}, "note failed"},
		{"and locked out", othersOnly, []plan.Answer{deniedByName, lockedOut}, "note refused waiver-denied"},
		{"locked out at once", inDoubt, []plan.Answer{lockedOut}, "note refused policy-lockout"},
		{"and not answered", accountDecides, []plan.Answer{deniedByName, unknown}, "create key, checked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, o := record(plan.Claimed, leased(me, minute)), seen(keyPolicy(c.policy), claimedHere)
			d := plan.Decide(noon, ordersPolicy(), r, bySchedule, o)
			for _, a := range c.answers {
				if d.Act.Kind != plan.CreateKey {
					t.Fatalf("got %q", said(d))
				}
				o.Learn(noon, r, d.Act, plan.Result{Answer: a})
				d = plan.Decide(noon, ordersPolicy(), r, bySchedule, o)
			}
			got := said(d)
			if d.Act.Kind == plan.CreateKey {
				got += map[bool]string{true: ", waived", false: ", checked"}[d.Act.Terms.Waive]
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %+v", got, c.want, noteOf(d.Act))
			}
		})
	}
}

// A refusal of KMS is counted as any definite no, told once as a refusal, and known
// again by the next run.
func TestWaiverDeniedIsCounted(t *testing.T) {
	r, o := record(plan.Claimed, leased(me, minute)), seen(keyPolicy(strings.Replace(accountDecides, ":root",
		":role/admins", 1)), claimedHere)
	for _, a := range []plan.Answer{deniedByName, lockedOut} {
		o.Learn(noon, r, plan.Decide(noon, ordersPolicy(), r, bySchedule, o).Act, plan.Result{Answer: a})
	}
	d := plan.Decide(noon, ordersPolicy(), r, bySchedule, o)
	if n := noteOf(d.Act); !n.Attempt || !n.Free || n.Error == nil || n.Error.Code != "waiver-denied" ||
		!strings.Contains(n.Error.Message, "service control policy") {
		t.Fatalf("%+v", d.Act)
	}
	r = plan.Apply(r, d.Act)
	o.Wrote(d.Act)
	o.Uncopied, o.UncopiedRev = &plan.Answer{Verdict: plan.No}, r.Rev
	d = plan.Decide(noon, ordersPolicy(), r, bySchedule, o)
	if said(d) != "refuse waiver-denied" || !strings.Contains(d.Act.Refusal.Hint.Note, "CT.KMS.PV.3") ||
		r.Attempts.Count != 1 {
		t.Errorf("%s %+v", said(d), r.Attempts)
	}
	if ref := plan.Standing(ordersPolicy(), r); ref == nil || ref.Code != "waiver-denied" {
		t.Errorf("%+v", ref)
	}
}

// The policies of two versions are compared by what each means for its own key.
func TestPoliciesComparedInTranslation(t *testing.T) {
	newARN := strings.Replace(oldARN, "1234abcd", "ffffabcd", 1)
	on := func(resource string) string { return statementWith(`"Resource":` + resource) }
	for name, c := range map[string]struct {
		live, waits string
		want        string
	}{
		"its own ARN, and *":      {on(`"` + oldARN + `"`), on(`"*"`), "sign move"},
		"each its own":            {on(`"` + oldARN + `"`), on(`"` + newARN + `"`), "sign move"},
		"a pattern, and *":        {on(`["arn:aws:kms:*:*:key/1234*"]`), on(`"*"`), "sign move"},
		"every key on both":       {on(`"arn:aws:kms:*:*:key/*"`), on(`"arn:aws:kms:*:*:key/*"`), "sign move"},
		"still the old one's ARN": {on(`"` + oldARN + `"`), on(`"` + oldARN + `"`), "note refused policy-changed"},
		"* and another key": {on(`"*"`), on(`"arn:aws:kms:eu-west-1:123456789012:key/1"`),
			"note refused policy-changed"},
		"somebody more since": {on(`["` + oldARN + `","arn:aws:kms:eu-west-1:123456789012:key/1"]`), on(`"*"`),
			"note refused policy-changed"},
	} {
		o := seen(policies("k8", c.live, c.waits), targetIs(func(k *plan.KeySeen) { k.ARN = newARN }),
			func(o *plan.Observed) { o.Alias.ARN = oldARN })
		if d := plan.Decide(noon, ordersPolicy(), record(plan.Created, leased(me, minute)), bySchedule,
			o); said(d) != c.want {
			t.Errorf("%s: got %q, want %q", name, said(d), c.want)
		}
	}
}
