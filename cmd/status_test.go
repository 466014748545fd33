package cmd

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
)

const disabling = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
    retire: {action: disable, unless_used_within: 7d}
`

// status says when a draining version was last used once that matters, why it
// cannot be learnt, and that somebody enabled what was disabled.
func TestStatusOfOldVersions(t *testing.T) {
	c := newCloud(t)
	if err := os.WriteFile(c.plan, []byte(disabling), 0o600); err != nil {
		t.Fatal(err)
	}
	c.must("run")
	v1 := aws.String("alias/orders-data/v1")
	use := func() {
		t.Helper()
		if _, err := c.admin().Encrypt(t.Context(), &awskms.EncryptInput{KeyId: v1,
			Plaintext: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	use()
	says := func(want ...string) {
		t.Helper()
		p, _ := c.run("status", "orders-data")
		out := p.out.String()
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("no %q in\n%s", w, out)
			}
		}
	}
	c.advance(2 * time.Hour)
	if out := c.must("status"); strings.Contains(out, "last used") {
		t.Errorf("asked long before it matters:\n%s", out)
	}
	c.advance(20 * day)
	says(" (9d more), then is disabled once unused for 7d; last used 20d ago (Encrypt)\n")
	c.advance(11 * day)
	use()
	c.must("run")
	says("stays so: last used ")
	c.faults(sandbox.Fault{Operation: "GetKeyLastUsage", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
	says("stays so: its use could not be learnt: KMS denied kms:GetKeyLastUsage; it is disabled once unused for 7d\n")
	c.faults()
	c.advance(9 * day)
	c.must("run")
	says("  v1  disabled ", "; undo: keyturn reinstate orders-data\n")
	if _, err := c.admin().EnableKey(t.Context(), &awskms.EnableKeyInput{KeyId: v1}); err == nil {
		t.Fatal("EnableKey takes no alias")
	}
	p, _ := c.run("status", "--output", "json")
	var d document.Status
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil || d.Keys[0].Old[0].Reinstate == nil {
		t.Fatalf("%v\n%s", err, p.out.String())
	}
	if _, err := c.admin().EnableKey(t.Context(), &awskms.EnableKeyInput{KeyId: &d.Keys[0].Old[0].KeyID}); err != nil {
		t.Fatal(err)
	}
	says("  v1  ENABLED BY HAND, keyturn disabled it ")
	c.must("run")
	says("  v1  ENABLED BY HAND, keyturn disabled it ")
}

// --watch draws on a terminal until a signal comes, and goes on when AWS does
// not answer for a while.
func TestWatch(t *testing.T) {
	c := newCloud(t)
	for _, args := range [][]string{{"status", "--watch"}, {"status", "--watch", "--output", "json"}} {
		if p, exit := c.run(args...); exit != 64 || strings.Contains(p.out.String(), "LIVE") {
			t.Errorf("%v: exit %d\n%s", args, exit, p.out.String())
		}
	}
	for _, form := range []string{"json", "github"} {
		p := newProcess()
		ctx, stop := context.WithTimeout(t.Context(), 2*watchEvery)
		p.StdoutTTY, p.vars["KEYTURN_OUTPUT"] = true, form
		if _, exit := c.runIn(ctx, p, "status", "--watch"); exit != 64 || strings.Contains(p.out.String(), "\x1b") ||
			!strings.Contains(p.out.String()+p.err.String(), "KEYTURN_OUTPUT "+form) {
			t.Errorf("KEYTURN_OUTPUT=%s: exit %d\n%s%s", form, exit, p.out.String(), p.err.String())
		}
		stop()
	}
	ctx, signal := context.WithCancel(t.Context())
	p := newProcess()
	p.StdoutTTY, p.vars["NO_COLOR"] = true, "1"
	p.Stdout = &screens{each: func(n int, drawn string) {
		if n == 2 {
			defer signal()
		}
		switch {
		case !strings.HasPrefix(drawn, "\x1b[H") || !strings.HasSuffix(drawn, "\x1b[J") ||
			!strings.Contains(drawn, "orders-data  v1 "):
			t.Errorf("screen %d: %q", n, drawn)
		case n == 1:
			c.faults(sandbox.Fault{Operation: "BatchGetItem", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		case n == 2 && !strings.Contains(drawn, "; since then: "):
			t.Errorf("AWS does not answer, and the screen does not say so: %q", drawn)
		}
	}}
	if _, exit := c.runIn(ctx, p, "status", "--watch"); exit != 130 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// screens is a terminal that looks at each screen drawn on it.
type screens struct {
	n    int
	each func(n int, screen string)
}

func (s *screens) Write(b []byte) (int, error) {
	s.n++
	s.each(s.n, string(b))
	return len(b), nil
}

// A record that cannot be understood needs a person, is never shown as none,
// and keeps nobody from holding another key by the clock.
func TestStatusOfABrokenRecord(t *testing.T) {
	c := rotatedCloud(t)
	c.change("rev", nil)
	p, exit := c.run("status")
	if exit != 13 || !strings.Contains(p.out.String(), "REFUSED: malformed record") ||
		strings.Contains(p.out.String(), "not adopted") {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
	if p, exit := c.run("hold", "orders-data", "--reason", "x", "--until", "2h"); exit != 13 ||
		!strings.Contains(p.err.String(), "malformed") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// However many keys have no record yet, the aliases of a Region are listed once.
func TestStatusListsOnce(t *testing.T) {
	c := rotatedCloud(t)
	text := onePlan
	for _, name := range []string{"one", "two", "three"} {
		text += "  - alias: alias/" + name + "\n"
		_, err := c.admin().CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: aws.String("alias/" + name),
			TargetKeyId: aws.String(c.key())})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(c.plan, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	before := c.gate.count("ListAliases")
	p, exit := c.run("status")
	if n := c.gate.count("ListAliases") - before; n != 1 || exit != 0 ||
		strings.Count(p.out.String(), "not adopted yet") != 3 {
		t.Errorf("exit %d, %d times ListAliases\n%s%s", exit, n, p.out.String(), p.err.String())
	}
}
