package kms

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// longestAnswer is more than KMS answers to any fenced call.
const longestAnswer = 1 << 20

// Send sends signed bytes, once, and returns what the answer is worth. Call it
// only after the write that confirms their date succeeded.
//
// An expired signature is a soft no. After an unknown answer the request must be
// treated as still under way until its signature has expired, even if the context
// ended before anything was sent.
//
// Send panics if the bytes were sent before.
func (c *Client) Send(ctx context.Context, s *Signed) plan.Answer {
	sealed := s.open()
	if !sealed.sent.CompareAndSwap(false, true) {
		panic("kms: signed bytes can be sent only once")
	}
	// This is the SDK client's own HTTP client, so that the Clock learns AWS's time
	// from the answer and a sandbox gets the request.
	response, err := c.api.Options().HTTPClient.Do(sealed.request(ctx))
	if err != nil {
		return awscall.NoAnswer("KMS", sealed.operation(), err, sealed.header)
	}
	defer func() { _ = response.Body.Close() }() // all that counts has been read
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	if err != nil {
		return plan.Answer{Verdict: plan.Unknown, Message: "the answer broke off: " + err.Error()}
	}
	answer := sealed.judge(response, body)
	if p := c.paces[sealed.operation()]; p != nil {
		p.learn(sealed.turn, answer)
	}
	return answer
}

const notKMS = "the answer has no request id, so it is not one of KMS"

// judge returns what a complete answer is worth. KMS answers as awsJson 1.1 does:
// with nothing or a document on success, else with a document or header that
// names the error. Any other answer, or one without AWS's request id, is not
// KMS's: a proxy, for instance, answers 200 with its own sign-in page.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
func (s *sealed) judge(response *http.Response, body []byte) plan.Answer {
	requestID := response.Header.Get("X-Amzn-Requestid")
	var document struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	reply := awscall.Reply{Service: "KMS", Operation: s.operation(), URL: s.url, Status: response.StatusCode,
		Header: response.Header, RequestID: requestID}
	if requestID == "" {
		reply.Message = notKMS
		return reply.Answer()
	}
	readable := len(body) == 0 || json.Unmarshal(body, &document) == nil
	if response.StatusCode/100 == 2 {
		if !readable {
			return plan.Answer{Verdict: plan.Unknown, RequestID: requestID, Message: "the answer is not one of KMS"}
		}
		return plan.Answer{Verdict: plan.Yes, RequestID: requestID}
	}
	code := response.Header.Get("X-Amzn-Errortype")
	if code == "" {
		code = document.Type
	}
	reply.Code = shape(code)
	reply.Message = awscall.Message(reply.Code, document.Message, s.header)
	answer := reply.Answer()
	answer.Message = cmp.Or(answer.Message, response.Status)
	return answer
}

// shape removes the namespace and the URL from an error code:
// "com.amazonaws.kms#NotFoundException:http://…" is NotFoundException.
func shape(code string) string {
	code, _, _ = strings.Cut(code, ":")
	if _, name, ok := strings.Cut(code, "#"); ok {
		return name
	}
	return code
}
