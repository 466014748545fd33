package sandbox

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// call carries out one request, from its headers and body to the reply. The
// error is the context's: the client went away before the call took effect.
//
// Faults are drawn when a call arrives, then it waits out its latency, then
// everything else happens at once under the lock: what it is judged by is the
// moment it takes effect.
func (s *Sandbox) call(ctx context.Context, method string, header http.Header, body []byte) (reply, error) {
	req, refusal := route(method, header, body)
	sig, unsigned := parseSignature(header)
	if refusal == nil {
		refusal = unsigned
	}

	s.mu.Lock()
	caller := ""
	if unsigned == nil {
		caller = sig.caller(s.account)
	}
	service := s.services[req.service]
	mutating := service != nil && service.Mutates(req.operation)
	wait, fault := s.switches.arrive(arrival{
		service: req.service, operation: req.operation, mutating: mutating,
		caller: caller, body: body,
	})
	s.mu.Unlock()
	if err := sleep(ctx, wait); err != nil {
		return reply{}, err
	}

	c := &inFlight{request: req, sig: sig, caller: caller, mutating: mutating, refusal: refusal, fault: fault,
		userAgent: header.Get("User-Agent")}
	var out reply
	err := s.exclusive(func() error {
		out = s.apply(c)
		return nil
	})
	if err != nil { // the state file failed: it is not known whether the call was applied
		refusal := &wire.Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
		id := s.requestID()
		status, document := req.refuse(refusal, id)
		return req.reply(status, document, id), nil
	}
	return out, nil
}

// inFlight is a call on its way into effect.
type inFlight struct {
	request
	sig    signature
	caller string
	// mutating says that the operation changes state when it succeeds.
	mutating bool
	// refusal is an error that was found when the call arrived.
	refusal   *wire.Error
	fault     *Fault
	userAgent string
}

// apply checks a call, passes it to its service, records it, and makes the
// reply. The lock is held.
func (s *Sandbox) apply(c *inFlight) reply {
	now := s.clock.now()
	entry := Entry{At: now.Truncate(time.Millisecond), Service: c.service, Operation: c.operation,
		UserAgent: c.userAgent}
	if c.fault != nil && c.fault.Kind == Drop {
		entry.Lost = "request"
		_ = s.journal.add(entry) // no answer is left that could report a failure
		return reply{lost: true}
	}

	behind := s.behind(c, now)
	answer, err := s.decide(c, now)
	entry.Resource = answer.Resource
	if err == nil && answer.Mutated {
		err = s.save()
		entry.Mutates = err == nil && c.mutating // a last use is saved, and is no change
	}
	id := s.requestID()
	status, body := http.StatusOK, []byte(nil)
	if err == nil {
		body, err = c.answer(c.operation, answer.Body, id)
	}
	if err != nil {
		refusal := asRefusal(err)
		entry.Error = refusal.Code
		status, body = c.refuse(refusal, id)
	}
	entry.Status = status
	if failed := s.record(c, now, answer, err, id, behind); failed != nil {
		status, body = c.refuse(asRefusal(failed), id)
	}
	lost := c.fault != nil && c.fault.Kind == Lose
	if lost {
		entry.Lost = "answer"
	}
	if err := s.journal.add(entry); err != nil {
		status, body = c.refuse(asRefusal(err), id)
	}
	if lost {
		if c.fault.Code == "" {
			return reply{lost: true}
		}
		status, body = c.refuse(c.fault.refusal(), id)
	}
	return c.reply(status, body, id)
}

// decide finds the reason to refuse a call, in AWS's order, or lets its
// service carry it out.
func (s *Sandbox) decide(c *inFlight, now time.Time) (wire.Answer, error) {
	if c.refusal != nil {
		return wire.Answer{}, c.refusal
	}
	if refusal := c.sig.judge(c.service, now, s.clock.signedAt(c.sig.at, c.userAgent)); refusal != nil {
		return wire.Answer{}, refusal
	}
	call := wire.Call{
		Operation: c.operation, Body: c.body, Now: now, ReadAt: now,
		Capacity: s.switches.Capacity, Simulated: s.switches.Simulated,
		Region: c.sig.region, Account: s.account, Caller: c.caller,
	}
	if c.service == serviceKMS {
		call.ReadAt = now.Add(-time.Duration(s.switches.Lag))
		call.KeyPolicies, call.WaiverForbidden = s.switches.KeyPolicies, s.switches.WaiverForbidden
		if s.switches.Quotas {
			if refusal := s.quotas.take(c.operation, call); refusal != nil {
				return wire.Answer{}, refusal
			}
		}
	}
	if c.fault != nil && c.fault.Kind == Refuse {
		return wire.Answer{}, c.fault.refusal()
	}
	service := s.services[c.service]
	if service == nil {
		return wire.Answer{}, wire.Errorf("UnknownOperationException", "The embedded AWS has no %s.", c.service)
	}
	return service.Handle(call)
}

func (f *Fault) refusal() *wire.Error {
	return &wire.Error{Status: f.Status, Code: f.Code, Message: f.Message}
}

// asRefusal makes any error one of AWS's. What is not one already is a bug of
// the sandbox, or its disk: a 500, which a client must not take for a no.
func asRefusal(err error) *wire.Error {
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		return refusal
	}
	return &wire.Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
}

// sleep waits, but no longer than the context lives.
func sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// requestID makes a random UUID, the form of AWS's request ids.
func (s *Sandbox) requestID() string {
	var id [16]byte
	_, _ = s.options.Rand.Read(id[:]) // crypto/rand, or a simulation's own: neither fails
	return wire.UUID(id)
}
