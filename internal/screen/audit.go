package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// The screen of `audit`: what needs a person first, then the warnings. The last line
// says how much was checked, so that no finding does not look like no check.

// Audit returns the screen of an audit.
func (v View) Audit(r audit.Result) string {
	account := v.Plan.Account
	if r.Caller != nil {
		account = r.Caller.Account
	}
	var b strings.Builder
	b.WriteString(header(v.Plan, account, Stamp(r.At)+" · AUDIT, nothing written"))
	t := table{width: v.outWidth(), head: []string{"KEY", "NEEDS", "MODE", "FINDING"}}
	needs, warnings, accepted := v.auditGroups(r)
	shown := v.counts()
	for _, f := range slices.Concat(needs, warnings, accepted) {
		if shown.next(f.Code) {
			v.findingRow(&t, f, r)
		}
	}
	if len(t.rows) > 0 {
		b.WriteString("\n" + t.String())
	}
	if left := shown.left(); left != "" {
		b.WriteString("\n" + left + "\n")
	}
	b.WriteString(v.headsText(r.Heads))
	b.WriteString(orphanText(r))
	if o := r.Orphans; o != nil && o.Aside > 0 {
		b.WriteString(plan.Counted(o.Aside, "key") + " may be versions of keys above: settle those first\n")
	}
	b.WriteString(othersLine(r.Others))
	for i, e := range r.Unused() {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.Unmatched() + "; take it out of the plan, or correct it\n")
	}
	b.WriteString("\n" + auditSummary(r, len(needs), len(warnings), len(accepted)) + "\n")
	return b.String()
}

// auditGroups returns the findings that need a person, the warnings, and what the plan
// accepts.
func (v View) auditGroups(r audit.Result) (needs, warnings, accepted []audit.Finding) {
	for _, f := range r.Findings {
		switch {
		case f.Counts():
			needs = append(needs, f)
		case f.InForce():
			accepted = append(accepted, f)
		default:
			warnings = append(warnings, f)
		}
	}
	return needs, warnings, accepted
}

// sinceText says since when a finding shows.
func sinceText(f audit.Finding) string {
	if f.Since.IsZero() {
		return "since when is not known"
	}
	if f.AtEarliest {
		return "since " + plan.Stamp(f.Since) + " or later: when is not known"
	}
	return "since " + plan.Stamp(f.Since)
}

// acceptedText describes the entry of the plan that accepts a finding.
func acceptedText(a plan.Acceptance, ended bool) string {
	if ended {
		return "was accepted until " + plan.Stamp(a.Until) + ", which is over: " + a.Reason
	}
	return "accepted until " + plan.Stamp(a.Until) + ": " + a.Reason
}

func (v View) findingRow(t *table, f audit.Finding, r audit.Result) {
	level := "warning"
	switch {
	case f.InForce():
		level = "accepted"
	case f.Level == audit.Person:
		level = "you"
	}
	t.row(findingOf(f), level, cmp.Or(string(f.Mode), "-"), strings.ReplaceAll(string(f.Code), "-", " "))
	if len(f.Keys) > 1 {
		t.note(few(f.Keys, v.Verbose))
	}
	t.note(f.What)
	if !r.Since.IsZero() {
		t.note(sinceText(f))
	}
	if a := f.Accepted; a != nil {
		t.note(acceptedText(a.Acceptance, a.Ended))
	}
	if len(f.Invariants) > 0 {
		t.note("breaks invariant " + numbers(f.Invariants))
	}
	if o := f.Orphan; o != nil {
		for _, line := range orphanLines(*o, r.At) {
			t.note(line)
		}
	}
	if text := f.Works.Text(); text != "" {
		t.note(text)
	}
	for _, line := range v.lines("next", f.Hint) {
		t.note(line)
	}
}

// findingOf returns what a finding is of: keys of the plan, a table, or a KMS key.
func findingOf(f audit.Finding) string {
	if f.Orphan != nil {
		return "(" + f.Orphan.Tags.Alias + ")"
	}
	if len(f.Keys) > 1 {
		return fmt.Sprintf("(%d keys)", len(f.Keys))
	}
	return cmp.Or(f.Key, "(table)")
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = fmt.Sprint(n)
	}
	return strings.Join(texts, ", ")
}

