package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// olderCopy makes the record one of a month ago: KMS has v4, which it does not know, behind
// the alias, and the drain of v2 is long over.
func (c *scene) olderCopy() {
	c.key("k4", "Enabled")
	c.name(4, "k4")
	c.points("k4")
	c.drained(20 * day)
	c.r.SwitchedAt = noon.Add(-60 * day)
	c.key("k2", "Disabled")
	c.r.Lease = lease(-time.Hour)
}

// What follows from a record that is not to be trusted goes with it; what KMS shows by
// itself is told besides.
func TestConsequencesGoWithTheirCause(t *testing.T) {
	otherTable := func(c *scene) { c.s.TableID = "t2" }
	putBack := func(c *scene) { c.s.Ledger = []plan.Event{{Rev: 9}} }
	for name, c := range map[string]struct {
		change []func(*scene)
		want   string
	}{
		"of another table": {[]func(*scene){(*scene).olderCopy, otherTable}, "other-table person F3"},
		"put back":         {[]func(*scene){(*scene).olderCopy, putBack}, "record-restored person F3 [6]"},
		"both":             {[]func(*scene){(*scene).olderCopy, otherTable, putBack}, "other-table person F3"},
		"and callers fail": {[]func(*scene){(*scene).olderCopy, otherTable, func(c *scene) { c.key("k4", "Disabled") }},
			"other-table person F3; live-unusable person F2 [3]"},
		"and the alias is gone": {[]func(*scene){(*scene).olderCopy, otherTable,
			func(c *scene) { c.s.Alias = &plan.KeySeen{Missing: true} }},
			"other-table person F3; alias-missing person F4"},
	} {
		s := inOrder()
		for _, change := range c.change {
			change(s)
		}
		if got := summary(audit.Key(noon, s.p, s.r, s.s)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s := inOrder()
	s.olderCopy()
	if got := audit.Key(noon, s.p, s.r, s.s); len(got) < 3 {
		t.Errorf("without a cause: %q", summary(got))
	}
}

// Findings of several keys with one cause become one, in the place of the first; those
// about one key stay.
func TestTogether(t *testing.T) {
	of := func(key string, code plan.Code, what string) audit.Finding {
		return audit.Finding{Code: code, Key: key, What: what, Level: audit.Person}
	}
	got := audit.Together([]audit.Finding{
		of("", plan.CodeNoRecovery, "table"), of("a", plan.CodeDrift, "moved"), of("b", plan.CodeOtherTable, "b's"),
		of("c", plan.CodeRecordLost, "c's"), of("d", plan.CodeOtherTable, "d's"), of("e", plan.CodeDrift, "moved"),
		of("f", plan.CodeNewerRecord, "schema 2"), of("g", plan.CodeNewerRecord, "schema 3"),
		of("h", plan.CodeNewerRecord, "schema 2"), of("b", plan.CodeDrift, "moved"),
	})
	want := []string{"no-recovery []", "drift [a]", "other-table [b d]", "record-lost [c]", "drift [e]",
		"newer-record [f h]", "newer-record [g]", "drift [b]"}
	var said []string
	for _, f := range got {
		said = append(said, fmt.Sprint(f.Code, " ", f.Keys))
	}
	if !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
	if got[2].What == "b's" || got[2].Key != "" || got[3].What != "c's" || got[3].Key != "c" ||
		got[5].What != "schema 2" {
		t.Errorf("%+v", got)
	}
}
