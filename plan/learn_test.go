package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// TestLearnFailures is about which answers end a run's work: a hard no at once,
// soft noes and unknowns after MaxTries.
func TestLearnFailures(t *testing.T) {
	soft := plan.Answer{Verdict: plan.No, Code: "NotFoundException", Soft: true, Missing: true}
	for _, c := range []struct {
		name    string
		kind    plan.Kind
		answer  plan.Answer
		answers int // until it is a failure; 0: never
	}{
		{"a look that is denied", plan.LookAlias, hardNo, 1},
		{"a look that is unclear", plan.LookAlias, unknown, plan.MaxTries},
		{"a look that is throttled", plan.LookSource, softNo, plan.MaxTries},
		{"since when an alias is elsewhere, which is only told", plan.LookMoved, hardNo, 0},
		{"a key that cannot be made", plan.CreateKey, hardNo, 1},
		{"a key of which nothing was heard", plan.CreateKey, unknown, plan.MaxTries},
		{"a name that is taken is an answer", plan.NameVersion,
			plan.Answer{Verdict: plan.No, Code: "AlreadyExistsException"}, 0},
		{"a probe that is denied", plan.TryTarget, hardNo, 1},
		{"a probe that does not know the key yet waits, by the clock", plan.TryTarget, soft, 0},
		{"a move that is refused", plan.SendMove, hardNo, 1},
		{"a move whose signature was too old", plan.SendMove, softNo, plan.MaxTries},
		{"a fresh key that cannot be disabled is left", plan.DisableFresh, hardNo, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var o plan.Observed
			r := record(plan.Switching)
			for n := 1; n <= 2*plan.MaxTries; n++ {
				o.SignedMove = &plan.Signature{What: plan.FencedMove, Generation: 8, KeyID: "k8", Confirmed: true}
				o.Learn(noon, r, plan.Act{Kind: c.kind, Version: 8, KeyID: "k8"}, plan.Result{Answer: c.answer})
				if failed := o.Failure != nil; failed != (c.answers > 0 && n >= c.answers) {
					t.Fatalf("after %d answers: %+v", n, o.Failure)
				}
			}
		})
	}
}

// TestLearnWaiting is about the minute that KMS has to show what was made: it
// is counted from the making, not from a look before it.
func TestLearnWaiting(t *testing.T) {
	r := record(plan.Claimed, leased(me, minute))
	missing := plan.KeySeen{Missing: true}
	var o plan.Observed
	at := noon
	learn := func(later time.Duration, a plan.Act, res plan.Result) {
		at = at.Add(later)
		if res.Answer.Verdict == "" {
			res.Answer = yes
		}
		o.Learn(at, r, a, res)
	}
	learn(0, plan.Act{Kind: plan.LookVersion, Version: 8},
		plan.Result{Version: plan.VersionSeen{Version: 8, KeySeen: missing}})
	learn(50*time.Second, plan.Act{Kind: plan.CreateKey, Version: 8}, plan.Result{Made: plan.Made{KeyID: "k8"}})
	learn(time.Second, plan.Act{Kind: plan.NameVersion, Version: 8, KeyID: "k8"}, plan.Result{})
	if o.Made == nil || o.Made.KeyID != "k8" || o.Made.Generation != 8 {
		t.Fatalf("made %+v", o.Made)
	}
	learn(time.Second, plan.Act{Kind: plan.LookTarget, Version: 8, KeyID: "k8"}, plan.Result{Key: missing})
	since := at
	learn(20*time.Second, plan.Act{Kind: plan.LookTarget, Version: 8, KeyID: "k8"}, plan.Result{Key: missing})
	if !o.WaitingSince.Equal(since) {
		t.Errorf("waits since %s, want %s", plan.Clock(o.WaitingSince), plan.Clock(since))
	}
	learn(time.Second, plan.Act{Kind: plan.LookTarget, Version: 8, KeyID: "k8"}, plan.Result{Key: enabled("k8")})
	if !o.WaitingSince.IsZero() {
		t.Error("still waits for what is there")
	}
}

