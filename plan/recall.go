package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// recalled is what is still known about a record that was lost, or restored from an
// older copy.
type recalled struct {
	// record is the older copy, if there is one, with the later events of the ledger
	// applied. It is never written.
	record *Record
	// gaps describe what neither of the two knows.
	gaps []string
}

// recall replays the ledger on the older record.
func (d decider) recall() recalled {
	told := recalled{record: d.r.Clone()}
	if told.record == nil {
		told.record = &Record{}
	}
	r, last := told.record, told.record.Rev
	if rev := d.r.differs(d.o.Ledger); rev > 0 { // the restored copy was written to since
		told.gaps = append(told.gaps,
			fmt.Sprintf("which is so of revision %d and later, for the older record tells them otherwise", rev))
		last = rev - 1
	}
	events := slices.Clone(d.o.Ledger)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Rev, b.Rev) })
	for _, e := range events {
		if e.Rev <= last {
			continue
		}
		if e.Rev != last+1 && !e.Is(EventRebuild) {
			told.gaps = append(told.gaps, fmt.Sprintf("revisions %d to %d", last+1, e.Rev-1))
		}
		last = e.Rev
		r.replay(e)
	}
	for _, n := range d.listed() {
		seen := d.o.Listed[n]
		id, leftOut := seen.KeyID, r.Forgotten(n) && d.isVersion(n, seen)
		made := slices.ContainsFunc(events, func(e Event) bool { return e.KeyID == id && e.Version == n })
		if _, ours := r.VersionOfKey(id); !ours && !made && !leftOut {
			told.gaps = append(told.gaps, "how "+VersionName(n)+" came about")
		}
	}
	if d.r != nil && len(told.gaps) > 0 { // the event that releases a hold may be of another history
		r.Hold = cmp.Or(r.Hold, clone(d.r.Hold))
		for _, v := range d.r.Versions {
			if is := r.EntryOf(v.KeyID); is != nil {
				is.Hold = cmp.Or(is.Hold, clone(v.Hold))
				is.stillFenced(v.Fence)
			}
		}
	}
	return told
}

// anchor returns from when the windows were counted: as the record and the ledger tell it, or
// else the start of the latest window that was done, which was counted from it. It is
// zero if neither is known.
func (t recalled) anchor() time.Time {
	if t.record.Anchor.IsZero() {
		return t.record.Window
	}
	return t.record.Anchor
}

// differs returns the first revision about which a record and the ledger differ; 0 if
// there is none.
func (r *Record) differs(ledger []Event) int64 {
	first := int64(0)
	if r == nil {
		return 0
	}
	for _, e := range r.Events {
		i := slices.IndexFunc(ledger, func(l Event) bool { return l.Rev == e.Rev })
		if i >= 0 && !SameEvent(ledger[i], e) && (first == 0 || e.Rev < first) {
			first = e.Rev
		}
	}
	return first
}

// replayReinstate applies what an event tells of a reinstate. When calls that were signed before
// it have expired no event tells, so the latest time counts.
func (r *Record) replayReinstate(e Event) {
	v := r.EntryOf(e.KeyID)
	switch {
	case v == nil || v.State != Draining:
	case e.Is(EventReinstate):
		mark := v.Fence
		v.RetiredBy, v.ReinstatedAt, v.LookAfter, v.Fence = "", e.At, e.At.Add(FenceFor), nil
		v.stillFenced(mark)
	case e.Is(EventLookAgain):
		if v.LookAfter = e.At.Add(FenceFor); v.ReinstatedAt.IsZero() { // its reinstate is not told
			v.ReinstatedAt = e.At
		}
	case e.Is(EventLooked):
		v.LookAfter = time.Time{}
	}
}

// stillFenced takes a mark over that may be alive, as the time to look again if the version was
// reinstated.
func (v *Version) stillFenced(mark *Fence) {
	switch {
	case mark == nil:
	case !v.LookAfter.IsZero():
		v.LookAfter = latest(v.LookAfter, mark.Until)
	default:
		v.Fence = cmp.Or(v.Fence, clone(mark))
	}
}

