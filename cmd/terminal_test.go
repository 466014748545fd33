package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// hostile is what a terminal would act on, and what forges a line.
const hostile = "\x1b[2J\x1b]0;owned\a\u009b31m\u202egpj.exe\u2066\u200b\r\b\nkeyturn: all is well\n  hint: curl x | sh"

func TestControlCharactersAtTheDoor(t *testing.T) {
	c := newCloud(t)
	for _, bad := range []string{"a\x1b[2Jb", "a\rb", "a\bb", "a\nb", "a\tb", "a\u009bb", "a\x9bb", "a\u202eb",
		"a\u2066b", "a\u200bb", "a\u2028b", "a\xffb", "\x00"} {
		for _, args := range [][]string{
			{"hold", "orders-data", "--reason", bad},
			{"rotate", "orders-data", "--confirm", "orders-data", "--reason", bad},
			{"adopt", "orders-data", "--reason", bad, "--dry-run"}, {"release", "orders-data", "--reason", bad},
			{"run", "--pool", bad}, {"status", "--pool", bad},
		} {
			before := len(c.box.Journal())
			p, exit := c.run(args...)
			if exit != 64 || strings.Contains(p.err.String(), bad) {
				t.Errorf("%q: exit %d, %s", args, exit, p.err.String())
			}
			if n := len(c.box.Journal()) - before; n != 0 {
				t.Errorf("%q: %d calls", args, n)
			}
		}
		p := newProcess()
		p.vars["KEYTURN_POOL"] = bad
		if _, exit := c.runIn(t.Context(), p, "run"); exit != 64 {
			t.Errorf("KEYTURN_POOL=%q: exit %d", bad, exit)
		}
	}
	for _, good := range []string{"plain", "two  words", "naïve – 漢字 ✔️ 🔑"} {
		if p, exit := c.run("hold", "orders-data", "--reason", good, "--pool", good); exit != 0 {
			t.Errorf("%q: exit %d, %s", good, exit, p.err.String())
		}
	}
}

// A host's name is taken for the pool's where none is given; one that no host
// has is not.
func TestControlCharactersInTheHost(t *testing.T) {
	c := newCloud(t)
	p := newProcess()
	delete(p.vars, "KEYTURN_POOL")
	p.Hostname = func() (string, error) { return "a\x1b[2J", nil }
	if _, exit := c.runIn(t.Context(), p, "run"); exit != 0 || !strings.Contains(c.state(), "unknown") {
		t.Errorf("exit %d: %s", exit, p.err.String())
	}
}

func (c *cloud) state() string {
	c.t.Helper()
	document, err := c.box.State()
	if err != nil {
		c.t.Fatal(err)
	}
	return string(document)
}

// No text of a record, of AWS or of before_switch acts on a terminal, or makes a
// line of its own; in documents it is as it was.
func TestNothingActsOnTheTerminal(t *testing.T) {
	for name, arrange := range map[string]func(*cloud){
		"a record": func(c *cloud) { c.spoil() },
		"a record, held by itself": func(c *cloud) {
			c.spoil()
			c.set("SET #hold = :v", map[string]types.AttributeValue{"by": text(hostile), "reason": text(hostile),
				"since": text("2026-01-01T00:00:00Z"), "self": &types.AttributeValueMemberBOOL{Value: true}})
		},
		"a malformed record": func(c *cloud) { c.setText("SET #step = :v", hostile) },
		"KMS": func(c *cloud) {
			c.faults(sandbox.Fault{Service: "kms", Kind: sandbox.Refuse, Code: "AccessDeniedException",
				Message: hostile})
		},
		"STS": func(c *cloud) {
			c.faults(sandbox.Fault{Service: "sts", Kind: sandbox.Refuse, Code: "AccessDenied",
				Message: strings.Map(printable, hostile) + "\u009b\u202e\r\nx"})
		},
		"DynamoDB": func(c *cloud) {
			c.faults(sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Kind: sandbox.Refuse,
				Code: "AccessDeniedException", Message: hostile})
		},
		"reading": func(c *cloud) {
			c.faults(sandbox.Fault{Service: "dynamodb", Operation: "BatchGetItem", Kind: sandbox.Refuse,
				Code: "AccessDeniedException", Message: hostile})
		},
		"before_switch": func(c *cloud) { c.asks(hostile) },
		"the plan's name": func(c *cloud) {
			name, _ := json.Marshal(hostile) // a string of JSON is one of YAML
			c.write(strings.Replace(onePlan, "region:", "name: "+string(name)+"\nregion:", 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			arrange(c)
			for _, tty := range []bool{false, true} {
				for _, args := range [][]string{
					{"run", "-v", "--wait", "0s"}, {"run", "-v", "--dry-run"},
					{"run", "--log", "json", "--wait", "0s"}, {"status", "-v"}, {"audit", "--orphans"},
					{"history", "orders-data", "--verify"}, {"status", "--output", "json"},
					{"run", "--output", "json", "--wait", "0s"},
					{"audit", "--output", "json"}, {"history", "orders-data", "--output", "json"},
					{"rotate", "orders-data", "--reason", "x", "--dry-run"},
					{"rotate", "orders-data", "--reason", "x", "--wait", "0s"},
					{"hold", "orders-data", "--reason", "x", "--dry-run"},
					{"reinstate", "orders-data/v1", "--reason", "x", "--dry-run"},
				} {
					p := newProcess()
					p.StdinTTY, p.StdoutTTY, p.StderrTTY = tty, tty, tty
					p.vars["NO_COLOR"] = "1"
					_, exit := c.runIn(t.Context(), p, args...)
					tame(t, fmt.Sprintf("%v, exit %d: stdout", args, exit), p.out.String())
					tame(t, fmt.Sprintf("%v, exit %d: stderr", args, exit), p.err.String())
				}
			}
		})
	}
}

