package evidence

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Of makes the report on keys since a moment.
func Of(now, since time.Time, caller *plan.Caller, all []Seen) Report {
	out := Report{At: now.UTC(), Since: since.UTC(), Caller: caller}
	for _, s := range all {
		out.Keys = append(out.Keys, keyOf(now.UTC(), since.UTC(), s))
	}
	return out
}

// keyOf makes the report on one key.
func keyOf(now, since time.Time, s Seen) Key {
	k := Key{Policy: s.Key, From: since, Findings: s.Findings}
	for _, text := range append(slices.Clone(s.Unread), s.Failed) {
		if text != "" {
			k.Unknown = append(k.Unknown, Unknown{Kind: Unread, Text: text})
		}
	}
	if s.Record != nil {
		k.Live, k.Rev = s.Record.Active, s.Record.Rev
	}
	switch {
	case s.Failed != "":
		k.Unread = true
		return k
	case len(s.Events) == 0:
		k.Unknown = append(k.Unknown, Unknown{Kind: NoLedger})
	default:
		k.Begins, k.From = s.Events[0].At, latest(since, s.Events[0].At)
		if k.Begins.After(since) {
			k.Unknown = append(k.Unknown, Unknown{Kind: BeforeLedger, From: since, To: k.Begins})
		}
	}
	r := replayed(s.Events)
	k.told(r, s)
	r.unfinished()
	for _, u := range r.unknown {
		if u.To.IsZero() || !u.To.Before(since) {
			k.Unknown = append(k.Unknown, u)
		}
	}
	if r.open != nil {
		k.Open = r.fact(*r.open)
	}
	for _, v := range r.sorted() {
		unknown := v.see(s, now)
		if !v.within(since) {
			continue
		}
		k.Versions = append(k.Versions, *v)
		if late := v.late(); late != nil {
			k.Late = append(k.Late, *late)
		}
		for _, u := range unknown {
			if u.Kind != AdoptedBefore || !u.To.Before(since) {
				k.Unknown = append(k.Unknown, u)
			}
		}
	}
	k.windows(r, s, now)
	k.Longest = r.longest(k.From, now)
	for _, h := range r.holds {
		if end := h.End(now); end.IsZero() || !end.Before(since) {
			k.Holds = append(k.Holds, h)
		}
	}
	for _, a := range r.acts {
		if !a.At.Before(since) || a.Outcome == Open || !a.Ended.At.Before(since) {
			k.Acts = append(k.Acts, a)
		}
	}
	k.count(s.Events, r.others)
	return k
}

// told takes in what the check of the ledger and its chain has found.
func (k *Key) told(r *replay, s Seen) {
	gaps := false
	last := *plan.LastRev(s.Events)
	for _, f := range s.History.Findings {
		u := Unknown{Kind: LedgerDiffers, Revs: [2]int64{f.From, f.To}, Text: f.Text}
		if (f.Kind == plan.Gap || f.Kind == plan.Jump) && f.To < last {
			u = between(s.Events, f)
			gaps = true
			if u.Kind == LedgerGap && u.To.Before(k.From) {
				continue // before the report's time
			}
		}
		k.Unknown = append(k.Unknown, u)
	}
	if s.Record != nil {
		k.Unknown = append(k.Unknown, r.record(s.Record, gaps)...)
	}
	k.Head, k.Seals = plan.Head(s.Events), s.Seals
	for _, seal := range s.Seals {
		switch seal.State {
		case plan.SealFits, plan.SealNone:
		case plan.SealUnread:
			k.Unknown = append(k.Unknown, Unknown{Kind: Unread, Version: seal.Version, Text: seal.Text()})
		default:
			k.Unknown = append(k.Unknown, Unknown{Kind: SealUnfit, Version: seal.Version, Text: seal.Text()})
		}
	}
}

// between returns what is not known between the events around a gap.
func between(events []plan.Event, f plan.Finding) Unknown {
	u := Unknown{Kind: LedgerGap, Revs: [2]int64{f.From, f.To}}
	if f.Kind == plan.Jump {
		u.Kind = Rebuilt
	}
	for _, e := range events {
		if e.Rev < f.From {
			u.From = e.At
		}
		if e.Rev > f.To {
			u.To = e.At
			break
		}
	}
	return u
}

// routine are the words of events that change no version, hold or window.
var routine = []plan.EventKind{plan.EventTakeover, plan.EventRenew, plan.EventConfirm, plan.EventNote,
	plan.EventLookAgain, plan.EventLooked, plan.EventChecked, plan.EventMark, plan.EventMarkNo, plan.EventUnmark}

// count counts the events that no fact of the report names.
func (k *Key) count(events []plan.Event, others []int64) {
	shown := k.Revs()
	k.Events = Events{Total: len(events), Routine: map[plan.EventKind]int{}}
	for _, e := range events {
		switch {
		case shown[e.Rev]:
			k.Events.Shown++
		case e.At.Before(k.From):
			k.Events.Before++
		case !slices.Contains(others, e.Rev) && slices.Contains(routine, e.Kind[0]):
			k.Events.Routine[e.Kind[0]]++
		default:
			k.Events.Others = append(k.Events.Others, e.Rev)
			k.Unknown = append(k.Unknown, Unknown{Kind: EventUnknown, Revs: [2]int64{e.Rev, e.Rev}})
		}
	}
}

// Revs returns the revisions of the events that the report names.
func (k *Key) Revs() map[int64]bool {
	revs := map[int64]bool{}
	name := func(facts ...Fact) {
		for _, f := range facts {
			revs[f.Rev], revs[f.Why.Rev] = true, true
		}
	}
	for _, v := range k.Versions {
		name(v.Created, v.Live, v.Left, v.Kept, v.Disabled, v.Deleting)
		name(v.FoundEnabled...)
		for _, s := range v.Spans {
			revs[s.Rev] = true
		}
	}
	for _, w := range k.Windows {
		name(w.Done)
	}
	for _, h := range k.Holds {
		name(h.Set, h.Ended)
	}
	for _, a := range k.Acts {
		name(a.Fact, a.Ended)
		revs[a.Gave.Rev] = true
	}
	name(k.Open)
	delete(revs, 0)
	return revs
}
