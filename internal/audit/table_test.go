package audit_test

import (
	"fmt"
	"testing"

	"github.com/keyturn/keyturn/internal/audit"
)

// The records of other plans are counted by plan.
func TestOthers(t *testing.T) {
	seen := audit.TableSeen{Name: "keyturn", Records: []audit.Record{
		{Key: "c", Plans: []string{"billing"}}, {Key: "a", Plans: []string{"billing"}},
		{Key: "b", Plans: []string{"payments"}},
		{Key: "d", Plans: []string{"billing", "shipping"}}, {Key: "e"}, {Key: "ours", Plans: []string{"billing"}},
	}}
	got := fmt.Sprint(audit.Others(seen, map[string]bool{"ours": true}, "payments"))
	if want := "[{billing keyturn [a c]} {billing, shipping keyturn [d]}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTable(t *testing.T) {
	good := audit.TableSeen{Name: "keyturn", Region: "eu-west-1", Deletion: true, PITR: true,
		Records: []audit.Record{{Key: "eu-west-1/alias/a", Plans: []string{"payments"}}}}
	has := func(t *audit.TableSeen, plans ...string) {
		t.Records = append(t.Records, audit.Record{Key: "eu-west-1/alias/b", Plans: plans})
	}
	for name, c := range map[string]struct {
		change func(*audit.TableSeen)
		want   string
	}{
		"in order":        {func(*audit.TableSeen) {}, ""},
		"another plan's":  {func(t *audit.TableSeen) { has(t, "billing") }, ""},
		"moved away":      {func(t *audit.TableSeen) { has(t, "billing", "payments") }, "not-in-plan warning"},
		"left out":        {func(t *audit.TableSeen) { has(t, "payments") }, "not-in-plan warning"},
		"unsafe":          {func(t *audit.TableSeen) { t.Verdict.Unsafe = "TTL" }, "unsafe-table person F4"},
		"unprotected":     {func(t *audit.TableSeen) { t.Deletion = false }, "no-deletion-protection warning"},
		"no recovery":     {func(t *audit.TableSeen) { t.PITR = false }, "no-recovery warning"},
		"recovery unread": {func(t *audit.TableSeen) { t.PITR, t.PITRNote = false, "denied" }, ""},
		"nobody's":        {func(t *audit.TableSeen) { has(t) }, "not-in-plan warning"},
	} {
		seen := good
		c.change(&seen)
		if got := summary(audit.Table(seen, map[string]bool{"eu-west-1/alias/a": true}, "payments")); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
