package evidence_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
)

const every30 = "every 30d"

// life writes the events of a key that was adopted on 2026-01-01, one day after another.
type life struct {
	events []plan.Event
	anchor string
}

func (l *life) add(at string, e plan.Event, words ...plan.EventKind) *life {
	e.At, e.Rev, e.Kind = sample.At(at+"T00:00:00Z"), int64(len(l.events)+1), words
	if e.Run == "" {
		e.Run = fmt.Sprint("run-", e.Rev)
	}
	e.Who = plan.Who{By: "arn:aws:iam::1:user/" + e.Run, Terms: "t", Plan: "p"}
	if e.Version > 0 {
		e.KeyID = fmt.Sprint("k", e.Version)
	}
	l.events = append(l.events, e)
	return l
}

// rotates writes a scheduled generation that is finished on that day.
func (l *life) rotates(at string, version int64, window string) *life {
	claim := fmt.Sprint("c", version)
	l.add(at, plan.Event{Claim: claim, Version: version, Schedule: every30}, plan.EventClaim)
	e := plan.Event{Claim: claim, Version: version, Calls: []plan.Answered{{Operation: "UpdateAlias", Answer: "yes"}}}
	if window != "" {
		e.Window = sample.At(window + "T00:00:00Z")
	}
	return l.add(at, e, plan.EventFinish)
}

func begun() *life {
	l := &life{anchor: "2026-01-01"}
	return l.add("2026-01-01", plan.Event{Version: 1, Window: sample.At("2026-01-01T00:00:00Z")}, plan.EventAdopt)
}

// report makes the report on a day.
func (l *life) report(at string) evidence.Key {
	p := sample.Policy("a")
	p.Schedule, p.MinInterval = plan.Schedule{Every: 30 * sample.Day}, 15*sample.Day
	for i := range l.events {
		l.events[i].Who.Terms = p.Digest()
	}
	r := &plan.Record{Rev: int64(len(l.events)), Active: 1, Anchor: sample.At(l.anchor + "T00:00:00Z")}
	s := evidence.Seen{KeyHistory: plan.KeyHistory{Key: p, Record: r, History: plan.HistoryOf(nil, l.events)}}
	return evidence.Of(sample.At(at+"T00:00:00Z"), sample.At("2025-01-01T00:00:00Z"), nil, []evidence.Seen{s}).Keys[0]
}

func windowTexts(k evidence.Key) (all []string) {
	for _, w := range k.Windows {
		all = append(all, w.Start.Format(time.DateOnly)+" "+w.Text())
	}
	return all
}

