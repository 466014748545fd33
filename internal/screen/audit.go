package screen

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// The screen of `audit`: what needs a person first, then the warnings, then
// the orphans. The last line says how much was checked, so that no finding does
// not look like no check.

// Audit returns the screen of an audit.
func (v View) Audit(r audit.Result) string {
	account := v.Plan.Account
	if r.Caller != nil {
		account = r.Caller.Account
	}
	var b strings.Builder
	b.WriteString(header(v.Plan, account, Stamp(r.At)+" · AUDIT, nothing written"))
	t := table{width: v.outWidth(), head: []string{"KEY", "NEEDS", "MODE", "FINDING"}}
	needs, warnings := 0, 0
	shown := v.counts()
	for _, level := range []audit.Level{audit.Person, audit.Warning} {
		for _, f := range r.Findings {
			if f.Level != level {
				continue
			}
			if level == audit.Person {
				needs++
			} else {
				warnings++
			}
			if shown.next(f.Code) {
				v.findingRow(&t, f, v.Hint)
			}
		}
	}
	if len(t.rows) > 0 {
		b.WriteString("\n" + t.String())
	}
	if left := shown.left(); left != "" {
		b.WriteString("\n" + left + "\n")
	}
	b.WriteString(orphanText(r, v.Hint))
	if o := r.Orphans; o != nil && o.Aside > 0 {
		b.WriteString(plan.Counted(o.Aside, "key") + " may be versions of keys above: settle those first\n")
	}
	b.WriteString("\n" + auditSummary(r, needs, warnings) + "\n")
	return b.String()
}

// aboutKeys returns what a finding is about, for the column of keys.
func aboutKeys(f audit.Finding) string {
	if len(f.Keys) > 1 {
		return fmt.Sprintf("(%d keys)", len(f.Keys))
	}
	return cmp.Or(f.Key, "(table)")
}

func (v View) findingRow(t *table, f audit.Finding, hint func(string) string) {
	level := "warning"
	if f.Level == audit.Person {
		level = "you"
	}
	t.row(aboutKeys(f), level, cmp.Or(string(f.Mode), "-"), strings.ReplaceAll(string(f.Code), "-", " "))
	if len(f.Keys) > 1 {
		t.note(few(f.Keys, v.Verbose))
	}
	t.note(f.What)
	if len(f.Invariants) > 0 {
		t.note("breaks invariant " + numbers(f.Invariants))
	}
	if f.Safe != "" {
		t.note(f.Safe)
	}
	if f.Hint != "" {
		t.note("next: " + hint(f.Hint))
	}
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = fmt.Sprint(n)
	}
	return strings.Join(texts, ", ")
}

// orphanText lists the orphans; "" if nobody asked for them.
func orphanText(r audit.Result, hint func(string) string) string {
	o := r.Orphans
	switch {
	case o == nil:
		return ""
	case len(o.Found) == 0:
		return fmt.Sprintf("\nno orphans among %s\n", plan.Counted(o.Keys, "key"))
	}
	t := table{head: []string{"ORPHAN", "STATE", "AGE", "MADE FOR"}}
	for _, k := range o.Found {
		made := k.Tags.Alias + " v" + k.Tags.Version
		if k.Tags.Window != "" {
			made += ", window " + k.Tags.Window
		}
		t.row(k.KeyID, kmsState(k.State), plan.Age(r.At.Sub(k.Created)), made)
		served := map[audit.Served]string{audit.NeverServed: "; it never served, by the record and the whole ledger",
			audit.ServedOnce: "; it may have served"}[k.Served]
		t.note("claim " + k.Tags.Claim + served)
		if k.Name != "" {
			t.note("named by " + k.Name + " alone")
		}
		if k.Verdict != "" {
			t.note(k.Verdict)
		}
		if k.Command != "" {
			t.note("next: " + hint(k.Command))
		}
	}
	return "\n" + t.String()
}

func auditSummary(r audit.Result, needs, warnings int) string {
	if r.Orphans != nil {
		for _, o := range r.Orphans.Found {
			if o.Needs() {
				needs++
			}
		}
	}
	var parts []string
	switch needs {
	case 0:
	case 1:
		parts = append(parts, "1 needs you")
	default:
		parts = append(parts, fmt.Sprintf("%d need you", needs))
	}
	if warnings > 0 {
		parts = append(parts, plan.Counted(warnings, "warning"))
	}
	if n := len(r.Unread); n > 0 {
		parts = append(parts, plan.Counted(n, "thing")+" not checked")
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing found")
	}
	return fmt.Sprintf("%s checked: %s", plan.Counted(r.Keys, "key"), strings.Join(parts, ", "))
}

// SearchText returns what a search for orphans asks of a Region.
func SearchText(region string, keys, unnamed, calls int) string {
	return fmt.Sprintf("%s: %s, %d without an alias; %s of ListResourceTags follow, and a DescribeKey for each that "+
		"keyturn made\n",
		region, plan.Counted(keys, "key"), unnamed, plan.Counted(calls, "call"))
}
