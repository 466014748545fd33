package awscall

import (
	"bufio"
	"context"
	"fmt"
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

// closedBody is what smithy-go makes of a request's body: once it is closed, WriteTo
// returns io.EOF, which io.Copy takes for a failure.
type closedBody struct {
	io.Reader
	closed chan struct{}
}

func (b *closedBody) Close() error { return nil }

func (b *closedBody) WriteTo(io.Writer) (int64, error) {
	<-b.closed
	return 0, io.EOF
}

// A server may answer before net/http has found that the body of the request is over. The
// SDK closes the body then. The connection must stay open, or a large answer breaks off
// and is asked for again.
func TestTheConnectionOutlivesTheBodyOfARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		const said = "a large answer"
		client := newTwoLane(newBuildableClient().WithTransportOptions(func(tr *http.Transport) {
			tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
				dials++
				ours, theirs := net.Pipe()
				t.Cleanup(func() { _ = theirs.Close() })
				go func() {
					for reader := bufio.NewReader(theirs); ; {
						r, err := http.ReadRequest(reader)
						if err != nil {
							return
						}
						_, _ = io.Copy(io.Discard, r.Body)
						_, _ = fmt.Fprintf(theirs, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(said), said)
					}
				}()
				return ours, nil
			}
		}))
		for range 3 {
			const keys = `{"RequestItems":{}}`
			body := &closedBody{strings.NewReader(keys), make(chan struct{})}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://dynamodb.invalid/", body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = int64(len(keys))
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			close(body.closed)
			synctest.Wait()
			got, err := io.ReadAll(response.Body)
			if err != nil || string(got) != said {
				t.Errorf("%q, %v", got, err)
			}
			_ = response.Body.Close()
			synctest.Wait()
		}
		if dials != 1 {
			t.Errorf("%d connections for three requests", dials)
		}
	})
}