// A window is rotated only if a switch to a new version was finished in it.
func TestWindows(t *testing.T) {
	jan, feb := sample.At("2026-01-01T00:00:00Z"), sample.At("2026-01-31T00:00:00Z")
	gaveUp := func() *life {
		return begun().add("2026-01-31", plan.Event{Claim: "c2", Version: 2, Schedule: every30}, plan.EventClaim).
			add("2026-02-01", plan.Event{GaveUp: "c2", Claim: "b2", Window: feb}, plan.EventAbandon, "by-rollback",
				plan.EventFinish)
	}
	rebuilt := func(anchor string, told time.Time) *life {
		l := begun().rotates("2026-02-02", 2, "2026-01-31").
			add("2026-02-10", plan.Event{Version: 2, Window: sample.At(anchor + "T00:00:00Z"), Anchor: told},
				plan.EventRebuild)
		l.anchor = anchor
		return l
	}
	const adopted = "2026-01-01 counts as rotated: the version was found behind the alias"
	for name, c := range map[string]struct {
		life *life
		at   string
		want []string
		due  string
	}{
		"a rotation": {begun().rotates("2026-02-02", 2, "2026-01-31"), "2026-02-03",
			[]string{adopted, "2026-01-31 rotated 2d after it opened"}, "1 due: 1 rotated, up to 2d late"},
		"a rotation that was given up": {gaveUp(), "2026-02-03", []string{adopted,
			"2026-01-31 NOT ROTATED: a person gave the new version up, 1d after it opened"},
			"1 due: 0 rotated, 1 closed"},
		"given up, and a rollback is open": {gaveUp().
			add("2026-02-02", plan.Event{Claim: "r", Version: 1}, plan.EventClaim, "by-rollback"), "2026-02-03",
			[]string{adopted, "2026-01-31 NOT ROTATED: a person gave the new version up, 1d after it opened"},
			"1 due: 0 rotated, 1 closed"},
		"given up, and a rotation is open": {gaveUp().
			add("2026-02-02", plan.Event{Claim: "p", Version: 3}, plan.EventClaim, "by-rotate"), "2026-02-03",
			[]string{adopted, "2026-01-31 open: no rotation yet"}, "1 due: 0 rotated, 1 open"},
		"and one after that": {gaveUp().rotates("2026-02-05", 3, ""), "2026-02-06",
			[]string{adopted, "2026-01-31 rotated 5d after it opened"}, "1 due: 1 rotated, up to 5d late"},
		"a rollback": {begun().rotates("2026-01-02", 2, "").
			add("2026-02-01", plan.Event{Claim: "r", Version: 1}, plan.EventClaim, "by-rollback").
			add("2026-02-01", plan.Event{Claim: "r", Version: 1, Window: feb}, plan.EventFinish), "2026-02-03",
			[]string{"2026-01-01 rotated 1d after it opened",
				"2026-01-31 NOT ROTATED: a rollback put an older version back, 1d after it opened"},
			"2 due: 1 rotated, 1 closed, up to 1d late"},
		"a key that somebody put behind the alias": {
			begun().add("2026-02-01", plan.Event{Version: 2, Window: feb}, plan.EventAdopt), "2026-02-03",
			[]string{adopted, "2026-01-31 counts as rotated: the version was found behind the alias"},
			"0 due: 0 rotated"},
		"an older version that somebody put behind the alias": {begun().rotates("2026-01-02", 2, "").
			add("2026-02-01", plan.Event{Version: 1, Window: feb}, plan.EventAdopt), "2026-02-03",
			[]string{"2026-01-01 rotated 1d after it opened",
				"2026-01-31 NOT ROTATED: an older version was found behind the alias, 1d after it opened"},
			"2 due: 1 rotated, 1 closed, up to 1d late"},
		"a switch whose claim is not known": {
			begun().add("2026-02-01", plan.Event{Claim: "x", Version: 2, Window: feb}, plan.EventFinish), "2026-02-03",
			[]string{adopted, "2026-01-31 not known: no event tells what the switch in it was for"},
			"0 due: 0 rotated; of 1 not known"},
		"a rebuild": {rebuilt("2026-01-01", jan), "2026-02-11",
			[]string{adopted, "2026-01-31 rotated 2d after it opened"}, "1 due: 1 rotated, up to 2d late"},
		"a rebuild of an older keyturn": {rebuilt("2026-02-02", time.Time{}), "2026-03-10",
			[]string{adopted, "2026-01-31 rotated 2d after it opened", "2026-03-04 open: no rotation yet"},
			"2 due: 1 rotated, 1 open, up to 2d late"},
		"a rebuild before the rotation": {begun().rotates("2026-01-02", 2, "").
			add("2026-02-10", plan.Event{Version: 2, Window: feb, Anchor: jan}, plan.EventRebuild), "2026-02-11",
			[]string{"2026-01-01 rotated 1d after it opened",
				"2026-01-31 NOT ROTATED: the record was made again from KMS, 10d after it opened"},
			"2 due: 1 rotated, 1 closed, up to 1d late"},
		"a rebuild with an older anchor before the rotation": {begun().rotates("2026-01-02", 2, "").
			add("2026-02-10", plan.Event{Version: 2, Window: sample.At("2026-01-02T00:00:00Z"),
				Anchor: sample.At("2026-01-02T00:00:00Z")}, plan.EventRebuild), "2026-02-11",
			[]string{"2026-01-01 rotated 1d after it opened",
				"2026-01-31 NOT ROTATED: the record was made again from KMS, 10d after it opened"},
			"2 due: 1 rotated, 1 closed, up to 1d late"},
	} {
		t.Run(name, func(t *testing.T) {
			k := c.life.report(c.at)
			if got := windowTexts(k); !slices.Equal(got, c.want) {
				t.Errorf("got\n%q\nwant\n%q", got, c.want)
			}
			if got := k.Counts().Text(); got != c.due {
				t.Errorf("got %q, want %q", got, c.due)
			}
		})
	}
}
