package rotate_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/plan"
)

// noAnswerAbout breaks each DescribeKey of one key. Something else happens after each copy of
// events to the ledger, with which a run ends its work on a key.
type noAnswerAbout struct {
	next      http.RoundTripper
	keyID     string
	meanwhile func()
}

func (n *noAnswerAbout) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if operation == "DescribeKey" && strings.Contains(string(body), n.keyID) {
		return nil, errors.New("connection reset")
	}
	response, err := n.next.RoundTrip(r)
	if operation == "PutItem" {
		n.meanwhile()
	}
	return response, err
}

// A run that could not end its check of an old version fails, also if somebody else has
// written the record since: until tomorrow no run checks it again.
func TestFailedCheckIsNotHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		broken := &noAnswerAbout{next: w.wire(), keyID: v1, meanwhile: func() {
			w.asks(plan.Request{Verb: plan.VerbHold, Version: 2}).mustRun()
		}}
		k := only(t, w.poolOn("cron", broken).run(t.Context()))
		if k.Outcome != plan.Failed || k.Failure == nil {
			t.Errorf("%s: %v", k.Outcome, k.Reasons)
		}
		if v, _ := draining(w.record(key), v1); v.CheckedAt.IsZero() {
			t.Errorf("not checked: %+v", v)
		}
		w.advance(day)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Disabled" {
			t.Errorf("v1 is %s", s)
		}
		w.sound()
	})
}
