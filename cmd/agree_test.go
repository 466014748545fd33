package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/document"
)

// Plans that the situations need.
const (
	disablesPlan = onePlan + "    retire: {action: disable, unless_used_within: off}\n"
	asksPlan     = onePlan + "    retire: {action: disable, unless_used_within: 7d}\n"
	deletesPlan  = onePlan + "    retire: {action: delete, unless_used_within: off, delete_after: 7d, " +
		"deletion_window: 30d}\n"
)

// situation is a state of the world that status, audit and run are asked about.
type situation struct {
	name string
	// plan is that of the whole story; onePlan if it is "".
	plan  string
	given func(*cloud)
	// says is what status and audit end with: the codes of what a person must see to, and
	// the exit code. audit is there where it differs: it looks at more.
	says, audit string
	// run is what `run --dry-run` and `run` end with; "" is "ok 0". Where nothing is due a
	// run looks at nothing but the record.
	run string
	// rotates reports whether what a run ends with is not about the next rotation.
	rotates bool
}

// onV2 has v2 live for some hours, and v1 draining.
func onV2(c *cloud) {
	c.must("run")
	c.advance(2 * time.Hour)
}

// onV2Drained is onV2 after v1 has drained, and a run has seen to it.
func onV2Drained(c *cloud) {
	onV2(c)
	c.advance(31 * day)
	c.must("run")
	c.advance(2 * time.Hour)
}

