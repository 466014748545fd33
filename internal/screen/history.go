package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What `history` prints: a line for every write of a key's record, oldest
// first. The newest are in the record itself, the older ones in the ledger. Only the
// end of a caller's ARN is shown; --output json has all of it. --verify reports
// whether every revision has its event: anybody who can write to the table can
// delete from it, and that must show.

// History returns the screen of a ledger, of which some events are shown.
func (v View) History(name string, h plan.History, events []plan.Event, since time.Time) string {
	switch {
	case len(h.Events) == 0:
		return name + ": no record yet\n"
	case len(events) == 0: // a person asked, so silence is no answer
		last := h.Events[len(h.Events)-1]
		return fmt.Sprintf("%s: nothing since %s; what came last was %s: %s\n", name, plan.Stamp(since),
			plan.Stamp(last.At), plan.Line(plan.EventText(last)))
	}
	t := &table{width: v.outWidth(), head: []string{"REV", "WHEN", "POOL/RUN", "BY", "WHAT", "REASON", "REQUEST"}}
	for _, e := range events {
		t.row(fmt.Sprint(e.Rev), e.At.UTC().Format(time.DateTime), e.Who.Pool+"/"+e.Run, shortARN(e.Who.By),
			plan.EventText(e), cmp.Or(e.Reason, "-"), requestText(e.Calls))
	}
	return t.String()
}

// requestText returns the request id of the newest answer that has one.
func requestText(calls []plan.Answered) string {
	for _, c := range slices.Backward(calls) {
		if c.RequestID != "" {
			return c.RequestID
		}
	}
	return "-"
}

// shortARN returns what tells callers of one account apart: assumed-role/rotator/i-1.
func shortARN(arn string) string {
	return cmp.Or(arn[strings.LastIndex(arn, ":")+1:], "-")
}

// VerifyText returns the verdict on a ledger.
func VerifyText(name string, r *plan.Record, h plan.History) string {
	var b strings.Builder
	for _, f := range h.Findings {
		mark := "! "
		if f.Kind == plan.Jump {
			mark = "  "
		}
		b.WriteString(mark + plan.Line(f.Text) + "\n")
	}
	switch {
	case len(h.Events) == 0:
	case !h.Whole():
		fmt.Fprintf(&b, "%s: the ledger is NOT whole: somebody, or a restore, has changed the table; see CloudTrail "+
			"for DeleteItem, PutItem and UpdateItem\n", name)
	default:
		fmt.Fprintf(&b, "%s: the ledger is whole, revisions %d to %d\n", name, h.Events[0].Rev, r.Rev)
	}
	return b.String()
}
