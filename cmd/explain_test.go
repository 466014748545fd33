package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// operations returns the calls that AWS got since.
func (c *cloud) operations(since int) []string {
	var names []string
	for _, e := range c.box.Journal()[since:] {
		names = append(names, e.Operation)
	}
	return names
}

// rewrite puts another plan in place.
func (c *cloud) rewrite(text string) {
	c.t.Helper()
	if err := os.WriteFile(c.plan, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// With credentials of another account than the plan's nothing is missing, and
// nothing is made.
func TestWrongAccount(t *testing.T) {
	c := newCloud(t)
	c.rewrite("account: \"999999999999\"\ntable: another\n" + onePlan)
	for _, line := range []string{"init --table", "init --table --dry-run", "run", "status", "audit",
		"history orders-data", "rollback orders-data/v1 --reason x"} {
		before := len(c.box.Journal())
		p, exit := c.run(strings.Fields(line)...)
		if exit != 13 || !strings.Contains(p.err.String(), "the credentials are of account "+
			""+sandbox.DefaultAccount+" (caller arn:aws:") ||
			!strings.Contains(p.err.String(), "the plan is for 999999999999; nothing was done\n  hint: aws sts "+
				"get-caller-identity\n") {
			t.Errorf("%s: exit %d\n%s", line, exit, p.err.String())
		}
		if calls := c.operations(before); slices.Contains(calls, "CreateTable") {
			t.Errorf("%s: it sent %v", line, calls)
		}
	}
	if p, exit := c.run("init", "--table", "--output", "json"); exit != 13 ||
		!strings.Contains(p.out.String(), `"code": "wrong-account"`) {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
}

// The same where the table happens to be there and the alias is not.
func TestWrongAccountWithoutTheAlias(t *testing.T) {
	c := newCloud(t)
	c.rewrite("account: \"999999999999\"\n" + strings.Replace(onePlan, "orders-data", "elsewhere", 1))
	if p, exit := c.run("run"); exit != 13 || !strings.Contains(p.err.String(),
		"the credentials are of account "+sandbox.DefaultAccount+", the plan is for 999999999999\n") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// Where a table is missing is said, and who says so. A run that finds its
// records makes its one read and does not ask.
func TestMissingTableSaysWhere(t *testing.T) {
	c := newCloud(t)
	if p, exit := c.run("run"); exit != 0 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	before := len(c.box.Journal())
	if _, exit := c.run("run"); exit != 0 || !slices.Equal(c.operations(before), []string{"BatchGetItem"}) {
		t.Errorf("a quiet run: exit %d, %v", exit, c.operations(before))
	}
	c.rewrite("table: another\n" + onePlan)
	before = len(c.box.Journal())
	p, exit := c.run("run")
	want := "keyturn: run: there is no table another in eu-west-1 of account " + sandbox.DefaultAccount +
		" (caller arn:aws:"
	if exit != 13 || !strings.HasPrefix(p.err.String(), want) ||
		!strings.HasSuffix(p.err.String(), "  hint: keyturn init --table\n  note: if it was there before, first "+
			"see \"The "+
			"table was lost\" in docs/runbook.md\n") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if calls := c.operations(before); !slices.Equal(calls, []string{"BatchGetItem", "GetCallerIdentity"}) {
		t.Errorf("it sent %v", calls)
	}
	if p, _ := c.run("run", "--output", "json"); !strings.Contains(p.out.String(), `"code": "table-missing"`) {
		t.Errorf("%s", p.out.String())
	}
}

// A table that must not hold records is a finding, as a dry-run's: with its
// document, and 13.
func TestInitUnsafeTable(t *testing.T) {
	c := newCloud(t)
	c.letExpire()
	for _, line := range []string{"init --table --output json", "init --table --dry-run --output json"} {
		p, exit := c.run(strings.Fields(line)...)
		var d document.Init
		if err := json.Unmarshal(p.out.Bytes(), &d); err != nil || exit != 13 || d.Format != "keyturn/init/1" ||
			len(d.Tables) != 1 ||
			!strings.Contains(d.Tables[0].Unsafe, "time to live is on") ||
			!strings.Contains(fmt.Sprint(d.Tables[0].Next), "update-time-to-live") || d.Tables[0].Created {
			t.Errorf("%s: exit %d, %v\n%s", line, exit, err, p.out.String())
		}
		if !strings.Contains(p.err.String(), "keyturn: init: table keyturn: time to live is on") {
			t.Errorf("%s\n%s", line, p.err.String())
		}
	}
}

// An endpoint that cannot be reached is told in one line, with what to check,
// and one that is no URL before anything is tried.
func TestUnreachable(t *testing.T) {
	c := newServedCloud(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	for _, name := range []string{"AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_STS"} {
		t.Setenv(name, "")
	}
	for line, service := range map[string]string{"run": "DynamoDB", "status": "DynamoDB", "init --table": "STS",
		"init --match alias/x --region eu-west-1": "STS"} {
		p, exit := c.run(strings.Fields(line)...)
		verb, _, _ := strings.Cut(line, " ")
		want := "keyturn: " + verb + ": " + service + " cannot be reached at http://127.0.0.1:1: nothing listens " +
			"there; nothing was done\n  note: check the network, and that something runs there; AWS_ENDPOINT_URL or " +
			"AWS_ENDPOINT_URL_" + strings.ToUpper(service) + " says where it is called\n"
		if exit != 1 || p.err.String() != want {
			t.Errorf("%s: exit %d\n%s", line, exit, p.err.String())
		}
	}
	if p, _ := c.run("run", "--output", "json"); !strings.Contains(p.out.String(), `"code": "unreachable"`) {
		t.Errorf("%s", p.out.String())
	}
	for _, url := range []string{"foo", "localhost:4566", "http://", "ftp://localhost"} {
		t.Setenv("AWS_ENDPOINT_URL", url)
		if p, exit := c.run("run"); exit != 64 || !strings.Contains(p.err.String(),
			"keyturn: run: AWS_ENDPOINT_URL is \""+url+"\", which is not a URL with a host (KMS is called there)\n  "+
				"note: set AWS_ENDPOINT_URL to a URL like ") {
			t.Errorf("%s: exit %d\n%s", url, exit, p.err.String())
		}
	}
}

// What init --table had begun is not said to be nothing.
func TestUnreachableHalfWay(t *testing.T) {
	c := newServedCloud(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
	if p, exit := c.run("init", "--table"); exit != 1 || !strings.Contains(p.err.String(),
		"DynamoDB cannot be reached") || strings.Contains(p.err.String(), "nothing was done") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

func TestMissingProfile(t *testing.T) {
	c := newServedCloud(t)
	t.Setenv("AWS_PROFILE", "nope")
	p, exit := c.run("run", "--output", "json")
	if exit != 1 || !strings.HasPrefix(p.err.String(), "keyturn: run: there is no AWS profile nope\n  note: check "+
		"AWS_PROFILE; ") || !strings.Contains(p.out.String(), `"code": "no-profile"`) {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}
