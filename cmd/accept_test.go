package cmd

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// accepts returns a plan that accepts findings of its one key.
func accepts(entries ...string) string {
	return onePlan + "    accept:\n      - " + strings.Join(entries, "\n      - ") + "\n"
}

// everythingAccepted accepts whatever a plan can, for ever.
func everythingAccepted(text string) string {
	var top, key strings.Builder
	for _, code := range plan.AuditCodes() {
		about, _ := plan.AuditCodeOf(code)
		entry := fmt.Sprintf("{finding: %s, reason: x, until: 2100-01-01}\n", code)
		switch {
		case about.Stops:
		case about.Shared:
			top.WriteString("  - " + entry)
		default:
			key.WriteString("      - " + entry)
		}
	}
	return "accept:\n" + top.String() + text + "    accept:\n" + key.String()
}

// A run does the same in every situation, whatever the plan accepts; and while it ends with
// 13, status and audit do.
func TestAcceptChangesNoRun(t *testing.T) {
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				if s.plan != "" {
					c.write(s.plan)
				}
				s.given(c)
				text, err := os.ReadFile(c.plan)
				c.check(err)
				c.write(everythingAccepted(string(text)))
				want := s.run
				if want == "" {
					want = "ok 0"
				}
				status, audit, dry, run := c.verdicts()
				if dry != want || run != want {
					t.Errorf("dry-run %q, run %q; want %q as without", dry, run, want)
				}
				told := run == "version-gone 13" // once, in the run that writes the version off
				person := func(verdict string) bool { return strings.HasSuffix(verdict, " 13") }
				if !told && person(run) && !(person(status) && person(audit)) {
					t.Errorf("run ends with %q, status with %q, audit with %q", run, status, audit)
				}
			})
		})
	}
}

// A version that somebody disabled is accepted until a time, visibly; then it counts again.
func TestAcceptUntil(t *testing.T) { synctest.Test(t, acceptUntil) }

func acceptUntil(t *testing.T) {
	c := rotatedCloud(t)
	c.advance(time.Hour)
	c.disable("alias/orders-data/v1")
	c.exits(13, "status", "audit")

	for _, entry := range []string{
		"{finding: version-disabled, reason: INC-4711, until: 2000-04-09}",
		"{finding: version-disabled, version: v1, reason: INC-4711, until: 2000-04-09}",
		"{finding: version-disabled/orders-data/v1, reason: INC-4711, until: 2000-04-09}",
	} {
		c.write(accepts(entry))
		c.exits(0, "status", "audit")
		d := c.audit(0)
		if f := d.Findings[0]; len(d.Findings) != 1 || f.Accepted == nil || f.Accepted.Ended || f.Level != "person" ||
			f.Accepted.Reason != "INC-4711" || !f.Accepted.Until.Equal(at("2000-04-09T00:00:00Z")) ||
			len(d.Unused) > 0 {
			t.Errorf("%s: %+v", entry, d)
		}
	}
	const said = "accepted until 2000-04-09 00:00: INC-4711"
	c.says("audit", "orders-data  accepted  F2    version disabled\n", "  "+said+"\n", ": 1 accepted\n")
	c.says("status", "version-disabled/orders-data/v1 "+said+" (v1 (")

	// until is over
	c.advance(8 * day)
	c.exits(13, "status", "audit")
	const over = "was accepted until 2000-04-09 00:00, which is over: INC-4711"
	c.says("audit", "orders-data  you    F2    version disabled\n", "  "+over+"\n", ": 1 needs you\n")
	c.says("status", over+"\n", "NEEDS YOU: version disabled")
	if f := c.audit(13).Findings[0]; f.Accepted == nil || !f.Accepted.Ended {
		t.Errorf("%+v", f)
	}
	c.write(accepts("{finding: version-disabled, reason: INC-4711, until: 2000-04-09}",
		"{finding: version-disabled, reason: once more, until: 2000-06-01}"))
	c.exits(0, "status", "audit")
}

// An entry is about its finding alone, and one that is about none any more is told.
func TestAcceptUnused(t *testing.T) { synctest.Test(t, acceptUnused) }

func acceptUnused(t *testing.T) {
	c := rotatedCloud(t)
	c.write("accept:\n  - {finding: orphan, reason: x, until: 2000-06-01}\n" +
		accepts("{finding: ledger-gap, reason: INC-4711, until: 2000-06-01}",
			"{finding: not-in-trail, reason: x, until: 2000-06-01}"))
	unused := func(d document.Audit) string {
		var list []string
		for _, e := range d.Unused {
			list = append(list, e.Key+"/"+e.Finding)
		}
		return strings.Join(list, " ")
	}
	// Nobody has looked for orphans, nor into a trail.
	if got := unused(c.audit(0)); got != "orders-data/ledger-gap" {
		t.Error(got)
	}
	if got := unused(c.audit(0, "--orphans")); got != "/orphan orders-data/ledger-gap" {
		t.Error(got)
	}
	c.says("audit", "\naccept under orders-data: ledger-gap matches no finding; take it out of the plan, or "+
		"correct it\n")

	// While a record is not understood its other findings are not known.
	c.drift()
	if got := unused(c.audit(13)); got != "orders-data/ledger-gap" {
		t.Error(got)
	}
	c.lose("orders-data")
	if got := unused(c.audit(13)); got != "" {
		t.Error(got)
	}
}

// What stops a run is refused when the plan is read.
func TestAcceptRefused(t *testing.T) { synctest.Test(t, acceptRefused) }

func acceptRefused(t *testing.T) {
	c := rotatedCloud(t)
	c.write(accepts("{finding: drift, reason: x, until: 2000-06-01}"))
	for _, verb := range []string{"validate", "audit", "status", "run"} {
		p, exit := c.run(verb)
		if text := p.out.String() + p.err.String(); exit != 64 || !strings.Contains(text,
			`finding "drift" cannot be accepted: run stops at it, whatever is accepted`) {
			t.Errorf("%s: exit %d\n%s", verb, exit, text)
		}
	}
}

// exits runs commands that end with an exit code.
func (c *cloud) exits(want int, verbs ...string) {
	c.t.Helper()
	for _, verb := range verbs {
		if p, exit := c.run(verb); exit != want {
			c.t.Errorf("%s: exit %d, want %d\n%s%s", verb, exit, want, p.out.String(), p.err.String())
		}
	}
}

// says checks what the text of a command has.
func (c *cloud) says(line string, want ...string) {
	c.t.Helper()
	p, _ := c.run(strings.Fields(line)...)
	for _, text := range want {
		if !strings.Contains(p.out.String(), text) {
			c.t.Errorf("%s does not say %q:\n%s", line, text, p.out.String())
		}
	}
}
