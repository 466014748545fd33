package evidence_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A person retires a version that is disabled already: it is disabled since it was, and by whom it was.
func TestRetireOfWhatIsDisabled(t *testing.T) {
	life := func(more ...plan.EventKind) *life {
		l := begun().rotates("2026-01-31", 2, "2026-01-31").
			add("2026-03-01", plan.Event{Version: 1, KeyID: "k1"}, plan.EventRetired)
		if len(more) > 0 {
			l.add("2026-03-05", plan.Event{Version: 1, KeyID: "k1", Reason: "leak"}, more...)
		}
		return l
	}
	k := life(plan.EventRetired, plan.EventFound, "by-retire").report("2026-04-01")
	v := k.Versions[0]
	if v.Disabled.Rev != life().report("2026-04-01").Versions[0].Disabled.Rev || v.FoundDisabled {
		t.Errorf("%+v, found: %v", v.Disabled, v.FoundDisabled)
	}
}
