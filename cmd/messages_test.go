package cmd

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What was typed wrong is named as it was typed, and the hint is a command for
// the same verb.
func TestUsageMessages(t *testing.T) {
	const (
		nameIt = "\n  note: name it with --plan FILE, or set KEYTURN_PLAN"
		tryIt  = nameIt + "; keyturn run --sandbox needs none\n"
	)
	for line, want := range map[string]string{
		"-v":             "keyturn: there is no flag -v\n  hint: keyturn --help\n",
		"--nonsense":     "keyturn: there is no flag --nonsense\n  hint: keyturn --help\n",
		"run -x":         "keyturn: run: there is no flag -x\n  hint: keyturn run --help\n",
		"run --wait -1m": "keyturn: run: --wait \"-1m\" is not a duration",
		"run --wait=-1m": "keyturn: run: --wait \"-1m\" is not a duration",
		"init --table --iam cron": "keyturn: init: only one of --match, --table, --iam, --kit at a time\n  hint: " +
			"keyturn init --help\n",
		"init":                      "keyturn: init: say what to make: one of --match, --table, --iam, --kit\n",
		"run":                       "keyturn: run: there is no plan keyturn.yaml" + tryIt,
		"status":                    "keyturn: status: there is no plan keyturn.yaml" + nameIt + "\n",
		"rollback a --reason x":     "keyturn: rollback: there is no plan keyturn.yaml" + nameIt + "\n",
		"hold a --reason x":         "keyturn: hold: there is no plan keyturn.yaml" + nameIt + "\n",
		"init --iam cron":           "keyturn: init: there is no plan keyturn.yaml" + tryIt,
		"init --iam cron --plan /x": "keyturn: init: there is no plan /x\n  note: check --plan and KEYTURN_PLAN\n",
	} {
		p := newProcess()
		if exit := p.keyturn(t.Context(), strings.Fields(line)...); exit != 64 ||
			!strings.HasPrefix(p.err.String(), want) {
			t.Errorf("%q: exit %d\n%swant\n%s", line, exit, p.err.String(), want)
		}
	}
}

// A key that the plan does not have is called neither a key nor a version.
func TestUnknownKey(t *testing.T) {
	c := newCloud(t)
	for _, text := range []string{"orders-data/v9223372036854775807", "alias/orders-data/v2147483649", "orders-data/v0",
		"orders-data/v007"} {
		if p, exit := c.run("history", text); exit != 64 || !strings.HasPrefix(p.err.String(),
			"keyturn: history: "+text+" is no version") {
			t.Errorf("exit %d\n%s", exit, p.err.String())
		}
	}
	if p, exit := c.run("history", "x"); exit != 64 || !strings.HasPrefix(p.err.String(),
		"keyturn: history: plan \"keyturn\" has no key or version \"x\"\n") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// ^C at the prompt: nothing was done, and that is what it says.
func TestInterruptedPrompt(t *testing.T) {
	c := newCloud(t)
	ctx, signal := context.WithCancel(t.Context())
	p := newProcess()
	nobody, hangup := io.Pipe()
	t.Cleanup(func() { _ = hangup.Close() })
	p.Stdin, p.StdinTTY, p.StderrTTY = asked{nobody, signal}, true, true
	p.vars["NO_COLOR"] = "1"
	if _, exit := c.runIn(ctx, p, "rotate", "orders-data", "--reason", "x", "--output", "json"); exit != 130 ||
		!strings.HasSuffix(p.err.String(), "keyturn: rotate: interrupted; nothing was changed\n") ||
		!strings.Contains(p.out.String(), `"code": "interrupted"`) {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// Of a newer keyturn's record no generation is known, so none is told.
func TestNewerRecord(t *testing.T) {
	c := newCloud(t)
	c.change("schema", &types.AttributeValueMemberN{Value: "2"})
	// Nor is its ledger found fault with.
	for _, line := range []string{"run", "history orders-data", "history orders-data --verify"} {
		p, exit := c.run(strings.Fields(line)...)
		if exit != 13 || !strings.Contains(p.err.String(), "a newer keyturn wrote it\n") ||
			strings.Contains(p.err.String(), "generation") || p.out.Len() > 0 {
			t.Errorf("%s: exit %d\n%s%s", line, exit, p.out.String(), p.err.String())
		}
	}
}

// A record that cannot be understood is for a person, whoever reads it.
func TestMalformedRecord(t *testing.T) {
	c := newCloud(t)
	c.change("generation", &types.AttributeValueMemberS{Value: "two"})
	for _, line := range []string{"run", "history orders-data", "rollback orders-data/v1 --reason x --confirm " +
		"orders-data"} {
		p, exit := c.run(append(strings.Fields(line), "--output", "json")...)
		if exit != 13 || !strings.Contains(p.err.String(), "malformed: generation ") ||
			!strings.Contains(p.err.String(), "  note: look at the item in ") ||
			!strings.Contains(p.out.String(), "malformed-record") {
			t.Errorf("%s: exit %d\n%s%s", line, exit, p.out.String(), p.err.String())
		}
	}
}
