package plan

import (
	"fmt"
	"slices"
	"strings"
)

// History is the whole ledger of a key, oldest first, and what is wrong with it.
type History struct {
	Events []Event
	// Findings have no fault as long as nobody has changed the record or the ledger.
	Findings []Finding
}

// KeyHistory is the ledger of one key of a plan.
type KeyHistory struct {
	Key Policy
	// Record is nil if there is none.
	Record *Record
	History
	// Seals are nil if nobody asked for them.
	Seals []Seal
}

// Verified reports whether a history is whole and no seal contradicts it.
func (h KeyHistory) Verified() bool {
	return h.Whole() && !slices.ContainsFunc(h.Seals, Seal.Fault)
}

// Unread reports whether the seal of a version could not be read.
func (h KeyHistory) Unread() bool {
	return slices.ContainsFunc(h.Seals, func(s Seal) bool { return s.State == SealUnread })
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
	// Rewritten: the event after it names an event otherwise than it is.
	Rewritten FindingKind = "rewritten"
	// Unlinked: an event names no event before it.
	Unlinked FindingKind = "unlinked"
	// Changed: an export tells an event otherwise.
	Changed FindingKind = "changed"
	// Lost: an export has an event that is missing.
	Lost FindingKind = "lost"
	// Jump: revisions without an event before a rebuild, which is no fault.
	Jump FindingKind = "jump"
	// Replaced: an export has an event that only the event of a rebuild tells now, which is no
	// fault.
	Replaced FindingKind = "replaced"
)

// Fault reports whether the finding shows that something else than keyturn has changed the
// record or the ledger.
func (f Finding) Fault() bool { return f.Kind != Jump && f.Kind != Replaced }

// Whole reports whether every revision has its event.
func (h History) Whole() bool { return !slices.ContainsFunc(h.Findings, Finding.Fault) }

// HistoryOf merges the events of a record with those that were copied to the ledger,
// by revision, and finds what is missing. A nil record means there is none. Of events
// that were read in their stored form it finds those that were rewritten.
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
			if !sameStored(h.Events[n-1], e) {
				h.find(Differs, e.Rev, e.Rev, "the ledger and the record tell it differently")
			}
			h.Events[n-1] = e // a write of the record is conditioned on its revision, a copy is not
			continue
		case e.Is(EventRebuild):
			if last < e.Prev.Rev {
				h.find(Gap, last+1, e.Prev.Rev, "missing: the rebuild after them followed them")
				last = e.Prev.Rev
			}
			if e.Rev != last+1 {
				h.find(Jump, last+1, e.Rev-1, "the record was made again from KMS on "+Stamp(e.At))
			}
		case e.Rev != last+1:
			h.find(Gap, last+1, e.Rev-1, "missing")
		}
		h.follows(e)
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

// sameStored reports whether two events tell the same, in the same form where both were
// read in it: the chain has one hash of them.
func sameStored(a, b Event) bool {
	return SameEvent(a, b) && (a.Stored == "" || b.Stored == "" || a.Stored == b.Stored)
}

// follows checks that an event names the one before it as it is, where both were read in
// their stored form. A rebuild may follow an older one: what others copied since then
// stands in between.
func (h *History) follows(e Event) {
	if e.Stored == "" {
		return
	}
	rev := e.Rev - 1
	if e.Is(EventRebuild) {
		rev = e.Prev.Rev
	}
	i := len(h.Events) - 1
	for i > 0 && h.Events[i].Rev > rev {
		i--
	}
	switch {
	case i < 0 || h.Events[i].Rev != rev || h.Events[i].Stored == "":
	case e.Prev.Hash == "":
		h.find(Unlinked, e.Rev, e.Rev, "names no event before it")
	case e.Prev != h.Events[i].link():
		h.find(Rewritten, rev, rev, fmt.Sprintf("revision %d follows another one than stands here", e.Rev))
	}
}

func (h *History) find(kind FindingKind, from, to int64, what string) {
	span := revisions(from, to)
	text := span + " " + what
	if kind == Jump || kind == Differs || kind == Rewritten || kind == Changed || kind == Replaced {
		text = span + ": " + what
	}
	h.Findings = append(h.Findings, Finding{Kind: kind, Text: strings.TrimSpace(text), From: from, To: to})
}
