package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Whoever moves the alias while a run makes and tries the new version is not
// moved over: the run looks once more before it signs.
func TestMovedWhileARunIsInFlight(t *testing.T) {
	for _, at := range []string{"CreateKey", "CreateAlias", "Encrypt", "Decrypt"} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				theirs := w.makeKey("alias/by-hand")
				pause := newPause(w.wire(), at, 1)
				done := w.poolOn("a", pause).begin()
				<-pause.held
				w.moveByHand("alias/orders-data", theirs)
				close(pause.release)
				if k := only(t, <-done); k.Outcome != plan.Refused || k.Refusal.Code != "drift" {
					t.Errorf("%s: %v %+v", k.Outcome, k.Reasons, k.Refusal)
				}
				if n := w.calls(0, "UpdateAlias"); n != 0 {
					t.Errorf("UpdateAlias×%d: keyturn moved it over theirs", n)
				}
			})
		})
	}
}

// Nor by a second signature, where what became of the first was not heard.
func TestMovedBeforeTheSecondSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		theirs := w.makeKey("alias/by-hand")
		lose(t, w, "UpdateAlias", sandbox.Drop, 1) // the request, so the alias is where it was
		pause := newPause(w.wire(), "UpdateAlias", 1)
		pause.after = true
		done := w.poolOn("a", pause).begin()
		<-pause.held
		w.moveByHand("alias/orders-data", theirs)
		close(pause.release)
		if k := only(t, <-done); k.Outcome != plan.Refused || k.Refusal.Code != "drift" {
			t.Errorf("%s: %v %+v", k.Outcome, k.Reasons, k.Refusal)
		}
		if n := w.calls(0, "UpdateAlias"); n > 1 {
			t.Errorf("UpdateAlias×%d: keyturn moved it over theirs", n)
		}
	})
}

// Nor is a move by hand soon after a switch taken for a read that lags: the alias's own
// date says that it was made since.
func TestMovedBackSoonAfterASwitch(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		code  plan.Code
	}{
		{3 * time.Minute, ""}, // by its date it may be the switch itself
		{8 * time.Minute, plan.CodeDrift},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, key, v1 := switched(t, retirePlan)
			w.advance(time.Minute)
			w.asks(plan.Request{Verb: plan.VerbRotate, Reason: "leaked", Again: true}).mustRun()
			w.advance(c.after)
			w.moveByHand(key.Alias, v1)
			moves := w.calls(0, "UpdateAlias")
			k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback, Reason: "v3 is bad"}).run(t.Context()))
			code := plan.Code("")
			if k.Refusal != nil {
				code = k.Refusal.Code
			}
			if code != c.code || (w.calls(0, "UpdateAlias") == moves) != (code != "") {
				t.Errorf("%s after the switch: %s %v", c.after, k.Outcome, k.Reasons)
			}
		})
	}
}
