package rotate_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// rotate makes a new version now, once.
func TestRotateNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.advance(2 * time.Hour)
		w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun()
		if r := w.record(key); r.Generation != 3 || r.Active != 3 || r.Claim.Verb != plan.VerbRotate {
			t.Fatalf("%s", r)
		}
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun())
		if k.Changed() {
			t.Error("typed twice it rotated twice")
		}
		w.asks(plan.Request{Verb: plan.VerbRotate, Again: true}).mustRun()
		if r := w.record(key); r.Generation != 4 {
			t.Errorf("--again: %s", r)
		}
		w.advance(80 * day) // still in the window that was done by hand
		w.pool("cron").mustRun()
		if r := w.record(key); r.Generation != 4 {
			t.Errorf("cron rotated in a window that was marked: %s", r)
		}
		w.sound()
	})
}

// An open schedule generation that waits is finished, and nothing more claimed.
func TestRotateFinishesWhatWaits(t *testing.T) {
	for name, yaml := range map[string]string{
		"prepublish":    onePlan + "    prepublish: 2d\n",
		"before_switch": onePlan + "    before_switch: [\"false\"]\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, yaml)
				key := w.plan.Keys[0]
				w.pool("cron").mustRun()
				if r := w.record(key); r.Step != plan.Created {
					t.Fatalf("set-up: %s", r)
				}
				w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
				w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun()
				if r := w.record(key); r.Generation != 2 || r.Step != plan.Steady || r.Active != 2 {
					t.Errorf("%s on v%d", r, r.Active)
				}
				// The claim is cron's. Who took it over, and why, is told by what was written then.
				told := map[plan.EventKind]string{}
				for _, e := range w.ledger(key) {
					if e.Is("by-rotate") {
						told[e.Kind[0]] = e.Reason
					}
				}
				for _, kind := range []plan.EventKind{plan.EventTakeover, plan.EventFinish} {
					if told[kind] != "incident 7" {
						t.Errorf("%s: %q; the ledger has %v", kind, told[kind], told)
					}
				}
				w.sound()
			})
		})
	}
}

// Over an open rollback rotate wants --abandon; nothing is lost then.
func TestRotateOverAnOpenRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.advance(time.Hour)
		parked := newPark(w.wire(), "Encrypt") // the probe
		done := w.asksOn(parked, plan.Request{Verb: plan.VerbRollback}).begin()
		<-parked.held
		w.advance(plan.LeaseFor + time.Second)
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRotate}).run(t.Context()))
		if k.Outcome != plan.Refused || k.Refusal.Code != "open-generation" {
			t.Fatalf("%s %+v", k.Outcome, k.Refusal)
		}
		w.asks(plan.Request{Verb: plan.VerbRotate, Abandon: true}).mustRun()
		r := w.record(key)
		if r.Generation != 4 || r.Active != 4 {
			t.Errorf("%s on v%d", r, r.Active)
		}
		close(parked.release)
		<-done
		if got := w.names(key.Alias); got != r.Live().KeyID {
			t.Errorf("the parked rollback moved the alias to %s", got)
		}
		w.sound()
	})
}

// With a fence alive a rotate waits, or says until when.
func TestRotateWaitsForTheFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.poolOn("a", &answerLost{w.wire(), "UpdateAlias"}).run(t.Context())
		w.advance(plan.LeaseFor + time.Second)
		w.pool("b").mustRun() // finishes, and the first signature is still out
		w.advance(5 * time.Minute)
		r := w.record(key)
		if r.Step != plan.Steady || !r.Fenced(w.aws.Now()) {
			t.Fatalf("set-up: %s, fence %+v", r, r.Fence)
		}
		again := plan.Request{Verb: plan.VerbRotate, Again: true}
		if k := only(t, w.asks(again).run(t.Context())); !k.Busy || !k.Until.Equal(r.Fence.Until) {
			t.Errorf("busy %v until %s", k.Busy, k.Until)
		}
		patient := w.asks(again)
		patient.Wait = 20 * time.Minute
		patient.mustRun()
		if r = w.record(key); r.Generation != 3 || r.SwitchedAt.Before(r.Claim.At) {
			t.Errorf("%s", r)
		}
		w.sound()
	})
}

// A person does not wait for KMS to show the last switch. What the new version
// takes over is then not that of the version the alias is still seen on.
func TestRotateUnderLagCopiesTheLiveVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    prepublish: 2d\n")
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		v2 := w.record(key).Next().KeyID
		in := &awskms.UpdateKeyDescriptionInput{KeyId: &v2, Description: aws.String("after the review")}
		if _, err := w.admin.UpdateKeyDescription(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if _, err := w.admin.TagResource(t.Context(), &awskms.TagResourceInput{KeyId: &v2,
			Tags: []kmstypes.Tag{{TagKey: aws.String("review"), TagValue: aws.String("2026")}}}); err != nil {
			t.Fatal(err)
		}
		w.advance(2*day + time.Minute)
		if err := w.aws.SetSwitches(sandbox.Switches{Lag: sandbox.Duration(30 * time.Second)}); err != nil {
			t.Fatal(err)
		}
		w.pool("b").mustRun()
		w.asks(plan.Request{Verb: plan.VerbRotate, Again: true}).mustRun()
		if err := w.aws.SetSwitches(sandbox.Switches{}); err != nil {
			t.Fatal(err)
		}
		r := w.record(key)
		if r.Active != 3 {
			t.Fatalf("%s", r)
		}
		k, err := w.admin.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &r.Live().KeyID})
		if err != nil {
			t.Fatal(err)
		}
		if got := aws.ToString(k.KeyMetadata.Description); got != "after the review" {
			t.Errorf("v3 is described as %q", got)
		}
		tags, err := w.admin.ListResourceTags(t.Context(), &awskms.ListResourceTagsInput{KeyId: &r.Live().KeyID})
		if err != nil {
			t.Fatal(err)
		}
		reviewed := slices.ContainsFunc(tags.Tags,
			func(tag kmstypes.Tag) bool { return aws.ToString(tag.TagKey) == "review" })
		if !reviewed {
			t.Error("v3 lacks the tag of v2")
		}
	})
}