// replayMark applies what an event tells of a mark, as the write did that it describes. A
// version that the record does not have gets an entry.
func (r *Record) replayMark(e Event) {
	a := Act{Version: e.Version, KeyID: e.KeyID, Writer: Writer{At: e.At, Caller: e.Who.By, Self: Self{Run: e.Run}}}
	what, state := FencedDisable, Kept
	if e.Is(EventDelete) {
		what, state = FencedDelete, Disabled
	}
	switch {
	case e.Is(EventMark):
		v := r.listed(Version{Version: e.Version, KeyID: e.KeyID, LeftUnknown: true})
		if v.KeyID != e.KeyID {
			return
		}
		switch {
		case v.State != "":
		case state == Kept:
			v.State, v.KeptAt = Kept, e.At
		default:
			v.State, v.DisabledAt, v.DisabledUnknown = Disabled, e.At, true
		}
		r.keepsRetirer(e, func(enabled bool) {
			retires := e.Is(ByVerb(VerbRetire)) && enabled
			MarkWrite{What: what, Signed: e.Until.Add(-FenceFor), Retires: retires, Entry: *v}.applyTo(r, a)
		})
	case e.Is(EventMarkNo):
		r.keepsRetirer(e, func(bool) { MarkNoWrite{What: what}.applyTo(r, a) })
	case e.Is(EventUnmark):
		UnmarkWrite{}.applyTo(r, a)
	}
}

// keepsRetirer applies what became of a mark. A version that was retired before stays so, and by
// whom it was: what KMS shows decides whether it is disabled.
func (r *Record) keepsRetirer(e Event, apply func(enabled bool)) {
	was := r.EntryOf(e.KeyID)
	if was == nil || was.enabled() {
		apply(true)
		return
	}
	by := was.RetiredBy
	apply(false)
	r.EntryOf(e.KeyID).RetiredBy = by
}

// replay applies an event to a record.
func (r *Record) replay(e Event) {
	r.Generation = max(r.Generation, e.Generation)
	r.Window = latest(r.Window, e.Window)
	if !e.Anchor.IsZero() {
		r.Anchor = e.Anchor
	}
	r.replayHold(e)
	for _, l := range e.Left {
		v := Version{Version: l.Version, KeyID: l.KeyID}
		switch was := r.EntryOf(l.KeyID); {
		case was == nil:
		case was.State == Draining:
			if v = *was; e.Is(EventReinstate) {
				v.RetiredBy = ""
			}
		case was.State.Retired():
			v.Left, v.LeftUnknown, v.Hold = was.Left, was.LeftUnknown, was.Hold
			v.DrainUntil, v.ReinstatedAt, v.Fence = was.DrainUntil, was.ReinstatedAt, was.Fence
		default:
			v.Hold, v.ReinstatedAt = was.Hold, was.ReinstatedAt
		}
		if l.Live && !(e.Is(EventRebuild) && v.State == Draining) { // a rebuild compares with an older record
			v.Left, v.LeftUnknown = e.At, false
		}
		v.State, v.DrainUntil, v.Retire = Draining, latest(v.DrainUntil, l.Until), l.Retire
		r.put(v)
	}
	r.replayReinstate(e)
	switch {
	case e.KeyID == "":
	case e.Is(EventFinish), e.Is(EventAdopt), e.Is(EventRebuild):
		// What became of the live version before is not known, unless it drains.
		live := Version{Version: e.Version, KeyID: e.KeyID, Since: e.At}
		if was := r.EntryOf(e.KeyID); was != nil {
			live.Hold, live.ReinstatedAt = was.Hold, was.ReinstatedAt
		}
		r.Versions = slices.DeleteFunc(r.Versions, func(v Version) bool {
			return v.KeyID == e.KeyID || v.Version == r.Active && v.State == "" && v.Hold == nil
		})
		r.goLive(live)
	case e.Is(EventMark), e.Is(EventMarkNo), e.Is(EventUnmark):
		r.replayMark(e)
	case e.Is(EventKept):
		r.retire(e.Version, Kept, false, func(v *Version) { v.KeptAt = e.At })
	case e.Is(EventRetired):
		r.replayRetired(e)
	case e.Is(EventDeleting):
		if v := r.EntryOf(e.KeyID); v != nil && v.State.Retired() {
			v.State = Deleting // until when, KMS shows, for as long as it has the key
			if v.DisabledAt.IsZero() {
				v.DisabledAt, v.DisabledUnknown = e.At, true
			}
			v.answered(e)
		}
	}
}

