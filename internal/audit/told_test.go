package audit

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What the events tell of a version is what the writes have made of it: also if a person retires
// one that is disabled already, and if KMS refuses that.
func TestToldOfASecondRetire(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	disabled := plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-time.Hour),
		ReinstatedAt: noon.Add(-48 * time.Hour), RetiredBy: "ann"}
	events := func(kinds ...plan.Event) told {
		var all []plan.Event
		for i, e := range kinds {
			if e.Rev, e.At = int64(i)+10, noon.Add(time.Duration(i)*time.Minute); e.Version == 0 {
				e.Version, e.KeyID = 6, "k6"
			}
			all = append(all, e)
		}
		return tell(all)
	}
	ann, bob := plan.Who{By: "ann"}, plan.Who{By: "bob"}
	rebuilt := plan.Event{Kind: []plan.EventKind{plan.EventRebuild}, Version: 7, KeyID: "k7"}
	retired := plan.Event{Kind: []plan.EventKind{plan.EventRetired, "by-retire"}, Who: ann}
	marks := plan.Event{Kind: []plan.EventKind{plan.EventMark, "disable", "by-retire"}, Who: ann, Reason: "leak"}
	again := plan.Event{Kind: []plan.EventKind{plan.EventMark, "disable", "by-retire"}, Who: bob, Reason: "leak"}
	refused := plan.Event{Kind: []plan.EventKind{plan.EventMarkNo, "disable"}, Who: bob}
	found := plan.Event{Kind: []plan.EventKind{plan.EventRetired, plan.EventFound, "by-retire"}, Who: bob,
		Reason: "leak"}

	v := events(marks, retired, again, refused).versions[6]
	if v.state.value != plan.Disabled || v.retiredBy.value != "ann" || !v.at.value.Equal(noon.Add(time.Minute)) {
		t.Errorf("refused: %+v; the record has %+v", v, disabled)
	}
	if v := events(marks, retired, again).versions[6]; v.state.value != plan.Kept || v.retiredBy.value != "bob" {
		t.Errorf("marked: %+v", v)
	}
	if v := events(rebuilt, again, refused).versions[6]; v.state.known() || v.at.known() {
		t.Errorf("refused after a rebuild: %+v", v)
	}
	// Ann's run dies after its mark, and Bob's finds the version enabled: it is kept.
	if v := events(marks, retired, again, again, refused).versions[6]; v.state.value != plan.Kept {
		t.Errorf("marked twice: %+v", v)
	}
	gone := found
	gone.Kind = append([]plan.EventKind{plan.EventGone}, found.Kind...)
	gone.Kind[0], gone.Kind[1] = gone.Kind[1], gone.Kind[0]
	if v := events(rebuilt, gone).versions[6]; v.retiredBy.value != "" {
		t.Errorf("deleted: %+v", v)
	}
	v = events(rebuilt, found).versions[6]
	if v.state.known() || v.at.known() || v.retiredBy.value != "bob" {
		t.Errorf("after a rebuild: %+v", v)
	}
}