// othersLine says which other plans have records in the tables; "" if none has.
func othersLine(others []audit.OtherPlan) string {
	n, by := 0, make([]string, len(others))
	for i, o := range others {
		n += len(o.Records)
		by[i] = fmt.Sprintf("%s (%d)", o.Plan, len(o.Records))
	}
	if n == 0 {
		return ""
	}
	return "\n" + plan.Line(plan.Counted(n, "record")+" of other plans, not checked here: "+few(by, false)) + "\n"
}

// orphanText says how much a search for orphans saw; "" if nobody asked for it.
func orphanText(r audit.Result) string {
	if r.Orphans == nil {
		return ""
	}
	o := r.Orphans
	found, older := r.FoundOrphans()
	looked := o.Keys - o.Unread
	var text string
	switch {
	case found > 0:
		text = fmt.Sprintf("%s among %s", plan.Counted(found, "orphan"), plan.Counted(looked, "key"))
	case looked == 0 && len(o.Unlisted)+o.Unread > 0:
		text = "no key was looked at for orphans"
	default:
		text = "no orphans among " + plan.Counted(looked, "key")
	}
	if older > 0 {
		text += fmt.Sprintf("; not told: %d that began before %s", older, plan.Stamp(r.Since))
	}
	var unknown []string
	if o.Unread > 0 {
		unknown = append(unknown, plan.Counted(o.Unread, "key")+" that could not be read")
	}
	if len(o.Unlisted) > 0 {
		unknown = append(unknown, "the keys of "+few(o.Unlisted, false))
	}
	if len(unknown) > 0 {
		text += "; not known: " + strings.Join(unknown, ", ")
	}
	return "\n" + text + "\n"
}

// orphanLines says more of an orphan.
func orphanLines(o audit.Orphan, now time.Time) []string {
	made := "made " + plan.Age(now.Sub(o.Created)) + " ago, by claim " + o.Tags.Claim
	if o.Tags.Window != "" {
		made += ", for window " + o.Tags.Window
	}
	lines := []string{made}
	if o.Name != "" {
		lines = append(lines, "named by "+o.Name+" alone")
	}
	if o.Served.Never() || o.Served.Once() {
		lines = append(lines, o.Served.Text())
	}
	if o.Verdict != "" {
		lines = append(lines, o.Verdict)
	}
	return lines
}

func auditSummary(r audit.Result, needs, warnings, accepted int) string {
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
	if accepted > 0 {
		parts = append(parts, fmt.Sprintf("%d accepted", accepted))
	}
	if n := len(r.Unread) + len(r.Lacking); n > 0 {
		parts = append(parts, plan.Counted(n, "thing")+" not checked")
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing found")
	}
	text := fmt.Sprintf("%s checked: %s", plan.Counted(r.Keys, "key"), strings.Join(parts, ", "))
	if !r.Since.IsZero() {
		text += fmt.Sprintf("; not told: %d that began before %s", len(r.Older), plan.Stamp(r.Since))
	}
	return text
}

// SearchText returns what a search for orphans asks of a Region.
func SearchText(region string, keys, unnamed, calls int) string {
	return fmt.Sprintf("%s: %s, %d without an alias; %s of ListResourceTags follow, and a DescribeKey for each that "+
		"keyturn made",
		region, plan.Counted(keys, "key"), unnamed, plan.Counted(calls, "call"))
}

// hashShown is how many digits of a hash a person is shown; JSON and `history --verify` have
// all 64.
const hashShown = 16

// headsText lists the newest event of each ledger, and up to where the ledger is sealed.
func (v View) headsText(heads []audit.LedgerHead) string {
	if len(heads) == 0 {
		return ""
	}
	t := table{width: v.outWidth(), head: []string{"LEDGER", "HEAD", "HASH", "SEALED"}}
	for i, h := range heads {
		if i == Shown && !v.Verbose {
			t.row(fmt.Sprintf("and %d more", len(heads)-Shown))
			break
		}
		sealed := "no seal found"
		switch {
		case h.SealUnread:
			sealed = "not known"
		case h.Seal != nil:
			sealed = fmt.Sprintf("to %d, by %s", h.Seal.Claim.Rev, plan.VersionName(h.Seal.Version))
		}
		t.row(h.Key, fmt.Sprintf("rev %d", h.Head.Rev), h.Head.Hash[:min(hashShown, len(h.Head.Hash))]+"…", sealed)
	}
	return "\n" + t.String()
}
