package evidence_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
)

// wrong returns what contradicts itself in the report on a key.
func wrong(k evidence.Key) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	type active struct {
		version  int64
		from, to time.Time
	}
	var actives []active
	for _, v := range k.Versions {
		for i, s := range v.Spans {
			last := i == len(v.Spans)-1
			switch {
			case s.To.IsZero() != last:
				say("v%d: span %d of %d ends at %s", v.Version, i, len(v.Spans), s.To)
			case !last && s.To.Before(s.From):
				say("v%d: span %d ends before it begins", v.Version, i)
			case !last && !s.To.Equal(v.Spans[i+1].From):
				say("v%d: span %d does not end where the next begins", v.Version, i)
			case !last && s.State == v.Spans[i+1].State:
				say("v%d: spans %d and the next are both %s", v.Version, i, s.State)
			}
			if s.State == evidence.Active {
				to := s.To
				if last {
					to = sample.EvidenceAt().AddDate(100, 0, 0)
				}
				actives = append(actives, active{v.Version, s.From, to})
			}
		}
	}
	for i, a := range actives {
		for _, b := range actives[i+1:] {
			if a.from.Before(b.to) && b.from.Before(a.to) {
				say("v%d (%s to %s) and v%d (%s to %s) are active at once", a.version, a.from, a.to, b.version, b.from,
					b.to)
			}
		}
	}
	e := k.Events
	sum := e.Shown + e.Before + len(e.Others)
	for _, n := range e.Routine {
		sum += n
	}
	if sum != e.Total {
		say("%d events, %d of them counted: %+v", e.Total, sum, e)
	}
	for i, w := range k.Windows {
		if i > 0 && w.Start.Before(k.Windows[i-1].End) {
			say("windows overlap at %s", w.Start)
		}
	}
	return all
}

// In the stories at most one version is active at a time, and each event is shown or counted.
func TestStories(t *testing.T) {
	shown := 0
	for _, k := range sample.Evidence().Keys {
		for _, what := range wrong(k) {
			t.Errorf("%s: %s", k.Policy.Name, what)
		}
		if len(k.Events.Others) > 0 {
			t.Errorf("%s: not known: %v", k.Policy.Name, k.Events.Others)
		}
		shown += k.Events.Shown
	}
	if shown < 50 {
		t.Errorf("%d events shown", shown)
	}
}

// drawnEvents are events that no keyturn would write in this order, with gaps.
func drawnEvents(t *rapid.T) []plan.Event {
	words := []plan.EventKind{plan.EventAdopt, plan.EventClaim, plan.EventCreated, plan.EventConfirm, plan.EventFinish,
		plan.EventAbandon, plan.EventRebuild, plan.EventNote, plan.EventHold, plan.EventRelease, plan.EventReinstate,
		plan.EventKept, plan.EventRetired, plan.EventDeleting, plan.EventUnmark, plan.EventSelfHold, plan.EventGone,
		plan.EventFound, plan.EventSelfRelease, "by-rotate", "by-rollback", "of-a-newer-keyturn"}
	at, rev := sample.EvidenceSince().AddDate(0, -6, 0), int64(0)
	version := rapid.Int64Range(0, 5)
	var all []plan.Event
	for range rapid.IntRange(0, 40).Draw(t, "events") {
		rev += rapid.SampledFrom([]int64{1, 1, 1, 1, 1, 2, 1000}).Draw(t, "rev")
		at = at.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 24 * time.Hour, 20 * 24 * time.Hour,
			90 * 24 * time.Hour}).Draw(t, "later"))
		e := plan.Event{Rev: rev, At: at, Kind: rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, "kind"),
			Claim: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "claim"), Version: version.Draw(t, "version"),
			GaveUp: rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "gave up")}
		e.Schedule = rapid.SampledFrom([]string{"", "every 30d", "every 0s", "cron 0 3 1 * *", "x"}).Draw(t, "schedule")
		if e.Version > 0 {
			e.KeyID = fmt.Sprint("k", e.Version)
		}
		if rapid.Bool().Draw(t, "leaves") {
			n := rapid.Int64Range(1, 5).Draw(t, "left")
			e.Left = []plan.Left{{Version: n, KeyID: fmt.Sprint("k", n), Live: rapid.Bool().Draw(t, "live"),
				Until: at.AddDate(0, 0, 30)}}
		}
		if rapid.Bool().Draw(t, "window") {
			e.Window = at.Truncate(24 * time.Hour)
		}
		all = append(all, e)
	}
	return all
}

