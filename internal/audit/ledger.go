package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// ledger checks that every revision has its event, and that the event is the same in
// the record and the ledger.
func (c *checker) ledger() {
	if bad := c.s.LedgerMalformed; bad != "" {
		c.add(Finding{Code: plan.CodeLedgerRewritten, Level: Person, Mode: Partial, Invariants: []int{14},
			Field: "item",
			What: "the ledger cannot be understood, and nothing was compared with it: " + bad +
				". Something else than keyturn wrote it",
			Hint: c.history()})
	}
	if !c.s.Ledgered {
		return
	}
	f := func(code plan.Code, field, what string, hint plan.Hint) *Finding {
		return &Finding{Code: code, Level: Person, Mode: Partial, Invariants: []int{13}, Field: field, What: what,
			Hint: hint}
	}
	var gaps, differ []plan.Finding
	var around, twice []int64
	for _, found := range c.chain.Findings {
		switch found.Kind {
		case plan.Rewritten, plan.Unlinked:
			c.rewritten(found)
		case plan.Gap:
			gaps, around = append(gaps, found), append(around, c.next(found)...)
		case plan.Differs:
			differ, twice = append(differ, found), append(twice, found.From)
		}
	}
	if len(gaps) > 0 {
		gap := f(plan.CodeLedgerGap, "revs "+spans(gaps),
			"the ledger has no event of "+revisions(gaps)+": items were deleted, or something else than keyturn wrote "+
				"the record",
			c.history())
		gap.Evidence.Revs = around
		c.after(gap, around...)
		c.add(*gap)
	}
	if text := c.torn(); text != "" && len(gaps) == 0 {
		torn := f(plan.CodeRecordEdited, "events", text+": something else than keyturn edited the record", c.history())
		c.after(torn, c.r.Rev, c.r.Rev-1)
		c.add(*torn)
	}
	c.behind()
	if len(differ) > 0 {
		two := f(plan.CodeLedgerDiffers, "revs "+spans(differ),
			"two items of the ledger tell "+revisions(differ)+" differently: something else than keyturn wrote one of "+
				"them",
			plan.Try("keyturn", "history", c.p.Name, "--verify"))
		two.Evidence.Revs = twice
		c.after(two, twice...)
		c.add(*two)
	}
}

// revisions names some spans of revisions: "revision 7", "revisions 3, 7–9".
func revisions(all []plan.Finding) string {
	if len(all) == 1 && all[0].From == all[0].To {
		return "revision " + spans(all)
	}
	return "revisions " + spans(all)
}

func spans(all []plan.Finding) string {
	text := make([]string, len(all))
	for i, f := range all {
		text[i] = f.Span()
	}
	return strings.Join(text, ", ")
}

// next returns the revision of the first event after a gap, which shows it: before that the
// ledger just ended earlier. At its end that is the last event before the gap.
func (c *checker) next(gap plan.Finding) []int64 {
	var last []int64
	for _, e := range c.told.events {
		if last = []int64{e.Rev}; e.Rev > gap.To {
			break
		}
	}
	return last
}

// notCopiedFor is how old an event is that no run has copied to the ledger, before it is
// worth a word: a run copies at the end of its work.
const notCopiedFor = time.Hour

// behind adds the warning that events are in the record alone: the run that wrote them was
// killed, could not copy them, or somebody deleted the newest item of the ledger.
func (c *checker) behind() {
	last := *plan.LastRev(c.s.Ledger)
	i := slices.IndexFunc(c.r.Events, func(e plan.Event) bool { return e.Rev > last })
	if i < 0 || c.r.Leased(c.now) || c.now.Sub(c.r.Events[len(c.r.Events)-1].At) < notCopiedFor {
		return
	}
	alone := c.r.Events[i:]
	f := Finding{Code: plan.CodeLedgerBehind, Level: Warning, Since: alone[0].At,
		Hint: plan.Hint{Note: "the next run that writes the record copies them"},
		What: fmt.Sprintf("the record has %s that the ledger lacks: if the record is lost, so are they",
			plan.Counted(len(alone), "event"))}
	for _, e := range alone {
		f.Evidence.Revs = append(f.Evidence.Revs, e.Rev)
	}
	c.add(f)
}

// rewritten adds the finding that an event is not as the one after it names it.
func (c *checker) rewritten(found plan.Finding) {
	f := Finding{Code: plan.CodeLedgerRewritten, Level: Person, Mode: Partial, Invariants: []int{14},
		Field: fmt.Sprintf("revision %d", found.From), Evidence: Evidence{Revs: []int64{found.From}},
		What: "the chain of the ledger is broken: " + found.Text + ". Something else than keyturn wrote one of the two",
		Hint: plan.Try("keyturn", "history", c.p.Name, "--verify")}
	for _, e := range c.chain.Events {
		switch {
		case e.Rev == found.From && found.Kind == plan.Rewritten:
			f.Observed = e.Hash()
		case e.Prev.Rev == found.From && found.Kind == plan.Rewritten:
			f.Expected, f.Evidence.Revs = e.Prev.Hash, []int64{found.From, e.Rev}
		}
	}
	c.after(&f, found.From)
	c.add(f)
}

// torn describes what the record lacks of its own newest events, which every write leaves
// whole: the last one is of the record's revision. It is "" if nothing is missing.
func (c *checker) torn() string {
	events := c.r.Events
	if n := len(events); n == 0 || events[n-1].Rev != c.r.Rev {
		return fmt.Sprintf("the record is at revision %d and does not have the event of that write", c.r.Rev)
	}
	for i, e := range events[1:] {
		if before := events[i].Rev; e.Rev != before+1 && !e.Is(plan.EventRebuild) {
			return fmt.Sprintf("the record has the events of revisions %d and %d, and none between them", before, e.Rev)
		}
	}
	return ""
}
