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

// History returns the screen of ledgers, with the events that a filter selects.
func (v View) History(all []plan.KeyHistory, filter plan.EventFilter) string {
	var b strings.Builder
	for _, h := range all {
		if len(h.Events) == 0 {
			b.WriteString(h.Key.Name + ": no record, and no event\n")
		}
	}
	events := plan.Timeline(all, filter)
	if len(events) == 0 { // a person asked, so silence is no answer
		return b.String() + nothingText(all, filter)
	}
	several := len(all) > 1
	t := &table{width: v.outWidth(), head: []string{"REV", "WHEN", "POOL/RUN", "BY", "WHAT", "REASON", "REQUEST"}}
	if several {
		t.head = slices.Insert(t.head, 0, "KEY")
	}
	for _, e := range events {
		cells := []string{fmt.Sprint(e.Rev), e.At.UTC().Format(time.DateTime), e.Who.Pool + "/" + e.Run,
			shortARN(e.Who.By), plan.EventText(e.Event), cmp.Or(e.Reason, "-"), requestText(e.Calls)}
		if several {
			cells = slices.Insert(cells, 0, e.Key.Name)
		}
		t.row(cells...)
	}
	return b.String() + t.String()
}

// nothingText says that a filter selects nothing, and what came last instead.
func nothingText(all []plan.KeyHistory, filter plan.EventFilter) string {
	events := plan.Timeline(all, plan.EventFilter{})
	if len(events) == 0 {
		return ""
	}
	name := "these keys"
	if len(all) == 1 {
		name = all[0].Key.Name
	}
	what := "no such event"
	if filter == (plan.EventFilter{Since: filter.Since}) {
		what = "nothing since " + plan.Stamp(filter.Since)
	}
	last := events[len(events)-1]
	return fmt.Sprintf("%s: %s; what came last was %s: %s\n", name, what, plan.Stamp(last.At),
		plan.Line(plan.EventText(last.Event)))
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

// headText names the newest event of a record that this run wrote.
func headText(r *plan.Record) string {
	if r == nil {
		return ""
	}
	head := plan.Head(r.Events)
	if head.Hash == "" {
		return ""
	}
	return fmt.Sprintf("its ledger's head is revision %d, %s", head.Rev, head.Hash)
}

// VerifyText returns the verdict on each ledger.
func VerifyText(all []plan.KeyHistory) string {
	var b strings.Builder
	for _, h := range all {
		name := ""
		if len(all) > 1 {
			name = h.Key.Name + ": "
		}
		verifyOne(&b, name, h)
	}
	return b.String()
}

func verifyOne(b *strings.Builder, name string, h plan.KeyHistory) {
	for _, f := range h.Findings {
		mark := "  "
		if f.Fault() {
			mark = "! "
		}
		b.WriteString(mark + name + plan.Line(f.Text) + "\n")
	}
	for _, s := range h.Seals {
		mark := "  "
		if s.Fault() {
			mark = "! "
		}
		if text := s.Text(); text != "" {
			b.WriteString(mark + name + plan.Line(text) + "\n")
		}
	}
	if len(h.Events) > 0 {
		head := plan.Head(h.Events)
		fmt.Fprintf(b, "%s: revisions %d to %d, head %s\n", h.Key.Name, h.Events[0].Rev, head.Rev, head.Hash)
		b.WriteString(h.Key.Name + ": " + plan.Line(plan.SealedText(h.Seals, head)) + "\n")
	}
	if h.Verified() {
		if len(h.Events) > 0 {
			b.WriteString(h.Key.Name + ": " + wholeText(h) + "\n")
		}
		return
	}
	fmt.Fprintf(b, "%s: the ledger is NOT whole: somebody, or a restore, has changed the table or a tag; see "+
		"CloudTrail for DeleteItem, PutItem, UpdateItem and TagResource\n", h.Key.Name)
}

// wholeText says what was found of a ledger without a fault: no more than was read.
func wholeText(h plan.KeyHistory) string {
	unread := 0
	for _, s := range h.Seals {
		if s.State == plan.SealUnread {
			unread++
		}
	}
	switch {
	case unread > 0:
		return fmt.Sprintf("no fault was found in the chain; the tags of %s were not read, so it is not known whether "+
			"they agree", plan.Counted(unread, "version"))
	case len(h.Findings) > 0: // a rebuild's jump
		return "the ledger is whole but for what a rebuild could not know: each revision that is there follows the " +
			"one that it names"
	}
	return "the ledger is whole: every revision is there, and follows the one before it"
}
