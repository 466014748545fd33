package github

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// Report is what a job is told of one document.
type Report struct {
	Annotations []Annotation
	// Summary is Markdown; "" if there is none.
	Summary string
	// Outputs are those of the step.
	Outputs []Output
}

// Output is a number, or true or false.
type Output struct{ Name, Value string }

// Place returns where a plan has a key, by its name; "" if that is not known. The place of
// no key is the plan's first line.
type Place func(key string) (file string, line int)

// Of returns the report of a document; empty if a job is told nothing of it.
func Of(d any, at Place) Report {
	var r Report
	switch d := d.(type) {
	case document.Error:
		r = ofError(d)
	case document.Validate:
		r = ofValidate(d)
	case document.Run:
		r = ofRun(d, at)
	case document.Status:
		r = ofStatus(d, at)
	case document.Verify:
		r = ofVerify(d, at)
	case document.Audit:
		r = ofAudit(d, at)
	case document.Rehearse:
		r = ofRehearse(d)
	}
	if left := len(r.Annotations) - most; left > 0 {
		r.Annotations = append(r.Annotations[:most:most], Annotation{Level: levelWarning, Title: "keyturn",
			Text: fmt.Sprintf("%d more are not shown", left)})
	}
	return r
}

func problem(p document.Problem) Annotation {
	text := p.Message
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return Annotation{Level: levelError, File: p.File, Line: p.Line, Column: p.Column, Title: "keyturn plan",
		Text: text}
}

func ofError(d document.Error) (r Report) {
	for _, p := range d.Problems {
		r.Annotations = append(r.Annotations, problem(p))
	}
	if len(d.Problems) == 0 {
		r.Annotations = append(r.Annotations, Annotation{Level: levelError, Title: "keyturn: " + string(d.Code),
			Text: d.Message + next(d.Next)})
	}
	r.Summary = heading("keyturn failed", d.Message)
	return r
}

func ofValidate(d document.Validate) (r Report) {
	var rows [][]string
	for _, f := range d.Files {
		result := "valid, " + plan.Counted(len(f.Keys), "key")
		if !f.Valid {
			result = plan.Counted(len(f.Problems), "problem")
		}
		rows = append(rows, []string{f.File, result})
		for _, p := range f.Problems {
			r.Annotations = append(r.Annotations, problem(p))
		}
	}
	r.Summary = heading("keyturn validate", "") + table([]string{"plan", "result"}, rows)
	return r
}

func ofRun(d document.Run, at Place) (r Report) {
	var rows [][]string
	changed, rotated, refused := false, 0, 0
	for _, k := range d.Keys {
		changed = changed || k.Changed
		if k.Did == "rotated" {
			rotated++
		}
		if k.Refusal != nil {
			refused++
		}
		why := k.Error
		if k.Refusal != nil {
			why = k.Refusal.What
		}
		why = cmp.Or(why, reasons(k.Reasons))
		if k.Exit != plan.ExitDone {
			level := levelError
			if k.Exit == plan.ExitBusy {
				level = levelWarning
			}
			r.annotate(level, "keyturn "+d.Verb+": "+k.Name, why+next(k.Next), at, k.Name)
		}
		rows = append(rows, []string{k.Name, k.Outcome, k.Did, fmt.Sprint(len(k.Calls)), why})
	}
	title := "keyturn " + d.Verb
	if d.DryRun {
		title += ", dry-run: nothing was written"
	}
	r.Summary = heading(title, fmt.Sprintf("plan %s, table %s in %s, exit %d", d.Plan.Name, d.Plan.Table, d.Plan.Region,
		d.Exit)) + table([]string{"key", "outcome", "done", "changes", "why"}, rows)
	r.Outputs = []Output{{"changed", fmt.Sprint(changed)}, {"rotated", fmt.Sprint(rotated)},
		{"refused", fmt.Sprint(refused)}}
	return r
}

