package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Every call of cron's role has a way to be found out: one that the read-only role has, too,
// is made; of the others none is made but GetPublicKey, which reads.
func TestWayOf(t *testing.T) {
	for _, action := range plan.Permissions() {
		roles := plan.RolesWith(action)
		if !slices.Contains(roles, plan.RoleCron) {
			continue
		}
		way, _ := plan.WayOf(action)
		reads := slices.Contains(roles, plan.RoleReadOnly) || action == "kms:GetPublicKey"
		if reads != (way == plan.WayCalled) {
			t.Errorf("%s: %s", action, way)
		}
	}
}

func TestNextActions(t *testing.T) {
	encrypt := plan.KeySeen{Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"}
	sign := plan.KeySeen{Spec: "ECC_NIST_P256", Usage: "SIGN_VERIFY"}
	keep := plan.Policy{Probe: true, Retire: plan.Retire{Action: plan.RetireKeep}}
	ends := plan.Policy{Retire: plan.Retire{Action: plan.RetireDelete}}
	off := plan.Policy{Retire: plan.Retire{Action: plan.RetireDisable, UsageOff: true}}
	for _, c := range []struct {
		policy   plan.Policy
		live     plan.KeySeen
		rotation plan.RotationSeen
		with     string
		without  string
	}{
		{keep, encrypt, plan.RotationSeen{},
			"kms:Encrypt kms:Decrypt kms:GetKeyRotationStatus kms:CreateKey kms:TagResource",
			"kms:Sign kms:EnableKeyRotation kms:GetKeyLastUsage kms:ScheduleKeyDeletion kms:EnableKey"},
		{keep, encrypt, plan.RotationSeen{Every: day}, "kms:EnableKeyRotation", ""},
		{keep, encrypt, plan.RotationSeen{Unknown: "denied"}, "kms:EnableKeyRotation", ""},
		{keep, sign, plan.RotationSeen{}, "kms:Sign kms:Verify",
			"kms:Encrypt kms:GetKeyRotationStatus kms:GetPublicKey"},
		{ends, sign, plan.RotationSeen{}, "kms:GetKeyLastUsage kms:ScheduleKeyDeletion kms:DisableKey", "kms:Sign"},
		{off, sign, plan.RotationSeen{}, "kms:DisableKey", "kms:GetKeyLastUsage kms:ScheduleKeyDeletion"},
	} {
		got := plan.NextActions(c.policy, c.live, c.rotation)
		for _, action := range strings.Fields(c.with) {
			if !slices.Contains(got, action) {
				t.Errorf("%+v %s: no %s", c.policy.Retire, c.live.Usage, action)
			}
		}
		for _, action := range strings.Fields(c.without) {
			if slices.Contains(got, action) {
				t.Errorf("%+v %s: %s", c.policy.Retire, c.live.Usage, action)
			}
		}
	}
}

const (
	cronARN = "arn:aws:iam::123456789012:role/keyturn-cron"
	someKey = "arn:aws:kms:eu-west-1:123456789012:key/k7"
)

// namesCron is a key policy that lets the role of cron in, beside the account.
const namesCron = `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
	"Action": "kms:*", "Resource": "*"},
	{"Effect": "Allow", "Principal": {"AWS": "` + cronARN + `"}, "Action": "kms:*", "Resource": "*"}]}`

// toIAM is a statement that lets IAM decide.
const toIAM = `"Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"`

// statementsOf returns a key policy of statements, each from its effect on.
func statementsOf(statements ...string) string {
	for i, s := range statements {
		statements[i] = `{"Resource": "*", "Effect": ` + s + `}`
	}
	return `{"Statement": [` + strings.Join(statements, ", ") + `]}`
}

func TestJudge(t *testing.T) {
	denied := plan.Answer{Verdict: plan.No, Code: "AccessDeniedException",
		Cause: plan.Cause{Kind: plan.CauseDenied, Denial: plan.Denial{Action: "kms:Encrypt"}}}
	on := func(resource, result string, missing ...string) []plan.Simulated {
		return []plan.Simulated{{Action: "kms:UpdateAlias", Resource: resource, Result: result, Missing: missing}}
	}
	for _, c := range []struct {
		name   string
		tried  plan.Tried
		policy string
		known  plan.Known
		way    plan.Way
		why    string
	}{
		{"a read that was answered", plan.Tried{Action: "kms:DescribeKey", Answer: &plan.Answer{Verdict: plan.Yes}},
			accountDecides, plan.KnownYes, plan.WayCalled, ""},
		{"a dry run that passed", plan.Tried{Action: "kms:Encrypt",
			Answer: &plan.Answer{Verdict: plan.No, Code: plan.DryRunPassed}}, "", plan.KnownYes, plan.WayDryRun, ""},
		{"a dry run that passed, of a key whose next policy lets nobody in", plan.Tried{Action: "kms:Encrypt",
			Answer: &plan.Answer{Verdict: plan.No, Code: plan.DryRunPassed}},
			statementsOf(`"Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:PutKeyPolicy"`), plan.KnownNo,
			plan.WayDryRun, "nor allows it itself on a new key"},
		{"a dry run denied", plan.Tried{Action: "kms:Encrypt", Answer: &denied}, "", plan.KnownNo, plan.WayDryRun,
			"kms:Encrypt"},
		{"a dry run without an answer", plan.Tried{Action: "kms:Encrypt", Answer: &plan.Answer{Verdict: plan.Unknown}},
			"", plan.NotKnown, plan.WayDryRun, ""},
		{"a key that is disabled", plan.Tried{Action: "kms:Encrypt",
			Answer: &plan.Answer{Verdict: plan.No, Code: "DisabledException"}}, "", plan.NotKnown, plan.WayDryRun, ""},
		{"nobody was asked", plan.Tried{Action: "kms:UpdateAlias"}, "", plan.NotKnown, "", "without doing it"},
		{"a signature is needed", plan.Tried{Action: "kms:Verify"}, "", plan.NotKnown, "", "a real use"},
		{"allowed", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)}, accountDecides,
			plan.KnownYes, plan.WaySimulated, ""},
		{"allowed, as far as is known", plan.Tried{Action: "kms:UpdateAlias",
			Decisions: on(someKey, plan.Allowed, "aws:SourceVpce")}, accountDecides, plan.KnownYes, plan.WaySimulated,
			"aws:SourceVpce"},
		{"denied, as far as is known", plan.Tried{Action: "kms:UpdateAlias",
			Decisions: on(someKey, plan.ExplicitDeny, "aws:SourceVpce")}, "", plan.NotKnown, plan.WaySimulated,
			"aws:SourceVpce"},
		{"denied", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.ExplicitDeny)}, namesCron,
			plan.KnownNo, plan.WaySimulated, "a policy denies it on " + someKey},
		{"nothing allows it", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.ImplicitDeny)},
			accountDecides, plan.KnownNo, plan.WaySimulated, "no policy allows it on " + someKey},
		{"the key policy may allow it", plan.Tried{Action: "kms:UpdateAlias",
			Decisions: on(someKey, plan.ImplicitDeny)}, namesCron, plan.NotKnown, plan.WaySimulated, "the key policy"},
		{"no key policy was read", plan.Tried{Action: "kms:UpdateAlias",
			Decisions: on(someKey, plan.ImplicitDeny)}, "", plan.NotKnown, plan.WaySimulated, "the key policy"},
		{"a key policy says nothing of an alias", plan.Tried{Action: "kms:UpdateAlias",
			Decisions: on("arn:aws:kms:eu-west-1:123456789012:alias/orders-data", plan.ImplicitDeny)}, namesCron,
			plan.KnownNo, plan.WaySimulated, "alias/orders-data"},
		{"no answer about one of two resources", plan.Tried{Action: "kms:CreateKey", Decisions: slices.Concat(
			on("*", plan.Allowed), on("arn:aws:kms:eu-west-1:123456789012:alias/orders-data/v2", ""))}, accountDecides,
			plan.NotKnown, plan.WaySimulated, "the simulator gave no answer on arn:aws:kms:"},
		{"no answer at all", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, "")}, accountDecides,
			plan.NotKnown, "", "without doing it"},
		{"one of two resources", plan.Tried{Action: "kms:UpdateAlias", Decisions: append(
			on(someKey, plan.Allowed), on("arn:aws:kms:eu-west-1:123456789012:"+plan.NoKey, plan.ExplicitDeny)...)},
			accountDecides, plan.KnownNo, plan.WaySimulated, "on a new key"},
		{"IAM does not decide", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(`"Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/app"}, "Action": "kms:*"`),
			plan.KnownNo, plan.WaySimulated, "neither lets IAM decide nor allows it itself on " + someKey},
		{"IAM alone decides about the tags of a new key", plan.Tried{Action: "kms:TagResource",
			Decisions: []plan.Simulated{{Action: "kms:TagResource", Resource: someKey, Result: plan.Allowed}}},
			statementsOf(), plan.KnownYes, plan.WaySimulated, ""},
		{"IAM does not decide of this", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(`"Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:Put*"`), plan.KnownNo,
			plan.WaySimulated, "neither lets IAM decide"},
		{"a grant may allow it", plan.Tried{Action: "kms:Verify", Decisions: []plan.Simulated{{Action: "kms:Verify",
			Resource: someKey, Result: plan.Allowed}}}, statementsOf(`"Allow", "Principal": {"AWS": "123456789012"}, ` +
			`"Action": "kms:Put*"`), plan.NotKnown, plan.WaySimulated, "neither lets IAM decide"},
		{"the key policy alone allows it", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(`"Allow", "Principal": {"AWS": "` + cronARN + `"}, "NotAction": "kms:Put*"`), plan.KnownYes,
			plan.WaySimulated, ""},
		{"on a condition", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(`"Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Condition": ` +
				`{"StringEquals": {"aws:PrincipalTag/team": "x"}}`), plan.NotKnown, plan.WaySimulated,
			"may not: that turns on statement 1"},
		{"the key policy denies it", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(toIAM, `"Deny", "Principal": "*", "Action": "kms:Update*"`), plan.KnownNo, plan.WaySimulated,
			"the key policy denies it: statement 2 on " + someKey},
		{"it may deny it", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(toIAM, `"Deny", "Principal": "*", "Action": "*", "Condition": {"StringNotEquals": `+
				`{"aws:SourceVpce": "vpce-1"}}`), plan.NotKnown, plan.WaySimulated, "may deny it: statement 2"},
		{"it denies it to all others", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(toIAM, `"Deny", "Principal": "*", "Action": "*", "Condition": {"ArnNotLike": `+
				`{"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/x", "arn:aws:iam::*:role/keyturn-*"]}}`),
			plan.KnownYes, plan.WaySimulated, ""},
		{"it denies it without TLS", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(toIAM, `"Deny", "Principal": "*", "Action": "*", "Condition": {"Bool": `+
				`{"aws:SecureTransport": "false"}}`), plan.KnownYes, plan.WaySimulated, ""},
		{"it denies another call", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			statementsOf(toIAM, `"Deny", "Principal": "*", "NotAction": "kms:UpdateAlias"`), plan.KnownYes,
			plan.WaySimulated, ""},
		{"the policy of the key was not read",
			plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)}, "", plan.NotKnown,
			plan.WaySimulated, "was not read"},
		{"nor can it be judged", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, plan.Allowed)},
			`{"Statement": [{"Effekt": "Allow"}]}`, plan.NotKnown, plan.WaySimulated, "cannot be judged"},
		{"a result that is new", plan.Tried{Action: "kms:UpdateAlias", Decisions: on(someKey, "maybe")}, accountDecides,
			plan.NotKnown, plan.WaySimulated, `"maybe"`},
	} {
		p := plan.Preflight{Principal: cronARN}
		p.Judge("orders-data", c.tried, plan.KeyPolicies{Live: c.policy, New: c.policy})
		got := p.Checks[0]
		if got.Known != c.known || got.Way != c.way || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: %+v", c.name, got)
		}
		no := got.Known == plan.KnownNo
		if no != (got.Code == plan.CodeAccessDenied) || no && got.Hint.Empty() {
			t.Errorf("%s: code %q, hint %+v", c.name, got.Code, got.Hint)
		}
	}
}

