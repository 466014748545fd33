package planfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

const (
	plans = "../../testdata/plans"
	day   = 24 * time.Hour
)

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(plans, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return found
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Each invalid plan has a golden file next to it with the whole error, word for
// word: it is what a person reads.
func TestInvalidPlans(t *testing.T) {
	for _, path := range files(t, "invalid/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			p, err := planfile.Parse(filepath.Base(path), read(t, path))
			var problems planfile.Problems
			if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("accepted: %+v, %v", p, err)
			}
			golden.Compare(t, strings.TrimSuffix(path, ".yaml")+".golden", err.Error()+"\n")
		})
	}
}

func TestQuickstart(t *testing.T) {
	p, err := planfile.Parse("dir/quickstart.yaml", read(t, plans+"/quickstart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "quickstart" || p.Version != 1 || p.Region != "eu-west-1" || p.Table != "keyturn" || len(p.Keys) != 3 {
		t.Errorf("top level: %+v", p)
	}
	want := plan.Policy{
		Name: "orders-data", Alias: "alias/orders-data", Region: "eu-west-1", Table: "keyturn",
		Schedule: plan.Schedule{Every: 90 * day}, Drain: 30 * day,
		Retire: plan.Retire{Action: plan.RetireKeep, UnlessUsedWithin: 7 * day,
			DeleteAfter: 30 * day, DeletionWindow: 30 * day},
		MaxDraining: 2, Probe: true, MaxAttempts: 5, Judging: plan.Judging{HoldMax: 30 * day},
	}
	if !reflect.DeepEqual(p.Keys[0], want) {
		t.Errorf("defaults:\n got %+v\nwant %+v", p.Keys[0], want)
	}
	if got := p.Keys[0].Key(); got != "eu-west-1/alias/orders-data" {
		t.Errorf("Key() = %s", got)
	}
}

func TestFullPlan(t *testing.T) {
	p, err := planfile.Parse("full.yaml", read(t, plans+"/full.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	freeze := []plan.Freeze{
		{From: at("2026-11-20T18:00:00Z"), To: at("2026-12-01T06:00:00Z"), Reason: "peak season"},
		{From: at("2026-12-20T00:00:00Z"), To: at("2027-01-04T00:00:00Z")},
	}
	callers := plan.Callers{"arn:aws:iam::012345678901:role/keyturn", "arn:aws:iam::012345678901:role/oncall-*"}
	notify := []plan.Notify{
		{On: []plan.NewsKind{plan.NewsRefused, plan.NewsFailed, plan.NewsOverdue, plan.NewsHeld},
			Webhook: "https://hooks.example.com/keyturn", HMACEnv: "KEYTURN_HOOK_KEY"},
		{On: []plan.NewsKind{plan.NewsRotated, plan.NewsMade, plan.NewsRetired, plan.NewsRolledBack},
			Command: []string{"/usr/local/bin/tell-chat", "#keys"}},
		{On: []plan.NewsKind{plan.NewsHeld}, Topic: "arn:aws:sns:eu-west-1:012345678901:keyturn"},
	}
	description := "Order data at rest"
	want := &planfile.Plan{
		Version: 1, Name: "payments", Named: true, Region: "eu-west-1", Account: "012345678901", Table: "keyturn",
		Accept: []plan.Acceptance{{Finding: "no-recovery", Until: at("2027-03-01T00:00:00Z"),
			Reason: "INC-4710: the role that turns it on comes in February"}},
		Ping: "https://health.example.com/payments", PingBy: planfile.PingWinner,
		Keys: []plan.Policy{{
			Name: "orders", Alias: "alias/orders-data", Region: "eu-west-1", Account: "012345678901", Table: "keyturn",
			Schedule:    plan.Schedule{Every: 90 * day, Anchor: at("2026-01-01T03:00:00Z")},
			StartWithin: 12 * time.Hour, MinInterval: 45 * day, Freeze: freeze, Drain: 30 * day,
			Retire: plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 30 * day,
				DeleteAfter: 30 * day, DeletionWindow: 30 * day},
			MaxDraining: 3, Probe: true, MaxAttempts: 5,
			PolicyPath: "orders-policy.json", Description: &description,
			Tags:   map[string]string{"team": "payments", "cost-center": "4711"},
			Notify: notify,
			Judging: plan.Judging{Accept: []plan.Acceptance{{Finding: "version-gone", Version: 3,
				Until: at("2027-03-01T00:00:00Z"), Reason: "INC-4711: deleted by hand in 2025"}},
				ExpectCallers: callers, HoldMax: 14 * day},
		}, {
			Name: "webhook-signing", Alias: "alias/webhook-signing", Region: "eu-west-1",
			Account: "012345678901", Table: "keyturn",
			Schedule:    plan.Schedule{Cron: "0 3 1 */3 *"},
			StartWithin: 12 * time.Hour, MinInterval: 10 * day, Freeze: freeze, Drain: 30 * day,
			Retire: plan.Retire{Action: plan.RetireDelete, UsageOff: true,
				DeleteAfter: 60 * day, DeletionWindow: 14 * day},
			MaxDraining: 3, Prepublish: 2 * day, Probe: true, MaxAttempts: 5,
			BeforeSwitch: []string{"/bin/sh", "-c", `./jwks-published.sh "$KEYTURN_KEY_ID"`},
			Spec:         "ECC_NIST_P256", Usage: "SIGN_VERIFY", Notify: notify,
			Judging: plan.Judging{ExpectCallers: callers, HoldMax: 14 * day},
		}, {
			Name: "session-mac", Alias: "alias/session-mac", Region: "eu-central-1",
			Account: "012345678901", Table: "keyturn",
			Schedule:    plan.Schedule{Every: 28 * day},
			MinInterval: 7 * day, Drain: 36 * time.Hour,
			Retire: plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * day,
				DeleteAfter: 30 * day, DeletionWindow: 30 * day},
			MaxDraining: 3, MaxAttempts: 5,
			BeforeSwitch: []string{"/usr/local/bin/sessions-ready", "--quiet"},
			Judging:      plan.Judging{HoldMax: 2 * day}, Notify: notify,
			Spec: "HMAC_256", Usage: "GENERATE_VERIFY_MAC",
		}},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("\n got %+v\nwant %+v", p, want)
	}
}

