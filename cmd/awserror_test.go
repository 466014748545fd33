package cmd

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// trouble is one way in which a call to AWS does not end with a yes.
type trouble struct {
	name, verb string
	// fault, or what answers in AWS's place.
	fault  sandbox.Fault
	answer func(*http.Request) (*http.Response, error)
	// code, exit and hint are what must come out; hint is a part of it.
	code string
	exit int
	hint string
}

const (
	deniedTo = "User: arn:aws:sts::111122223333:assumed-role/keyturn/i-1 is not authorized to perform: "
	someKey  = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	theTable = "arn:aws:dynamodb:eu-west-1:111122223333:table/keyturn"
	canon    = "The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:IQoJb3JpZ2luX2VjEJr'"
)

// refused is AWS's refusal of every call of an operation.
func refused(operation, code, message string) sandbox.Fault {
	return sandbox.Fault{Operation: operation, Kind: sandbox.Refuse, Code: code, Message: message}
}

func refusedWith(status int, f sandbox.Fault) sandbox.Fault {
	f.Status = status
	return f
}

// reply answers every call of a service with the same document.
func reply(service string, status int, contentType, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if !strings.Contains(r.Header.Get("Authorization"), "/"+service+"/aws4_request") {
			return nil, nil
		}
		h := http.Header{"Content-Type": {contentType}}
		for i := 0; i+1 < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: h, Request: r,
			Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// fails breaks every call of a service.
func fails(service string, err error) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if !strings.Contains(r.Header.Get("Authorization"), "/"+service+"/aws4_request") {
			return nil, nil
		}
		return nil, err
	}
}

// late is an error of the network that says that time ran out.
type late struct{}

func (late) Error() string   { return "i/o timeout" }
func (late) Timeout() bool   { return true }
func (late) Temporary() bool { return true }

const (
	page    = "<html><body><h1>Welcome</h1></body></html>"
	html    = "text/html; charset=utf-8"
	amzJSON = "application/x-amz-json-1.0"
	id      = "X-Amzn-Requestid"
)

