package plan

import (
	"fmt"
	"slices"
	"strings"
)

// History is the whole ledger of a key, oldest first, and what is wrong with it.
type History struct {
	Events []Event
	// Findings are only jumps as long as nobody has changed the record or the ledger.
	Findings []Finding
}

// KeyHistory is the ledger of one key of a plan.
type KeyHistory struct {
	Key Policy
	// Record is nil if there is none.
	Record *Record
	History
}

// Finding is a place where the ledger is not what keyturn writes: a write
// without an event, or an event that was changed.
type Finding struct {
	Kind FindingKind
	Text string
	// From and To are the first and the last revision that it is about.
	From, To int64
}

// Span describes the revisions that a finding is about: "7", "7–9".
func (f Finding) Span() string {
	if f.From == f.To {
		return fmt.Sprint(f.From)
	}
	return fmt.Sprintf("%d–%d", f.From, f.To)
}

// FindingKind is a kind of finding.
type FindingKind string

// The kinds of findings.
const (
	// Gap: revisions without an event.
	Gap FindingKind = "gap"
	// Differs: the record and the ledger differ about a revision.
	Differs FindingKind = "differs"
	// Beyond: the ledger has revisions after the record's last one.
	Beyond FindingKind = "beyond"
	// Orphan: there is a ledger and no record.
	Orphan FindingKind = "orphan"
	// Jump: revisions without an event before a rebuild, which is no fault.
	Jump FindingKind = "jump"
)

// Whole reports whether every revision has its event.
func (h History) Whole() bool {
	return !slices.ContainsFunc(h.Findings, func(f Finding) bool { return f.Kind != Jump })
}

// HistoryOf merges the events of a record with those that were copied to the ledger,
// by revision, and finds what is missing. A nil record means there is none.
func HistoryOf(r *Record, ledger []Event) History {
	var h History
	all := slices.Clone(ledger)
	if r != nil {
		all = append(all, r.Events...)
	}
	slices.SortStableFunc(all, func(a, b Event) int { return int(a.Rev - b.Rev) })
	var last int64
	for _, e := range all {
		n := len(h.Events)
		switch {
		case n > 0 && h.Events[n-1].Rev == e.Rev:
			if !SameEvent(h.Events[n-1], e) {
				h.find(Differs, e.Rev, e.Rev, "the ledger and the record tell it differently")
			}
			h.Events[n-1] = e // a write of the record is conditioned on its revision, a copy is not
			continue
		case e.Rev != last+1 && e.Is(EventRebuild):
			h.find(Jump, last+1, e.Rev-1, "the record was made again from KMS on "+Stamp(e.At))
		case e.Rev != last+1:
			h.find(Gap, last+1, e.Rev-1, "missing")
		}
		h.Events = append(h.Events, e)
		last = e.Rev
	}
	switch {
	case r == nil && len(all) > 0:
		h.find(Orphan, all[0].Rev, last, "stand in the ledger, and there is no record: it was lost")
	case r != nil && last > r.Rev:
		const text = "stand in the ledger, and the record ends at %d: it was put back from an older copy"
		h.find(Beyond, r.Rev+1, last, fmt.Sprintf(text, r.Rev))
	case r != nil && last < r.Rev:
		h.find(Gap, last+1, r.Rev, "missing")
	}
	return h
}

func (h *History) find(kind FindingKind, from, to int64, what string) {
	span := revisions(from, to)
	text := span + " " + what
	if kind == Jump || kind == Differs {
		text = span + ": " + what
	}
	h.Findings = append(h.Findings, Finding{Kind: kind, Text: strings.TrimSpace(text), From: from, To: to})
}
