package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// An event says of a drain that somebody else has ended what its time and the deadline prove.
func TestEndedText(t *testing.T) {
	ended := func(kind plan.EventKind, d time.Duration, more ...plan.EventKind) plan.Event {
		return plan.Event{At: noon, Kind: append([]plan.EventKind{kind}, more...), Version: 6,
			Ended: []plan.Ended{{Version: 6, KeyID: "k6", Until: noon.Add(d)}}}
	}
	none := ended(plan.EventRetired, day, plan.EventFound)
	none.Ended = nil
	for want, e := range map[string]plan.Event{
		"found v6 disabled": none,
		"found v6 disabled by somebody else; its deadline was " + plan.Stamp(noon.Add(-day)): ended(plan.EventRetired,
			-day, plan.EventFound),
		"found v6 gone, by somebody else; its deadline was " + plan.Stamp(noon): ended(plan.EventRetired, 0,
			plan.EventFound, plan.EventGone),
		"reinstated v6, found disabled by somebody else, at least 6d before its deadline": ended(plan.EventReinstate,
			6*day),
		"rebuilt from KMS, found v6 disabled by somebody else, at least 6d before its deadline": ended(
			plan.EventRebuild, 6*day),
	} {
		if got := plan.EventText(e); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