// Whatever a ledger and a record tell, the report does not contradict itself.
func TestDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawnEvents(t)
		r := &plan.Record{Rev: 1, Anchor: sample.EvidenceSince(), Active: rapid.Int64Range(0, 6).Draw(t, "active")}
		states := []plan.State{"", plan.Draining, plan.Kept, plan.Disabled, plan.Deleting, plan.Gone}
		for n := range rapid.Int64Range(0, 6).Draw(t, "versions") {
			r.Versions = append(r.Versions, plan.Version{Version: n + 1, KeyID: fmt.Sprint("k", n+1),
				State: rapid.SampledFrom(states).Draw(t, "state"), Since: sample.EvidenceSince(),
				Left: sample.EvidenceSince(), DisabledAt: sample.EvidenceSince()})
		}
		if rapid.Bool().Draw(t, "no record") {
			r = nil
		}
		s := evidence.Seen{KeyHistory: plan.KeyHistory{Key: sample.Policy("a"), Record: r,
			History: plan.HistoryOf(r, events)}}
		report := evidence.Of(sample.EvidenceAt(), sample.EvidenceSince(), nil, []evidence.Seen{s})
		for _, what := range wrong(report.Keys[0]) {
			t.Error(what)
		}
		report.Keys[0].Counts()
		for _, u := range report.Keys[0].Unknown {
			if u.Sentence() == "" {
				t.Errorf("%+v is not said", u)
			}
		}
	})
}

// sealed returns what was seen with a seal in a state.
func sealed(s evidence.Seen, state plan.SealState) evidence.Seen {
	s.Seals = slices.Clone(s.Seals)
	s.Seals[0].State = state
	return s
}

// Each tampering with a story shows in its report.
func TestNotInSilence(t *testing.T) {
	kinds := func(s evidence.Seen) []evidence.UnknownKind {
		k := evidence.Of(sample.EvidenceAt(), sample.EvidenceSince(), nil, []evidence.Seen{s}).Keys[0]
		var all []evidence.UnknownKind
		for _, u := range k.Unknown {
			if !slices.Contains(all, u.Kind) {
				all = append(all, u.Kind)
			}
		}
		return all
	}
	of := func(s evidence.Seen, r *plan.Record, events []plan.Event) evidence.Seen {
		s.Record, s.History = r, plan.HistoryOf(r, events)
		return s
	}
	whole := sample.EvidenceSeen()[0]
	if got := kinds(whole); len(got) > 0 {
		t.Fatalf("whole: %v", got)
	}
	record := func(change func(*plan.Record)) *plan.Record {
		r := whole.Record.Clone()
		change(r)
		return r
	}
	none := record(func(r *plan.Record) { r.Events = nil })
	schedule := slices.Clone(whole.Events)
	schedule[8].Kind = []plan.EventKind{"of-a-newer-keyturn"}
	rewritten := slices.Clone(whole.Events)
	rewritten[12].Stored += " "
	for _, c := range []struct {
		name string
		seen evidence.Seen
		want evidence.UnknownKind
	}{
		{"an event is gone", of(whole, none, slices.Delete(slices.Clone(whole.Events), 9, 10)), evidence.LedgerGap},
		{"the first events are gone", of(whole, none, whole.Events[6:]), evidence.BeforeLedger},
		{"the last events are gone", of(whole, none, whole.Events[:20]), evidence.LedgerDiffers},
		{"the ledger is gone", of(whole, none, nil), evidence.NoLedger},
		{"the ledger is gone, and the record is there", of(whole, none, nil), evidence.RecordOnly},
		{"the record is gone", of(whole, nil, whole.Events), evidence.LedgerDiffers},
		{"a version that no event tells", of(whole, record(func(r *plan.Record) {
			r.Versions = append(r.Versions, plan.Version{Version: 9, KeyID: "k9"})
		}), whole.Events), evidence.RecordOnly},
		{"an unknown word", of(whole, none, schedule), evidence.EventUnknown},
		{"disabled by somebody else", func() evidence.Seen {
			s := whole
			s.Keys = maps.Clone(whole.Keys)
			id := whole.Events[0].KeyID
			s.Keys[id] = plan.KeySeen{KeyID: id, State: "Disabled"}
			return s
		}(), evidence.KMSDiffers},
		{"a seal that does not fit", sealed(whole, plan.SealBroken), evidence.SealUnfit},
		{"a seal that was removed", sealed(whole, plan.SealAbsent), evidence.SealUnfit},
		{"a seal that was not read", sealed(whole, plan.SealUnread), evidence.Unread},
		{"an event was rewritten", of(whole, none, rewritten), evidence.LedgerDiffers},
		{"not read", evidence.Seen{KeyHistory: plan.KeyHistory{Key: whole.Key}, Failed: "x"}, evidence.Unread},
		{"adopted, and so without a seal", sealed(whole, plan.SealNone), ""},
		{"a use that KMS does not tell", func() evidence.Seen {
			s := whole
			s.Uses = map[string]plan.UseSeen{whole.Events[0].KeyID: {Failed: "denied"}}
			return s
		}(), evidence.Unread},
		{"a use that KMS does not record", func() evidence.Seen {
			s := whole
			s.Uses = map[string]plan.UseSeen{whole.Events[0].KeyID: {}}
			return s
		}(), evidence.UseUnknown},
	} {
		got := kinds(c.seen)
		if c.want == "" && slices.Contains(got, evidence.SealUnfit) || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	other := whole
	other.Key.Schedule.Every *= 2
	if got := kinds(other); !slices.Contains(got, evidence.ScheduleUnknown) {
		t.Errorf("another schedule today: %v", got)
	}
}
