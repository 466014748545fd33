package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyturn/keyturn/plan"
)

// toldLedger is the ledger of steadyAt7 from the beginning: v5 to v7, each of them
// live until the next one was.
func toldLedger() []plan.Event {
	disable := plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 30 * day}
	at := func(days int) plan.Event { return plan.Event{At: noon.AddDate(0, 0, -days)} }
	adopt, to6, to7, kept := at(90), at(60), at(30), at(20)
	adopt.Rev, adopt.Kind, adopt.Generation, adopt.Version, adopt.KeyID = 1, []plan.EventKind{plan.EventAdopt}, 5, 5,
		"k5"
	to6.Rev, to6.Kind, to6.Generation, to6.Version, to6.KeyID = 2, []plan.EventKind{plan.EventFinish}, 6, 6, "k6"
	to6.Left = []plan.Left{{Version: 5, KeyID: "k5", Live: true, Until: noon.Add(-20 * day),
		Retire: plan.Retire{Action: plan.RetireKeep}}}
	to7.Rev, to7.Kind, to7.Generation, to7.Version, to7.KeyID = 3, []plan.EventKind{plan.EventFinish}, 7, 7, "k7"
	to7.Left = []plan.Left{{Version: 6, KeyID: "k6", Live: true, Until: noon.Add(9 * day), Retire: disable}}
	to7.Window = noon.Add(-2 * day)
	kept.Rev, kept.Kind, kept.Generation, kept.Version, kept.KeyID = 4, []plan.EventKind{plan.EventKept}, 7, 5, "k5"
	return []plan.Event{adopt, to6, to7, kept}
}

func ledgerOf(events ...plan.Event) sight {
	return func(o *plan.Observed) {
		o.Ledger = events
		for _, e := range events {
			rev := e.Rev
			o.LedgerRev = &rev
		}
	}
}

// A record that was lost is made again from what KMS shows and the ledger tells:
// deadlines, terms, when versions left, holds.
func TestRebuildFromTheLedger(t *testing.T) {
	p := ordersPolicy()
	p.Drain, p.Retire = day, plan.Retire{Action: plan.RetireDelete, UsageOff: true}
	hold := plan.Event{Rev: 5, At: noon.Add(-day), Kind: []plan.EventKind{plan.EventHold}, Generation: 7,
		Who: plan.Who{By: "ann"}, Reason: "INC-1"}
	self := hold
	self.Kind, self.Reason = []plan.EventKind{plan.EventNote, plan.EventHold, plan.EventSelfHold}, "5 refusals"
	over := hold
	over.Until = noon.Add(-minute)
	released := plan.Event{Rev: 6, At: noon, Kind: []plan.EventKind{plan.EventRelease}, Generation: 7}
	with := func(more ...plan.Event) []plan.Event { return append(toldLedger(), more...) }

	t.Run("deadlines, terms and when versions left", func(t *testing.T) {
		r := rebuild(t, p, nil, listed(ledgerOf(toldLedger()...)))
		e := entry(r, 6)
		if !e.DrainUntil.Equal(noon.Add(9*day)) || e.Retire.Action != plan.RetireDisable || e.Retire.UsageOff ||
			!e.Left.Equal(noon.Add(-30*day)) {
			t.Errorf("v6: %+v", e)
		}
		if e = entry(r, 5); e.Retire.Action != plan.RetireKeep || !e.Left.Equal(noon.Add(-60*day)) {
			t.Errorf("v5: %+v", e)
		}
		if r.Active != 7 || r.Generation != 8 || r.Rev != 4+plan.RevGap || r.Hold != nil {
			t.Errorf("%s, active %+v, hold %+v", r, r.Live(), r.Hold)
		}
	})
	t.Run("from the ledger alone", func(t *testing.T) {
		alone := func(o *plan.Observed) { o.Listing.Versions, o.Listed = nil, map[int64]plan.VersionSeen{} }
		r := rebuild(t, p, nil, listed(ledgerOf(toldLedger()...), alone))
		if r.Active != 7 || r.Live().KeyID != "k7" || r.Generation != 8 || entry(r, 6) == nil {
			t.Errorf("%s, active %+v, draining %+v", r, r.Live(), r.Draining())
		}
	})
	for name, c := range map[string]struct {
		events []plan.Event
		want   string // in the reason of the hold; "" is none
		self   bool
	}{
		"none":                       {with(), "", false},
		"a hold":                     {with(hold), "INC-1", false},
		"a self-hold":                {with(self), "5 refusals", true},
		"one that ran out":           {with(over), "", false},
		"one that was released":      {with(hold, released), "", false},
		"a revision is missing":      {with(released), "revisions 5 to 5", true},
		"the beginning is missing":   {with()[1:], "revisions 1 to 1", true},
		"a gap and a hold":           {append(with()[1:], hold), "INC-1", true},
		"no ledger at all":           {nil, "how v5 came about", true},
		"a version it does not tell": {func() []plan.Event { return with()[:2] }(), "how v7 came about", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := rebuild(t, p, nil, listed(ledgerOf(c.events...)))
			if (r.Hold == nil) != (c.want == "") || r.Hold != nil && (r.Hold.Self != c.self ||
				!strings.Contains(r.Hold.Reason, c.want)) {
				t.Errorf("hold %+v, want %q", r.Hold, c.want)
			}
		})
	}
	t.Run("the ledger goes on after an older record", func(t *testing.T) {
		old := record(plan.Steady, func(r *plan.Record) { r.Rev, r.Events = 4, nil })
		if r := rebuild(t, p, old, listed(ledgerOf(with(hold)...))); r.Hold == nil || r.Hold.Self ||
			r.Hold.Reason != "INC-1" {
			t.Errorf("hold %+v", r.Hold)
		}
	})
	t.Run("the older record tells another story", func(t *testing.T) {
		mine := released
		mine.Rev, mine.At = 4, noon
		old := record(plan.Steady, func(r *plan.Record) { r.Rev, r.Events = 6, []plan.Event{mine} })
		if r := rebuild(t, p, old, listed(ledgerOf(with(hold)...))); r.Hold == nil || !r.Hold.Self ||
			!strings.Contains(r.Hold.Reason, "INC-1") {
			t.Errorf("hold %+v", r.Hold)
		}
	})
}