func troubles() []trouble {
	return []trouble{
		{name: "expired credentials", verb: "run",
			fault: refused("BatchGetItem", "ExpiredTokenException", "The security token included in the request is expired"),
			code:  "credentials-expired", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "expired credentials, at STS", verb: "init --table",
			fault: refusedWith(403, refused("GetCallerIdentity", "ExpiredToken",
				"The security token included in the request is expired")),
			code: "credentials-expired", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "unknown credentials", verb: "status",
			fault: refused("BatchGetItem", "UnrecognizedClientException",
				"The security token included in the request is invalid."),
			code: "credentials-invalid", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "unknown credentials, at STS", verb: "init --table",
			fault: refusedWith(403, refused("GetCallerIdentity", "InvalidClientTokenId",
				"The security token included in the request is invalid.")),
			code: "credentials-invalid", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "a wrong secret", verb: "run",
			fault: refused("BatchGetItem", "InvalidSignatureException", "The request signature we calculated does not match the "+
				"signature you provided. Check your AWS Secret Access Key and signing method. "+canon),
			code: "signature-refused", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "a wrong secret, at STS", verb: "init --table",
			fault: refusedWith(403, refused("GetCallerIdentity", "SignatureDoesNotMatch",
				"The request signature we calculated does not match the signature you provided. "+canon)),
			code: "signature-refused", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "a signature in other words", verb: "run",
			fault: refused("BatchGetItem", "InvalidSignatureException", "something new: "+canon),
			code:  "signature-refused", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "a broken signature", verb: "run",
			fault: refused("BatchGetItem", "IncompleteSignatureException",
				"'IQoJb3JpZ2luX2VjEJr' not a valid key=value pair (missing equal-sign) in Authorization header"),
			code: "signature-refused", exit: 1, hint: "aws sts get-caller-identity"},
		{name: "a signature for another Region", verb: "run",
			fault: refused("BatchGetItem", "InvalidSignatureException",
				"Credential should be scoped to a valid region, not 'eu-west-1'. "),
			code: "signature-refused", exit: 1, hint: "check region in the plan"},
		{name: "a clock that is wrong", verb: "run",
			fault: refused("BatchGetItem", "InvalidSignatureException", "Signature expired: 20260101T030000Z is now earlier than "+
				"20260101T030100Z (20260101T030600Z - 5 min.)"),
			code: "clock-skew", exit: 1, hint: "clock"},
		{name: "a request that is too old", verb: "run", fault: refused("CreateKey", "RequestExpired", ""),
			code: "clock-skew", exit: 1, hint: "clock"},
		{name: "a Region that is not enabled", verb: "run",
			fault: refusedWith(403, refused("BatchGetItem", "OptInRequired", "The AWS Access Key Id needs a subscription")),
			code:  "region-disabled", exit: 1, hint: "Region enabled"},

		{name: "denied the table", verb: "run",
			fault: refused("BatchGetItem", "AccessDeniedException", deniedTo+"dynamodb:BatchGetItem on resource: "+theTable+
				" because no identity-based policy allows the dynamodb:BatchGetItem action"),
			code: "access-denied", exit: 1, hint: "init --iam cron"},
		{name: "denied the table, for a look", verb: "status",
			fault: refused("BatchGetItem", "AccessDeniedException", deniedTo+"dynamodb:BatchGetItem on resource: "+theTable+
				" because no identity-based policy allows the dynamodb:BatchGetItem action"),
			code: "access-denied", exit: 1, hint: "init --iam readonly"},
		{name: "denied to write the record", verb: "run",
			fault: refused("UpdateItem", "AccessDeniedException", deniedTo+"dynamodb:UpdateItem on resource: "+theTable+
				" because no identity-based policy allows the dynamodb:UpdateItem action"),
			code: "access-denied", exit: 1, hint: "init --iam cron"},
		{name: "denied a key", verb: "run",
			fault: refused("CreateKey", "AccessDeniedException", deniedTo+"kms:CreateKey on resource: * because no "+
				"identity-based policy allows the kms:CreateKey action"),
			code: "access-denied", exit: 1, hint: "init --iam cron"},
		{name: "denied a person", verb: "rotate orders-data --reason x --confirm orders-data",
			fault: refused("CreateKey", "AccessDeniedException", deniedTo+"kms:TagResource on resource: * because no "+
				"identity-based policy allows the kms:TagResource action"),
			code: "access-denied", exit: 1, hint: "init --iam break-glass"},
		{name: "denied by the organisation", verb: "run",
			fault: refused("CreateKey", "AccessDeniedException", deniedTo+"kms:CreateKey on resource: * with an explicit deny "+
				"in a service control policy: arn:aws:organizations::999999999999:policy/o-abc/service_control_policy/p-1"),
			code: "access-denied", exit: 1, hint: "a Deny outweighs every Allow"},
		{name: "not allowed by the organisation", verb: "run",
			fault: refused("CreateKey", "AccessDeniedException", deniedTo+"kms:CreateKey on resource: * because no "+
				"service control policy allows the kms:CreateKey action"),
			code: "access-denied", exit: 1, hint: "whoever keeps the service control policy"},
		{name: "denied by the key policy", verb: "run",
			fault: refused("DescribeKey", "AccessDeniedException", deniedTo+"kms:DescribeKey on resource: "+someKey+
				" because no resource-based policy allows the kms:DescribeKey action"),
			code: "access-denied", exit: 1, hint: "aws kms get-key-policy --key-id " + someKey + " --policy-name default"},
		{name: "denied the alias", verb: "run",
			fault: refused("UpdateAlias", "AccessDeniedException", deniedTo+"kms:UpdateAlias on resource: "+someKey+
				" because no permissions boundary allows the kms:UpdateAlias action"),
			code: "access-denied", exit: 1, hint: "whoever keeps the permissions boundary"},
		{name: "denied without a word", verb: "run", fault: refused("CreateKey", "AccessDeniedException", ""),
			code: "access-denied", exit: 1, hint: "init --iam cron"},
		{name: "denied in other words", verb: "audit",
			fault: refused("ListAliases", "AccessDeniedException", "not you"),
			code:  "access-denied", exit: 1, hint: "init --iam readonly"},
		{name: "denied what only a person needs", verb: "init --table",
			fault: refused("DescribeContinuousBackups", "AccessDeniedException", "no"), exit: 0},
		{name: "denied to make the table", verb: "init --table",
			fault: refused("DescribeTable", "AccessDeniedException", deniedTo+"dynamodb:CreateTable on resource: "+theTable+
				" because no identity-based policy allows the dynamodb:CreateTable action"),
			code: "access-denied", exit: 1, hint: "for a person with more rights"},
		{name: "denied the ledger", verb: "history orders-data",
			fault: refused("Query", "AccessDeniedException", deniedTo+"dynamodb:Query on resource: "+theTable+
				" because no identity-based policy allows the dynamodb:Query action"),
			code: "access-denied", exit: 1, hint: "init --iam readonly"},
		{name: "denied the records' list", verb: "audit",
			fault: refused("Scan", "AccessDeniedException", "not you"), exit: 13}, // the key is overdue
		{name: "denied the grants", verb: "run", fault: refused("ListGrants", "AccessDeniedException", "not you"), exit: 0},
		{name: "denied automatic rotation", verb: "run",
			fault: refused("GetKeyRotationStatus", "AccessDeniedException", "not you"), exit: 0},
		{name: "denied KMS", verb: "status", fault: refused("DescribeKey", "AccessDeniedException", "not you"), exit: 0},

		{name: "throttled", verb: "run", fault: refused("CreateKey", "ThrottlingException", "Rate exceeded"),
			code: "throttled", exit: 1, hint: "the next run tries again"},
		{name: "a table without capacity", verb: "run",
			fault: refused("BatchGetItem", "ProvisionedThroughputExceededException", "The level of configured provisioned "+
				"throughput for the table was exceeded."),
			code: "throttled", exit: 1, hint: "the next run tries again"},
		{name: "too many keys", verb: "run",
			fault: refused("CreateKey", "LimitExceededException", "You have reached the limit of KMS keys."),
			code:  "quota", exit: 1, hint: "aws service-quotas list-service-quotas --service-code kms"},
		{name: "too many aliases", verb: "run", fault: refused("CreateAlias", "LimitExceededException", ""),
			code: "quota", exit: 1, hint: "aws service-quotas list-service-quotas --service-code kms"},
		{name: "a key in another state", verb: "run",
			fault: refused("UpdateAlias", "KMSInvalidStateException", someKey+" is pending deletion."),
			code:  "key-state", exit: 1},
		{name: "a disabled key", verb: "run", fault: refused("Encrypt", "DisabledException", someKey+" is disabled."),
			code: "key-state", exit: 1},
		{name: "a refusal of no kind", verb: "run", fault: refused("CreateKey", "InvalidArnException", "what ARN?"),
			code: "InvalidArnException", exit: 1},
		{name: "trouble in AWS", verb: "run", fault: refusedWith(500, refused("CreateKey", "DependencyTimeoutException",
			"The system timed out while trying to fulfill the request.")), code: "aws-trouble", exit: 1},
		{name: "trouble in KMS", verb: "run", fault: refusedWith(500, refused("DescribeKey", "KMSInternalException", "")),
			code: "aws-trouble", exit: 1},
		{name: "another program's table", verb: "run",
			fault: refused("BatchGetItem", "ValidationException", "The provided key element does not match the schema"),
			code:  "unsafe-table", exit: 13, hint: "keyturn init --table"},

		{name: "a web page", verb: "run", answer: reply("dynamodb", 200, html, page), code: "not-aws", exit: 1,
			hint: "AWS_ENDPOINT_URL_DYNAMODB"},
		{name: "a missing page", verb: "audit", answer: reply("kms", 404, html, page), code: "not-aws", exit: 1,
			hint: "AWS_ENDPOINT_URL_KMS"},
		{name: "a document of somebody else", verb: "run",
			answer: reply("dynamodb", 404, "application/json", `{"message":"Not Found"}`), code: "not-aws", exit: 1,
			hint: "AWS_ENDPOINT_URL_DYNAMODB"},
		{name: "a proxy that wants a login", verb: "run", answer: reply("dynamodb", 407, html, page), code: "not-aws", exit: 1,
			hint: "a proxy answers in its place"},
		{name: "a document that is cut", verb: "run", answer: reply("dynamodb", 200, amzJSON, `{"Respo`, id, "r-1"),
			code: "unreadable-answer", exit: 1},
		{name: "no STS", verb: "init --table", answer: reply("sts", 404, "text/plain", "404 page not found"), code: "not-aws",
			exit: 1, hint: "AWS_ENDPOINT_URL_STS"},
		{name: "an emulator without STS", verb: "init --table",
			answer: reply("sts", 400, "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>"+
				"<Message>Could not find operation GetCallerIdentity</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"),
			code: "unsupported", exit: 1, hint: "AWS_ENDPOINT_URL_STS"},
		{name: "LocalStack without an operation", verb: "audit",
			answer: reply("kms", 501, "application/x-amz-json-1.1", `{"__type":"InternalFailure","message":"API action `+
				`'ListAliases' for service 'kms' not yet implemented or pro feature"}`, id, "r-1"),
			code: "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "LocalStack and a new operation", verb: "audit",
			answer: reply("kms", 500, "application/x-amz-json-1.1", `{"__type":"InternalError","message":"exception while `+
				`calling kms with unknown operation: An unknown error occurred when trying to parse the request"}`, id, "r-1"),
			code: "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "local-kms without an operation", verb: "audit",
			answer: reply("kms", 501, "text/plain", "Passed X-Amz-Target is not implemented"), code: "unsupported", exit: 1,
			hint: "no permission is missing"},
		{name: "ministack without an operation", verb: "audit",
			answer: reply("kms", 400, amzJSON, `{"__type":"InvalidAction","message":"Unknown action: ListAliases"}`),
			code:   "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "DynamoDB Local without an operation", verb: "history orders-data",
			answer: reply("dynamodb", 400, amzJSON, `{"__type":"com.amazon.coral.service#UnknownOperationException",`+
				`"message":"An unknown operation was requested."}`, id, "r-1"),
			code: "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "moto without an operation", verb: "audit", answer: reply("kms", 500, html, page), code: "aws-trouble", exit: 1,
			hint: "look at the log"},
		{name: "AWS's own without an operation", verb: "status",
			fault: refused("DescribeKey", "UnknownOperationException", ""), exit: 0},

		{name: "a host that is not there", verb: "run", answer: fails("dynamodb", &net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "dynamodb.eu-wst-1.amazonaws.com", IsNotFound: true}}),
			code: "unreachable", exit: 1, hint: "this host's DNS"},
		{name: "a port that nobody listens at", verb: "run",
			answer: fails("dynamodb", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
			code:   "unreachable", exit: 1, hint: "check the network"},
		{name: "no answer in time", verb: "run", answer: fails("dynamodb", late{}), code: "unreachable", exit: 1,
			hint: "check the network"},
		{name: "a broken connection", verb: "run", answer: fails("dynamodb", syscall.ECONNRESET), code: "unreachable", exit: 1,
			hint: "check the network"},
		{name: "a certificate of nobody", verb: "run", answer: fails("dynamodb", x509.UnknownAuthorityError{}), code: "tls",
			exit: 1, hint: "AWS_CA_BUNDLE"},
		{name: "a server without TLS", verb: "run", answer: fails("dynamodb", http.ErrSchemeMismatch), code: "tls", exit: 1,
			hint: "AWS_CA_BUNDLE"},
		{name: "a signed move without an answer", verb: "run",
			fault: sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Drop}, code: "unreachable", exit: 1},
	}
}

