package cmd

import (
	"testing"
	"testing/synctest"
	"time"
)

// With --since an audit tells what began then or later, and what nobody knows the beginning
// of; the exit code is about these.
func TestAuditSince(t *testing.T) { synctest.Test(t, auditSince) }

func auditSince(t *testing.T) {
	c := rotatedCloud(t)
	c.advance(day)
	c.drift()
	c.advance(day)
	moved := *c.audit(13).Findings[0].Since
	before, after := moved.Add(-time.Second).Format(time.RFC3339), moved.Add(time.Second).Format(time.RFC3339)

	for since, want := range map[string]string{before: "drift", moved.Format(time.RFC3339): "drift", "2d": "drift"} {
		if d := c.audit(13, "--since", since); codes(d) != want || d.Older != 0 || d.Since == nil {
			t.Errorf("--since %s: %s, %d older", since, codes(d), d.Older)
		}
	}
	for _, since := range []string{after, "1h"} {
		if d := c.audit(0, "--since", since); codes(d) != "" || d.Older != 1 {
			t.Errorf("--since %s: %s, %d older", since, codes(d), d.Older)
		}
	}
	if _, exit := c.run("audit", "--since", "yesterday"); exit != 64 {
		t.Errorf("exit %d", exit)
	}

	// Since when a key is disabled KMS does not tell.
	c.disable("alias/orders-data/v1")
	if d := c.audit(13, "--since", "1h"); codes(d) != "version-disabled" || d.Findings[0].Since != nil || d.Older != 1 {
		t.Errorf("%s, %d older", codes(d), d.Older)
	}
	c.says("audit --since 1h", "  since when is not known\n", "1 needs you; not told: 1 that began before ")
	c.says("audit --since 2d", "  since 2000-04-02")

	// An entry about a finding that is not told is not unused.
	c.write(accepts("{finding: version-disabled, reason: x, until: 2000-06-01}"))
	if d := c.audit(0, "--since", "1h"); len(d.Unused) > 0 {
		t.Errorf("%+v", d.Unused)
	}
}