// Small plans that are fine, each for its own reason.
func TestAccepted(t *testing.T) {
	const head = "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\n"
	for _, c := range []struct{ name, text string }{
		{"account without quotes", head + "account: 123456789012\nkeys: [{alias: alias/a}]\n"},
		{"keys first", "keys: [{alias: alias/a}]\n" + head},
		{"everything under the key", "region: cn-north-1\nkeys: [{alias: alias/a, schedule: {cron: '0 3 29 2 *'}, " +
			"drain: 1461d, spec: SM2}]\n"},
		{"alias for a field", head + "keys:\n- {alias: alias/a, retire: &r disable}\n- {alias: alias/b, retire: *r}\n"},
		{"disable by default, nothing encrypts",
			head + "retire: disable\nkeys: [{alias: alias/a, usage: SIGN_VERIFY}, {alias: alias/b, spec: HMAC_512}]\n"},
		{"longest alias", head + "keys: [{alias: alias/" + strings.Repeat("a", 238) + "}]\n"},
		{"one alias, two Regions", head +
			"keys: [{alias: alias/a}, {alias: alias/a, name: b, region: us-gov-west-1}]\n"},
		{"byte order mark, CRLF, directive", "\ufeff%YAML 1.2\r\n---\r\n" + strings.ReplaceAll(head, "\n", "\r\n") +
			"keys: [{alias: alias/a}]\r\n"},
		{"exactly a period", "region: eu-west-1\nschedule: {every: 4d}\ndrain: 4d\nmin_interval: 3d\n" +
			"prepublish: 95h59m59s\nkeys: [{alias: alias/a}]\n"},
		{"deletion after 499 windows",
			"region: eu-west-1\nschedule: {every: 1d}\ndrain: 1d\n" +
				"keys: [{alias: alias/a, retire: {action: delete, delete_after: 499d}}]\n"},
		{"JSON", `{"region": "eu-west-1", "schedule": {"every": "90d"}, "drain": "30d", "probe": false, ` +
			`"keys": [{"alias": "alias/a"}]}`},
		{"command as a block", head + "before_switch: |\n  test -e ready\nkeys: [{alias: alias/a}]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := planfile.Parse("plan.yaml", []byte(c.text)); err != nil {
				t.Error(err)
			}
		})
	}
}

// No JSON has a year of five digits: what a run writes down of the plan would fail.
func TestYearsOfAPlan(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"0000-01-01", "9999-12-31T23:59:59Z", true},
		{"2026-01-01", "9999-12-31T23:59:59-01:00", false},
		{"0000-01-01T00:00:00+01:00", "2026-01-01", false},
	} {
		p, err := planfile.Parse("p.yaml", []byte("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\n"+
			"freeze: [{from: "+c.from+", to: "+c.to+", reason: year end}]\nkeys: [{alias: alias/a}]\n"))
		if (err == nil) != c.ok {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
		if p != nil {
			_ = p.Keys[0].Digest()
		}
	}
}

func TestUnreadable(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"not UTF-8", "region: \xff\n", "p.yaml:1:1: the file is not UTF-8 text (save it as UTF-8)"},
		{"too large", strings.Repeat("#", 16<<20+1),
			"p.yaml:1:1: the file has 16777217 bytes; a plan has at most 16777216 (is it the right file? A larger " +
				"plan is made into several, with one line in the crontab for each)"},
		{"brackets", strings.Repeat("[", 1<<20),
			"p.yaml:1:65: nested deeper than 64 levels; a plan has no more than six (is it the right file?)"},
		{"dashes", strings.Repeat("- ", 1<<19),
			"p.yaml:1:129: nested deeper than 64 levels; a plan has no more than six (is it the right file?)"},
	} {
		if _, err := planfile.Parse("p.yaml", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
