package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
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
// A dry-run prints the steps ahead instead: see dry.go. With --output json all of it
// is one document, which is not of this package.

// View is the screen of one command that is about a plan.
type View struct {
	*Console
	Verb string
	Plan *planfile.Plan
	// Now is AWS's time.
	Now func() time.Time
	// Skew is how far this host's clock is ahead of AWS's; nil if that does not matter.
	Skew func() time.Duration
	// Looked asks KMS just now whether a key works, for a person who must decide at once.
	Looked func(plan.Policy, *plan.Record) claim.Works
}

// Report prints what a run did: problems on stderr, and the rest on stdout, or in
// its place a document, if there is one.
func (v View) Report(r *rotate.Report, document func()) {
	counted := r.Counts()
	v.counted = &counted
	v.warnings(r)
	if !r.Dry {
		v.troubles(r)
	}
	switch {
	case document != nil:
		document()
	case r.Dry:
		v.Draw(v.dryText(v.header(r, "DRY RUN, nothing written"), r))
		v.troubles(r)
	default:
		v.Show(v.runText(r))
	}
}

// Unchanged prints why nothing was done, to a person: silence is no answer.
func (v View) Unchanged(r *rotate.Report) {
	shown := v.counts()
	for _, k := range r.Keys {
		if k.Exit(false) != plan.ExitDone || k.Changed() || !shown.next(reasonOf(k)) {
			continue
		}
		v.Show(plan.Line(k.Policy.Name+": "+texts(k.Reasons)) + "\n")
		for _, line := range v.after(k, r) {
			v.Show("  " + plan.Line(line) + "\n")
		}
	}
	if left := shown.left(); left != "" {
		v.Show(left + "\n")
	}
}

// reasonOf returns the code of the first reason why nothing was done to a key.
func reasonOf(k rotate.KeyReport) plan.Code {
	if len(k.Reasons) == 0 {
		return plan.CodeDone
	}
	return k.Reasons[0].Code
}

// header returns the first line of every screen.
func (v View) header(r *rotate.Report, last string) string {
	account := ""
	if r.Caller != nil {
		account = r.Caller.Account
	}
	for _, k := range r.Keys {
		if k.Record != nil && account == "" {
			account = plan.AccountOf(k.Record.AliasARN)
		}
	}
	return header(v.Plan, cmp.Or(account, v.Plan.Account), last)
}

func header(p *planfile.Plan, account, last string) string {
	parts := []string{p.Name, p.Region, cmp.Or(account, "account not known"), "table " + p.Table, last}
	return plan.Line(strings.Join(parts, " · ")) + "\n"
}

// runText returns what a run that was no dry-run prints on stdout.
func (v View) runText(r *rotate.Report) string {
	t := &table{width: v.outWidth()}
	changed, shown := false, v.counts()
	for _, k := range r.Keys {
		sum := summarize(k, r)
		did := k.Changed() && sum.done != ""
		changed = changed || did
		if did || v.Verbose || v.worthALine(k) && shown.next(reasonOf(k)) {
			t.row(k.Policy.Name, cmp.Or(sum.done, "-"), sum.then)
			if did {
				for _, line := range v.after(k, r) {
					t.note(line)
				}
				if head := headText(k.Record); head != "" && v.Verbose {
					t.note(head)
				}
				for _, why := range k.Reasons {
					if v.Verbose && why.Code == plan.CodeLater {
						t.note(why.Text)
					}
				}
			}
		}
	}
	if len(t.rows) == 0 {
		if v.OutTTY && r.Exit(false) == plan.ExitDone {
			return "nothing due" + nextOf(r) + "\n"
		}
		return ""
	}
	left := shown.left()
	if left != "" {
		left += "\n"
	}
	if !changed && !v.Verbose {
		return t.String() + left
	}
	t.head = []string{"KEY", "DONE", "NOW"}
	return v.header(r, Stamp(r.Finished)) + "\n" + t.String() + left + othersText(r)
}

// othersText counts what other runs did while this one did its part; "" if they did nothing.
func othersText(r *rotate.Report) string {
	n := r.DoneByOthers()
	if n == 0 {
		return ""
	}
	return "other runs rotated " + plan.Counted(n, "key") + " meanwhile\n"
}

// worthALine reports whether a key gets one although nothing was done to it.
// A hold always does, so that nobody forgets it. A wait or a freeze is as planned and
// shows only on a terminal: cron would mail it a hundred times a day. Who carries out a
// saved decision reads what became of it.
func (v View) worthALine(k rotate.KeyReport) bool {
	switch k.Outcome {
	case plan.HeldBack:
		return true
	case plan.Frozen, plan.Waiting:
		return v.OutTTY
	}
	if code := reasonOf(k); code == plan.CodeSavedDone || code == plan.CodeNotBegun {
		return true
	}
	return v.OutTTY && k.DoneByOther()
}

// Stamp returns a moment to the second, as the headers have it.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// nextOf returns which key is due next, and when.
func nextOf(r *rotate.Report) string {
	var name string
	var at time.Time
	for _, k := range r.Keys {
		if opens := plan.NextOpens(r.Finished, *k.Policy, k.Record); !opens.IsZero() &&
			(at.IsZero() || opens.Before(at)) {
			name, at = k.Policy.Name, opens
		}
	}
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("; next %s %s (%s)", name, plan.Stamp(at), plan.Age(at.Sub(r.Finished)))
}
