package kms_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// Every fault is sent once only, whatever came of it.
func TestSendUnderFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault sandbox.Fault
		want  plan.Answer
		moved bool
	}{
		{"request lost", sandbox.Fault{Kind: sandbox.Drop}, plan.Answer{Verdict: plan.Unknown}, false},
		{"answer lost", sandbox.Fault{Kind: sandbox.Lose}, plan.Answer{Verdict: plan.Unknown}, true},
		{"500 after the effect", sandbox.Fault{Kind: sandbox.Lose, Status: 500, Code: "KMSInternalException"},
			plan.Answer{Verdict: plan.Unknown, Code: "KMSInternalException"}, true},
		{"500 before it", sandbox.Fault{Kind: sandbox.Refuse, Status: 500, Code: "KMSInternalException"},
			plan.Answer{Verdict: plan.Unknown, Code: "KMSInternalException"}, false},
		{"503", sandbox.Fault{Kind: sandbox.Refuse, Status: 503, Code: "DependencyTimeoutException"},
			plan.Answer{Verdict: plan.Unknown, Code: "DependencyTimeoutException"}, false},
		{"throttled", sandbox.Fault{Kind: sandbox.Refuse, Code: "ThrottlingException"},
			plan.Answer{Verdict: plan.No, Code: "ThrottlingException", Soft: true}, false},
		{"denied", sandbox.Fault{Kind: sandbox.Refuse, Code: "AccessDeniedException"},
			plan.Answer{Verdict: plan.No, Code: "AccessDeniedException"}, false},
		{"not found", sandbox.Fault{Kind: sandbox.Refuse, Code: "NotFoundException"},
			plan.Answer{Verdict: plan.No, Code: "NotFoundException", Missing: true}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, from, to := ready(t, 0)
			signed := w.sign(to)
			c.fault.Operation = "UpdateAlias"
			w.faults(c.fault)
			got := w.kms.Send(t.Context(), signed)
			if got.Message == "" {
				t.Errorf("%s: no message", c.name)
			}
			if got.Code != "" && got.RequestID == "" {
				t.Errorf("%s: no request id", c.name)
			}
			if got.Text() == "" || got.Cause.Kind == "" {
				t.Errorf("%s: no cause: %+v", c.name, got)
			}
			got.Message, got.RequestID, got.Cause = "", "", plan.Cause{}
			if got != c.want {
				t.Errorf("%s: Send = %+v, want %+v", c.name, got, c.want)
			}
			if n := len(w.requests("UpdateAlias")); n != 1 {
				t.Errorf("%s: sent %d times", c.name, n)
			}
			if moved := w.behind(alias) != from; moved != c.moved {
				t.Errorf("%s: moved = %t", c.name, moved)
			}
		})
	}
}

func TestSendJudgesTheAnswer(t *testing.T) {
	const id = "X-Amzn-RequestId"
	for _, c := range []struct {
		name     string
		response *http.Response
		want     plan.Verdict
		code     string
	}{
		{"done", reply(200, "", id, "r-1"), plan.Yes, ""},
		{"done, with a document", reply(200, `{"KeyId":"1"}`, id, "r-1"), plan.Yes, ""},
		{"a proxy's page with 200", reply(200, "<html>sign in</html>"), plan.Unknown, ""},
		{"a proxy's empty 200", reply(200, ""), plan.Unknown, ""},
		{"a proxy's document with 200", reply(200, `{"status":"ok"}`), plan.Unknown, ""},
		{"a refusal that AWS gave no id", reply(400, `{"__type":"AlreadyExistsException"}`), plan.Unknown, ""},
		{"code in the document", reply(400, `{"__type":"AlreadyExistsException","message":"m"}`, id, "r-1"),
			plan.No, "AlreadyExistsException"},
		{"code with namespace", reply(400, `{"__type":"com.amazonaws.kms#DisabledException"}`, id, "r-1"),
			plan.No, "DisabledException"},
		{"code in the header, with an address",
			reply(400, `{}`, id, "r-1", "X-Amzn-ErrorType",
				"LimitExceededException:http://internal.amazon.com/coral/com.amazonaws.kms/"),
			plan.No, "LimitExceededException"},
		{"code in the header, and no document", reply(403, "", id, "r-1", "X-Amzn-ErrorType", "AccessDeniedException"),
			plan.No, "AccessDeniedException"},
		{"a proxy's page with 403", reply(403, "<html>forbidden</html>"), plan.Unknown, ""},
		{"a proxy's document with 403", reply(403, `{"error":"forbidden"}`), plan.Unknown, ""},
		{"nothing with 400", reply(400, ""), plan.Unknown, ""},
		{"a refusal behind 502", reply(502, `{"__type":"AlreadyExistsException"}`, id, "r-1"),
			plan.Unknown, "AlreadyExistsException"},
		{"redirected", reply(307, "", "Location", "https://kms.example.com/"), plan.Unknown, ""},
		{"redirected for good", reply(308, "", "Location", "https://kms.example.com/"), plan.Unknown, ""},
		{"redirected to a page", reply(302, "", "Location", "https://proxy.example.com/login"), plan.Unknown, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, _, to := ready(t, 0)
			signed := w.sign(to)
			w.instead = func(string, []byte) *http.Response { return c.response }
			got := w.kms.Send(t.Context(), signed)
			if got.Verdict != c.want || got.Code != c.code || got.RequestID != c.response.Header.Get(id) {
				t.Errorf("%s: Send = %+v, want %s %q", c.name, got, c.want, c.code)
			}
			if got.Verdict != plan.Yes && got.Message == "" {
				t.Errorf("%s: no message", c.name)
			}
			if n := len(w.requests("UpdateAlias")); n != 1 {
				t.Errorf("%s: sent %d times", c.name, n)
			}
		})
	}
}

func TestSendWhenTimeRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, to := ready(t, 0)
		signed := w.sign(to)
		w.faults(sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Latency, Latency: sandbox.Duration(time.Minute)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := w.kms.Send(ctx, signed); got.Verdict != plan.Unknown {
			t.Errorf("Send = %+v", got)
		}
	})
}

// A request is fenced by its date only if there is one, and the signature
// covers it.
func TestSignRefusesWhatIsNotDatedOnce(t *testing.T) {
	for name, spoil := range map[string]func(http.Header){
		"two dates":         func(h http.Header) { h.Add("X-Amz-Date", "20991231T235959Z") },
		"no date":           func(h http.Header) { h.Del("X-Amz-Date") },
		"a date in words":   func(h http.Header) { h.Set("X-Amz-Date", "tomorrow") },
		"without signature": func(h http.Header) { h.Del("Authorization") },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 0)
			o := w.conn.KMS.Options()
			o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
				return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("Spoil",
					func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
						middleware.FinalizeOutput, middleware.Metadata, error,
					) {
						spoil(in.Request.(*smithyhttp.Request).Header)
						return next.HandleFinalize(ctx, in)
					}), middleware.After)
			})
			if signed, err := kms.New(awskms.New(o)).SignUpdateAlias(t.Context(), alias, nobody); err == nil ||
				signed != nil {
				t.Errorf("%s: signed %v, %v", name, signed, err)
			}
			if n := len(w.requests("UpdateAlias")); n != 0 {
				t.Errorf("%s: %d requests were sent", name, n)
			}
		})
	}
}

func TestSignWhenTimeRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, to := ready(t, 0)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if signed, err := w.kms.SignUpdateAlias(ctx, alias, to); err == nil || signed != nil {
			t.Errorf("signed %v, %v", signed, err)
		}
	})
}

// Of an order that is answered without a document only the request id tells that
// KMS has answered.
func TestOrdersWithoutRequestID(t *testing.T) {
	for id, want := range map[string]plan.Verdict{"": plan.Unknown, "r-1": plan.Yes} {
		synctest.Test(t, func(t *testing.T) {
			w, _, to := ready(t, 0)
			w.instead = func(string, []byte) *http.Response {
				if id == "" {
					return reply(200, "{}")
				}
				return reply(200, "{}", "X-Amzn-RequestId", id)
			}
			for name, got := range map[string]plan.Answer{
				"CreateAlias":       w.kms.CreateAlias(t.Context(), "alias/a/v9", to),
				"DisableKey":        w.kms.Disable(t.Context(), to),
				"EnableKey":         w.kms.Enable(t.Context(), to),
				"CancelKeyDeletion": w.kms.CancelDeletion(t.Context(), to),
			} {
				if got.Verdict != want {
					t.Errorf("%s, request id %q: %+v", name, id, got)
				}
			}
		})
	}
}