// An event has what a person has added to a hold. Replayed, they make the hold that
// the record had.
func TestHoldsAreReplayed(t *testing.T) {
	type step func(r *plan.Record) *plan.Record
	person := func(who string, q plan.Request) step {
		return func(r *plan.Record) *plan.Record {
			d := plan.Decide(noon, ordersPolicy(), r, q, seen(func(o *plan.Observed) { o.Caller.ARN = who }))
			return plan.Apply(r, d.Act)
		}
	}
	ann := person("ann", plan.Request{Verb: plan.VerbHold, Reason: "INC-1", Until: noon.Add(day)})
	bob := person("bob", plan.Request{Verb: plan.VerbHold, Reason: "INC-2", Until: noon.Add(2 * day)})
	self := func(r *plan.Record) *plan.Record {
		return plan.Apply(r, written(7, "", plan.Note{SelfHold: "5 refusals"}))
	}
	ends := func(r *plan.Record) *plan.Record { // what the key held itself for is over
		return plan.Apply(r, written(7, "k7", plan.AdoptDriftWrite{Live: *r.Live()}))
	}
	for name, steps := range map[string][]step{
		"one":                      {ann},
		"one that another adds to": {ann, bob},
		"the key's own":            {self},
		"one added to that":        {self, ann},
		"which then is over":       {self, ann, ends},
		"with nothing added":       {self, ends},
		"released":                 {ann, person("bob", plan.Request{Verb: plan.VerbRelease})},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(plan.Steady, func(r *plan.Record) { r.Rev, r.Events, r.Hold = 4, nil, nil })
			for _, s := range steps {
				r = s(r)
			}
			again := rebuild(t, ordersPolicy(), nil, listed(ledgerOf(append(toldLedger(), r.Events...)...)))
			if diff := cmp.Diff(r.Hold, again.Hold); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The first sight of a key looks at the ledger, too, before anything is adopted.
func TestFirstSightLooksAtTheLedger(t *testing.T) {
	found := func(o *plan.Observed) {
		o.Listing = &plan.ListingSeen{Alias: &plan.AliasListed{Name: "alias/orders-data", KeyID: "k7", MovedAt: opened}}
	}
	unasked := func(o *plan.Observed) { o.LedgerRev, o.ReadAgain = nil, false }
	told := func(o *plan.Observed) { rev := int64(9); o.LedgerRev, o.ReadAgain = &rev, false }
	again := func(o *plan.Observed) { o.ReadAgain = true }
	tryCases(t, ordersPolicy(), []decideCase{
		{"not asked", nil, bySchedule, onlyWho(aliasOn("k7"), found, unasked), "look ledger"},
		{"empty", nil, bySchedule, onlyWho(aliasOn("k7"), found), "adopt"},
		{"it tells something: the record is read once more", nil, bySchedule, onlyWho(aliasOn("k7"), found, told),
			"look record"},
		{"and there is still none", nil, bySchedule, onlyWho(aliasOn("k7"), found, told, again), "refuse record-lost"},
		{"for a person too", nil, byAdopt, onlyWho(aliasOn("k7"), found, told, again), "refuse record-lost"},
		{"adopt --create as well", nil, byCreate, onlyWho(func(o *plan.Observed) { o.Listing = &plan.ListingSeen{} },
			told, again), "refuse record-lost"},
		{"nothing to rebuild from", nil, byRebuild, onlyWho(found), "refuse no-versions"},
	})
}

// The windows go on as the ledger tells them. Only if it does not tell, they are counted from
// when the alias was last moved, and that is said.
func TestRebuildKeepsTheAnchor(t *testing.T) {
	p := ordersPolicy()
	p.Schedule = plan.Schedule{Every: 90 * day}
	moved, begun := opened.Add(-30*day), noon.Add(-200*day)
	anchored, older := toldLedger(), toldLedger()
	anchored[0].Anchor = begun
	again := plan.Event{Rev: 1070, At: noon.Add(-day), Kind: []plan.EventKind{plan.EventRebuild}, Version: 7,
		KeyID: "k7", Anchor: moved.Add(-5 * day)}
	for name, c := range map[string]struct {
		old    *plan.Record
		ledger []plan.Event
		want   time.Time
		said   bool
	}{
		"the ledger has it":                      {nil, anchored, begun, false},
		"a rebuild since has moved it":           {nil, append(slices.Clone(anchored), again), again.Anchor, false},
		"an older keyturn told a window only":    {nil, older, older[2].Window, false},
		"the older record has it":                {record(plan.Steady), nil, record(plan.Steady).Anchor, false},
		"neither a record nor a ledger is there": {nil, nil, moved, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := listed(ledgerOf(c.ledger...))
			if got := rebuild(t, p, c.old.Clone(), o).Anchor; !got.Equal(c.want) {
				t.Errorf("counted from %s, want %s", got, c.want)
			}
			said := slices.ContainsFunc(plan.Decide(noon, p, c.old, byRebuild, o).Reasons, func(w plan.Reason) bool {
				return w.Code == plan.CodeAnchorUnknown && strings.Contains(w.Text, plan.Stamp(c.want))
			})
			if said != c.said {
				t.Errorf("said: %t", said)
			}
		})
	}
}