func situations() []situation {
	const v1 = "alias/orders-data/v1"
	disableV1 := func(c *cloud) { c.disable(v1) }
	enableV1 := func(c *cloud) { c.enable(v1) }
	deleteV1 := func(c *cloud) { c.schedule(v1, 30) }
	deny := func(operation string) func(*cloud) {
		return func(c *cloud) {
			c.must("run")
			c.faults(refused(operation, "AccessDeniedException", "not you"))
		}
	}
	then := func(steps ...func(*cloud)) func(*cloud) {
		return func(c *cloud) {
			for _, step := range steps {
				step(c)
			}
		}
	}
	wait := func(d time.Duration) func(*cloud) { return func(c *cloud) { c.advance(d) } }
	plan := func(text string) func(*cloud) { return func(c *cloud) { c.write(text) } }
	return []situation{
		{name: "in order", says: "ok 0", given: onV2},
		{name: "due", says: "ok 0", plan: strings.Replace(onePlan, "every: 90d", "every: 91d", 1),
			given: func(*cloud) {}},
		{name: "overdue", says: "overdue 13", given: func(*cloud) {}},
		{name: "left out", says: "overdue 13", run: "overdue 13", rotates: true,
			given: plan("start_within: 6h\n" + onePlan)},
		{name: "drift", says: "drift 13", given: then(onV2, (*cloud).drift)},
		{name: "alias missing", says: "alias-missing 13", given: then(onV2, func(c *cloud) {
			_, err := c.admin().DeleteAlias(c.t.Context(),
				&awskms.DeleteAliasInput{AliasName: aws.String("alias/orders-data")})
			c.check(err)
		})},
		{name: "live version disabled", says: "active-disabled 13", audit: "active-disabled,overdue 13",
			run:   "active-disabled 13",
			given: func(c *cloud) { c.disable("alias/orders-data") }},
		{name: "live version pending deletion", says: "active-disabled 13", audit: "active-disabled,overdue 13",
			run: "active-disabled 13",
			given: func(c *cloud) {
				c.schedule("alias/orders-data", 30)
			}},
		{name: "draining version disabled", says: "version-disabled 13", given: then(onV2, disableV1)},
		{name: "draining version pending deletion", says: "version-gone 13", given: then(onV2, deleteV1)},
		{name: "draining version gone", says: "version-gone 13",
			given: then(onV2, func(c *cloud) { c.schedule(v1, 7) }, wait(8*day))},
		{name: "kept version disabled", says: "version-disabled 13", given: then(onV2Drained, disableV1)},
		{name: "kept version pending deletion", says: "deletion-unknown 13", given: then(onV2Drained, deleteV1)},
		{name: "disabled version", says: "ok 0", plan: disablesPlan, given: onV2Drained},
		{name: "disabled version enabled by hand", says: "enabled-by-hand 13", plan: disablesPlan,
			given: then(onV2Drained, enableV1)},
		{name: "disabled version pending deletion", says: "deletion-unknown 13", plan: disablesPlan,
			given: then(onV2Drained, deleteV1)},
		{name: "deletion that the plan does not want", says: "deletion-unwanted 13", plan: deletesPlan,
			given: then(onV2Drained, wait(8*day),
				func(c *cloud) { c.must("run") }, plan(disablesPlan))},
		{name: "unlike the plan", says: "unlike-plan 13", given: then(onV2, plan(onePlan+"    spec: RSA_2048\n    "+
			"usage: SIGN_VERIFY\n"))},
		{name: "begun an hour ago", says: "ok 0", given: func(c *cloud) {
			c.faults(refused("CreateKey", "AccessDeniedException", "not you"))
			c.run("run")
			c.faults()
			c.advance(30 * time.Minute)
		}},
		{name: "begun hours ago", says: "generation-open 13", given: func(c *cloud) {
			c.faults(refused("CreateKey", "AccessDeniedException", "not you"))
			c.run("run")
			c.faults()
			c.advance(3 * time.Hour)
		}},
		{name: "new version disabled", says: "bad-target 13",
			plan: strings.Replace(onePlan, "every: 90d", "every: 92d", 1) + "    prepublish: 2d\n",
			given: func(c *cloud) {
				c.must("run")
				c.disable("alias/orders-data/v2")
			}},
		// The run refuses it, and has the key hold itself.
		{name: "new version disabled, and due", says: "bad-target 13", run: "held-itself 13",
			plan: strings.Replace(onePlan, "every: 90d", "every: 92d", 1) + "    prepublish: 2d\n",
			given: func(c *cloud) {
				c.must("run")
				c.disable("alias/orders-data/v2")
				c.advance(2*day + 30*time.Minute)
			}},
		{name: "held", says: "ok 0",
			given: then(onV2, func(c *cloud) { c.must("hold", "orders-data", "--reason", "why") })},
		{name: "held for long", says: "hold-too-long 13", given: then(onV2,
			func(c *cloud) { c.must("hold", "orders-data", "--reason", "why") },
			wait(150*day))},
		{name: "held by itself", says: "held-itself 13", run: "held-itself 13", plan: onePlan + "    max_attempts: 1\n",
			given: func(c *cloud) {
				c.faults(refused("CreateKey", "AccessDeniedException", "not you"))
				c.run("run")
				c.faults()
				c.advance(2 * time.Hour)
			}},
		{name: "frozen", says: "ok 0", given: func(c *cloud) {
			from, to := c.box.Now().Add(-2*day).Format(time.RFC3339), c.box.Now().Add(day).Format(time.RFC3339)
			c.write(strings.Replace(onePlan, "drain:", "freeze: [{from: "+from+", to: "+to+", reason: "+
				"sale}]\ndrain:", 1))
		}},
		{name: "last use not known", says: "last-use 13", plan: asksPlan,
			given: then(onV2, wait(31*day), func(c *cloud) {
				c.faults(refused("GetKeyLastUsage", "AccessDeniedException", "not you"))
				c.run("run")
				c.advance(2 * day)
			})},
		{name: "max_draining", says: "max-draining 13", audit: "max-draining,overdue 13", run: "max-draining 13",
			plan: "max_draining: 1\n" + asksPlan,
			given: then(onV2, wait(29*day),
				func(c *cloud) { c.must("rotate", "orders-data", "--reason", "x", "--confirm", "orders-data") },
				wait(2*day), wait(88*day), func(c *cloud) { c.useV1(2) })},
		{name: "max_draining, and held", says: "ok 0", plan: "max_draining: 1\n" + asksPlan, given: then(onV2,
			wait(29*day), func(c *cloud) {
				c.must("rotate", "orders-data", "--reason", "x", "--confirm", "orders-data")
				c.advance(89 * day)
				c.must("hold", "orders-data", "--reason", "x")
				c.advance(day)
				c.useV1(2)
			})},
		{name: "drift, and due", says: "drift 13", audit: "drift,overdue 13", run: "drift 13",
			given: then(onV2, (*cloud).drift, wait(91*day))},
		{name: "draining version pending deletion, and drained", says: "version-gone 13", run: "version-gone 13",
			rotates: true, plan: disablesPlan, given: then(onV2, deleteV1, wait(29*day+23*time.Hour))},
		{name: "wrong account", says: "wrong-account 13", run: "wrong-account 13",
			given: then(onV2, plan("account: \"999999999999\"\n"+onePlan))},
		{name: "unsafe table", says: "unsafe-table 13", given: then(onV2, (*cloud).letExpire)},
		{name: "record lost", says: "record-lost 13", run: "record-lost 13",
			given: then(onV2, func(c *cloud) { c.lose("orders-data") })},
		{name: "record malformed", says: "malformed-record 13", run: "malformed-record 13",
			given: then(onV2, func(c *cloud) {
				c.change("generation", &types.AttributeValueMemberS{Value: "two"})
			})},
		{name: "newer record", says: "newer-record 13", run: "newer-record 13", given: then(onV2, func(c *cloud) {
			c.change("schema", &types.AttributeValueMemberN{Value: "2"})
		})},
		{name: "not adopted", says: "ok 0", given: func(c *cloud) {
			_, err := c.admin().CreateAlias(c.t.Context(), &awskms.CreateAliasInput{AliasName: aws.String("alias/new"),
				TargetKeyId: aws.String(c.key())})
			c.check(err)
			c.write(strings.Replace(onePlan, "orders-data", "new", 1))
		}},
		{name: "KMS cannot be asked", says: "not known 1", given: deny("DescribeKey")},
		{name: "aliases cannot be listed", says: "ok 0", audit: "access-denied 1", given: deny("ListAliases")},
		{name: "records cannot be read", says: "access-denied 1", run: "access-denied 1", given: deny("BatchGetItem")},
		{name: "table cannot be looked at", says: "not known 1", given: deny("DescribeTable")},
		{name: "caller not known", says: "not known 1", given: deny("GetCallerIdentity")},
	}
}

