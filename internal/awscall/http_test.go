package awscall

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A call that begins with plan.RenewUnder left of a lease ends under it.
func TestACallEndsBeforeTheLease(t *testing.T) {
	if wholeTimeout > plan.RenewUnder {
		t.Errorf("a call may take %s, and begins with %s left of the lease", wholeTimeout, plan.RenewUnder)
	}
}

// A server that takes the request and says nothing is given up in time, on
// either lane.
func TestAServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	for _, single := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			client := newTwoLane(newBuildableClient().WithTransportOptions(func(tr *http.Transport) {
				tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					go func() { _, _ = io.Copy(io.Discard, theirs) }()
					return ours, nil
				}
			}))
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				"http://kms.invalid/", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Close = single
			start := time.Now()
			response, err := client.Do(r)
			if err == nil {
				t.Fatalf("answered: %v", response)
			}
			if took := time.Since(start); took != headerTimeout {
				t.Errorf("given up after %s, want %s", took, headerTimeout)
			}
		})
	}
}