// with has an answer come first, for each call that it has one for.
func (c *cloud) with(answer func(*http.Request) (*http.Response, error)) {
	c.gate.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		if came, err := answer(r); came != nil || err != nil {
			return came, err
		}
		return c.box.RoundTripper().RoundTrip(r)
	})
}

var (
	// sdkWords are what the SDK's own errors say.
	sdkWords = regexp.MustCompile(`operation error|https response error|StatusCode|api error|exceeded maximum number|` +
		`deserialization failed|RequestID: |dial tcp|IQoJb3Jp|(?i)x-amz-`)
	someID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

// TestAWSErrors has every kind of error come from AWS, from what answers in its place,
// or from the network. The golden file is what a person reads.
func TestAWSErrors(t *testing.T) {
	var all strings.Builder
	for _, c := range troubles() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				text := c.show(t)
				fmt.Fprintf(&all, "# %s: keyturn %s\n%s\n", c.name, c.verb, text)
			})
		})
	}
	golden.Compare(t, "../testdata/screens/aws-errors.txt", all.String())
}

// show brings the trouble about and returns what is printed.
func (c trouble) show(t *testing.T) string {
	w := newCloud(t)
	w.begin(c)
	p, exit := w.run(strings.Fields(c.verb)...)
	text := p.out.String() + p.err.String()
	if exit != c.exit || !strings.Contains(text, c.hint) {
		t.Errorf("exit %d, want %d and the hint %q:\n%s", exit, c.exit, c.hint, text)
	}
	if leak := sdkWords.FindString(text); leak != "" {
		t.Errorf("the SDK's own words (%q):\n%s", leak, text)
	}
	if got := w.codeOf(t, c); got != c.code {
		t.Errorf("code %q, want %q:\n%s", got, c.code, text)
	}
	text = someID.ReplaceAllStringFunc(text, func(id string) string {
		if strings.Contains(someKey, id) {
			return id
		}
		return "…"
	})
	return text
}