// A grant may allow what a key policy does not, and nothing makes up for its deny.
func TestPreflightDeniedByTheLiveKey(t *testing.T) {
	tried := plan.Tried{Action: "kms:Verify",
		Decisions: []plan.Simulated{{Action: "kms:Verify", Resource: someKey, Result: plan.Allowed}}}
	for policy, want := range map[string]plan.Known{
		statementsOf(toIAM, `"Deny", "Principal": "*", "Action": "kms:Verify"`): plan.KnownNo,
		statementsOf(`"Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/x"}, ` +
			`"Action": "kms:*"`): plan.NotKnown,
	} {
		p := plan.Preflight{Principal: cronARN}
		p.Judge("orders-data", tried, plan.KeyPolicies{Live: policy, New: accountDecides})
		if got := p.Checks[0]; got.Known != want {
			t.Errorf("%s: %+v", policy, got)
		}
	}
}

func TestPreflightExit(t *testing.T) {
	check := func(known plan.Known, warns bool) plan.Check { return plan.Check{Known: known, Warns: warns} }
	for _, c := range []struct {
		checks []plan.Check
		want   plan.Exit
	}{
		{[]plan.Check{check(plan.KnownYes, false), check(plan.KnownNo, true), check(plan.NotKnown, true)},
			plan.ExitDone},
		{[]plan.Check{check(plan.KnownYes, false), check(plan.NotKnown, false)}, plan.ExitFailed},
		{[]plan.Check{check(plan.NotKnown, false), check(plan.KnownNo, false)}, plan.ExitPerson},
	} {
		if got := (plan.Preflight{Checks: c.checks}).Exit(); got != c.want {
			t.Errorf("%+v: %d", c.checks, got)
		}
	}
}

