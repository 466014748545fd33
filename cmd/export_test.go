package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An export is stable: later it has the same lines, and more. Whoever deletes what it has
// is found by it, and a file that was changed is no export.
func TestHistoryAgainstAnExport(t *testing.T) {
	c := rotatedCloud(t)
	first := c.must("history", "--export")
	path := filepath.Join(t.TempDir(), "ledger.ndjson")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(first)
	c.must("hold", "orders-data", "--reason", "x")
	if later := c.must("history", "--export"); !strings.HasPrefix(later, first) || len(later) == len(first) {
		t.Errorf("was\n%s\nis\n%s", first, later)
	}
	if out := c.must("history", "--verify", "--against", path); !strings.Contains(out, "the ledger is whole") {
		t.Errorf("%s", out)
	}
	write(strings.Replace(first, `"schedule":{"S":"every`, `"schedule":{"S":"never`, 1))
	if p, exit := c.run("history", "--verify", "--against", path); exit != 64 ||
		!strings.Contains(p.err.String(), "does not have the hash that it says") {
		t.Errorf("a changed file: exit %d\n%s", exit, p.err.String())
	}
	write(strings.ReplaceAll(first, `"key":"eu-west-1/alias/orders-data"`, `"key":"eu-west-1/alias/elsewhere"`))
	if p, exit := c.run("history", "--verify", "--against", path); exit != 1 ||
		!strings.Contains(p.err.String(), "not compared: eu-west-1/alias/elsewhere is in the export") {
		t.Errorf("another key: exit %d\n%s", exit, p.err.String())
	}
	write(first)
	c.drop("orders-data", "events#0000000001")
	c.drop("orders-data", "record")
	p, exit := c.run("history", "--verify", "--against", path)
	if exit != 13 || !strings.Contains(p.out.String(), "! revision 1 is in the export, and is missing now\n") {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
}

func TestHistoryExportUsage(t *testing.T) {
	c := rotatedCloud(t)
	for _, line := range []string{"--export --verify", "--export --since 1d", "--export --output json", "--against x",
		"--verify --against no-such-file"} {
		p, exit := c.run(append([]string{"history"}, strings.Fields(line)...)...)
		if exit != 64 || strings.Contains(p.out.String(), `"hash"`) {
			t.Errorf("%s: exit %d\n%s", line, exit, p.out.String())
		}
	}
	for form, want := range map[string]int{"json": 64, "jsonl": 64, "text": 0} {
		p := newProcess()
		p.vars["KEYTURN_OUTPUT"] = form
		if _, exit := c.runIn(t.Context(), p, "history", "--export"); exit != want {
			t.Errorf("KEYTURN_OUTPUT=%s: exit %d, want %d\n%s", form, exit, want, p.out.String())
		}
	}
	p := newProcess()
	p.vars["GITHUB_ACTIONS"] = "true" // which is text, and nobody chose it
	if _, exit := c.runIn(t.Context(), p, "history", "--export"); exit != 0 {
		t.Errorf("GITHUB_ACTIONS: exit %d\n%s", exit, p.err.String())
	}
}

// An export that has nothing of a key shows nothing about it.
func TestHistoryAgainstNothing(t *testing.T) {
	c := rotatedCloud(t)
	path := filepath.Join(t.TempDir(), "ledger.ndjson")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p, exit := c.run("history", "--verify", "--against", path)
	if exit != 1 || !strings.Contains(p.err.String(), "not compared: orders-data: the export has no event of it") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// A table without anything proves nothing while KMS has versions with seals.
func TestHistoryOfAnEmptiedTable(t *testing.T) {
	c := rotatedCloud(t)
	found, err := c.table().Scan(t.Context(), &awsddb.ScanInput{TableName: aws.String("keyturn")})
	c.check(err)
	for _, item := range found.Items {
		_, err := c.table().DeleteItem(t.Context(), &awsddb.DeleteItemInput{TableName: aws.String("keyturn"),
			Key: map[string]types.AttributeValue{"key": item["key"], "item": item["item"]}})
		c.check(err)
	}
	p, exit := c.run("history", "--verify")
	if exit != 13 || !strings.Contains(p.out.String(), "the claim that made v2, and what was before it, is missing") ||
		!strings.Contains(p.out.String(), "the ledger is NOT whole") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	c.faults(refused("ListAliases", "AccessDeniedException", "not you"))
	p, exit = c.run("history", "--verify")
	if exit != 1 || !strings.Contains(p.out.String(), "which versions KMS has names of could not be read: ") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}
