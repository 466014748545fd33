package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// What `audit --evidence` prints: a line for each key, and then for each key its versions,
// and below them whatever is not as planned or was done by persons. Request ids, and windows
// that were done, are in the other forms.

// Evidence returns the screen of a report.
func (v View) Evidence(r evidence.Report) string {
	var b strings.Builder
	account := v.Plan.Account
	if r.Caller != nil {
		account = r.Caller.Account
	}
	of := fmt.Sprintf("EVIDENCE, %s to %s", r.Since.Format(time.DateOnly), Stamp(r.At))
	b.WriteString(header(v.Plan, account, of))
	b.WriteString("\n" + v.evidenceSummary(r))
	for _, k := range r.Keys {
		b.WriteString("\n" + v.evidenceKey(k, r.At))
	}
	for _, f := range r.Findings {
		b.WriteString("\n" + plan.Line(f.Text()) + "\n")
	}
	for _, text := range r.Unread {
		b.WriteString("\nnot read: " + plan.Line(text) + "\n")
	}
	return b.String()
}

// evidenceSummary has a line for each key.
func (v View) evidenceSummary(r evidence.Report) string {
	t := &table{width: v.outWidth(), head: []string{"KEY", "LIVE", "PLANNED", "WITHOUT A NEW VERSION", "WINDOWS",
		"PERSONS", "LATE USE", "NOT KNOWN"}}
	for _, k := range r.Keys {
		live, gap, acts, late := "-", "-", number(len(k.Acts)), number(len(k.Late))
		if k.Unread {
			gap, acts, late = "not known", "not known", "not known"
		}
		if k.Live > 0 {
			live = plan.VersionName(k.Live)
		}
		if k.Longest != nil {
			gap = k.Longest.Text()
		}
		t.row(k.Policy.Name, live, k.Policy.Schedule.Text(), gap, k.WindowsText(), acts, late, number(len(k.Unknown)))
	}
	return t.String()
}

// number returns a number, and "-" for none.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// evidenceKey returns the part of one key.
func (v View) evidenceKey(k evidence.Key, now time.Time) string {
	var b strings.Builder
	b.WriteString(strings.ToUpper(plan.Line(k.Policy.Name)) + "\n")
	b.WriteString(plan.Line(k.PeriodText()) + "\n")
	if len(k.Versions) > 0 {
		t := &table{width: v.outWidth(), head: []string{"VERSION", "CREATED", "LIVE SINCE", "LEFT", "DISABLED",
			"DELETED", "KMS NOW", "LAST USE", "KMS KEY"}}
		for _, one := range k.Versions {
			t.row(plan.VersionName(one.Version), when(one.Created), when(one.Live), when(one.Left), when(one.Disabled),
				deleted(one), cmp.Or(one.KMS, "-"), one.UseText(), one.KeyID)
			for _, note := range versionNotes(one, now) {
				t.note(note)
			}
		}
		b.WriteString(t.String())
	}
	section := func(head string, lines []string) {
		if len(lines) > 0 && head != "" {
			b.WriteString(head + "\n")
		}
		for _, line := range lines {
			for _, l := range (&table{width: v.outWidth()}).fold("  " + plan.Line(line)) {
				b.WriteString(l + "\n")
			}
		}
	}
	if lines := windowLines(k); len(k.Windows) > 0 {
		b.WriteString("windows: " + k.Counts().Text() + "\n")
		section("", lines)
	}
	if open := k.OpenText(); open != "" {
		b.WriteString(plan.Line(open) + "\n")
	}
	section("holds", holdLines(k, now))
	section("persons", actLines(k))
	section("late use", lateLines(k))
	section("findings of the audit", findingLines(k))
	section("not shown from here", unknownLines(k))
	if !k.Unread {
		b.WriteString(k.Events.Text() + "\n")
	}
	if k.Head.Hash != "" {
		fmt.Fprintf(&b, "head: revision %d, hash %s; %s\n", k.Head.Rev, k.Head.Hash, k.SealedText())
	}
	return b.String()
}

// when returns the day of a fact; one that keyturn did not do is in brackets.
func when(f evidence.Fact) string {
	switch {
	case !f.Known():
		return "-"
	case f.From != evidence.FromLedger:
		return "(" + f.At.UTC().Format(time.DateOnly) + ")"
	}
	if !f.Earliest.IsZero() {
		return "by " + f.At.UTC().Format(time.DateOnly)
	}
	return f.At.UTC().Format(time.DateOnly)
}

func deleted(v evidence.Version) string {
	if v.Deleting.Known() && !v.DeleteAt.IsZero() {
		return v.DeleteAt.UTC().Format(time.DateOnly)
	}
	return when(v.Deleting)
}

// versionNotes says why a version was made, if a person had it made, and what of it somebody
// else did.
func versionNotes(v evidence.Version, now time.Time) []string {
	var notes []string
	if times := v.Times(now); times != "" {
		notes = append(notes, times)
	}
	if w := v.Live.Why; w.Verb != "" && w.Verb != plan.VerbSchedule {
		notes = append(notes, w.Text()+" ("+v.Live.By()+")")
	}
	if found := v.FoundText(); found != "" {
		notes = append(notes, found)
	}
	if v.Deleting.Known() && v.FoundDeleting {
		notes = append(notes, "its deletion was found scheduled, or over")
	}
	for _, f := range v.FoundEnabled {
		notes = append(notes, "found enabled on "+plan.Stamp(f.At)+", though it had been disabled")
	}
	return notes
}

// windowLines has the windows that were not done at once.
func windowLines(k evidence.Key) (lines []string) {
	for _, w := range k.Windows {
		if w.State == evidence.WindowDone && w.After() < time.Hour {
			continue
		}
		lines = append(lines, plan.Stamp(w.Start)+"  "+w.Text())
	}
	return lines
}

func holdLines(k evidence.Key, now time.Time) (lines []string) {
	for _, h := range k.Holds {
		by := h.Set.By()
		if h.Self {
			by = "the key itself"
		}
		if h.Version != 0 {
			by = plan.VersionName(h.Version) + " by " + by
		}
		lines = append(lines, plan.Stamp(h.Set.At)+"  "+by+": "+cmp.Or(h.Set.Why.Reason, "-")+"; ended: "+
			h.EndText(now))
	}
	return lines
}

func actLines(k evidence.Key) (lines []string) {
	for _, a := range k.Acts {
		lines = append(lines, plan.Stamp(a.At)+"  "+a.Text()+" by "+a.By()+": "+cmp.Or(a.Why.Reason, "-"))
	}
	return lines
}

func lateLines(k evidence.Key) (lines []string) {
	for _, l := range k.Late {
		lines = append(lines, l.Text())
	}
	return lines
}

func findingLines(k evidence.Key) (lines []string) {
	for _, f := range k.Findings {
		lines = append(lines, f.Text())
	}
	return lines
}

func unknownLines(k evidence.Key) (lines []string) {
	for _, u := range k.Unknown {
		lines = append(lines, u.Sentence())
	}
	return lines
}
