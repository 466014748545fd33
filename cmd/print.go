package cmd

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// What a run prints:
//
//   - Nothing due: nothing. On a terminal one line, which says what is next.
//   - Something done: a table on stdout, a line for each key it was done to:
//     what was done, and what follows from it.
//   - Something wrong: on stderr, see report.go.
//   - With -v, a line for every key, with the reason why nothing was done.
//
// A dry-run prints the steps ahead instead: see print_dry.go. With --output
// json all of it is one document: see document_run.go.

// print prints what became of a run.
func (s *session) print(r *rotate.Report, exit plan.Exit) {
	s.warnings(r)
	if !r.Dry {
		for _, k := range r.Keys {
			s.trouble(k)
		}
	}
	switch {
	case s.opts.json():
		s.con.document(document.OfRun(s.from(), r, exit))
	case r.Dry:
		s.out(dryText(s.header(r, "DRY RUN, nothing written"), r, s.con.hint))
		for _, k := range r.Keys {
			s.trouble(k)
		}
	default:
		s.out(s.runText(r))
	}
}

func (s *session) out(text string) { _, _ = io.WriteString(s.env.Stdout, text) }

// draw prints a screen with colours, whose lines are clean.
func (s *session) draw(screen string) { _, _ = io.WriteString(raw(s.env.Stdout), screen) }

// header is the first line of every screen.
func (s *session) header(r *rotate.Report, last string) string {
	account := s.plan.Account
	if r != nil && r.Caller != nil {
		account = r.Caller.Account
	}
	if r != nil && account == "" {
		for _, k := range r.Keys {
			if k.Record != nil && account == "" {
				account = plan.AccountOf(k.Record.AliasARN)
			}
		}
	}
	return header(s.plan.Plan, account, last)
}

func header(p *planfile.Plan, account, last string) string {
	parts := []string{p.Name, p.Region, cmp.Or(account, "account not known"), "table " + p.Table, last}
	return plan.Line(strings.Join(parts, " · ")) + "\n"
}

// runText is what a run that was no dry-run prints on stdout.
func (s *session) runText(r *rotate.Report) string {
	t := &table{}
	changed := false
	for _, k := range r.Keys {
		sum := summarize(k, r)
		did := k.Changed() && sum.done != ""
		changed = changed || did
		if did || s.opts.verbose || s.worthALine(k) {
			t.row(k.Policy.Name, cmp.Or(sum.done, "-"), s.con.hint(sum.then))
			if did {
				for _, line := range s.after(k, r) {
					t.note(line)
				}
			}
		}
	}
	if len(t.rows) == 0 {
		if s.env.StdoutTTY && r.Exit(false) == plan.ExitDone {
			return "nothing due" + nextOf(r) + "\n"
		}
		return ""
	}
	if !changed && !s.opts.verbose {
		return t.String()
	}
	whole := &table{rows: [][]string{{"KEY", "DONE", "NOW"}}, notes: [][]string{nil}}
	whole.rows, whole.notes = append(whole.rows, t.rows...), append(whole.notes, t.notes...)
	return s.header(r, stamp(r.Finished)) + "\n" + whole.String()
}

// worthALine tells whether a key gets one although nothing was done to it.
// Nobody should forget a hold. A wait or a freeze is as planned, and cron would
// mail it a hundred times a day: it is for who sits there and looks.
func (s *session) worthALine(k rotate.KeyReport) bool {
	switch k.Outcome {
	case plan.HeldBack:
		return true
	case plan.Frozen, plan.Waiting:
		return s.env.StdoutTTY
	}
	return s.env.StdoutTTY && doneByOther(k)
}

// stamp is a moment to the second, as the headers have it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// nextOf says which key is due next, and when.
func nextOf(r *rotate.Report) string {
	var name string
	var at time.Time
	for _, k := range r.Keys {
		if opens := plan.NextOpens(r.Finished, k.Policy, k.Record); !opens.IsZero() && (at.IsZero() || opens.Before(at)) {
			name, at = k.Policy.Name, opens
		}
	}
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("; next %s %s (%s)", name, plan.Stamp(at), plan.Age(at.Sub(r.Finished)))
}
