package rehearsal

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/internal/awscall"
)

// signer signs by a host's clock, corrected as the SDK corrects it: by the Date of
// the last answer that this client got.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-clock-skew.html
type signer struct {
	host *machine
	next *v4.Signer

	mu sync.Mutex
	// off is AWS's time minus the host's; jump is by how much the last answer
	// changed that.
	off, jump time.Duration
}

// skewed is by how much a request must have been misdated for the SDK to take a
// refusal for one of its date.
const skewed = 4 * time.Minute

// misdated reports, as the SDK does with its own clock, whether a refusal may be
// one of the date of the request: it is repeated then, with another date.
func (s *signer) misdated(err error) aws.Ternary {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return aws.UnknownTernary
	}
	switch api.ErrorCode() {
	case "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed",
		"AccessDeniedException":
	default:
		return aws.UnknownTernary
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jump.Abs() > skewed {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// SignHTTP signs a request.
func (s *signer) SignHTTP(ctx context.Context, who aws.Credentials, r *http.Request, hash, service, region string,
	_ time.Time, options ...func(*v4.SignerOptions)) error {
	at := s.host.wall().Add(s.offset())
	return s.next.SignHTTP(ctx, who, r, hash, service, region, at.UTC(), options...)
}

func (s *signer) offset() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.off
}

// learn takes in AWS's time.
func (s *signer) learn(date time.Time) {
	off := date.Sub(s.host.wall())
	s.mu.Lock()
	s.off, s.jump = off, off-s.off
	s.mu.Unlock()
}

// learning is a client that tells a signer the time of each answer.
type learning struct {
	next   aws.HTTPClient
	signer *signer
}

// Do sends a request.
func (l learning) Do(r *http.Request) (*http.Response, error) {
	response, err := l.next.Do(r)
	if err != nil {
		return response, err
	}
	if date, ok := awscall.DateOf(response.Header); ok {
		l.signer.learn(date)
	}
	return response, nil
}