// What a preflight looks at is judged by the rules of a run, with its codes.
func TestPreflightLooks(t *testing.T) {
	taken := func(o *plan.Observed) {
		o.Listing.Versions = append(o.Listing.Versions, plan.AliasListed{Name: "alias/orders-data/v8", KeyID: "k99"})
	}
	for _, c := range []struct {
		name  string
		r     *plan.Record
		see   []sight
		about string
		code  plan.Code
	}{
		{"as it should be", steadyAt7(), nil, "", ""},
		{"the next name is taken", steadyAt7(), []sight{taken}, plan.AboutName, plan.CodeForeignVersion},
		{"the key is disabled", steadyAt7(), []sight{aliasIs("Disabled")}, plan.AboutKey, plan.CodeActiveDisabled},
		{"a multi-Region key", steadyAt7(), []sight{func(o *plan.Observed) { o.Alias.Unsupported = "multi" }},
			plan.AboutKey, plan.CodeUnsupportedKey},
		{"the alias is gone", steadyAt7(), []sight{func(o *plan.Observed) { o.Alias.Missing = true }}, plan.AboutKey,
			plan.CodeAliasMissing},
		{"a policy that shuts the caller out", steadyAt7(), []sight{func(o *plan.Observed) {
			o.Source.Policy = `{"Statement": [{"Effect": "Allow",
				"Principal": {"AWS": "arn:aws:iam::123456789012:user/x"}, "Action": "kms:Encrypt", "Resource": "*"}]}`
		}}, plan.AboutKeyPolicy, plan.CodePolicyLockout},
		{"a policy of one key", steadyAt7(), []sight{func(o *plan.Observed) {
			o.Source.Policy = `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*",
				"NotResource": "` + o.Alias.ARN + `"}]}`
		}}, plan.AboutKeyPolicy, plan.CodePolicyOfOneKey},
		{"another account", steadyAt7(), []sight{func(o *plan.Observed) { o.Caller.Account = "999999999999" }},
			plan.AboutKey, plan.CodeWrongAccount},
		{"not adopted, and lost", nil, nil, plan.AboutKey, plan.CodeRecordLost},
		{"not adopted", nil, []sight{unadopted}, "", ""},
		{"not adopted, and v2 is taken", nil, []sight{unadopted, func(o *plan.Observed) {
			o.Listing.Versions = append(o.Listing.Versions,
				plan.AliasListed{Name: "alias/orders-data/v2", KeyID: "k99"})
		}}, plan.AboutKey, plan.CodeRecordLost},
	} {
		p := plan.Preflight{At: noon}
		o := seen(c.see...)
		p.Looked(ordersPolicy(), c.r, o, nil)
		var codes []plan.Code
		about := ""
		for _, check := range p.Checks {
			if check.Known != plan.KnownYes {
				codes, about = append(codes, check.Code), check.About
			}
		}
		wrong := len(codes) != 1 || codes[0] != c.code || about != c.about
		if c.code == "" && len(codes) > 0 || c.code != "" && wrong {
			t.Errorf("%s: %+v", c.name, p.Checks)
		}
	}
}

