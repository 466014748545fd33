package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What awaits its deletion, or may be brought back, is not forgotten for what is
// over: with a rotation a day and delete_after 60d there are sixty of them.
func TestRetiredOnesThatAreNeeded(t *testing.T) {
	r := record(plan.Steady)
	old(r)
	retire := func(n int64, w plan.Write) {
		r.Versions = append(r.Versions, plan.Version{Version: n, KeyID: "k" + plan.VersionName(n),
			State: plan.Draining})
		act := written(n, "k"+plan.VersionName(n), w)
		act.At = noon.Add(time.Duration(n) * day)
		r = plan.Apply(r, act)
	}
	has := func(n int64) bool {
		for _, t := range r.Retired() {
			if t.Version == n {
				return true
			}
		}
		return false
	}
	for n := int64(100); n < 160; n++ {
		retire(n, plan.RetiredWrite{})
		retire(n+1000, plan.KeptWrite{})
	}
	if !has(100) || r.Forgotten(99) == false {
		t.Errorf("v100, which is disabled, is listed: %v; v99 may have been kept: %v", has(100), r.Forgotten(99))
	}
	if has(1109) || !has(1110) || !r.Forgotten(1109) || r.Forgotten(1110) {
		t.Errorf("of the kept ones the newest %d are listed", plan.MaxRetired)
	}
	// Once its deletion is scheduled nothing is left to be done for it.
	r = plan.Apply(r, written(100, "kv100", plan.DeletingWrite{DeleteAt: noon.Add(330 * day)}))
	retire(200, plan.RetiredWrite{})
	if has(100) || !has(101) {
		t.Error("the deleted one counts as over")
	}
	for n := int64(2000); n < 2000+plan.MaxDisabled; n++ {
		retire(n, plan.RetiredWrite{})
	}
	if has(200) || !has(2000) || !r.Forgotten(200) {
		t.Errorf("of the disabled ones the newest %d are listed", plan.MaxDisabled)
	}
	d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Version: 150, Reason: "x"}, seen())
	if ref := d.Act.Refusal; ref == nil || ref.Code != plan.CodeNothingToReinstate ||
		!strings.Contains(fmt.Sprint(ref.Hint.Commands), "aws kms describe-key") {
		t.Errorf("%+v", d)
	}
}

// What was left out stays known through a rebuild.
func TestRebuildKeepsWhatWasLeftOut(t *testing.T) {
	leftOut := record(plan.Steady, func(r *plan.Record) { r.LeftOut = 3 })
	if r := rebuild(t, ordersPolicy(), leftOut, listed()); r.LeftOut != 3 {
		t.Errorf("left out up to v%d", r.LeftOut)
	}
}

// A drain ends at the later of the deadline written and what the plan gives it now.
func TestDrainEnd(t *testing.T) {
	e := plan.Version{Left: noon, DrainUntil: noon.Add(10 * day)}
	for drain, want := range map[time.Duration]time.Duration{day: 10 * day, 10 * day: 10 * day, 20 * day: 20 * day} {
		if got := (plan.Policy{Drain: drain}).DrainEnd(e); !got.Equal(noon.Add(want)) {
			t.Errorf("drain %s: it ends %s after the switch", drain, got.Sub(noon))
		}
	}
	e.Left = time.Time{} // it was never active
	if got := (plan.Policy{Drain: 20 * day}).DrainEnd(e); !got.Equal(e.DrainUntil) {
		t.Errorf("never active: %s", got)
	}
}
