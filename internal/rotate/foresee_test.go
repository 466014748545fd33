package rotate_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// foreseen returns what a dry-run would do to the only key.
func (w *world) foreseen() *plan.Saved {
	w.t.Helper()
	p := w.pool("approver")
	p.Dry, p.Foresee = true, true
	return p.mustRun().Keys[0].Foreseen
}

// Eight pools carry out one saved decision at once. One of them does it, and the others
// say which one.
func TestSavedByEveryPoolAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		s := w.foreseen()
		if err := w.aws.SetSwitches(slow); err != nil {
			t.Fatal(err)
		}
		reports := make([]*rotate.Report, 8)
		var wait sync.WaitGroup
		for i := range reports {
			p := w.pool("pool" + string(rune('1'+i)))
			p.request.Saved, p.Wait = s, 10*time.Minute
			wait.Go(func() { reports[i] = p.run(t.Context()) })
		}
		wait.Wait()
		by := ""
		for i, r := range reports {
			if r.Keys[0].Did(plan.WriteFinish) {
				by += "pool" + string(rune('1'+i))
			}
		}
		for i, r := range reports {
			k := r.Keys[0]
			if k.Exit(false) != plan.ExitDone {
				t.Errorf("pool%d: %s %s", i+1, k.Outcome, textOf(k))
			}
			if !k.Changed() && (k.Reasons[0].Code != plan.CodeSavedDone ||
				!strings.Contains(k.Reasons[0].Text, " by "+by+" (run ")) {
				t.Errorf("pool%d, done by %s: %v", i+1, by, k.Reasons)
			}
		}
		if r := w.record(w.plan.Keys[0]); r.Active != 2 || r.Generation != 2 {
			t.Errorf("%s, active v%d", r, r.Active)
		}
	})
}

// What changes after the comparison of all keys stops the run before it begins.
func TestSavedAndChangedSince(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world)
		want   string
	}{
		{"the key policy", func(w *world) {
			id := w.record(w.plan.Keys[0]).Live().KeyID
			policy := `{"Version":"2012-10-17","Statement":[{"Sid":"new","Effect":"Allow","Action":"kms:*",` +
				`"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Resource":"*"}]}`
			in := &awskms.PutKeyPolicyInput{KeyId: &id, Policy: &policy}
			if _, err := w.admin.PutKeyPolicy(w.t.Context(), in); err != nil {
				w.t.Fatal(err)
			}
		}, "create key v2, key policy: saved "},
		{"the terms", func(w *world) { w.plan.Keys[0].Drain = 9 * day }, "claim v2, drain: saved 30d, now 9d"},
		{"a hold", func(w *world) {
			p := w.pool("person")
			p.request = plan.Request{Verb: plan.VerbHold, Reason: "wait"}
			p.mustRun()
		}, "claim v2, "},
		{"the alias", func(w *world) {
			key, alias := w.makeKey("alias/other"), w.plan.Keys[0].Alias
			if _, err := w.admin.UpdateAlias(w.t.Context(), &awskms.UpdateAliasInput{AliasName: &alias,
				TargetKeyId: &key}); err != nil {
				w.t.Fatal(err)
			}
		}, "alias moved: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				s := w.foreseen()
				c.change(w)
				p := w.pool("late")
				p.request.Saved = s
				k := p.run(t.Context()).Keys[0]
				if k.Exit(false) != plan.ExitPerson || k.Changed() || !strings.Contains(textOf(k), c.want) {
					t.Errorf("%s, changed %v: %s", k.Outcome, k.Changed(), textOf(k))
				}
			})
		})
	}
}

// A run that was to do nothing does not wait for a window, to refuse what is due then.
func TestSavedNothingDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		w.advance(w.record(key).Anchor.Add(90*day).Sub(w.aws.Now()) - time.Minute)
		p, begun := w.pool("late"), time.Now()
		p.request.Saved = w.foreseen()
		k := p.mustRun().Keys[0]
		if waited := time.Since(begun); waited > 30*time.Second || k.Outcome != plan.Settled {
			t.Errorf("%s after %s: %v", k.Outcome, waited, k.Reasons)
		}
	})
}