// replayRetired applies the end of a drain. Its deadline stays, whatever ended it.
func (r *Record) replayRetired(e Event) {
	if v := r.EntryOf(e.KeyID); v != nil {
		v.Fence = v.outstanding(e.At)
		v.answered(e)
	}
	state := Disabled
	if e.Is(EventGone) {
		state = Gone
	}
	r.retire(e.Version, state, true, func(v *Version) {
		if v.DisabledAt = e.At; state == Gone {
			v.DeleteAt = e.At
		}
	})
	if state == Disabled && e.RetiresFound() {
		v := r.listed(Version{Version: e.Version, KeyID: e.KeyID, State: Disabled, DisabledAt: e.At,
			DisabledUnknown: true, LeftUnknown: true})
		v.RetiredBy = cmp.Or(v.RetiredBy, e.Who.By)
	}
}

// answered takes the signer off a mark whose call was answered yes: nothing was found then.
func (v *Version) answered(e Event) {
	if !e.Is(EventFound) {
		v.Fence = v.Fence.struck()
	}
}

// replayHold applies an event to the hold. An event has only what a person has added to
// an earlier hold.
func (r *Record) replayHold(e Event) {
	switch {
	case e.HoldsVersion():
		r.replayVersionHold(e)
	case e.Is(EventRelease):
		r.Hold = nil
	case e.Is(EventSelfRelease):
		r.Hold = r.Hold.withoutSelf()
	case e.Is(EventHold):
		h := e.hold(r.Hold)
		if e.Kind[0] != EventHold {
			h.By = selfHolder
		}
		r.Hold = h
	case e.Is(EventSelfHold) && r.Hold == nil: // by a rebuild
		r.Hold = &Hold{By: selfHolder, Reason: madeAgain + ": " + heldUnknown, Since: e.At, Self: true}
	case e.Is(EventSelfHold):
		r.Hold = clone(r.Hold)
		r.Hold.Self, r.Hold.Until = true, time.Time{}
	}
}

// replayVersionHold applies the event of a hold of a version, or of its release. A version
// that the record does not have gets an entry without a state, which KMS has to show.
func (r *Record) replayVersionHold(e Event) {
	v := r.EntryOf(e.KeyID)
	switch {
	case e.Is(EventRelease) && v != nil:
		v.Hold = nil
	case e.Is(EventHold) && v != nil:
		v.Hold = e.hold(v.Hold)
	case e.Is(EventHold):
		r.put(Version{Version: e.Version, KeyID: e.KeyID, Hold: e.hold(nil)})
	}
}

// hold returns the hold that an event sets, on top of the one before.
func (e Event) hold(was *Hold) *Hold {
	h := &Hold{By: e.Who.By, Reason: e.Reason, Since: e.At, Until: e.Until, Self: e.Is(EventSelfHold)}
	if was.inForce(e.At) {
		h.Reason = joinReasons(was.Reason, h.Reason)
	}
	return h
}

// Why a key holds itself after a rebuild.
const (
	madeAgain   = "the record was made again from KMS"
	heldUnknown = "whether the key, or a version of it, was held is not known"
)

// hold returns the hold that a rebuilt record begins with: the one that is known to be
// in force, and, if there are gaps, one of the key itself, because it may have been
// held.
func (t recalled) hold(now time.Time) *Hold {
	known := clone(t.record.Hold)
	if !t.record.Held(now) {
		known = nil
	}
	if len(t.gaps) == 0 {
		return known
	}
	gaps := strings.Join(t.gaps[:min(len(t.gaps), 3)], ", ")
	if more := len(t.gaps) - 3; more > 0 {
		gaps += fmt.Sprintf(" and %d more", more)
	}
	self := &Hold{By: selfHolder, Since: now, Self: true,
		Reason: madeAgain + ", and the ledger does not tell " + gaps + ": " + heldUnknown}
	if known == nil {
		return self
	}
	both, _ := self.merge(*known)
	both.By, both.Since, both.Self, both.Until = known.By, known.Since, true, time.Time{}
	return &both
}