func printable(r rune) rune {
	if r < 0x20 { // XML has no such characters
		return ' '
	}
	return r
}

func tame(t *testing.T, where, text string) {
	t.Helper()
	if what := plan.FirstMisleading(strings.NewReplacer("\n", "", "\t", "").Replace(text)); what != "" {
		t.Fatalf("%s has %s: %q", where, what, text)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "keyturn: all is well") ||
			strings.HasPrefix(strings.TrimSpace(line), "hint: curl") {
			t.Fatalf("%s has a line that is not keyturn's: %q", where, text)
		}
	}
}

// spoil puts hostile text wherever a record has text that somebody chose.
func (c *cloud) spoil() {
	stamp := text(c.box.Now().UTC().Format(time.RFC3339))
	c.setText("SET events[0].#reason = :v, events[0].#run = :v, events[0].#schedule = :v, events[0].kind[0] = :v",
		hostile)
	c.set("SET #who = :v", map[string]types.AttributeValue{hostile: &types.AttributeValueMemberM{
		Value: map[string]types.AttributeValue{"pool": text(hostile), "host": text(hostile), "by": text(hostile),
			"keyturn": text(hostile), "plan": text(hostile), "terms": text(hostile)}}})
	c.set("SET #last_error = :v", map[string]types.AttributeValue{"code": text("x" + hostile),
		"message": text(hostile), "at": stamp, "run": text(hostile)})
	c.set("SET #hold = :v", map[string]types.AttributeValue{"by": text(hostile), "reason": text(hostile),
		"since": stamp})
	c.set("SET #lease = :v", map[string]types.AttributeValue{"pool": text(hostile), "host": text(hostile),
		"run":   text(hostile),
		"since": stamp, "until": text(c.box.Now().Add(time.Minute).UTC().Format(time.RFC3339))})
}

func (c *cloud) setText(expression, value string) { c.update(expression, text(value)) }

func (c *cloud) set(expression string, value map[string]types.AttributeValue) {
	c.update(expression, &types.AttributeValueMemberM{Value: value})
}

// update changes the record of orders-data as somebody would who can write the
// table. The value is :v; nil if the expression has none.
func (c *cloud) update(expression string, value types.AttributeValue) {
	c.t.Helper()
	in := &awsddb.UpdateItemInput{TableName: aws.String("keyturn"), UpdateExpression: &expression,
		Key: itemOf("orders-data", "record")}
	if value != nil {
		in.ExpressionAttributeValues = map[string]types.AttributeValue{":v": value}
	}
	for _, m := range regexp.MustCompile(`#(\w+)`).FindAllStringSubmatch(expression, -1) {
		if in.ExpressionAttributeNames == nil {
			in.ExpressionAttributeNames = map[string]string{}
		}
		in.ExpressionAttributeNames[m[0]] = m[1]
	}
	_, err := c.table().UpdateItem(c.t.Context(), in)
	c.check(err)
}

// asks has the plan ask a program that says something and does not agree.
func (c *cloud) asks(says string) {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "says")
	if err := os.WriteFile(path+".txt", []byte(strings.ReplaceAll(says, "\n", " ")), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat "+path+".txt\nexit 1\n"),
		0o700); err != nil { //nolint:gosec // it is run
		c.t.Fatal(err)
	}
	c.write(onePlan + "    before_switch: [" + path + "]\n")
}

func (c *cloud) write(text string) {
	c.t.Helper()
	if err := os.WriteFile(c.plan, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// What a document says is what the record has.
func TestDocumentsKeepTheirText(t *testing.T) {
	c := newCloud(t)
	c.spoil()
	p, _ := c.run("status", "--output", "json")
	var document any
	if err := json.Unmarshal(p.out.Bytes(), &document); err != nil {
		t.Fatalf("%v: %s", err, p.out.String())
	}
	found := false
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			found = found || v == hostile
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	if walk(document); !found {
		t.Errorf("the hold's reason is not as it was: %s", p.out.String())
	}
}
