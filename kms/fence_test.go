package kms_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// ready returns a world in which an alias names one key and is to name another, and
// whose client has just read KMS.
func ready(t *testing.T, ahead time.Duration) (w *world, from, to string) {
	t.Helper()
	w = newWorld(t, ahead)
	from = w.key(&awskms.CreateKeyInput{}, alias)
	to = w.key(&awskms.CreateKeyInput{})
	if _, err := w.kms.Describe(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	return w, from, to
}

func (w *world) sign(keyID string) *kms.Signed {
	w.Helper()
	signed, err := w.kms.SignUpdateAlias(w.Context(), alias, keyID)
	if err != nil {
		w.Fatal(err)
	}
	return signed
}

func TestSigningSendsNothingAndSendingSendsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, from, to := ready(t, 0)
		signed := w.sign(to)
		if n := len(w.requests("UpdateAlias")); n != 0 {
			t.Fatalf("signing sent %d requests", n)
		}
		if got := w.behind(alias); got != from {
			t.Fatal("signing moved the alias")
		}
		answer := w.kms.Send(t.Context(), signed)
		if answer.Verdict != plan.Yes || answer.RequestID == "" {
			t.Fatalf("Send = %+v, want a yes with a request id", answer)
		}
		if got := w.behind(alias); got != to {
			t.Error("sending did not move the alias")
		}
		sent := w.requests("UpdateAlias")
		if len(sent) != 1 {
			t.Fatalf("sending sent %d requests", len(sent))
		}
		r := sent[0]
		if dates := r.Header.Values("X-Amz-Date"); len(dates) != 1 ||
			dates[0] != signed.Date().Format("20060102T150405Z") {
			t.Errorf("X-Amz-Date = %q, Date = %s", dates, signed.Date())
		}
		if got := strings.Count(strings.ToLower(fmt.Sprint(r.Header)), "x-amz-date:"); got != 1 {
			t.Errorf("%d headers are called X-Amz-Date", got)
		}
		var document map[string]string
		if err := json.Unmarshal(r.body, &document); err != nil || document["AliasName"] != alias ||
			document["TargetKeyId"] != to {
			t.Errorf("body = %s", r.body)
		}
		if r.GetBody != nil {
			t.Error("the request has a GetBody: net/http can send it again")
		}
		if !r.Close {
			t.Error("the request would share its connection")
		}
		if r.ContentLength != int64(len(r.body)) {
			t.Errorf("Content-Length = %d of a body of %d", r.ContentLength, len(r.body))
		}
		if !strings.Contains(r.UserAgent(), "run/abcd1234") {
			t.Errorf("User-Agent = %q", r.UserAgent())
		}
	})
}

func TestSendingAgainPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, to := ready(t, 0)
		signed := w.sign(to)
		w.faults(sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Drop})
		w.kms.Send(t.Context(), signed)
		copied := *signed
		for name, s := range map[string]*kms.Signed{"the same": signed, "a copy": &copied} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s was sent again", name)
					}
				}()
				w.kms.Send(t.Context(), s)
			}()
		}
		if n := len(w.requests("UpdateAlias")); n != 1 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestSignedByAWSsTimeWhereTheHostsIsWrong(t *testing.T) {
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w, _, to := ready(t, ahead)
			for range 2 { // signing leaves what was learnt as it is
				off := w.sign(to).Date().Sub(w.aws.Now())
				if off < -2*time.Second || off > time.Second {
					t.Fatalf("signed %s off AWS's time", off)
				}
			}
			signed := w.sign(to)
			if off := signed.Date().Sub(w.conn.Clock.Now()); off.Abs() > 2*time.Second {
				t.Errorf("the signature is %s off the clock", off)
			}
			if answer := w.kms.Send(t.Context(), signed); answer.Verdict != plan.Yes {
				t.Errorf("Send = %+v", answer)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, ahead)
			signed := w.sign("1234abcd-12ab-34cd-56ef-1234567890ab")
			if off := time.Until(signed.Date()); off.Abs() > time.Second {
				t.Errorf("a client that has heard nothing of AWS signed %s off the host's time", off)
			}
		})
	}
}

func TestAnOldSignatureIsWorthless(t *testing.T) {
	for _, c := range []struct {
		age  time.Duration
		want plan.Verdict
	}{{4*time.Minute + 50*time.Second, plan.Yes}, {5*time.Minute + 2*time.Second, plan.No}, {time.Hour, plan.No}} {
		synctest.Test(t, func(t *testing.T) {
			w, from, to := ready(t, 0)
			signed := w.sign(to)
			time.Sleep(c.age) // the run is stopped
			answer := w.kms.Send(t.Context(), signed)
			if answer.Verdict != c.want {
				t.Fatalf("after %s Send = %+v, want %s", c.age, answer, c.want)
			}
			if c.want == plan.Yes {
				return
			}
			if answer.Code != "InvalidSignatureException" || !answer.Soft || answer.Missing ||
				!strings.Contains(answer.Message, "expired") {
				t.Errorf("Send = %+v, want a soft InvalidSignatureException", answer)
			}
			if got := w.behind(alias); got != from {
				t.Error("an expired signature moved the alias")
			}
		})
	}
}

func TestTheSandboxsClockMakesSignaturesOldToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, from, to := ready(t, 0)
		signed := w.sign(to)
		if err := w.aws.Advance(6 * time.Minute); err != nil {
			t.Fatal(err)
		}
		answer := w.kms.Send(t.Context(), signed)
		if answer.Verdict != plan.No || !answer.Soft {
			t.Errorf("Send = %+v", answer)
		}
		if off := w.conn.Clock.Now().Sub(w.aws.Now()); off.Abs() > time.Second {
			t.Errorf("the refusal did not set the clock: it is %s off", off)
		}
		if got := w.behind(alias); got != from {
			t.Error("the alias moved")
		}
	})
}

func TestSignedShowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, to := ready(t, 0)
		signed := w.sign(to)
		shown := map[string]string{}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%o"} {
			shown[verb] = fmt.Sprintf(verb, signed)
			shown[verb+" of the value"] = fmt.Sprintf(verb, *signed)
			shown[verb+" in a struct"] = fmt.Sprintf(verb, struct{ S *kms.Signed }{signed})
			shown[verb+" of the value in a struct"] = fmt.Sprintf(verb, struct{ s kms.Signed }{*signed})
		}
		for name, v := range map[string]any{"pointer": signed, "value": *signed, "map": map[string]any{"s": signed}} {
			document, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			shown["JSON of "+name] = string(document)
			if !strings.Contains(string(document), "redacted") {
				t.Errorf("JSON of %s does not say what is missing: %s", name, document)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("sending", "request", signed)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("sending", "request", *signed)
		shown["log"] = log.String()
		for how, text := range shown {
			for _, secret := range []string{"AWS4", "Signature=", "UpdateAlias", alias, to, "Authorization"} {
				for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
					if strings.Contains(text, form) {
						t.Errorf("%s shows %q: %s", how, secret, text)
					}
				}
			}
		}
		if got := signed.String() + signed.GoString(); strings.Count(got, "redacted") != 2 {
			t.Errorf("String and GoString = %s", got)
		}
	})
}
