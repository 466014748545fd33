package kms_test

import (
	"context"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

func newKey() kms.NewKey {
	return kms.NewKey{
		Alias: alias, Version: 8, Claim: "c-8", Window: time.Date(2026, 1, 1, 4, 0, 0, 0, time.FixedZone("CET", 3600)),
		Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Description: "orders",
		Tags: map[string]string{"team": "orders", "keyturn:claim": "c-7", "keyturn:window": "old", "aws:x": "reserved"},
	}
}

const rootMay = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
	sandbox.DefaultAccount + `:root"},"Action":"kms:*","Resource":"*"}]}`

func TestCreateKeyTagsInTheCallItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Hour)
		n := newKey()
		n.Policy = rootMay
		made, answer := w.kms.CreateKey(t.Context(), n)
		if answer.Verdict != plan.Yes || answer.RequestID == "" {
			t.Fatalf("CreateKey = %+v", answer)
		}
		if made.Generation != 8 || made.KeyID == "" || made.CreatedAt.Sub(w.aws.Now()).Abs() > time.Second {
			t.Errorf("made = %+v", made)
		}
		want := []string{"keyturn:alias=" + alias, "keyturn:claim=c-8", "keyturn:version=8",
			"keyturn:window=2026-01-01T03:00:00Z", "team=orders"}
		if got := w.tagsOf(made.KeyID); !reflect.DeepEqual(got, want) {
			t.Errorf("tags = %q, want %q", got, want)
		}
		if n := len(w.requests("TagResource")); n != 0 {
			t.Error("the key was tagged after it was made")
		}
		if !reflect.DeepEqual(n.Tags, newKey().Tags) {
			t.Error("the caller's tags were changed")
		}
		seen, err := w.kms.Describe(t.Context(), made.KeyID)
		if err != nil || seen.Description != "orders" || seen.Spec != "SYMMETRIC_DEFAULT" ||
			seen.Usage != "ENCRYPT_DECRYPT" {
			t.Errorf("described: %+v, %v", seen, err)
		}
		source, err := w.kms.Source(t.Context(), seen)
		if err != nil || source.Policy != n.Policy {
			t.Errorf("policy = %s, %v", source.Policy, err)
		}
	})
}

func TestAKeyThatAPersonAskedForHasNoWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		n := newKey()
		n.Window, n.Tags = time.Time{}, nil
		made, answer := w.kms.CreateKey(t.Context(), n)
		if answer.Verdict != plan.Yes {
			t.Fatalf("CreateKey = %+v", answer)
		}
		want := []string{"keyturn:alias=" + alias, "keyturn:claim=c-8", "keyturn:version=8"}
		if got := w.tagsOf(made.KeyID); !reflect.DeepEqual(got, want) {
			t.Errorf("tags = %q, want %q", got, want)
		}
	})
}

// A key made with a policy of the plan's own tells which it was; one with a copy
// does not, nor does what is copied from it.
func TestMadeWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		n := newKey()
		n.Policy, n.Tags = rootMay, map[string]string{"keyturn:policy": "another"}
		for _, own := range []bool{true, false} {
			n.OwnPolicy = own
			made, answer := w.kms.CreateKey(t.Context(), n)
			if answer.Verdict != plan.Yes {
				t.Fatalf("CreateKey = %+v", answer)
			}
			want := ""
			if own {
				want = plan.PolicyPrint(" " + n.Policy)
			}
			if got, err := w.kms.MadeWith(t.Context(), made.KeyID); err != nil || got != want {
				t.Errorf("own %t: made with %q, %v; want %q", own, got, err, want)
			}
		}
	})
}

// changes returns the changes that need no fence, by operation.
func (w *world) changes(id string) map[string]func(context.Context) plan.Answer {
	return map[string]func(context.Context) plan.Answer{
		"CreateKey":   func(ctx context.Context) plan.Answer { _, a := w.kms.CreateKey(ctx, newKey()); return a },
		"CreateAlias": func(ctx context.Context) plan.Answer { return w.kms.CreateAlias(ctx, alias+"/v8", id) },
		"DisableKey":  func(ctx context.Context) plan.Answer { return w.kms.Disable(ctx, id) },
	}
}

func TestChangesAreSentOnce(t *testing.T) {
	for _, c := range []struct {
		fault sandbox.Fault
		want  plan.Answer
	}{
		{sandbox.Fault{Kind: sandbox.Refuse, Status: 500, Code: "KMSInternalException"},
			plan.Answer{Verdict: plan.Unknown, Code: "KMSInternalException"}},
		{sandbox.Fault{Kind: sandbox.Refuse, Status: 503, Code: "DependencyTimeoutException"},
			plan.Answer{Verdict: plan.Unknown, Code: "DependencyTimeoutException"}},
		{sandbox.Fault{Kind: sandbox.Lose}, plan.Answer{Verdict: plan.Unknown}},
		{sandbox.Fault{Kind: sandbox.Drop}, plan.Answer{Verdict: plan.Unknown}},
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "ThrottlingException"},
			plan.Answer{Verdict: plan.No, Code: "ThrottlingException", Soft: true}},
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "LimitExceededException"},
			plan.Answer{Verdict: plan.No, Code: "LimitExceededException"}},
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "NotFoundException"},
			plan.Answer{Verdict: plan.No, Code: "NotFoundException", Missing: true, Soft: true}},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 0)
			for operation, change := range w.changes(w.key(&awskms.CreateKeyInput{})) {
				w.faults()
				before := len(w.requests(operation))
				c.fault.Operation = operation
				w.faults(c.fault)
				got := change(t.Context())
				got.Message, got.RequestID, got.Cause = "", "", plan.Cause{}
				if got != c.want {
					t.Errorf("%s, %+v: %+v, want %+v", operation, c.fault, got, c.want)
				}
				if n := len(w.requests(operation)) - before; n != 1 {
					t.Errorf("%s, %+v: sent %d times", operation, c.fault, n)
				}
			}
		})
	}
}

func TestChangesWhenTimeHasRunOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		sent := len(w.aws.Journal())
		for operation, change := range w.changes(id) {
			if got := change(ctx); got.Verdict != plan.Unknown {
				t.Errorf("%s = %+v", operation, got)
			}
		}
		if n := len(w.aws.Journal()) - sent; n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestCreateAliasTellsThatANameIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		one, two := w.key(&awskms.CreateKeyInput{}), w.key(&awskms.CreateKeyInput{})
		if got := w.kms.CreateAlias(t.Context(), alias, one); got.Verdict != plan.Yes || got.RequestID == "" {
			t.Errorf("CreateAlias = %+v", got)
		}
		for _, id := range []string{one, two} {
			got := w.kms.CreateAlias(t.Context(), alias, id)
			if got.Verdict != plan.No || got.Code != "AlreadyExistsException" || got.Soft || got.Missing {
				t.Errorf("CreateAlias again = %+v", got)
			}
		}
		if got := w.behind(alias); got != one {
			t.Error("the alias has moved")
		}
		if got := w.kms.CreateAlias(t.Context(), alias+"/v1", nobody); got.Verdict != plan.No || !got.Missing ||
			!got.Soft {
			t.Errorf("CreateAlias of a key that KMS does not know = %+v", got)
		}
	})
}

func TestDisable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		if got := w.kms.Disable(t.Context(), id); got.Verdict != plan.Yes {
			t.Errorf("Disable = %+v", got)
		}
		if seen, err := w.kms.Describe(t.Context(), id); err != nil || seen.State != "Disabled" {
			t.Errorf("described: %+v, %v", seen, err)
		}
	})
}
