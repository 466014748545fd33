package awscall

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyturn/keyturn/plan"
)

// AWS's message about a signature may quote the request, with the session token and
// the signature. Anybody who reads a log, a document or the record could then act
// as this role. So a message is cut before any error carries it, to one line.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html

// withheld replaces a message of AWS that nobody should read.
const withheld = "AWS's message is left out: it may quote the request with its session token"

var (
	// aboutSignatures are the codes whose messages quote the request, whole or in
	// part. KMSInvalidSignatureException is about a signature that Verify was given.
	aboutSignatures = plan.Pattern(`(?i)signature|^MissingAuthenticationToken`)
	// aboutDates is what such a message may say: it decides what the refusal means.
	aboutDates = plan.Pattern(`Signature (expired|not yet current)` +
		`(: [0-9TZ]+ is (now earlier|still later) than [0-9TZ]+( \([0-9TZ]+ [-+] [0-9]+ min\.\))?)?`)
	mismatch = "The request signature we calculated does not match the signature you provided."
	// aboutScope is what it says about a signature for another Region or service.
	aboutScope = plan.Pattern(`Credential should be scoped to (a valid region|correct service)` +
		`(, not '[a-z0-9-]+'|: '[a-z0-9-]+')?`)

	// ofRequest is where a message of any other code begins to quote the request.
	ofRequest = plan.Pattern(`(?i)canonical.{0,3}(string|request)|string.{0,3}to.{0,3}sign|` +
		`aws4-[a-z0-9-]+|x-amz-|` +
		`security.?token\s*[:=]|(credential|signature|authorization)\s*[:=]`)
	// userInURL is a user name and a password in front of a host.
	userInURL = plan.Pattern(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#"'<>]*@`)
)

// Message returns what may be printed, logged and stored of AWS's message to a
// request: one line, without the request. sent are the headers of that request,
// nil if they are not known: a message that has one of its secrets is left out
// whatever else it says.
func Message(code, text string, sent http.Header) string {
	line := Text(text)
	if isAboutSignature(code) {
		return aboutSignature(line)
	}
	for _, secret := range secretsOf(sent) {
		if strings.Contains(text, secret) {
			return withheld
		}
	}
	if at := ofRequest().FindStringIndex(line); at != nil {
		return strings.TrimSpace(strings.TrimSpace(line[:at[0]]) + " (" + withheld + ")")
	}
	return line
}

// isAboutSignature reports whether a code is about the signature of a request.
func isAboutSignature(code string) bool {
	return aboutSignatures().MatchString(code) && code != "KMSInvalidSignatureException"
}

// signatureText says what a message about a signature means.
func signatureText(code, message string) string {
	switch {
	case strings.HasPrefix(message, mismatch):
		return "the secret access key does not belong to the access key id, or something on the way changed the request"
	case strings.HasPrefix(code, "Incomplete"), strings.HasPrefix(code, "Missing"):
		return "it did not arrive whole; a proxy may have changed the request's headers"
	}
	return ""
}

// aboutSignature returns the part of a message about a signature that has a known
// form.
func aboutSignature(line string) string {
	switch dates := aboutDates().FindString(line); {
	case line == "":
		return ""
	case dates != "":
		return dates
	case aboutScope().MatchString(line):
		return aboutScope().FindString(line)
	case strings.HasPrefix(line, mismatch):
		return mismatch + " (" + withheld + ")"
	}
	return withheld
}

// Text returns a text from elsewhere as one line, without user names and passwords
// in URLs.
func Text(s string) string {
	return userInURL().ReplaceAllString(strings.Join(strings.Fields(plan.Line(s)), " "), "$1")
}

// secretsOf returns the beginnings of the secrets in a signed request: a message
// may be cut anywhere behind them.
func secretsOf(sent http.Header) []string {
	const enough = 16
	var all []string
	for _, value := range []string{sent.Get("X-Amz-Security-Token"), sent.Get("Authorization")} {
		if _, signature, ok := strings.Cut(value, "Signature="); ok {
			value = signature
		}
		if len(value) >= enough {
			all = append(all, value[:enough])
		}
	}
	return all
}

// ShownURL returns a URL from the environment or a profile as it may be printed:
// without user name, password, query and fragment.
func ShownURL(text string) string {
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	text, _, _ = strings.Cut(text, "?")
	if i := strings.LastIndexByte(text, '@'); i >= 0 { // no URL, but it may contain a password
		return "…@" + text[i+1:]
	}
	return text
}

// cutMessages adds a step to a client that shortens the message of every error by
// [Message].
func cutMessages(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("keyturn:cutMessages",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			if err == nil {
				return out, metadata, nil
			}
			var sent http.Header
			if r, ok := in.Request.(*smithyhttp.Request); ok {
				sent = r.Header
			}
			return out, metadata, cut(err, sent)
		}), middleware.Before)
}

// cut removes secrets from an error. It changes the innermost error, whose text all
// errors around it repeat.
func cut(err error, sent http.Header) error {
	if away, ok := errors.AsType[*url.Error](err); ok {
		away.URL = ShownURL(away.URL)
		if text := away.Err.Error(); Text(text) != text { // as of a proxy's address that cannot be read
			away.Err = errors.New(Text(text))
		}
	}
	if unread, ok := errors.AsType[*smithy.DeserializationError](err); ok {
		unread.Snapshot = nil
	}
	said, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err
	}
	text := Message(said.ErrorCode(), said.ErrorMessage(), sent)
	if text == said.ErrorMessage() || setMessage(said, text) {
		return err
	}
	// Of a form that is not known: an error that tells no status is no answer.
	return &smithy.GenericAPIError{Code: said.ErrorCode(), Message: text, Fault: said.ErrorFault()}
}

// setMessage changes the message of an SDK error. Every modelled one has a field
// of this name; no interface sets it.
func setMessage(said smithy.APIError, text string) bool {
	v := reflect.ValueOf(said)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return false
	}
	switch field := v.Elem().FieldByName("Message"); {
	case !field.IsValid() || !field.CanSet():
		return false
	case field.Kind() == reflect.String:
		field.SetString(text)
	case field.Type() == reflect.TypeFor[*string]():
		field.Set(reflect.ValueOf(&text))
	default:
		return false
	}
	return said.ErrorMessage() == text
}

// shown returns an error with a text that may be printed. One that would say more is
// replaced, and what it wraps with it.
func shown(err error) error {
	if text := Message("", err.Error(), nil); text != err.Error() {
		return errors.New(text)
	}
	return err
}
