package cmd

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
)

// Nothing that keyturn itself does, by cron or for a person, is ever a finding
// that needs a person: an audit that cries wolf is soon not read.
func TestAuditIsQuietAboutKeyturn(t *testing.T) {
	c := newCloud(t)
	text := strings.Replace(onePlan, "  - alias: alias/orders-data\n",
		"  - alias: alias/orders-data\n    retire: {action: delete, unless_used_within: off, delete_after: 30d, "+
			"deletion_window: 7d}\n", 1)
	if err := os.WriteFile(c.plan, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	because := []string{"--reason", "incident 7", "--confirm", "orders-data"}
	do := func(args ...string) {
		t.Helper()
		if p, exit := c.run(args...); exit != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
		}
		if d := c.audit(0, "--orphans"); len(d.Unread) > 0 || d.Orphans == nil || strings.Contains(codes(d), "orphan") {
			t.Errorf("after %v: unread %q, orphans %+v", args, d.Unread, d.Orphans)
		}
	}
	person := func(verb ...string) {
		t.Helper()
		do(append(verb, because...)...)
	}
	days := func(n int) { c.advance(time.Duration(n) * 24 * time.Hour) }

	do("run")
	days(31)
	do("run") // v1 is disabled
	days(1)
	person("rotate", "orders-data")
	days(1)
	person("rollback", "orders-data")
	days(1)
	do("hold", "orders-data", "--reason", "incident 8")
	do("release", "orders-data")
	do("reinstate", "orders-data/v1", "--reason", "incident 9")
	days(1)
	do("run")
	c.drift()
	if d := c.audit(13); codes(d) != "drift drains-overlap" {
		t.Errorf("found %s", codes(d))
	}
	person("adopt", "orders-data")
	days(32)
	do("run")
	days(31)
	do("run") // deletions are scheduled
	days(20)
	do("run")

	// The record is lost, and made again.
	c.lose("orders-data")
	if d := c.audit(13); codes(d) != "record-lost" || d.Findings[0].Mode != string(audit.Partial) {
		t.Errorf("found %s", codes(d))
	}
	p, exit := c.run(append([]string{"adopt", "orders-data", "--from-kms"}, because...)...)
	if exit != 0 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	c.advance(time.Hour) // its fence
	c.audit(0)           // the ledger told all
}