func (w *cloud) begin(c trouble) {
	if c.answer != nil {
		w.with(c.answer)
		return
	}
	w.faults(c.fault)
}

// codeOf returns the code in the JSON document of the same in another world.
func (*cloud) codeOf(t *testing.T, c trouble) string {
	w := newCloud(t)
	w.begin(c)
	p, exit := w.run(append(strings.Fields(c.verb), "--output", "json")...)
	if leak := sdkWords.FindString(p.out.String()); leak != "" || exit != c.exit {
		t.Errorf("exit %d, the SDK's own words (%q) in:\n%s", exit, leak, p.out.String())
	}
	var d struct {
		Format, Code string
		Keys         json.RawMessage
	}
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil {
		t.Fatalf("%v\n%s", err, p.out.String())
	}
	var keys []struct {
		ErrorCode string `json:"error_code"`
	}
	if json.Unmarshal(d.Keys, &keys) == nil && len(keys) > 0 {
		return keys[0].ErrorCode
	}
	return d.Code
}

// With -v, and in the log, what the SDK said is there too: with the status, without a
// secret.
func TestSDKWordsOnRequest(t *testing.T) {
	c := newCloud(t)
	c.faults(refused("BatchGetItem", "AccessDeniedException", "not you"))
	const sdk = "operation error DynamoDB: BatchGetItem, https response error StatusCode: 400, RequestID: "
	if p, _ := c.run("status", "-v"); !strings.Contains(p.err.String(), "  the AWS SDK says: "+sdk) {
		t.Errorf("-v:\n%s", p.err.String())
	}
	if p, _ := c.run("status", "--log", "json"); !strings.Contains(p.err.String(), `"sdk":"`+sdk) {
		t.Errorf("--log json:\n%s", p.err.String())
	}
	c.faults(refused("CreateKey", "AccessDeniedException", "not you"))
	if p, _ := c.run("run", "-v"); !strings.Contains(p.err.String(), "  the AWS SDK says: AccessDeniedException: not you\n") {
		t.Errorf("of a key:\n%s", p.err.String())
	}
	c.faults(refused("BatchGetItem", "InvalidSignatureException", "look: "+canon))
	for _, line := range []string{"status -v", "status --log json"} {
		if p, _ := c.run(strings.Fields(line)...); strings.Contains(p.out.String()+p.err.String(), "IQoJb3Jp") {
			t.Errorf("%s:\n%s", line, p.err.String())
		}
	}
}