// useV1 uses a version today.
func (c *cloud) useV1(version int) {
	c.t.Helper()
	_, err := c.admin().Encrypt(c.t.Context(), &awskms.EncryptInput{Plaintext: []byte("x"),
		KeyId: aws.String(fmt.Sprintf("alias/orders-data/v%d", version))})
	c.check(err)
}

// verdicts are what the commands say.
func (c *cloud) verdicts() (status, audit, dry, run string) {
	c.t.Helper()
	say := func(codes []string, exit int) string {
		slices.Sort(codes)
		codes = slices.Compact(codes)
		if len(codes) == 0 {
			codes = []string{"ok"}
		}
		return fmt.Sprintf("%s %d", strings.Join(codes, ","), exit)
	}
	ask := func(into any, args ...string) int {
		p, exit := c.run(append(args, "--output", "json")...)
		if err := json.Unmarshal(p.out.Bytes(), into); err != nil {
			c.t.Fatalf("%v: %v\n%s%s", args, err, p.out.String(), p.err.String())
		}
		return exit
	}
	var s struct {
		document.Status
		Code string
	}
	exit := ask(&s, "status")
	var codes []string
	for _, k := range s.Keys {
		if k.Refusal != nil {
			codes = append(codes, string(k.Refusal.Code))
		}
		if k.State == "unknown" {
			codes = append(codes, "not known")
		}
	}
	if len(s.Unread) > 0 {
		codes = append(codes, "not known")
	}
	if s.Code != "" {
		codes = append(codes, s.Code)
	}
	status = say(codes, exit)
	var a struct {
		document.Audit
		Code string
	}
	exit, codes = ask(&a, "audit"), nil
	for _, f := range a.Findings {
		if f.Level == "person" {
			codes = append(codes, string(f.Code))
		}
	}
	if a.Code != "" {
		codes = append(codes, a.Code)
	}
	if len(a.Unread) > 0 {
		codes = append(codes, "not known")
	}
	audit = say(codes, exit)
	for verb, want := range map[string]string{"status": status, "audit": audit} { // the text ends as the document
		if p, exit := c.run(verb); !strings.HasSuffix(want, fmt.Sprintf(" %d", exit)) {
			c.t.Errorf("%s: exit %d, its document: %s\n%s", verb, exit, want, p.err.String())
		}
	}
	for _, args := range [][]string{{"run", "--dry-run"}, {"run", "--wait", "0s"}} {
		var r struct {
			document.Run
			Code string
		}
		exit, codes = ask(&r, args...), nil
		for _, k := range r.Keys {
			if k.Refusal != nil {
				codes = append(codes, string(k.Refusal.Code))
			}
			if k.ErrorCode != "" {
				codes = append(codes, string(k.ErrorCode))
			}
		}
		if r.Code != "" {
			codes = append(codes, r.Code)
		}
		dry, run = run, say(codes, exit)
	}
	return status, audit, dry, run
}

