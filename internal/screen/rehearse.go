package screen

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Rehearsal returns the report of a rehearsal.
func Rehearsal(p *planfile.Plan, d rehearsal.Draw, played *rehearsal.Played) string {
	var b strings.Builder
	who := map[rehearsal.Naive]string{"": "keyturn", rehearsal.NaiveScript: "the old cron script",
		rehearsal.NaiveLock: "the old cron script under a lease lock"}[d.Naive]
	fmt.Fprintf(&b, "%s · %s of %s · %d pools · %d days from %s · seed %d\n\n",
		p.Name, who, plan.Counted(len(p.Keys), "key"), d.Pools, int(d.Span.Hours()/24), d.Begin.Format(time.DateOnly),
		d.Seed)
	h := played.Tally
	var t table
	row := func(n int, what, more string) { t.row("  "+what, grouped(n), more) }
	row(h.Runs, "runs", grouped(h.Quiet)+" of them changed nothing")
	row(h.Crashes, "killed", "")
	row(h.Pauses, "stood still", "for seconds or weeks")
	row(h.Failures, "calls lost, late, repeated or refused", "")
	if d.Naive == "" {
		row(h.Rotations, "rotations", "each for a window of its own")
		row(h.Takeovers, "taken over", "from runs that were killed or stood still")
		row(h.Drained, "drains ended", fmt.Sprintf("%d disabled, %d deletions scheduled", h.Disabled, h.Deleted))
	}
	b.WriteString(t.String() + "\nCALLS\n")
	var calls table
	for _, c := range played.Counts() {
		calls.row("  "+c.Service+" "+c.Operation, grouped(c.N))
	}
	b.WriteString(calls.String() + "\nWHAT WENT WRONG, as seen from KMS\n" + harmText(d.Naive, played.Harm))
	switch n := len(played.Watch.Broken); {
	case d.Naive != "":
	case played.Watch.Looks == 0:
		b.WriteString("\nnothing changed, so no invariant was checked; more --years show more\n")
	case n == 0:
		fmt.Fprintf(&b, "\nevery invariant was checked %s times: none was broken\n", grouped(played.Watch.Looks))
	default:
		v, story := played.Watch.Broken[0], ""
		if played.Shortest != nil {
			story = played.Shortest.Story()
		}
		fmt.Fprintf(&b, "\nINVARIANT %s BROKEN, after %s: %s\n\n%s", v.Invariant, v.After, v.What, story)
	}
	return b.String()
}

// harmText returns the table of failure modes.
func harmText(naive rehearsal.Naive, h rehearsal.Harm) string {
	var t table
	row := func(mode string, n int, what string) { t.row("  "+mode, grouped(n), what) }
	row("F1", h.Duplicate, fmt.Sprintf("times a window was rotated for again (%s windows)", grouped(h.Windows)))
	row("F2", h.Early, "keys disabled before their drain was over")
	row("F2", h.Forgotten, "keys to be disabled, which nothing remembers")
	row("F3", h.Repeated, "times a window was rotated for again after a crash in it")
	row("F3", h.Orphans, "keys made and never used"+orphansNote(naive))
	row("F4", h.Backwards, "times an alias was moved back to an older key")
	row("F4", h.Dead, "keys disabled while an alias named them")
	return t.String()
}

func orphansNote(naive rehearsal.Naive) string {
	if naive != "" {
		return ""
	}
	return ", by runs that were killed: keyturn audit --orphans finds them"
}

// grouped writes a number with its thousands apart: 70,080.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
