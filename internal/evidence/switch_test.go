package evidence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// signs writes a generation of a person up to the signature of its switch, on 2026-02-10.
func signs() *life {
	return begun().rotates("2026-01-31", 2, "2026-01-31").
		add("2026-02-10", plan.Event{Claim: "p", Version: 3}, plan.EventClaim, "by-rotate").
		add("2026-02-10", plan.Event{Claim: "p", Version: 3, Run: "A"}, plan.EventConfirm)
}

func leaves(version int64) []plan.Left {
	return []plan.Left{{Version: version, KeyID: fmt.Sprint("k", version), Live: true}}
}

func spansOf(k evidence.Key, version int64) string {
	var all []string
	for _, v := range k.Versions {
		for _, s := range v.Spans {
			if v.Version == version && !s.To.Equal(s.From) {
				all = append(all, string(s.State)+" "+s.From.Format(time.DateOnly))
			}
		}
	}
	return strings.Join(all, ", ")
}

// Between the signature of a switch and the moment at which the alias was found there it is not
// known which version it named, unless an event has the answer.
func TestSwitches(t *testing.T) {
	yes := []plan.Answered{{Operation: "UpdateAlias", RequestID: "q", Answer: "yes"}}
	finish := func(l *life, run string, calls []plan.Answered) *life {
		return l.add("2026-02-12", plan.Event{Claim: "p", Version: 3, Run: run, Calls: calls, Left: leaves(2)},
			plan.EventFinish)
	}
	const exact, unsure = "made 2026-02-10, active 2026-02-12", "perhaps 2026-02-10, active 2026-02-12"
	for name, c := range map[string]struct {
		life         *life
		by           string
		v2, v3, said string
	}{
		"answered": {finish(signs(), "A", yes), "rotate A",
			"made 2026-01-31, active 2026-01-31, draining 2026-02-12", exact, ""},
		"found by another run": {finish(signs(), "B", nil), "rotate A",
			"active 2026-01-31, perhaps 2026-02-10, draining 2026-02-12", unsure,
			"from 2026-02-10 00:00 to 2026-02-12 00:00 whether the alias was on v2 or on v3: the switch to v3 was " +
				"signed in run A (revision 5), and no event has the answer"},
		"refused, and signed again": {finish(signs().add("2026-02-10", plan.Event{Claim: "p", Run: "A"}, plan.EventNote,
			plan.EventMoveNo).add("2026-02-11", plan.Event{Claim: "p", Version: 3, Run: "B"}, plan.EventConfirm),
			"B", yes), "rotate B", "active 2026-01-31, draining 2026-02-12", exact, ""},
		"not answered, and signed again": {finish(signs().
			add("2026-02-11", plan.Event{Claim: "p", Version: 3, Run: "B"}, plan.EventConfirm), "B", yes),
			"rotate B", "active 2026-01-31, perhaps 2026-02-10, draining 2026-02-12", unsure,
			"whether the alias was on"},
		"given up by a rollback": {signs().
			add("2026-02-12", plan.Event{GaveUp: "p", Claim: "r", Run: "C", Left: leaves(2)}, plan.EventAbandon,
				"by-rollback", plan.EventClaim).
			add("2026-02-13", plan.Event{Claim: "r", Version: 2, Run: "C"}, plan.EventConfirm).
			add("2026-02-14", plan.Event{Claim: "r", Version: 2, Run: "C", Calls: yes, Left: leaves(3)},
				plan.EventFinish),
			"rotate A", "active 2026-01-31, perhaps 2026-02-10, draining 2026-02-12, active 2026-02-14",
			unsure + ", draining 2026-02-14", "the switch to v3 was signed in run A"},
		"not finished": {signs(), "", "active 2026-01-31, perhaps 2026-02-10", "perhaps 2026-02-10",
			"since 2026-02-10 00:00 whether the alias is on v2 or on v3: the switch to v3 was signed in run A"},
	} {
		t.Run(name, func(t *testing.T) {
			k := c.life.report("2026-02-20")
			for n, want := range map[int64]string{2: c.v2, 3: c.v3} {
				if got := spansOf(k, n); strings.TrimPrefix(got, "made 2026-01-31, ") != strings.TrimPrefix(want,
					"made 2026-01-31, ") {
					t.Errorf("v%d: %s, want %s", n, got, want)
				}
			}
			for _, v := range k.Versions {
				live := strings.TrimSpace(string(v.Live.Why.Verb) + " " + v.Live.Run)
				if v.Version == 3 && live != c.by {
					t.Errorf("live by %q, want %q", live, c.by)
				}
			}
			i := slices.IndexFunc(k.Unknown, func(u evidence.Unknown) bool { return u.Kind == evidence.SwitchUnknown })
			switch {
			case c.said == "" && i >= 0, c.said != "" && (i < 0 || !strings.Contains(k.Unknown[i].Sentence(), c.said)):
				t.Errorf("not known: %+v", k.Unknown)
			}
			for _, what := range wrong(k) {
				t.Error(what)
			}
		})
	}
}
