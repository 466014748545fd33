package rotate_test

import (
	"net/http"
	"strings"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// stops is a transport that counts calls and stops at one: it parks there, or
// the process is dead from there on, before the call or after it was answered.
// operation "" counts every call but the first read of the records.
type stops struct {
	next      http.RoundTripper
	operation string
	ordinal   int
	after     bool
	changing  bool // with operation "": only those that change something count
	dead      bool
	seen      int
	at        string // the operation it stopped at
	held      chan struct{}
	release   chan struct{}
}

// newCrash dies before its n-th call of an operation.
func newCrash(next http.RoundTripper, operation string, n int) *stops {
	return &stops{next: next, operation: operation, ordinal: n, dead: true, held: make(chan struct{}),
		release: make(chan struct{})}
}

// newPause parks before its n-th call of an operation.
func newPause(next http.RoundTripper, operation string, n int) *stops {
	s := newCrash(next, operation, n)
	s.dead = false
	return s
}

func (s *stops) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if operation == "" {
		operation = "GetCallerIdentity"
	}
	counts := s.operation == operation || s.operation == "" && operation != "BatchGetItem" &&
		(!s.changing || rehearsal.Changes(operation))
	if counts {
		s.seen++
	}
	here := counts && s.seen == s.ordinal && s.at == ""
	if here {
		s.at = operation
	}
	if s.dead {
		if s.at != "" && !(here && s.after) {
			return nil, errBroken // nothing of a dead process reaches AWS any more
		}
		return s.next.RoundTrip(r)
	}
	if here && !s.after {
		close(s.held)
		<-s.release
	}
	res, err := s.next.RoundTrip(r)
	if here && s.after {
		close(s.held)
		<-s.release
	}
	return res, err
}

// poolOnCrash runs until the process dies.
func (w *world) poolOnCrash(name string, s *stops, q plan.Request) {
	w.t.Helper()
	p := w.poolOn(name, s)
	p.request = q
	_, _ = p.Do(w.t.Context(), w.plan.Keys, p.request)
}
