package awscall

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	smithy "github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/plan"
)

// causeOf returns why a call has no answer. r has its service and operation.
func causeOf(r Reply, err error) plan.Cause {
	c := plan.Cause{Service: r.Service, Operation: r.Operation}
	call, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return c
	}
	c.Detail = withoutAttempts(Message("", call.Err.Error(), nil))
	away, sent := errors.AsType[*url.Error](err)
	if sent {
		u, _ := url.Parse(away.URL) // it was called
		c.Endpoint, c.Foreign, c.Region = endpointOf(u)
		c.Detail = brokenText(away.Err)
	}
	name, unresolved := errors.AsType[*net.DNSError](err)
	late, isNet := errors.AsType[net.Error](err)
	switch {
	case strings.HasPrefix(call.Err.Error(), noIdentity):
		c.Kind, c.Detail = plan.CauseNotFetched, fetchText(call.Err)
	case errors.Is(err, context.Canceled):
		c.Kind = plan.CauseInterrupted
	case unresolved && name.IsNotFound:
		c.Kind = plan.CauseHostUnknown
	case isTLS(err):
		c.Kind = plan.CauseTLS
	case errors.Is(err, context.DeadlineExceeded), isNet && late.Timeout():
		c.Kind = plan.CauseTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		c.Kind = plan.CauseRefused
	case sent:
		c.Kind = plan.CauseUnreachable
	}
	return c
}

// brokenText says how a connection broke, without where: the URL says that.
func brokenText(err error) string {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was closed"
	}
	return Message("", err.Error(), nil)
}

// noIdentity is how the SDK begins the error of a call for which it has no
// credentials. It has no type.
const noIdentity = "get identity: "

// withoutAttempts removes the SDK's count of attempts.
func withoutAttempts(text string) string {
	const counted = "exceeded maximum number of attempts, "
	if rest, ok := strings.CutPrefix(text, counted); ok {
		_, text, _ = strings.Cut(rest, ", ")
	}
	return text
}

// isTLS reports whether a connection failed because of a certificate, or because one
// side does not speak TLS.
func isTLS(err error) bool {
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verified *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	return errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) ||
		errors.As(err, &verified) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.Is(err, http.ErrSchemeMismatch)
}
