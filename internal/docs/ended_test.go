package docs

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// endedRow is how a drain was ended by somebody else, and what proves it.
type endedRow struct {
	name string
	do   func(*world)
	// event is what the history says, and finding what an audit says, with the trail and
	// without.
	event, finding, trailed string
}

// The draining version is v10; its drain has nine days to go.
var endedRows = []endedRow{
	{name: "disabled, and found so by a run after the deadline",
		do:      and(waited(3*day-time.Hour), func(w *world) { w.disable(version(10)) }, waited(11*day), runs("run")),
		event:   "found v10 disabled by somebody else; its deadline was ",
		finding: "by somebody else: whether before or after ",
		trailed: "v10 was disabled by arn:aws:iam::111122223333:user/admin from 127.0.0.1 at 2026-11-01 00:00:"},
	{name: "disabled after the deadline, and found so by a run",
		do: and(waited(9*day+time.Hour+90*time.Second), func(w *world) { w.disable(version(10)) }, waited(day),
			runs("run")),
		event:   "found v10 disabled by somebody else; its deadline was ",
		finding: "by somebody else: whether before or after ",
		trailed: "1h1m after its deadline"},
	{name: "disabled, and found so by a rebuild before the deadline",
		do: and(waited(day-time.Hour), func(w *world) { w.disable(version(10)) }, waited(2*day), func(w *world) {
			w.loseRecord()
			w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
		}),
		event:   "rebuilt from KMS, found v10 disabled by somebody else, at least 6d before its deadline",
		finding: "v10 was disabled by somebody else, at least 6d before its deadline, ",
		trailed: "8d before its deadline"},
	{name: "disabled, and reinstated before the deadline",
		do: and(waited(day-time.Hour), func(w *world) { w.disable(version(10)) }, waited(2*day),
			func(w *world) { w.must(0, "reinstate orders-data/v10 --reason used") }),
		event: "reinstated v10, found disabled by somebody else, at least 6d before its deadline"},
}

// When a drain was ended by somebody else, KMS does not show. The event of the run that found
// it says what is proved, history and audit keep saying it, and with a trail audit says by whom
// and exactly how long before the deadline.
func TestDrainEndedByOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newWorld(t, tampered)
		tenRotations(base)
		state, err := base.box.State()
		base.check(err)
		for _, row := range endedRows {
			w := base.again(state)
			_ = os.Remove(w.trail()) // of the row before
			w.check(w.box.Trail(w.trail()))
			row.do(w)
			w.advance(day)
			_, history := w.keyturn("history", "orders-data")
			if !strings.Contains(flowed(history), row.event) {
				t.Errorf("%s: the history does not say %q:\n%s", row.name, row.event, lastLines(history, 5))
			}
			for _, c := range []struct{ want, args string }{{row.finding, ""},
				{row.trailed, "--cloudtrail " + w.trail()}} {
				found := w.endedFinding(strings.Fields(c.args)...)
				switch {
				case (found == nil) != (c.want == ""):
					t.Errorf("%s: audit %s: %+v", row.name, c.args, found)
				case found != nil && !strings.Contains(found.What, c.want):
					t.Errorf("%s: audit %s does not say %q: %s", row.name, c.args, c.want, found.What)
				}
			}
		}
	})
}

// endedFinding returns the finding that somebody else has disabled v10; nil if there is none.
func (w *world) endedFinding(args ...string) *document.Finding {
	w.t.Helper()
	d := w.audited(args...)
	i := slices.IndexFunc(d.Findings, func(f document.Finding) bool { return f.Code == plan.CodeDisabledByOthers })
	if i < 0 {
		return nil
	}
	return &d.Findings[i]
}

// flowed returns text on one line.
func flowed(text string) string { return strings.Join(strings.Fields(text), " ") }

// A trail with a change by a stranger is told of a key whose record was lost, too.
func TestTrailWithoutRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, keeping)
		followed(w)
		w.disable(version(1))
		w.loseRecord()
		w.advance(day)
		codes := strings.Join(w.finds("--cloudtrail", w.trail()), ", ")
		if want := "record-lost, unexplained-change, unexplained-write"; codes != want {
			t.Errorf("%s, want %s", codes, want)
		}
	})
}

// lastLines returns the last n lines of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
