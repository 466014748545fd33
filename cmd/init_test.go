package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
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
	parsed, err := planfile.Parse("first.yaml", p.out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if k := parsed.Keys; len(k) != 1 || k[0].Alias != "alias/orders-data" || parsed.Region != "eu-west-1" ||
		parsed.Account != sandbox.DefaultAccount || k[0].Retire.Action != plan.RetireKeep {
		t.Errorf("%+v", parsed)
	}
	text := p.out.String()
	if p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*", "--out", out,
		"--dry-run"); exit != 0 || p.out.String() != text {
		t.Errorf("dry-run: exit %d\n%s", exit, p.err.String())
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("the dry-run wrote the file")
	}
	if p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*", "--out", out); exit != 0 ||
		!strings.Contains(p.out.String(), "1 key") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if written, err := os.ReadFile(out); err != nil || string(written) != text {
		t.Errorf("wrote %q, %v", written, err)
	}
	if err := os.WriteFile(out, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*", "--out", out); exit != 64 ||
		!strings.Contains(p.err.String(), "exists and is not overwritten") {
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
	var d document.InitPlan
	if err := json.Unmarshal(p.out.Bytes(), &d); exit != 0 || err != nil {
		t.Fatalf("exit %d, %v\n%s", exit, err, p.err.String())
	}
	if _, err := planfile.Parse("first.yaml", []byte(d.Plan)); err != nil || d.Format != "keyturn/init-plan/1" ||
		!slices.Equal(d.Keys, []string{"alias/orders-data"}) {
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
	if !strings.Contains(p.out.String(), sandbox.DefaultAccount+":table/keyturn") ||
		!strings.Contains(p.err.String(), "note: tags and aliases take up to 5 minutes") {
		t.Errorf("%s%s", p.out.String(), p.err.String())
	}
	if err := os.WriteFile(c.plan, []byte("account: \"123456789012\"\n"+onePlan), 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(c.box.Journal())
	p, exit = c.run("init", "--iam", "break-glass", "--output", "json")
	var doc document.InitIAM
	if err := json.Unmarshal(p.out.Bytes(), &doc); exit != 0 || err != nil || doc.Account != "123456789012" ||
		doc.Role != "break-glass" || len(doc.Notes) == 0 {
		t.Fatalf("exit %d, %v\n%s", exit, err, p.out.String())
	}
	if n := len(c.box.Journal()) - before; n != 0 {
		t.Errorf("AWS was asked %d times", n)
	}
}

// A long plan makes several policies, for one role or for several; --out writes
// each into a file, and nothing over what is there.
func TestInitIAMFiles(t *testing.T) {
	c := newCloud(t)
	var b strings.Builder
	b.WriteString("region: eusc-de-east-1\naccount: \"123456789012\"\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
	for i := range 100 {
		fmt.Fprintf(&b, "  - {alias: alias/payments-key-%03d, spec: HMAC_256}\n", i)
	}
	if err := os.WriteFile(c.plan, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "policies")
	if p, exit := c.run("init", "--iam", "cron", "--out", dir, "--dry-run"); exit != 0 ||
		!strings.Contains(p.out.String(), "arn:aws-eusc:kms:eusc-de-east-1:") {
		t.Errorf("dry-run: exit %d\n%s", exit, p.err.String())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the dry-run made the directory")
	}
	p, exit := c.run("init", "--iam", "cron", "--out", dir, "--output", "json")
	var doc document.InitIAM
	if err := json.Unmarshal(p.out.Bytes(), &doc); exit != 0 || err != nil || len(doc.Parts) != 2 {
		t.Fatalf("exit %d, %v\n%s", exit, err, p.err.String())
	}
	for _, more := range []string{"--dry-run", "--pool=web"} {
		if p, exit := c.run("init", "--iam", "cron", "--out", dir, more); exit != 64 {
			t.Errorf("%s: exit %d\n%s", more, exit, p.err.String())
		}
	}
	for _, part := range doc.Parts {
		if len(part.Keys) != 50 || len(part.Files) != len(part.Policies) ||
			!strings.Contains(part.Files[0], "cron-part") {
			t.Errorf("%d keys in %q", len(part.Keys), part.Files)
		}
		for i, path := range part.Files {
			var d iam.Document
			text, err := os.ReadFile(path)
			if err != nil || json.Unmarshal(text, &d) != nil || !reflect.DeepEqual(d, part.Policies[i]) {
				t.Errorf("%s: %v\n%s", path, err, text)
			}
		}
	}
	if p, exit := c.run("init", "--iam", "cron", "--out", dir); exit != 64 ||
		!strings.Contains(p.err.String(), "exists and is not overwritten") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if p, exit := c.run("init", "--iam", "readonly", "--pattern", "alias/payments-*", "--out", dir); exit != 0 ||
		!strings.Contains(p.out.String(), "readonly.json: ") ||
		!strings.Contains(p.err.String(), "alias/payments-* stands for the plan's aliases") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	for _, args := range [][]string{{"--pattern", "alias/*"}, {"--pattern", "alias/orders-*"},
		{"--also-alias", "alias/*"}, {"--region", "eu-west-1"}} {
		if p, exit := c.run(append([]string{"init", "--iam", "cron"}, args...)...); exit != 64 {
			t.Errorf("%q: exit %d\n%s", args, exit, p.err.String())
		}
	}
}

// What --read sees of the keys stands in the policies: what they are for, and what
// else names them. It writes nothing.
func TestInitIAMRead(t *testing.T) {
	c := newCloud(t)
	admin := c.admin()
	names := func(alias, target string) {
		t.Helper()
		key, err := admin.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &target})
		if err != nil {
			t.Fatal(err)
		}
		target = *key.KeyMetadata.KeyId
		if _, err := admin.CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: &alias,
			TargetKeyId: &target}); err != nil {
			t.Fatal(err)
		}
	}
	names("alias/old-name", "alias/orders-data")
	names("alias/orders-data/vault", c.key())
	before := len(c.box.Journal())
	p, exit := c.run("init", "--iam", "cron", "--read")
	// in a Deny
	if exit != 0 || !strings.Contains(p.out.String(), `"alias/old-name"`) ||
		strings.Count(p.out.String(), `"kms:Sign"`) != 1 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	if !strings.Contains(p.err.String(), "alias/orders-data/vault is taken for a version of orders-data") ||
		strings.Contains(p.err.String(), "was not looked at") {
		t.Error(p.err.String())
	}
	for _, e := range c.box.Journal()[before:] {
		if e.Mutates {
			t.Errorf("it sent %s", e.Operation)
		}
	}
	if p, exit := c.run("init", "--iam", "cron"); exit != 0 || !strings.Contains(p.err.String(),
		"was not looked at: orders-data") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// The readonly policy is enough for every command that only looks, and allows
// nothing that none of them asks.
func TestReadOnlyCalls(t *testing.T) {
	c := newCloud(t)
	text := strings.Replace(onePlan, "  - alias: alias/orders-data\n",
		"  - alias: alias/orders-data\n    retire: {action: disable, unless_used_within: 1d}\n", 1)
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
	for _, args := range [][]string{{"status"}, {"audit", "--orphans"}, {"run", "--dry-run"},
		{"history", "orders-data"}} {
		if p, exit := c.run(args...); exit != 0 {
			t.Errorf("%v: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
		}
	}
	mutating()
	note()
	allowed := map[string]bool{}
	p, err := planfile.Parse("keyturn.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := iam.Write(iam.Request{Role: iam.ReadOnly, Account: sandbox.DefaultAccount, Plan: p,
		Partition: kms.Partition})
	if err != nil || len(parts) != 1 || len(parts[0].Documents) != 1 {
		t.Fatal(parts, err)
	}
	for _, s := range parts[0].Documents[0].Statement {
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

// A table that was made is told of, whatever comes after: it is protected against
// deletion, and somebody must know that it is there.
func TestInitTellsOfATableThatWasMade(t *testing.T) {
	for name, c := range map[string]struct {
		stop func(c *cloud, p *process, args []string) int
		exit int
		says string
	}{
		"denied": {func(c *cloud, p *process, args []string) int {
			f := sandbox.Fault{Service: "dynamodb", Operation: "DescribeTimeToLive", Kind: sandbox.Refuse,
				Code: "AccessDeniedException", Message: "no permission"}
			if err := c.box.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{f}}); err != nil {
				c.t.Fatal(err)
			}
			_, exit := c.runIn(c.t.Context(), p, args...)
			return exit
		}, 1, "denied dynamodb:DescribeTimeToLive"},
		"interrupted": {func(c *cloud, p *process, args []string) int {
			ctx, signal := context.WithCancel(c.t.Context())
			came, open := c.gate.close("DescribeTimeToLive")
			go func() {
				<-came
				signal()
				open()
			}()
			_, exit := c.runIn(ctx, p, args...)
			return exit
		}, 130, "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newCloud(t)
			table := func(name string) {
				if err := os.WriteFile(k.plan, []byte("table: "+name+"\n"+onePlan), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			table("second")
			p := newProcess()
			exit := c.stop(k, p, []string{"init", "--table"})
			if out := p.out.String(); exit != c.exit || !strings.Contains(p.err.String(), c.says) ||
				!strings.HasPrefix(out, "table second in eu-west-1 of account "+sandbox.DefaultAccount+": created; ") {
				t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
			}
			table("third")
			p = newProcess()
			exit = c.stop(k, p, []string{"init", "--table", "--output", "json"})
			var d document.Init
			if err := json.Unmarshal(p.out.Bytes(), &d); exit != c.exit || err != nil || len(d.Tables) != 1 ||
				!d.Tables[0].Created || !strings.Contains(d.Tables[0].Failed, c.says) {
				t.Errorf("exit %d, %v\n%s", exit, err, p.out.String())
			}
		})
	}
}
