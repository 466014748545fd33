package awscall

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/plan"
)

// Query is a client of IAM, in the query protocol. The SDK has one, but the mere import of
// it, with 180 operations, costs every command 0.7 MB and 1 ms at its start
// (GODEBUG=inittrace=1), half as much as KMS and DynamoDB together. keyturn needs one
// operation of it, for one verb.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
type Query struct {
	cfg       aws.Config
	clock     *Clock
	endpoint  string
	region    string
	userAgent string
	pace      *queryPace
}

// iamName is the SDK's name of the service.
const iamName = "IAM"

// global is IAM's endpoint in a partition, that with FIPS 140 if there is one, and the Region
// for which requests to them are signed: IAM has one for all Regions.
// https://docs.aws.amazon.com/general/latest/gr/iam-service.html
type global struct{ url, fips, region string }

func globalOf(partition string) global {
	return map[string]global{
		"aws":        {"https://iam.amazonaws.com", "https://iam-fips.amazonaws.com", "us-east-1"},
		"aws-cn":     {"https://iam.cn-north-1.amazonaws.com.cn", "", "cn-north-1"},
		"aws-us-gov": {"https://iam.us-gov.amazonaws.com", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
		"aws-eusc":   {"https://iam.eusc-de-east-1.amazonaws.eu", "", "eusc-de-east-1"},
		"aws-iso":    {"https://iam.us-iso-east-1.c2s.ic.gov", "", "us-iso-east-1"},
		"aws-iso-b":  {"https://iam.us-isob-east-1.sc2s.sgov.gov", "", "us-isob-east-1"},
		"aws-iso-f":  {"https://iam.us-isof-south-1.csp.hci.ic.gov", "", "us-isof-south-1"},
	}[partition]
}

// IAM returns a client of IAM in a partition. Its errors are those of endpoints: a local
// one for KMS and AWS's for IAM are refused here, and not by commands that call no IAM.
func (c *Conn) IAM(ctx context.Context, partition string) (*Query, error) {
	q := &Query{cfg: c.cfg, clock: c.Clock, userAgent: c.userAgent, pace: newQueryPace()}
	at := globalOf(partition)
	if c.wantsFIPS(ctx) {
		at.url = at.fips
	}
	q.endpoint, q.region = at.url, cmp.Or(at.region, c.cfg.Region)
	own := c.iamEndpoint(ctx)
	switch {
	case own.URL != "" && !callable(own.URL):
		return nil, &EndpointError{own}
	case own.URL != "":
		q.endpoint = own.URL
	case at.url == "":
		return nil, fmt.Errorf("the endpoint of IAM in partition %s is not known: set AWS_ENDPOINT_URL_IAM", partition)
	}
	return q, c.sameSide(own)
}

// wantsFIPS reports whether the environment or a profile asks for endpoints with FIPS 140.
func (c *Conn) wantsFIPS(ctx context.Context) bool {
	for _, s := range c.cfg.ConfigSources {
		if asks, ok := s.(interface {
			GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error)
		}); ok {
			if state, set, err := asks.GetUseFIPSEndpoint(ctx); err == nil && set {
				return state == aws.FIPSEndpointStateEnabled
			}
		}
	}
	return false
}

// iamEndpoint returns what the environment or a profile sets for IAM, as the SDK's clients
// find it; "" is AWS's own.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (c *Conn) iamEndpoint(ctx context.Context) Endpoint {
	e := Endpoint{Service: iamName, From: source(iamName)}
	for _, s := range c.cfg.ConfigSources {
		if off, ok := s.(interface {
			GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error)
		}); ok {
			if ignored, set, err := off.GetIgnoreConfiguredEndpoints(ctx); err == nil && set && ignored {
				return e
			}
		}
	}
	for _, s := range c.cfg.ConfigSources {
		if own, ok := s.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		}); ok {
			if found, set, err := own.GetServiceBaseEndpoint(ctx, iamName); err == nil && set {
				e.URL = found
				return e
			}
		}
	}
	e.URL = aws.ToString(c.cfg.BaseEndpoint)
	return e
}

