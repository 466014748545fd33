package rotate_test

import (
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// logs keeps what a run logs.
func (p *pool) logs() *[]rotate.Trace {
	var all []rotate.Trace
	p.Log = func(t rotate.Trace) { all = append(all, t) }
	return &all
}

// answers returns the verdicts that were logged on one kind of act.
func answers(log []rotate.Trace, kind plan.Kind) (got []plan.Verdict) {
	for _, t := range log {
		if t.Act.Kind == kind {
			got = append(got, t.Answer.Verdict)
		}
	}
	return got
}

// A write is logged once it was answered: of two runs that claim one window one
// is told yes and the other no, and each line has the revision that came of it.
func TestALostWriteIsNotLoggedAsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		parked := newPark(w.wire(), "UpdateItem")
		loser := w.poolOn("loser", parked)
		lost := loser.logs()
		done := loser.begin()
		<-parked.held
		winner := w.pool("winner")
		won := winner.logs()
		winner.mustRun()
		close(parked.release)
		<-done
		if got := answers(*lost, plan.WriteClaim); len(got) != 1 || got[0] != plan.No {
			t.Errorf("the loser's claim is logged as %v", got)
		}
		if got := answers(*won, plan.WriteClaim); len(got) != 1 || got[0] != plan.Yes {
			t.Errorf("the winner's claim is logged as %v", got)
		}
		for _, l := range *won {
			if l.Act.Kind.Writes() && l.Rev != l.Act.Rev {
				t.Errorf("%s is logged with revision %d, it wrote %d", l.Act.Kind, l.Rev, l.Act.Rev)
			}
		}
	})
}

// A write of which nothing was heard is neither a yes nor a no.
func TestAnUnknownWriteIsLoggedAsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		p := w.poolOn("a", &answerLost{w.wire(), "UpdateItem"})
		log := p.logs()
		k := only(t, p.run(t.Context()))
		if got := answers(*log, plan.WriteClaim); len(got) != 1 || got[0] != plan.Unknown {
			t.Errorf("logged as %v", got)
		}
		if k.Did(plan.WriteClaim) {
			t.Error("the report says that it was done")
		}
	})
}