// Whatever operation is denied to whatever verb, nothing says it in the SDK's words.
func TestNoSDKWords(t *testing.T) {
	for _, operation := range []string{"BatchGetItem", "DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups",
		"Query", "Scan", "UpdateItem", "PutItem", "GetCallerIdentity", "DescribeKey", "ListAliases", "ListResourceTags",
		"ListKeys", "GetKeyPolicy", "GetKeyRotationStatus", "GetKeyLastUsage", "ListGrants", "CreateKey", "CreateAlias",
		"UpdateAlias", "Encrypt", "Decrypt"} {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				c.faults(refused(operation, "AccessDeniedException", "not you"))
				for _, args := range append(everyVerb(), []string{"init", "--table"}, []string{"history", "orders-data"},
					[]string{"init", "--match", "alias/*", "--region", "eu-west-1"}) {
					p, _ := c.run(args...)
					if text := p.out.String() + p.err.String(); sdkWords.MatchString(text) {
						t.Errorf("%v:\n%s", args, text)
					}
				}
			})
		})
	}
}

// The same over the network: a server without TLS, one with a certificate that nobody
// vouches for, and a page.
func TestForeignServers(t *testing.T) {
	welcome := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", html)
		_, _ = io.WriteString(w, page)
	})
	plain, secure := httptest.NewServer(welcome), httptest.NewUnstartedServer(welcome)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for _, c := range []struct{ endpoint, says, hint string }{
		{plain.URL, "this is not DynamoDB: " + plain.URL + " answered BatchGetItem with HTML (HTTP 200)", "AWS_ENDPOINT_URL"},
		{secure.URL, "DynamoDB cannot be reached at " + secure.URL + ": TLS failed: tls: failed to verify certificate: x509: " +
			"certificate signed by unknown authority", "AWS_CA_BUNDLE"},
		{strings.Replace(plain.URL, "http:", "https:", 1), "TLS failed: http: server gave HTTP response to HTTPS client",
			"AWS_CA_BUNDLE"},
	} {
		w := newServedCloud(t)
		for _, name := range []string{"", "_KMS", "_DYNAMODB", "_STS"} {
			t.Setenv("AWS_ENDPOINT_URL"+name, c.endpoint)
		}
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		p, exit := w.run("run")
		if text := p.err.String(); exit != 1 || !strings.Contains(text, c.says) || !strings.Contains(text, c.hint) ||
			sdkWords.MatchString(text) {
			t.Errorf("exit %d\n%swant %s", exit, text, c.says)
		}
	}
}
