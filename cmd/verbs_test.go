package cmd

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// --dry-run of any verb sends nothing that changes anything, at any step: only
// these looks.
func TestDryRunsOnlyLook(t *testing.T) {
	looks := strings.Fields(`BatchGetItem Query DescribeTable DescribeTimeToLive GetCallerIdentity
		DescribeKey ListAliases GetKeyPolicy ListResourceTags ListGrants GetKeyLastUsage GetKeyRotationStatus`)
	verbs := [][]string{
		{"run"}, {"rotate", "orders-data"}, {"rotate", "orders-data", "--again", "--confirm", "orders-data"},
		{"rotate", "orders-data", "--abandon"},
		{"rollback", "orders-data", "--confirm", "orders-data"}, {"rollback", "orders-data/v1"},
		{"hold", "orders-data"}, {"hold", "--all", "--until", "2h"}, {"release", "--all"},
		{"reinstate", "orders-data"}, {"reinstate", "orders-data/v1"}, {"adopt", "orders-data"},
		{"hold", "orders-data/v1"}, {"release", "orders-data/v1"}, {"retire", "orders-data/v1"},
	}
	for _, at := range []struct {
		name string
		set  func(*cloud)
	}{
		{"rotated", func(*cloud) {}},
		{"held", func(c *cloud) { c.must("hold", "orders-data", "--reason", "x") }},
		{"switching", func(c *cloud) { c.crash() }},
		{"drift", func(c *cloud) { c.drift() }},
		{"retired", func(c *cloud) {
			if err := os.WriteFile(c.plan, []byte(disabling), 0o600); err != nil {
				t.Fatal(err)
			}
			c.must("rotate", "orders-data", "--reason", "x", "--confirm", "orders-data", "--again")
			c.advance(40 * day)
			c.must("run")
		}},
	} {
		t.Run(at.name, func(t *testing.T) {
			c := rotatedCloud(t)
			at.set(c)
			c.advance(21 * time.Minute)
			for _, verb := range verbs {
				seen := len(c.box.Journal())
				p, exit := c.run(append(slices.Clone(verb), "--dry-run")...)
				if exit != 0 && exit != 13 {
					t.Errorf("%s: %v: exit %d\n%s", at.name, verb, exit, p.err.String())
				}
				for _, e := range c.box.Journal()[seen:] {
					if e.Mutates || !strings.Contains(" "+strings.Join(looks, " ")+" ", " "+e.Operation+" ") {
						t.Errorf("%s: %v --dry-run sent %s", at.name, verb, e.Operation)
					}
				}
				if len(c.box.Journal()) == seen {
					t.Errorf("%s: %v --dry-run did not look", at.name, verb)
				}
			}
		})
	}
}

func (c *cloud) must(args ...string) string {
	c.t.Helper()
	p, exit := c.run(args...)
	if exit != 0 {
		c.t.Fatalf("%v: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
	}
	return p.out.String()
}

// crash leaves a rotation whose alias move was signed and not answered: the run
// that signed it stands still until the test ends, and its lease is over.
func (c *cloud) crash() {
	c.t.Helper()
	came, open := c.gate.close("UpdateAlias")
	done := make(chan int)
	go func() {
		_, exit := c.run("rotate", "orders-data", "--reason", "x", "--confirm", "orders-data", "--again")
		done <- exit
	}()
	<-came
	c.t.Cleanup(func() {
		open()
		<-done
	})
	if err := c.box.Advance(91 * time.Second); err != nil { // over a request that is under way
		c.t.Fatal(err)
	}
}

// A verb that must wait for a signature ends with 11, at once, and says until
// when, whose it is, what works, how to wait and how to do without. After that
// it acts.
func TestNotYet(t *testing.T) {
	for _, verb := range []string{"rollback", "rotate"} {
		t.Run(verb, func(t *testing.T) { notYet(t, verb) })
	}
}

func notYet(t *testing.T, verb string) {
	t.Helper()
	c := rotatedCloud(t)
	c.crash()
	args := []string{verb, "orders-data", "--reason", "callers fail", "--confirm", "orders-data"}
	typed := verb + " orders-data"
	if verb == "rotate" {
		args, typed = append(args, "--abandon"), typed+" --abandon"
	}
	p, exit := c.run(args...)
	for _, want := range []string{
		"keyturn: " + verb + " orders-data: not yet, safe at ", " UTC (in ",
		"\n  pool-1 (run ", " signed an alias move to v3 at ",
		" and recorded no answer; AWS may still apply it\n",
		" an alias move that was signed may change that; decrypt works with v3; not looked at: v1\n",
		"\n  hint: keyturn " + typed + ` --confirm orders-data --reason 'callers fail' --wait 2`,
		"m\n  note: waits for that, and acts then\n",
	} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("%s: no %q in\n%s", verb, want, p.err.String())
		}
	}
	if exit != 11 || p.out.Len() > 0 || strings.Contains(p.err.String(),
		"aws kms update-alias --region eu-west-1 --alias-name alias/orders-data --target-key-id "+
			"") != (verb == "rollback") {
		t.Errorf("%s: exit %d\n%s%s", verb, exit, p.out.String(), p.err.String())
	}
	if p, exit := c.run(append(args, "--output", "json")...); exit != 11 ||
		!strings.Contains(p.out.String(), `"outcome": "busy"`) {
		t.Errorf("%s: as a document: exit %d\n%s", verb, exit, p.out.String())
	}
	onTerminal := newProcess() // nothing is asked that would be of no use
	onTerminal.Stdin, onTerminal.StdinTTY, onTerminal.StderrTTY = strings.NewReader(""), true, true
	if p, exit := c.runIn(t.Context(), onTerminal, args[:4]...); verb == "rollback" &&
		(exit != 11 || strings.Contains(p.err.String(), "type the key's name")) {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if out := c.must("status"); !strings.Contains(out, "an alias move may be under way until") {
		t.Errorf("%s", out)
	}
	c.advance(21 * time.Minute)
	if out := c.must(args...); verb == "rollback" && !strings.Contains(out,
		"orders-data  gave up v3  v2 stays live; v3 drains until ") {
		t.Errorf("%s", out)
	}
	if out := c.must(args...); verb == "rollback" && !strings.Contains(out, "the switch to v3 was given up at ") {
		t.Errorf("typed twice: %s", out)
	}
}

