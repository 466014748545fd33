package cmd

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// rotatedCloud returns a cloud whose key was just rotated and is in order.
func rotatedCloud(t *testing.T) *cloud {
	t.Helper()
	c := newCloud(t)
	if p, exit := c.run("run"); exit != 0 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	return c
}

// audit runs an audit and gives its document.
func (c *cloud) audit(want int, args ...string) document.Audit {
	c.t.Helper()
	p, exit := c.run(append([]string{"audit", "--output", "json"}, args...)...)
	var d document.Audit
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil {
		c.t.Fatalf("%v\n%s%s", err, p.out.String(), p.err.String())
	}
	if exit != want || int(d.Exit) != want || d.Format != "keyturn/audit/1" {
		c.t.Fatalf("exit %d (%d in the document), want %d\n%s%s", exit, d.Exit, want, p.out.String(), p.err.String())
	}
	return d
}

func codes(d document.Audit) string {
	var list []string
	for _, f := range d.Findings {
		list = append(list, string(f.Code))
	}
	return strings.Join(list, " ")
}

// What an audit sends to AWS changes nothing, whatever it finds.
func TestAuditOnlyReads(t *testing.T) {
	c := rotatedCloud(t)
	c.drift()
	journal := c.box.Journal()
	c.audit(13, "--orphans")
	asked := map[string]bool{}
	for _, e := range c.box.Journal()[len(journal):] {
		asked[e.Operation] = true
		if e.Mutates {
			t.Errorf("it sent %s", e.Operation)
		}
	}
	for op := range asked {
		if !slices.ContainsFunc([]string{"List", "Describe", "Get", "Query", "Scan", "BatchGet"},
			func(s string) bool { return strings.HasPrefix(op, s) }) {
			t.Errorf("it sent %s, which may change something", op)
		}
	}
	if !asked["ListKeys"] || !asked["ListAliases"] || !asked["BatchGetItem"] {
		t.Errorf("it sent only %v", asked)
	}
}

// What could not be read is no clean audit: exit 1, and it says what. What was
// found all the same comes first.
func TestAuditUnread(t *testing.T) {
	c := rotatedCloud(t)
	for _, op := range []string{"ListResourceTags", "DescribeContinuousBackups", "Scan", "Query", "GetCallerIdentity",
		"DescribeKey", "DescribeTable", "ListKeys"} {
		c.faults(sandbox.Fault{Operation: op, Kind: sandbox.Refuse, Code: "AccessDeniedException", Message: "not you"})
		d := c.audit(1, "--orphans")
		if len(d.Unread) == 0 || !strings.Contains(strings.Join(d.Unread, "\n"), "not you") || len(d.Findings) > 0 {
			t.Errorf("without %s: unread %q, findings %s", op, d.Unread, codes(d))
		}
	}
	c.faults(sandbox.Fault{Operation: "ListAliases", Kind: sandbox.Refuse, Code: "AccessDeniedException",
		Message: "not you"})
	if p, exit := c.run("audit"); exit != 1 || !strings.Contains(p.err.String(), "not you") {
		t.Errorf("without ListAliases: exit %d\n%s", exit, p.err.String())
	}
	c.faults(sandbox.Fault{Operation: "ListResourceTags", Kind: sandbox.Refuse, Code: "AccessDeniedException",
		Message: "not you"})
	c.drift()
	if d := c.audit(13); codes(d) != "drift" || len(d.Unread) == 0 {
		t.Errorf("found %s, unread %q", codes(d), d.Unread)
	}
	if p, _ := c.run("audit"); !strings.Contains(p.out.String(), "1 key checked: 1 needs you, 2 things not checked") ||
		!strings.Contains(p.err.String(), "not checked: orders-data: who made key") {
		t.Errorf("%s%s", p.out.String(), p.err.String())
	}
}

// A rotation in the middle of an audit is no drift: the key is looked at again.
func TestAuditDuringARun(t *testing.T) {
	c := newCloud(t)
	came, open := c.gate.close("ListResourceTags")
	done := make(chan document.Audit)
	go func() {
		defer close(done)
		done <- c.audit(0)
	}()
	<-came
	if p, exit := c.run("run"); exit != 0 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	open()
	if d := <-done; len(d.Findings) > 0 {
		t.Errorf("%+v", d.Findings)
	}
}

// A record that cannot be understood is a finding of its own.
func TestAuditMalformedRecord(t *testing.T) {
	c := rotatedCloud(t)
	c.change("rev", nil)
	if d := c.audit(13); codes(d) != "malformed-record" || !strings.Contains(d.Findings[0].What, "rev") {
		t.Errorf("%+v", d.Findings)
	}
}

// Without the table there is nothing to compare with.
func TestAuditWithoutTable(t *testing.T) {
	c := rotatedCloud(t)
	c.faults(sandbox.Fault{Operation: "DescribeTable", Kind: sandbox.Refuse, Code: "ResourceNotFoundException"})
	if p, exit := c.run("audit"); exit != 13 || !strings.Contains(p.err.String(), "hint: keyturn") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// A finding that rests on events names their calls, which CloudTrail has too.
func TestAuditRequestIDs(t *testing.T) { synctest.Test(t, auditRequestIDs) }

func auditRequestIDs(t *testing.T) {
	c := rotatedCloud(t)
	c.advance(time.Hour)
	_, err := c.admin().DeleteAlias(c.t.Context(), &awskms.DeleteAliasInput{AliasName: aws.String(
		"alias/orders-data/v2")})
	c.check(err)
	c.drift()
	asked := map[string]string{} // by request id
	var told document.History
	p, _ := c.run("history", "--output", "json")
	c.check(json.Unmarshal(p.out.Bytes(), &told))
	for _, e := range told.Events {
		for _, call := range e.Calls {
			asked[call.RequestID] = call.Operation
		}
	}
	for _, f := range c.audit(13).Findings {
		want := map[plan.Code]string{plan.CodeDrift: "UpdateAlias", plan.CodeVersionAliasMissing: "CreateAlias"}[f.Code]
		var calls []string
		for _, id := range f.Evidence.RequestIDs {
			calls = append(calls, asked[id])
		}
		if want == "" || !slices.Contains(calls, want) || len(f.Evidence.Revs) != 1 {
			t.Errorf("%s rests on revisions %v and the calls %v", f.ID, f.Evidence.Revs, calls)
		}
	}
}

// A folder without a log file, as where its copy has failed, shows nothing.
func TestAuditOfAnEmptyTrail(t *testing.T) {
	c := rotatedCloud(t)
	p, exit := c.run("audit", "--cloudtrail", t.TempDir())
	if exit != 1 || !strings.Contains(p.err.String(), "not checked: the trail: there is no event") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// A rollback has its window done, and is no rotation: nobody has made a version.
func TestEvidenceOfARollbackInANewWindow(t *testing.T) {
	c := rotatedCloud(t)
	c.advance(90 * day)
	c.must("rollback", "orders-data", "--reason", "callers fail", "--confirm", "orders-data")
	p, _ := c.run("audit", "--evidence", "--output", "json")
	var d document.EvidenceReport
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil {
		t.Fatalf("%v\n%s", err, p.err.String())
	}
	var states []string
	for _, w := range d.Keys[0].Windows {
		states = append(states, w.State)
	}
	if got := strings.Join(states, " "); got != "done closed" {
		t.Errorf("%s\n%s", got, p.out.String())
	}
}
