package cmd

import (
	"strings"
	"testing"
)

// A report as CSV that has a finding for a person ends with 13, and with no error.
func TestEvidenceCSVOfAFinding(t *testing.T) {
	c := rotatedCloud(t)
	c.drift()
	_, exit := c.run("audit")
	if exit != 13 {
		t.Fatalf("exit %d", exit)
	}
	p, exit := c.run("audit", "--evidence", "--output", "csv")
	if exit != 13 || p.err.Len() > 0 {
		t.Errorf("exit %d, stderr %q", exit, p.err.String())
	}
	head, row, _ := strings.Cut(p.out.String(), "\n")
	if !strings.Contains(head, ",") || !strings.Contains(row, "drift") {
		t.Errorf("%s", p.out.String())
	}
}
