package cmd

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

const threeKeys = onePlan + "  - alias: alias/billing\n  - alias: alias/session-mac\n"

// manyCloud has three keys, which were rotated: orders-data twice.
func manyCloud(t *testing.T) *cloud {
	t.Helper()
	c := newCloud(t)
	c.write(threeKeys)
	for _, name := range []string{"billing", "session-mac"} {
		_, err := c.admin().CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: aws.String("alias/" + name),
			TargetKeyId: aws.String(c.key())})
		if err != nil {
			t.Fatal(err)
		}
	}
	c.must("run")
	c.advance(91 * day)
	c.must("run")
	c.advance(day)
	return c
}

// ask types a command at a terminal, and an answer.
func (c *cloud) ask(answer string, args ...string) (*process, int) {
	p := newProcess()
	p.Stdin, p.StdinTTY, p.StderrTTY = strings.NewReader(answer), true, true
	p.vars["NO_COLOR"] = "1"
	return c.runIn(c.t.Context(), p, args...)
}

// contains reports which of the wanted texts are not there.
func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in\n%s", w, text)
		}
	}
}

// After a table was lost one command rebuilds all records, and asks once. A record that
// was not lost is left alone, with 0: drift of its key is not accepted on the way.
func TestAdoptAll(t *testing.T) {
	c := manyCloud(t)
	all := []string{"adopt", "--from-kms", "--all", "--reason", "table lost"}
	c.lose("billing", "session-mac")
	c.drift() // of orders-data, whose record is there
	c.advance(day)
	for _, typed := range []string{"", "2\n", "orders-data\n", "yes\n"} {
		p, exit := c.ask(typed, all...)
		contains(t, p.err.String(), "adopt is about 3 keys, and would change 2\n  billing: the record is to be rebuilt",
			"\n  session-mac: the record is to be rebuilt", "type the number of keys to go on: ")
		if exit != 64 || p.out.Len() > 0 {
			t.Errorf("%q: exit %d\n%s", typed, exit, p.out.String())
		}
	}
	p, exit := c.run(all...)
	contains(t, p.err.String(), "add --confirm 3")
	if exit != 64 {
		t.Errorf("without a terminal: exit %d", exit)
	}
	p, exit = c.ask("3\n", all...)
	contains(t, p.out.String(), "billing      rebuilt the record", "session-mac  rebuilt the record",
		"orders-data: the record of alias/orders-data was not lost: it is this table's own, and the ledger has "+
			"nothing newer\n")
	if exit != 0 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	if _, exit := c.run("status", "orders-data"); exit != 13 {
		t.Errorf("drift was accepted: exit %d", exit)
	}
	p, exit = c.run(all...) // there is nothing left to confirm
	contains(t, p.out.String(), "billing: the record of alias/billing was not lost")
	if exit != 0 {
		t.Errorf("once more: exit %d\n%s", exit, p.err.String())
	}
	if p, exit := c.run("adopt", "--all", "--reason", "x"); exit != 64 {
		t.Errorf("adopt --all: exit %d\n%s", exit, p.err.String())
	}
	// One that is named is not passed over.
	p, exit = c.run("adopt", "billing", "--from-kms", "--reason", "x", "--confirm", "billing", "--wait", "0s")
	if exit != 11 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// adopt takes several keys; without a reason the hint repeats all of them.
func TestAdoptSeveral(t *testing.T) {
	c := manyCloud(t)
	c.lose("billing", "session-mac")
	p, exit := c.run("adopt", "billing", "session-mac", "--from-kms")
	contains(t, p.err.String(), `hint: keyturn adopt billing session-mac --from-kms --reason "..."`, "note: accepts it")
	if exit != 64 {
		t.Errorf("exit %d", exit)
	}
	c.must("adopt", "billing", "session-mac", "--from-kms", "--reason", "x", "--confirm", "2")
}

// Several keys are rotated after one question. Of a key to which nothing would be done
// the look ahead is the answer.
func TestRotateSeveral(t *testing.T) {
	c := manyCloud(t)
	c.must("rotate", "billing", "--reason", "leak", "--confirm", "billing")
	three := []string{"rotate", "orders-data", "billing", "session-mac", "--reason", "leak"}
	p, exit := c.ask("no\n", three...)
	contains(t, p.err.String(), "rotate is about 3 keys, and would change 2\n  orders-data: rotate v3 to v4",
		"\n  session-mac: rotate v2 to v3")
	if exit != 64 || strings.Contains(p.err.String(), "billing:") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	p, exit = c.ask("3\n", three...)
	contains(t, p.out.String(), "orders-data  rotated v3 to v4", "session-mac  rotated v2 to v3",
		"billing: nothing to do: v3 has been live since ")
	if exit != 0 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	c.advance(day)
	p, exit = c.run(three...)
	contains(t, p.err.String(), "rotate moves the alias of orders-data, billing, session-mac at once",
		"add --confirm 3")
	if exit != 64 {
		t.Errorf("exit %d", exit)
	}
	for confirm, want := range map[string]int{"2": 64, "orders-data": 64, "3": 0} {
		if p, exit := c.run(append(three, "--again", "--confirm", confirm)...); exit != want {
			t.Errorf("--confirm %s: exit %d\n%s", confirm, exit, p.err.String())
		}
	}
	if p, exit := c.run("rotate", "--all", "--reason", "x"); exit != 64 {
		t.Errorf("rotate --all: exit %d\n%s", exit, p.err.String())
	}
}

// Several versions are reinstated, of one key too: its record is written by one worker at
// a time.
func TestReinstateSeveral(t *testing.T) {
	c := manyCloud(t)
	c.write(strings.ReplaceAll(threeKeys, "data\n", "data\n    retire: disable\n"))
	for range 2 {
		c.must("rotate", "orders-data", "--reason", "leak", "--again", "--confirm", "orders-data")
		c.advance(40 * day)
		c.must("run")
	}
	p, exit := c.run("reinstate", "orders-data/v3", "orders-data/v4", "orders-data/v3", "--reason", "x")
	contains(t, p.out.String(), "orders-data  reinstated v3", "orders-data  reinstated v4")
	if n := strings.Count(p.out.String(), "reinstated"); exit != 0 || n != 2 {
		t.Errorf("exit %d, %d reinstated\n%s%s", exit, n, p.out.String(), p.err.String())
	}
	if p, exit := c.run("reinstate", "orders-data/v3", "billing/v9", "--reason", "x"); exit != 64 {
		t.Errorf("one that is not there: exit %d\n%s", exit, p.err.String())
	}
}

// If it fails for some keys, each outcome is told, the worst is the exit code, and
// the rest was done.
func TestSomeFail(t *testing.T) {
	c := manyCloud(t)
	c.faults(sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Resource: "alias/billing",
		Kind: sandbox.Refuse, Code: "AccessDeniedException", Message: "no permission"})
	p, exit := c.run("hold", "--all", "--reason", "incident 7")
	contains(t, p.out.String(), "orders-data  held", "session-mac  held")
	contains(t, p.err.String(), "nothing was recorded; type it again",
		`hint: keyturn hold billing --reason 'incident 7'`)
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
}

// What happens to a key while the question is asked was not confirmed, and is not done.
func TestOnlyWhatWasShownIsAccepted(t *testing.T) {
	c := manyCloud(t)
	_, err := c.admin().UpdateAlias(t.Context(), &awskms.UpdateAliasInput{AliasName: aws.String("alias/billing"),
		TargetKeyId: aws.String(c.key())})
	if err != nil {
		t.Fatal(err)
	}
	c.advance(day)
	p := newProcess()
	p.Stdin, p.StdinTTY, p.StderrTTY = asked{strings.NewReader("2\n"), func() {
		c.drift() // of orders-data, of which the question says nothing
		c.advance(day)
	}}, true, true
	p, exit := c.runIn(t.Context(), p, "adopt", "orders-data", "billing", "--reason", "moved by Terraform")
	contains(t, p.out.String(), "billing  adopted as v3", "orders-data: alias/orders-data names v3, as recorded")
	if exit != 0 || strings.Contains(p.err.String(), "  orders-data: ") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	if p, exit := c.run("status", "orders-data"); exit != 13 {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
}