// unadopted is a key that keyturn has never seen.
func unadopted(o *plan.Observed) {
	o.Listing.Versions = nil
	o.Listing.Alias = &plan.AliasListed{Name: "alias/orders-data", KeyID: o.Alias.KeyID, MovedAt: noon.Add(-day)}
}

// What stops no rotation is a warning: grants, other aliases, a person's hold.
func TestPreflightWarnings(t *testing.T) {
	r := steadyAt7()
	r.Hold = &plan.Hold{By: "ana", Since: noon.Add(-time.Hour), Reason: "INC-1"}
	p := plan.Preflight{At: noon}
	p.Looked(ordersPolicy(), r, seen(func(o *plan.Observed) { o.Source.Grants = 2 }),
		[]string{"alias/orders-data", "alias/orders-data/v7", "alias/old-name"})
	var about []string
	for _, c := range p.Checks {
		if c.Known == plan.KnownNo && c.Warns {
			about = append(about, c.About)
		}
		if note := c.Hint.Note; c.About == plan.AboutHold && note != "until then no run rotates it" {
			t.Errorf("%q", note)
		}
	}
	r.Hold.Until = noon.Add(time.Hour)
	r.Step, r.Generation, r.Claim = plan.Claimed, 8, &plan.Claim{ID: "c8", At: noon, Verb: plan.VerbRotate}
	open := plan.Preflight{At: noon}
	open.Looked(ordersPolicy(), r, seen(), nil)
	goesOn := func(c plan.Check) bool {
		return c.Hint.Note == "until then, or until 2026-03-10 13:00, no run begins another rotation; "+
			"the open one goes on"
	}
	if !slices.ContainsFunc(open.Checks, goesOn) {
		t.Errorf("%+v", open.Checks)
	}
	want := []string{plan.AboutGrants, plan.AboutHold, plan.AboutAliases}
	if p.Exit() != plan.ExitDone || !slices.Equal(about, want) {
		t.Errorf("%v: %+v", about, p.Checks)
	}
}
