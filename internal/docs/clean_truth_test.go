package docs

import (
	"slices"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// truth is what really is at a moment.
type truth struct {
	*witness
	now time.Time
	// terms are those of the plan that audits.
	terms terms
	// record is what stands in the table; nil if there is none.
	record *plan.Record
	ledger []plan.Event
	kms    sandbox.Truth
	// told has the hashes of all events that the two tell.
	told map[string]bool
}

// look looks at all that there is.
func (h *history) look() *truth {
	s := &truth{witness: h.witness, now: h.box.Now(), terms: h.planned[slices.Index(h.plans[:], h.plan)],
		record: h.record(), ledger: h.ledger(), kms: h.box.Truth("eu-west-1"), told: map[string]bool{}}
	for _, e := range s.ledger {
		s.told[e.Hash()] = true
	}
	if s.record != nil {
		for _, e := range s.record.Events {
			s.told[e.Hash()] = true
		}
	}
	return s
}

// lost reports whether neither record nor ledger tells an event that was written.
func (s *truth) lost(w write) bool { return !s.told[w.hash] }

// written returns the write with an event.
func (s *truth) written(hash string) (write, bool) {
	i := slices.IndexFunc(s.writes, func(w write) bool { return w.hash == hash })
	if i < 0 {
		return write{}, false
	}
	return s.writes[i], true
}

// older reports whether the record is not the one that was written last.
func (s *truth) older() bool { return s.record.Op != s.writes[len(s.writes)-1].after.Op }

// names returns the aliases of a key.
func (s *truth) names(keyID string) (names []string) {
	for name, id := range s.kms.Names {
		if id == keyID {
			names = append(names, name)
		}
	}
	return names
}

// wasLive reports whether a key ever was behind the alias by a record.
func (s *truth) wasLive(keyID string) bool {
	return slices.ContainsFunc(s.writes, func(w write) bool {
		live := w.after.Live()
		return live != nil && live.KeyID == keyID
	})
}

// heldBy returns since when and until when a person holds the key, by what persons have
// typed; zero if nobody does.
func (s *truth) heldBy() (since, until time.Time) {
	for _, w := range s.writes {
		switch e := w.event; {
		case e.HoldsVersion():
		case e.Is(plan.EventRelease):
			since, until = time.Time{}, time.Time{}
		case e.Kind[0] == plan.EventHold:
			since, until = e.At, e.Until
		}
	}
	if !until.IsZero() && !s.now.Before(until) {
		return time.Time{}, time.Time{}
	}
	return since, until
}

// versionHeld reports whether a person holds a version, by what persons have typed.
func (s *truth) versionHeld(version int64) (held bool) {
	for _, w := range s.writes {
		if e := w.event; e.HoldsVersion() && e.Version == version {
			held = e.Is(plan.EventHold) && (e.Until.IsZero() || s.now.Before(e.Until))
		}
	}
	return held
}

// usedSince reports whether a consumer or a probe has used a key.
func (s *truth) usedSince(keyID string, t time.Time) bool {
	return slices.ContainsFunc(s.uses, func(u use) bool { return u.keyID == keyID && !u.at.Before(t) })
}

func (s *truth) held() bool { return s.record.Held(s.now) }

// drainEnd is when the drain of a version is over: today's plan may make it longer.
func (s *truth) drainEnd(v plan.Version) time.Time {
	end := v.DrainUntil
	if long := v.Left.Add(span(s.terms.drain)); !v.Left.IsZero() && long.After(end) {
		end = long
	}
	return end
}

// drains returns the versions whose drain is over although they are still enabled, and
// those whose drain lasts.
func (s *truth) drains() (over, open []plan.Version) {
	for _, v := range s.record.Draining() {
		switch {
		case s.drainEnd(v).After(s.now):
			open = append(open, v)
		case s.kms.State[v.KeyID] == "Enabled":
			over = append(over, v)
		}
	}
	return over, open
}

// due returns when a claim became due, or will be; and whether it is now.
func (s *truth) due() (at time.Time, now bool) {
	r, every := s.record, span(s.terms.every)
	if r.Active == 0 { // its alias is not made yet
		return time.Time{}, false
	}
	ready := r.Live().Since.Add(every / 2)
	window := r.Anchor.Add(s.now.Sub(r.Anchor) / every * every)
	if s.now.Before(r.Anchor) {
		window = window.Add(-every)
	}
	needs := func(start time.Time) bool { return start.After(r.Window) && !start.Before(ready) }
	if needs(window) {
		return window, true
	}
	next := window.Add(every)
	for !needs(next) {
		next = next.Add(every)
	}
	at = next.Add(-s.terms.prepublish())
	return at, next.Equal(window.Add(every)) && !s.now.Before(at)
}

// inTheWay is how many versions await disabling and still will when the next claim is due.
func (s *truth) inTheWay() (n int) {
	at, _ := s.due()
	for _, v := range s.record.Draining() {
		end := s.drainEnd(v)
		if v.AwaitsDisabling() && !v.Held(s.now) && (end.After(at) && end.After(s.now) || s.stays(v)) {
			n++
		}
	}
	return n
}

// stays reports whether the drain of a version is over and the next run does not end it.
func (s *truth) stays(v plan.Version) bool {
	return !s.drainEnd(v).After(s.now) && (s.held() || s.inUse(v))
}

// inUse reports whether a version was used so lately that it stays enabled, or whether KMS
// has not recorded its use for long enough to know.
func (s *truth) inUse(v plan.Version) bool {
	within := s.terms.unlessUsed()
	if !v.Retire.UsageOff {
		within = max(within, v.Retire.UnlessUsedWithin)
	}
	return within > 0 && (s.usedSince(v.KeyID, s.now.Add(-within-time.Hour)) ||
		s.recordedSince(v.KeyID).After(s.now.Add(-within)))
}

// recordedSince returns since when KMS records the use of a key.
func (s *truth) recordedSince(keyID string) time.Time {
	got, err := s.w.kms().GetKeyLastUsage(s.w.t.Context(), &awskms.GetKeyLastUsageInput{KeyId: &keyID})
	s.w.check(err)
	return *got.TrackingStartDate
}

// unended reports whether no run could end the drain of a version for a day after it was over: a
// check that did not disable it was that of a run that died or was refused, and since the next one has
// been possible no run has come.
func (s *truth) unended(v plan.Version) bool {
	possible := laterOf(s.drainEnd(v), s.resumedFor(v))
	if s.now.Sub(possible) <= day {
		return false
	}
	checked := slices.IndexFunc(s.writes, func(w write) bool {
		is := w.after.EntryOf(v.KeyID)
		return is != nil && !is.CheckedAt.IsZero() && is.CheckedAt.Equal(v.CheckedAt)
	})
	if checked >= 0 && !s.hindered[s.writes[checked].event.Run] {
		return false
	}
	possible = laterOf(possible, v.NextCheck())
	return !s.ranSince(laterOf(possible, s.record.SwitchedAt.Add(plan.LagAfterSwitch)))
}

// resumed returns when runs could last begin what they could not before.
func (s *truth) resumed() (at time.Time) {
	var until time.Time
	for _, w := range s.writes {
		if w.event.Is(plan.EventRelease) && !w.event.HoldsVersion() || w.event.Is(plan.EventRebuild) {
			at = w.event.At
		}
		if until = (time.Time{}); w.after.Hold != nil {
			until = w.after.Hold.Until
		}
	}
	if until.After(s.now) {
		return at
	}
	return laterOf(at, until)
}

// resumedFor is resumed, and when a hold on the version itself ended.
func (s *truth) resumedFor(v plan.Version) time.Time {
	at := s.resumed()
	for _, w := range s.writes {
		if e := w.event; e.HoldsVersion() && e.Version == v.Version {
			at = laterOf(at, e.At)
			if !e.Until.After(s.now) {
				at = laterOf(at, e.Until)
			}
		}
	}
	return at
}

// ranSince reports whether a run of cron has come with the plan of today, and all its calls
// were answered.
func (s *truth) ranSince(t time.Time) bool {
	return slices.ContainsFunc(s.runs, func(r ran) bool {
		return !r.at.Before(t) && !s.hindered[r.run] && s.witness.terms[r.run] == s.terms
	})
}

// maxDraining is the default of max_draining.
const maxDraining = 2

func span(text string) time.Duration {
	d, err := plan.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}

func (m terms) prepublish() time.Duration {
	if m.more == "    prepublish: 2d\n" {
		return 2 * day
	}
	return 0
}

// unlessUsed is how long a use keeps a version enabled; 0 if nobody asks.
func (m terms) unlessUsed() time.Duration {
	if m.retire == "disable" {
		return 7 * day
	}
	return 0
}

// rotates returns the days after which KMS rotates the key behind a version made now, 0 for
// never; ok is false if it is as for the version before.
func (m terms) rotates() (days int32, ok bool) {
	switch m.more {
	case "    auto_rotation: 180d\n":
		return 180, true
	case "    auto_rotation: off\n":
		return 0, true
	}
	return 0, false
}

// rotation returns the days after which KMS rotates a key, 0 for never.
func (s *truth) rotation(keyID string) int32 {
	got, err := s.w.kms().GetKeyRotationStatus(s.w.t.Context(), &awskms.GetKeyRotationStatusInput{KeyId: &keyID})
	s.w.check(err)
	if got.RotationPeriodInDays == nil || !got.KeyRotationEnabled {
		return 0
	}
	return *got.RotationPeriodInDays
}

// alone returns the revisions that only the record tells, if that is so for an hour, and the
// run that wrote the last.
func (s *truth) alone() (revs []int64, run string) {
	last := int64(0)
	for _, e := range s.ledger {
		last = max(last, e.Rev)
	}
	for _, e := range s.record.Events {
		if e.Rev > last {
			revs, run = append(revs, e.Rev), e.Run
		}
	}
	if newest := s.record.Events[len(s.record.Events)-1]; s.now.Sub(newest.At) < time.Hour {
		return nil, ""
	}
	return revs, run
}

// before returns the version that was live before the live one, if that was rotated to.
func (s *truth) before() (before *plan.Version) {
	live := s.record.Live()
	if live.Adopted || s.record.Active != s.record.Generation {
		return nil
	}
	for _, v := range s.record.Versions {
		if v.Version != live.Version && (before == nil || v.Left.After(before.Left)) {
			before = &v
		}
	}
	return before
}