func reasons(all []document.Reason) string {
	texts := make([]string, len(all))
	for i, reason := range all {
		texts[i] = reason.Text
	}
	return strings.Join(texts, "; ")
}

func ofAudit(d document.Audit, at Place) (r Report) {
	var rows [][]string
	for _, f := range d.Findings {
		accepted := f.Accepted != nil && !f.Accepted.Ended
		level := f.Level
		if accepted {
			level = "accepted"
		}
		rows = append(rows, []string{strings.Join(f.Keys, ", "), level, string(f.Code), f.What})
		if accepted {
			continue
		}
		severity, key := levelWarning, ""
		if f.Level == "person" {
			severity = levelError
		}
		if len(f.Keys) > 0 {
			key = f.Keys[0]
		}
		r.annotate(severity, "keyturn audit: "+string(f.Code), f.What+next(f.Next), at, key)
	}
	r.unread("audit", d.Unread, at)
	below := plan.Counted(d.Keys, "key") + " checked, " + plan.Counted(len(d.Findings), "finding") +
		fmt.Sprintf(", exit %d", d.Exit)
	r.Summary = heading("keyturn audit", below) + table([]string{"keys", "needs", "finding", "what"}, rows)
	return r
}

// annotate adds an annotation at a key; "" is none.
func (r *Report) annotate(level, title, text string, at Place, key string) {
	a := Annotation{Level: level, Title: title, Text: text}
	a.File, a.Line = at(key)
	r.Annotations = append(r.Annotations, a)
}

// unread adds what could not be read, and so was not checked.
func (r *Report) unread(verb string, list []string, at Place) {
	for _, what := range list {
		r.annotate(levelError, "keyturn "+verb, "not checked: "+what, at, "")
	}
}

// next returns the commands of a hint, as lines below a message.
func next(n *document.Next) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for _, words := range n.Commands {
		b.WriteString("\nnext: " + plan.Shell(words...))
	}
	if n.Note != "" {
		b.WriteString("\n" + n.Note)
	}
	return b.String()
}

func ofRehearse(d document.Rehearse) (r Report) {
	who := "keyturn"
	if d.Naive != "" {
		who = "the old cron script (" + string(d.Naive) + ")"
	}
	below := fmt.Sprintf("%s, plan %s, %s: %d pools for %d days from %s, seed %d", who, d.Plan.Name,
		plan.Counted(d.Keys, "key"), d.Pools, d.Days, d.From.Format(time.DateOnly), d.Seed)
	count := func(what string, n int) []string { return []string{what, fmt.Sprint(n)} }
	h, t := d.Harm, d.Happened
	r.Summary = heading("keyturn rehearse", below) + table([]string{"what", "how often"}, [][]string{
		count("runs", t.Runs), count("of them changed nothing", t.Quiet), count("killed", t.Crashes),
		count("stood still", t.Pauses), count("calls lost, late, repeated or refused", t.Failures),
		count("rotations", t.Rotations), count("taken over", t.Takeovers),
		count("F1 times a window was rotated for again", h.Duplicate),
		count("F2 keys disabled before their drain was over", h.Early),
		count("F2 keys to be disabled, which nothing remembers", h.Forgotten),
		count("F3 times a window was rotated for again after a crash", h.Repeated),
		count("F3 keys made and never used", h.Orphans),
		count("F4 times an alias was moved back", h.Backwards),
		count("F4 keys disabled while an alias named them", h.Dead),
		count("invariants that did not hold", len(d.Violations)),
	})
	if d.Unchecked() {
		r.Annotations = append(r.Annotations, Annotation{Level: levelError, Title: "keyturn rehearse",
			Text: "nothing changed, so no invariant was checked; more --years show more"})
	}
	for _, v := range d.Violations {
		r.Annotations = append(r.Annotations, Annotation{Level: levelError, Title: "keyturn rehearse: invariant " +
			v.Invariant, Text: v.What + "\nafter " + v.After})
	}
	return r
}
