package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// What init --match prints is a plan, and so is what it writes; it never
// overwrites one.
func TestInitMatch(t *testing.T) {
	c := newCloud(t)
	out := filepath.Join(t.TempDir(), "first.yaml")
	p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*")
	if exit != 0 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	parsed, err := plan.ParseFile("first.yaml", p.out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if k := parsed.Keys; len(k) != 1 || k[0].Alias != "alias/orders-data" || parsed.Region != "eu-west-1" || parsed.Account != sandbox.DefaultAccount || k[0].Retire.Action != plan.RetireKeep {
		t.Errorf("%+v", parsed)
	}
	text := p.out.String()
	if p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*", "--out", out, "--dry-run"); exit != 0 || p.out.String() != text {
		t.Errorf("dry-run: exit %d\n%s", exit, p.err.String())
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("the dry-run wrote the file")
	}
	if p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*", "--out", out); exit != 0 || !strings.Contains(p.out.String(), "1 key") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if written, err := os.ReadFile(out); err != nil || string(written) != text {
		t.Errorf("wrote %q, %v", written, err)
	}
	if err := os.WriteFile(out, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*", "--out", out); exit != 64 || !strings.Contains(p.err.String(), "exists and is not overwritten") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if kept, err := os.ReadFile(out); err != nil || string(kept) != "mine" {
		t.Errorf("it is %q now, %v", kept, err)
	}
	if err := create(out, "x"); err == nil { // somebody made it while AWS was asked
		t.Error("create overwrote it")
	}
}

func TestInitMatchJSON(t *testing.T) {
	c := newCloud(t)
	p, exit := c.run("init", "--region", "eu-west-1", "--match", "orders-*", "--output", "json")
	var d InitPlanDocument
	if err := json.Unmarshal(p.out.Bytes(), &d); exit != 0 || err != nil {
		t.Fatalf("exit %d, %v\n%s", exit, err, p.err.String())
	}
	if _, err := plan.ParseFile("first.yaml", []byte(d.Plan)); err != nil || d.Format != "keyturn/init-plan/1" || !slices.Equal(d.Keys, []string{"alias/orders-data"}) {
		t.Errorf("%+v, %v", d, err)
	}
}

// The policy on stdout is what IAM takes, and nothing else; with the account in
// the plan, AWS is not asked.
func TestInitIAM(t *testing.T) {
	c := newCloud(t)
	p, exit := c.run("init", "--iam", "cron")
	var d iam.Document
	if err := json.Unmarshal(p.out.Bytes(), &d); exit != 0 || err != nil || d.Version != "2012-10-17" {
		t.Fatalf("exit %d, %v\n%s", exit, err, p.err.String())
	}
	if !strings.Contains(p.out.String(), sandbox.DefaultAccount+":table/keyturn") || !strings.Contains(p.err.String(), "note: tags and aliases take up to 5 minutes") {
		t.Errorf("%s%s", p.out.String(), p.err.String())
	}
	if err := os.WriteFile(c.plan, []byte("account: \"123456789012\"\n"+onePlan), 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(c.box.Journal())
	p, exit = c.run("init", "--iam", "break-glass", "--output", "json")
	var doc InitIAMDocument
	if err := json.Unmarshal(p.out.Bytes(), &doc); exit != 0 || err != nil || doc.Account != "123456789012" || doc.Role != "break-glass" || len(doc.Notes) == 0 {
		t.Fatalf("exit %d, %v\n%s", exit, err, p.out.String())
	}
	if n := len(c.box.Journal()) - before; n != 0 {
		t.Errorf("AWS was asked %d times", n)
	}
}

// The readonly policy is enough for every command that only looks, and allows
// nothing that none of them asks.
func TestReadOnlyCalls(t *testing.T) {
	c := newCloud(t)
	text := strings.Replace(onePlan, "  - alias: alias/orders-data\n", "  - alias: alias/orders-data\n    retire: {action: disable, unless_used_within: 1d}\n", 1)
	if err := os.WriteFile(c.plan, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(c.box.Journal())
	if _, exit := c.run("run", "--dry-run"); exit != 0 {
		t.Errorf("exit %d", exit)
	}
	mutating := func() {
		for _, e := range c.box.Journal()[before:] {
			if e.Mutates {
				t.Errorf("it sent %s", e.Operation)
			}
		}
	}
	mutating()
	called := map[string]bool{}
	note := func() {
		for _, e := range c.box.Journal()[before:] {
			called[e.Service+":"+e.Operation] = true
		}
	}
	note()
	c.run("run") // by cron
	c.advance(32 * 24 * time.Hour)
	before = len(c.box.Journal())
	for _, args := range [][]string{{"status"}, {"audit", "--orphans"}, {"run", "--dry-run"}, {"history", "orders-data"}} {
		if p, exit := c.run(args...); exit != 0 {
			t.Errorf("%v: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
		}
	}
	mutating()
	note()
	allowed := map[string]bool{}
	p, err := plan.ParseFile("keyturn.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range iam.Policy(iam.ReadOnly, sandbox.DefaultAccount, p).Statement {
		for _, a := range s.Action {
			allowed[a] = true
			if !called[a] {
				t.Errorf("the policy allows %s, which no command calls", a)
			}
		}
	}
	delete(called, "sts:GetCallerIdentity") // wants no permission
	for op := range called {
		if !allowed[op] {
			t.Errorf("the policy does not allow %s", op)
		}
	}
}
