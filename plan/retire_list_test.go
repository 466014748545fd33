package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// retired is a record with versions from v100 on that were retired in turn, one a day.
func retired(n int, w plan.Write) *plan.Record {
	r := record(plan.Steady)
	old(r)
	for i := range int64(n) {
		r = retire(r, 100+i, noon.Add(time.Duration(i)*day), w)
	}
	return r
}

// retire ends the drain of a version that left at a time.
func retire(r *plan.Record, n int64, left time.Time, w plan.Write) *plan.Record {
	r = r.Clone()
	r.Versions = append(r.Versions, plan.Version{Version: n, KeyID: "k" + plan.VersionName(n), State: plan.Draining,
		Left: left})
	act := written(n, "k"+plan.VersionName(n), w)
	act.At = left.Add(day)
	return plan.Apply(r, act)
}

func lists(r *plan.Record, versions ...int64) bool {
	for _, n := range versions {
		if r.Entry(n) == nil {
			return false
		}
	}
	return true
}

// Of the kept versions those are listed that were live last, whatever their numbers and
// whenever their drain was over.
func TestKeptOnesThatWereLiveLast(t *testing.T) {
	r := retired(plan.MaxKept, plan.KeptWrite{})
	r = retire(r, 90, noon.Add(-day), plan.KeptWrite{}) // kept last, and live first
	if lists(r, 90) || !lists(r, 100, 101, 102, 103) || r.LeftOut != 90 || !r.Forgotten(90) || r.Forgotten(91) {
		t.Errorf("%v, left out up to v%d", r.Numbers(), r.LeftOut)
	}
	r = retire(r, 80, noon.Add(100*day), plan.KeptWrite{}) // rolled back to lately
	if !lists(r, 80, 101, 102, 103) || lists(r, 100) || r.LeftOut != 100 {
		t.Errorf("%v, left out up to v%d", r.Numbers(), r.LeftOut)
	}
}

// What awaits its deletion, or may be brought back, is not forgotten for what is over.
func TestDisabledOnesAreListed(t *testing.T) {
	r := retired(plan.MaxDisabled, plan.RetiredWrite{})
	for n := range int64(60) {
		r = retire(r, 1000+n, noon, plan.KeptWrite{})
		r = retire(r, 2000+n, noon, plan.RetiredWrite{Gone: true})
	}
	if !lists(r, 100, 599, 1059, 2010, 2059) || lists(r, 1055) || lists(r, 2009) {
		t.Errorf("%v", r.Numbers())
	}
	// A deletion that is scheduled is no reason to leave the version out before it is over.
	due := noon.AddDate(2, 0, 0)
	r = plan.Apply(r, written(300, "kv300", plan.DeletingWrite{DeleteAt: due}))
	for n := range int64(60) {
		r = retire(r, 3000+n, noon, plan.RetiredWrite{Gone: true})
	}
	if !lists(r, 300) {
		t.Error("v300 is only to be deleted in two years")
	}
	r = retire(retire(r, 4000, due, plan.RetiredWrite{}), 4001, due, plan.RetiredWrite{})
	if lists(r, 100) || !lists(r, 101, 4000, 4001) {
		t.Errorf("of the disabled ones the newest %d are listed", plan.MaxDisabled)
	}
}

// What something is still to be done for is listed, however old it is.
func TestNeededOnesAreListed(t *testing.T) {
	fence := func(until time.Time) change {
		return func(r *plan.Record) {
			r.Entry(100).Fence = &plan.Fence{What: plan.FencedDelete, Until: until, Signers: 1}
		}
	}
	later := noon.AddDate(10, 0, 0)
	for name, c := range map[string]struct {
		of     plan.Write
		change change
		most   int
		listed bool
	}{
		"nothing": {plan.KeptWrite{}, func(*plan.Record) {}, plan.MaxKept, false},
		"the target of a rollback": {plan.KeptWrite{}, func(r *plan.Record) { r.Target = 100 }, plan.MaxKept,
			true},
		"a call may arrive":                {plan.RetiredWrite{}, fence(later), plan.MaxDisabled, true},
		"a call ran out, and is looked at": {plan.RetiredWrite{}, fence(noon), plan.MaxDisabled, true},
		"gone, and no call may arrive":     {plan.RetiredWrite{Gone: true}, fence(noon), plan.MaxGone, false},
	} {
		r := retired(c.most, c.of)
		c.change(r)
		for n := range int64(3) {
			r = retire(r, 5000+n, noon.AddDate(1, 0, 0), c.of)
		}
		if lists(r, 100) != c.listed {
			t.Errorf("%s: v100 is listed: %v", name, !c.listed)
		}
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
