package cmd

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// The screen of `audit`: what needs a person first, then the warnings, then
// the orphans. The last line says how much was checked, so that silence cannot
// be taken for health.

func (a *auditor) text() string {
	account := a.s.plan.Account
	if a.caller != nil {
		account = a.caller.Account
	}
	var b strings.Builder
	b.WriteString(header(a.s.plan.Plan, account, stamp(a.now())+" · AUDIT, nothing written"))
	var t table
	t.row("KEY", "NEEDS", "MODE", "FINDING")
	needs, warnings := 0, 0
	for _, level := range []audit.Level{audit.Person, audit.Warning} {
		for _, f := range a.findings {
			if f.Level != level {
				continue
			}
			if level == audit.Person {
				needs++
			} else {
				warnings++
			}
			a.row(&t, f)
		}
	}
	if len(t.rows) > 1 {
		b.WriteString("\n" + t.String())
	}
	b.WriteString(a.orphanText())
	b.WriteString("\n" + a.summary(needs, warnings) + "\n")
	return b.String()
}

func (a *auditor) row(t *table, f audit.Finding) {
	level := "warning"
	if f.Level == audit.Person {
		level = "you"
	}
	t.row(cmp.Or(f.Key, "(table)"), level, cmp.Or(string(f.Mode), "-"), strings.ReplaceAll(f.Code, "-", " "))
	t.note(f.What)
	if len(f.Invariants) > 0 {
		t.note("breaks invariant " + numbers(f.Invariants))
	}
	if f.Safe != "" {
		t.note(f.Safe)
	}
	if f.Hint != "" {
		t.note("next: " + a.s.con.hint(f.Hint))
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
func (a *auditor) orphanText() string {
	o := a.orphans
	switch {
	case o == nil:
		return ""
	case len(o.found) == 0:
		return fmt.Sprintf("\nno orphans among %s\n", counted(o.keys, "key"))
	}
	var t table
	t.row("ORPHAN", "STATE", "AGE", "MADE FOR")
	for _, k := range o.found {
		made := k.Tags.Alias + " v" + k.Tags.Version
		if k.Tags.Window != "" {
			made += ", window " + k.Tags.Window
		}
		t.row(k.KeyID, kmsState(k.State), plan.Age(a.now().Sub(k.Created)), made)
		t.note("claim " + k.Tags.Claim + "; it never served")
		if k.Name != "" {
			t.note("named by " + k.Name + " alone")
		}
		if k.Verdict != "" {
			t.note(k.Verdict)
		}
		if k.Command != "" {
			t.note("next: " + a.s.con.hint(k.Command))
		}
	}
	return "\n" + t.String()
}

func (a *auditor) summary(needs, warnings int) string {
	if a.orphans != nil {
		for _, o := range a.orphans.found {
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
		parts = append(parts, counted(warnings, "warning"))
	}
	if n := len(a.unread); n > 0 {
		parts = append(parts, counted(n, "thing")+" not checked")
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing found")
	}
	return fmt.Sprintf("%s checked: %s", counted(a.checked, "key"), strings.Join(parts, ", "))
}