// TestStatusAuditRunAgree brings each situation about, and compares what the commands
// say of it.
func TestStatusAuditRunAgree(t *testing.T) {
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				if s.plan != "" {
					c.write(s.plan)
				}
				s.given(c)
				_, verified := c.run("verify")
				says, audit, dry, run := c.verdicts()
				want := situation{says: s.says, audit: cmp.Or(s.audit, s.says), run: cmp.Or(s.run, "ok 0")}
				if says != want.says || audit != want.audit || dry != want.run || run != want.run {
					t.Errorf("status %q, audit %q, dry-run %q, run %q; want %+v", says, audit, dry, run, want)
				}
				if strings.HasSuffix(run, " 13") && verified == 0 && !s.rotates {
					t.Errorf("verify ends with 0, and the run with %q", run)
				}
			})
		})
	}
}

// A hold that is older than hold_max needs a person, in both; a run is content with it.
func TestHeldForLong(t *testing.T) { synctest.Test(t, heldForLong) }

func heldForLong(t *testing.T) {
	c := rotatedCloud(t)
	c.must("hold", "orders-data", "--reason", "incident 42")
	tell := func(after time.Duration, status, both string, exit int) {
		t.Helper()
		c.advance(after)
		c.says("status", status, both)
		c.says("audit", both)
		c.exits(exit, "status", "audit")
		c.exits(0, "run")
	}
	tell(time.Minute, "  held   ", " since 2000-04-01 00:00, 1m ago: incident 42", 0)
	tell(3*time.Hour, "  held for 3h ", ", 3h ago: incident 42", 0)
	const asks = "hold_max is 30d, and meanwhile no run rotates the key: is the hold still meant?\n"
	tell(27*day+12*time.Hour, "  held for 27d ", ", 27d ago: incident 42", 0)
	tell(3*day, "  NEEDS YOU: hold too long ", asks, 13)
	var d document.Status
	p, _ := c.run("status", "--output", "json")
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil || !d.Keys[0].Hold.Long {
		t.Errorf("%v\n%s", err, p.out.String())
	}
	if f := c.audit(13).Findings[0]; f.Code != "hold-too-long" || !f.Since.Equal(d.Keys[0].Hold.Since.Add(30*day)) {
		t.Errorf("%+v", f)
	}
	c.write(onePlan + "    hold_max: 60d\n")
	tell(0, "  held for 30d ", ", 30d ago: incident 42", 0)
	c.write(accepts("{finding: hold-too-long, reason: freeze of the year, until: 2000-06-01}"))
	tell(0, "  held for 30d ", "accepted until 2000-06-01 00:00: freeze of the year", 0)
}

// Of a draining version status says what comes at the end.
func TestStatusSaysHowADrainEnds(t *testing.T) { synctest.Test(t, howADrainEnds) }

func howADrainEnds(t *testing.T) {
	for _, at := range []struct{ plan, says string }{
		{onePlan, "  v1  enabled, drains until 2000-05-01 (29d more), then stays enabled\n"},
		{disablesPlan, "  v1  enabled, drains until 2000-05-01 (29d more), then is disabled\n"},
		{asksPlan, "  v1  enabled, drains until 2000-05-01 (29d more), then is disabled once unused for 7d\n"},
		{deletesPlan, "  v1  enabled, drains until 2000-05-01 (29d more), then is disabled, and deleted 37d later\n"},
	} {
		c := newCloud(t)
		c.write(at.plan)
		onV2(c)
		if out := c.must("status"); !strings.Contains(out, at.says) {
			t.Errorf("no %q in\n%s", at.says, out)
		}
	}
	c := newCloud(t)
	c.write(asksPlan)
	onV2(c)
	c.advance(31 * day)
	c.useV1(1)
	c.advance(2 * time.Hour)
	if out := c.must("status"); !strings.Contains(out, "  v1  enabled, drained 1d ago, stays so: last used ") &&
		!strings.Contains(out, "; it is disabled once unused for 7d\n") {
		t.Error(out)
	}
}