// Call makes one call and reads the answer's result into out. It repeats what AWS throttles
// or does not answer, as the SDK does; it must not be used for changes. Its error is a
// *CallError.
func (q *Query) Call(ctx context.Context, version, operation string, form url.Values, out any) error {
	form.Set("Action", operation)
	form.Set("Version", version)
	var answer plan.Answer
	for try := range ThrottledAttempts {
		if err := (Host{}).Pause(ctx, min(time.Duration(try*try)*retryAfter, longestPause)); err != nil {
			break
		}
		var body []byte
		answer, body = q.paced(ctx, operation, form.Encode())
		if answer.Verdict == plan.Yes {
			if err := xml.Unmarshal(body, out); err == nil {
				return nil
			}
			answer = plan.Answer{Verdict: plan.Unknown, RequestID: answer.RequestID,
				Cause: plan.Cause{Kind: plan.CauseUnreadable, Service: iamName, Operation: operation}}
			break
		}
		if !Throttled(answer) && (answer.Verdict == plan.No || try+1 >= Attempts) {
			break
		}
	}
	return &CallError{Answer: answer}
}

const (
	// ThrottledAttempts is how often a call is sent that AWS throttles.
	ThrottledAttempts = 8
	// retryAfter is the pause before the second attempt; those after it are longer, up to
	// longestPause.
	retryAfter   = 200 * time.Millisecond
	longestPause = 2 * time.Second
)

// paced sends the form once its turn has come.
func (q *Query) paced(ctx context.Context, operation, form string) (plan.Answer, []byte) {
	turn, err := q.pace.turn(ctx)
	if err != nil {
		return NoAnswer(iamName, operation, err, nil), nil
	}
	answer, body := q.send(ctx, operation, form)
	q.pace.learn(turn, Throttled(answer))
	return answer, body
}

// longestResult is more than IAM answers here.
const longestResult = 4 << 20

// send sends the form once.
func (q *Query) send(ctx context.Context, operation, form string) (plan.Answer, []byte) {
	request, err := q.sign(ctx, form)
	if err != nil {
		return NoAnswer(iamName, operation, err, nil), nil
	}
	response, err := q.cfg.HTTPClient.Do(request)
	if err != nil {
		return NoAnswer(iamName, operation, err, request.Header), nil
	}
	defer func() { _ = response.Body.Close() }() // all that counts has been read
	body, err := io.ReadAll(io.LimitReader(response.Body, longestResult))
	if err != nil {
		return NoAnswer(iamName, operation, err, request.Header), nil
	}
	reply := Reply{Service: iamName, Operation: operation, URL: request.URL, Status: response.StatusCode,
		Header: response.Header, RequestID: response.Header.Get("X-Amzn-Requestid")}
	if response.StatusCode/100 == 2 && reply.RequestID != "" {
		return plan.Answer{Verdict: plan.Yes, RequestID: reply.RequestID}, body
	}
	var refusal struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if xml.Unmarshal(body, &refusal) == nil {
		reply.Code, reply.Message = refusal.Code, Message(refusal.Code, refusal.Message, request.Header)
	}
	return reply.Answer(), nil
}

// sign returns the signed request, dated with AWS's time as far as it is known.
func (q *Query) sign(ctx context.Context, form string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, q.endpoint, strings.NewReader(form))
	if err != nil {
		return nil, &smithy.SerializationError{Err: err}
	}
	if request.URL.Path == "" {
		request.URL.Path = "/"
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set("User-Agent", q.userAgent)
	who, err := q.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(form))
	return request, v4.NewSigner().SignHTTP(ctx, who, request, hex.EncodeToString(sum[:]), "iam", q.region,
		q.clock.Now())
}
