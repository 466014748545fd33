package iam_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
)

// compare checks a policy against the calls that were made, in both directions.
func (w *world) compare(role iam.Role) {
	w.Helper()
	called, allowed := w.called(role), actions(merged(w.T, role, w.plan))
	for _, op := range called {
		// GetCallerIdentity wants no permission.
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
		if op != "sts:GetCallerIdentity" && !slices.Contains(allowed, op) {
			w.Errorf("%s calls %s, which its policy does not allow", role, op)
		}
	}
	for _, op := range allowed {
		// TagResource is no call: CreateKey with tags wants it.
		if !slices.Contains(called, op) && (op != "kms:TagResource" || !slices.Contains(called, "kms:CreateKey")) {
			w.Errorf("the policy of %s allows %s, which it never calls", role, op)
		}
	}
}

// What cron does in the life of a key: adopt, rotate, retire, delete, and see
// again to what a person reinstated.
func TestCronCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var first string
		for i, k := range w.plan.Keys {
			id := w.makeKey(k)
			w.alias(k.Alias, id)
			if i == 0 {
				first = id
			}
		}
		cron := plan.Request{Verb: plan.VerbSchedule}
		w.do(iam.Cron, cron)
		w.advance(91 * day)
		w.do(iam.Cron, cron) // rotates
		w.advance(32 * day)
		w.do(iam.Cron, cron) // the drain of v1 is over
		if s := w.record(0).Retired(); len(s) != 1 || s[0].KeyID != first {
			t.Fatalf("v1 is not retired: %+v", w.record(0))
		}
		w.advance(31 * day)
		w.do(iam.Cron, cron)
		if w.record(0).Retired()[0].DeleteAt.IsZero() {
			t.Fatalf("v1 is not being deleted: %+v", w.record(0).Retired())
		}
		// A disabling that was under way may arrive after a reinstate: the next
		// run sees to it again.
		w.reinstateUnderMark()
		w.compare(iam.Cron)
	})
}

// reinstateUnderMark reinstates a version of the first key whose disabling was
// sent and not answered; meanwhile its deletion is scheduled too.
func (w *world) reinstateUnderMark() {
	w.Helper()
	w.advance(61 * day)
	cron := plan.Request{Verb: plan.VerbSchedule}
	w.do(iam.Cron, cron) // v2 drains
	w.advance(32 * day)
	stop := &pause{next: w.aws.RoundTripper(), operation: "DisableKey", held: make(chan struct{}),
		release: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.on(stop, iam.Cron, cron, "orders-data")
	}()
	<-stop.held
	w.advance(time.Minute)
	w.do(iam.BreakGlass, plan.Request{Verb: plan.VerbReinstate, Version: 2}, "orders-data")
	close(stop.release) // it is disabled after all
	<-done
	v2 := w.record(0).Draining()[0].KeyID
	must[*awskms.ScheduleKeyDeletionOutput](w)(w.admin.ScheduleKeyDeletion(w.Context(),
		&awskms.ScheduleKeyDeletionInput{KeyId: &v2}))
	w.advance(time.Hour)
	w.do(iam.Cron, cron)
	if d := w.record(0).Draining(); len(d) == 0 || !d[0].LookAfter.IsZero() {
		w.Fatalf("nobody saw to v2 again: %+v", d)
	}
}

// What a person does: every verb, and a rotation that comes too late.
func TestBreakGlassCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ids := map[string]string{}
		for _, k := range w.plan.Keys[1:] {
			ids[k.Name] = w.makeKey(k)
			w.alias(k.Alias, ids[k.Name])
		}
		glass := func(q plan.Request, names ...string) { w.do(iam.BreakGlass, q, names...) }
		glass(plan.Request{Verb: plan.VerbAdopt, Create: true}, "orders-data")
		must[*awskms.EnableKeyRotationOutput](w)(w.admin.EnableKeyRotation(w.Context(),
			&awskms.EnableKeyRotationInput{KeyId: aws.String(w.record(0).Live().KeyID)}))
		glass(plan.Request{Verb: plan.VerbAdopt}, "webhook-signing", "session-mac", "agreement", "kem")
		w.advance(day)
		glass(plan.Request{Verb: plan.VerbRotate})
		w.advance(day)
		glass(plan.Request{Verb: plan.VerbRollback})
		w.advance(day)
		glass(plan.Request{Verb: plan.VerbHold})
		glass(plan.Request{Verb: plan.VerbRelease})
		moved := w.plan.Keys[1]
		stranger := w.makeKey(moved)
		must[*awskms.UpdateAliasOutput](w)(w.admin.UpdateAlias(w.Context(),
			&awskms.UpdateAliasInput{AliasName: &moved.Alias, TargetKeyId: &stranger}))
		w.advance(day)
		glass(plan.Request{Verb: plan.VerbAdopt}, moved.Name)
		w.loseRecord(2)
		glass(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}, w.plan.Keys[2].Name)

		// v2 of orders-data was given back by the rollback: cron retires it, and
		// schedules its deletion.
		scheduled := func() int {
			return slices.IndexFunc(w.record(0).Retired(), func(r plan.Version) bool { return !r.DeleteAt.IsZero() })
		}
		for i := 0; i < 5 && scheduled() < 0; i++ {
			w.advance(32 * day)
			w.do(iam.Cron, plan.Request{Verb: plan.VerbSchedule}, "orders-data")
		}
		glass(plan.Request{Verb: plan.VerbReinstate, Version: w.record(0).Retired()[scheduled()].Version},
			"orders-data")

		w.advance(day)
		glass(plan.Request{Verb: plan.VerbRetire, Version: w.record(0).Draining()[0].Version}, "orders-data")
		w.comeTooLate("agreement")
		w.compare(iam.BreakGlass)
	})
}

// comeTooLate rotates a key by a run that is stopped before it names its new
// version, until another run has finished: it disables its own key.
func (w *world) comeTooLate(name string) {
	w.Helper()
	stop := &pause{next: w.aws.RoundTripper(), operation: "CreateAlias", held: make(chan struct{}),
		release: make(chan struct{})}
	done := make(chan struct{})
	q := plan.Request{Verb: plan.VerbRotate, Again: true}
	go func() {
		defer close(done)
		w.on(stop, iam.BreakGlass, q, name)
	}()
	<-stop.held
	w.advance(3 * time.Minute)
	w.do(iam.Cron, plan.Request{Verb: plan.VerbSchedule}, name)
	close(stop.release)
	<-done
	if !strings.Contains(strings.Join(w.called(iam.BreakGlass), " "), "kms:DisableKey") {
		w.Error("set-up: the late run did not disable its own key")
	}
}