// TestLost is about a run that was overtaken: what another run may have
// changed is forgotten, what AWS has answered is kept.
func TestLost(t *testing.T) {
	for _, c := range []struct {
		name string
		move sight
		kept bool
	}{
		{"signed, not confirmed: thrown away", move(false, "", nil), false},
		{"confirmed, not sent: to be struck off", move(true, "op70", nil), true},
		{"answered", move(true, "op70", &yes), true},
		{"sent, unclear", move(true, "op70", &unknown), true},
	} {
		o := seen(c.move, func(o *plan.Observed) {
			o.Fresh, o.Naming = &plan.Made{Generation: 8, KeyID: "kz"}, map[int64]plan.Naming{7: plan.NameMade}
		})
		o.Lost()
		if (o.SignedMove != nil) != c.kept {
			t.Errorf("%s: %+v", c.name, o.SignedMove)
		}
		if o.Alias != nil || o.Target != nil || o.Probe != nil || o.Version != nil || o.Source != nil {
			t.Errorf("%s: not forgotten: %+v", c.name, o)
		}
		if o.Fresh == nil || o.Naming[7] != plan.NameMade || o.Caller == nil || o.Table == nil {
			t.Errorf("%s: forgotten: %+v", c.name, o)
		}
	}
}

// TestWroteClaim: what was seen of another target says nothing about the one
// of a new claim, and before_switch was asked about another version.
func TestWroteClaim(t *testing.T) {
	o := seen(move(true, "op70", &yes))
	o.Wrote(plan.Writing(8, "", plan.ClaimWrite{Claim: plan.Claim{ID: "c9"}}))
	if o.ClaimedHere != "c9" || o.Target != nil || o.Probe != nil || o.SignedMove != nil || o.Gate != nil {
		t.Errorf("%+v", o)
	}
	if o.Alias == nil {
		t.Error("the alias was just seen in place")
	}
}

// TestLearnName is about whether the key a run has made may have its name.
func TestLearnName(t *testing.T) {
	taken := plan.Answer{Verdict: plan.No, Code: "AlreadyExistsException"}
	for _, c := range []struct {
		name   string
		answer plan.Answer
		named  bool // by that answer alone
		unsure bool // it counts as perhaps named
	}{
		{"a yes", yes, true, false},
		{"it was refused for good", hardNo, false, false},
		{"throttled: another copy of the request may have been carried out", softNo, false, true},
		{"nothing was heard", unknown, false, true},
		{"it exists: Decide asks who has it", taken, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := plan.Observed{Making: plan.Making{Fresh: &plan.Made{Generation: 8, KeyID: "k8"}}}
			r := record(plan.Claimed, leased(me, minute))
			o.Learn(noon, r, plan.Act{Kind: plan.NameVersion, Version: 8, KeyID: "k8"}, plan.Result{Answer: c.answer})
			if named := o.Made != nil && o.Fresh == nil; named != c.named || o.FreshUnsure != c.unsure {
				t.Errorf("named %t, unsure %t", named, o.FreshUnsure)
			}
			look := func(keyID string) {
				o.Learn(noon, r, plan.Act{Kind: plan.LookVersion, Version: 8}, plan.Result{Answer: yes,
					Version: plan.VersionSeen{Version: 8, KeySeen: enabled(keyID), Claim: "c8"}})
			}
			if look("kx"); !c.named && o.Fresh == nil {
				t.Error("v8 names another key, and ours passes for named")
			}
			if look("k8"); o.Made == nil || o.Fresh != nil {
				t.Errorf("v8 names it: made %v, fresh %v", o.Made, o.Fresh)
			}
		})
	}
}

// KMS may not know everywhere what another run has just made: its policy is asked
// for again, for a minute.
func TestLookPolicyTooEarly(t *testing.T) {
	r := record(plan.Claimed, leased(me, minute))
	o := seen(policies("", "", ""))
	o.Policy = nil
	missing := plan.Result{Answer: plan.Answer{Verdict: plan.No, Code: "NotFoundException", Missing: true}}
	o.Learn(noon, r, plan.Act{Kind: plan.LookPolicy, KeyID: "k8"}, missing)
	if d := plan.Decide(noon, ordersPolicy(), r, bySchedule, o); d.Act.Kind != plan.LookPolicy || d.Act.Try != 1 {
		t.Errorf("at once: %s, try %d", said(d), d.Act.Try)
	}
	later := noon.Add(plan.PropagationBudget + time.Second)
	r = record(plan.Claimed, leased(me, 2*plan.PropagationBudget))
	if d := plan.Decide(later, ordersPolicy(), r, bySchedule, o); d.Act.Kind == plan.LookPolicy {
		t.Errorf("after a minute: %s", said(d))
	}
}

// before_switch may take a minute: whose policy was compared before it may have
// another since.
func TestGateMakesAPolicyOld(t *testing.T) {
	o := seen()
	o.Learn(noon, record(plan.Created), plan.Act{Kind: plan.AskGate},
		plan.Result{Answer: plan.Answer{Verdict: plan.Yes}, Gate: plan.GateSeen{Open: true}})
	if o.Policy != nil || !o.AliasOld {
		t.Errorf("policy %+v, alias old: %v", o.Policy, o.AliasOld)
	}
}