// A rollback to the live version puts an alias back that somebody has moved: after a question
// that shows from where, and from nowhere else.
func TestPutBack(t *testing.T) {
	c := newCloud(t)
	v1 := c.behind()
	c.drift()
	kx := c.behind()
	args := []string{"rollback", "orders-data/v1", "--reason", "Terraform moved it"}
	ask := func(then func()) (*process, int) {
		p := newProcess()
		answer, typed := io.Pipe()
		p.Stdin, p.StdinTTY, p.StderrTTY = asked{answer, func() {
			then()
			go func() { _, _ = typed.Write([]byte("orders-data\n")) }()
		}}, true, true
		defer func() { _ = typed.Close() }()
		return c.runIn(t.Context(), p, args...)
	}
	p, exit := ask(func() { c.drift() }) // between the question and the answer
	if exit != 13 || !strings.Contains(p.err.String(), "orders-data: put the alias back onto v1: Terraform moved it; "+
		"from "+kx+" (not ours)") || !strings.Contains(p.err.String(), "alias moved: it names "+c.behind()) {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	p, exit = ask(func() {})
	if exit != 0 || c.behind() != v1 || !strings.Contains(p.out.String(), "put the alias back onto v1  from ") ||
		!strings.Contains(p.out.String(), "meanwhile, only that key decrypts\n") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	if out := c.must(append(args, "--confirm", "orders-data")...); !strings.Contains(out,
		"nothing to do: v1 has been") {
		t.Errorf("typed twice: %s", out)
	}
	if out := c.must("status"); !strings.Contains(out, "orders-data  v1 ") || strings.Contains(out, "v1  ") &&
		strings.Contains(out, "drains") {
		t.Errorf("%s", out)
	}
	c.drift()
	c.advance(time.Hour)
	if out := c.must(append(args, "--confirm", "orders-data")...); !strings.Contains(out,
		"put the alias back onto v1") {
		t.Errorf("where nothing is asked: %s", out)
	}
}

// A release has not looked at the alias. So it does not say that the next run rotates the
// key, and repeats what stopped the last one.
func TestReleasePromisesNothing(t *testing.T) {
	c := newCloud(t)
	c.must("hold", "--all", "--reason", "incident 7")
	if out := c.must("release", "--all"); !strings.Contains(out,
		"released  a window is due: the next run rotates it, if the alias is on v1\n") {
		t.Errorf("%s", out)
	}
	c.drift()
	if p, exit := c.run("run"); exit != 13 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	c.must("hold", "--all", "--reason", "incident 7")
	if out := c.must("release", "--all"); !strings.Contains(out, " was stopped: alias moved: it names ") {
		t.Errorf("%s", out)
	}
}

// An adopt that has to wait for a signature says so before it asks for anything: a reason
// or the key's name would be of no use. With a --wait that outlasts the fence it asks.
func TestAdoptNotYet(t *testing.T) {
	c := rotatedCloud(t)
	c.crash()
	for _, args := range [][]string{{"adopt", "orders-data"}, {"adopt", "orders-data", "--reason", "by Terraform"},
		{"adopt", "orders-data", "--from-kms"}} {
		p, exit := c.run(args...)
		if exit != 11 || !strings.Contains(p.err.String(), "keyturn: adopt orders-data: not yet, safe at ") {
			t.Errorf("%v: exit %d\n%s", args, exit, p.err.String())
		}
	}
	if p, exit := c.run("adopt", "orders-data", "--wait", "30m"); exit != 64 ||
		!strings.Contains(p.err.String(), "an alias move is signed and may still arrive") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// On a terminal a verb says what it would do before it asks for the name, and
// asks only if it would do something. What it is told then is done.
func TestMeant(t *testing.T) {
	c := rotatedCloud(t)
	ask := func(typed string, args ...string) (*process, int) {
		p := newProcess()
		p.Stdin, p.StdinTTY, p.StderrTTY = strings.NewReader(typed), true, true
		p.vars["NO_COLOR"] = "1"
		return c.runIn(t.Context(), p, args...)
	}
	const asks = "type the key's name to go on: "
	back := []string{"rollback", "orders-data", "--reason", "callers fail"}
	for _, typed := range []string{"", "\n", "y\n", "orders\n"} {
		if p, exit := ask(typed, back...); exit != 64 || !strings.Contains(p.err.String(), asks) {
			t.Errorf("%q: exit %d\n%s", typed, exit, p.err.String())
		}
	}
	p, exit := ask("orders-data\n", back...)
	if exit != 0 || !strings.Contains(p.err.String(), "orders-data: roll back v2 to v1: callers fail; ") ||
		!strings.Contains(p.out.String(), "rolled back v2 to v1") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	// Nothing would be done: no question, and the answer.
	p, exit = ask("", back...)
	if exit != 0 || strings.Contains(p.err.String(), asks) || !strings.HasPrefix(p.out.String(),
		"orders-data: nothing to do: v1 has been live since ") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	c.drift()
	c.advance(11 * time.Minute)
	p, exit = ask("", "rotate", "orders-data", "--reason", "key leaked")
	if exit != 13 || strings.Contains(p.err.String(), asks) || !strings.Contains(p.err.String(),
		"alias moved: it names ") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// A person's hold takes effect while another run is at work; nothing it does is
// lost, and no new step is begun.
func TestHoldStopsARunUnderWay(t *testing.T) {
	c := newCloud(t)
	c.held(t, func() {
		out := c.must("hold", "orders-data", "--reason", "incident 42")
		if !strings.Contains(out, "orders-data  held ") {
			t.Error(out)
		}
	})
	if out := c.must("status"); !strings.Contains(out, "orders-data  v1 ") || !strings.Contains(out, "held") {
		t.Errorf("the run went on:\n%s", out)
	}
	c.must("release", "orders-data")
	if out := c.must("run"); !strings.Contains(out, "rotated v1 to v2") {
		t.Errorf("%s", out)
	}
}

// Who can write to the table can delete from its ledger. verify sees that.
func TestHistoryFindsWhatIsMissing(t *testing.T) {
	c := rotatedCloud(t)
	for range 20 {
		c.must("hold", "orders-data", "--reason", "x")
		c.must("release", "orders-data")
	}
	if out := c.must("history", "orders-data", "--verify"); !strings.HasSuffix(out,
		"orders-data: the ledger is whole: every revision is there, and follows the one before it\n") ||
		!strings.Contains(out, "orders-data: revisions 1 to 44, head ") ||
		!strings.Contains(out, "orders-data: sealed up to revision 2 by v2 (key ") {
		t.Errorf("%s", out)
	}
	c.drop("orders-data", "events#0000000005")
	c.must("history", "orders-data")
	p, exit := c.run("history", "orders-data", "--verify", "--since", "1s")
	if exit != 13 || !strings.Contains(p.out.String(), "\n! revision 5 missing\n") &&
		!strings.HasPrefix(p.out.String(), "! revision 5 missing\n") ||
		!strings.Contains(p.out.String(), "the ledger is NOT whole") {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
	p, exit = c.run("history", "orders-data", "--verify", "--output", "json")
	if exit != 13 || !strings.Contains(p.out.String(), `"kind": "gap"`) ||
		!strings.Contains(p.out.String(), `"whole": false`) {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
}

// Wrong usage of any of them is exit 64, and nothing is asked of AWS.
func TestVerbsUsage(t *testing.T) {
	p := newProcess()
	p.vars["KEYTURN_PLAN"] = t.TempDir() + "/none.yaml"
	for _, line := range []string{
		"rotate", "rotate a", "rotate a b --reason x", "rotate a --reason x --wait soon",
		"rotate a --reason x --no-such",
		"rollback", "rollback a", "rollback a b --reason x", "hold", "hold --reason x", "hold a",
		"hold a --all --reason x", "release", "release a --all",
		"reinstate", "reinstate a b", "retire", "retire a --reason x", "retire a b --reason x",
		"history --version x", "history --version v0",
		"rotate a --reason " + strings.Repeat("x", plan.MaxReason+1), "rotate a --reason x", "hold --all --reason x",
	} {
		if exit := p.keyturn(t.Context(), strings.Fields(line)...); exit != 64 || p.out.Len() > 0 || p.err.Len() == 0 {
			t.Errorf("%q: exit %d\n%s%s", line, exit, p.out.String(), p.err.String())
		}
	}
}
