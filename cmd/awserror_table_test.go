package cmd

import (
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

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
	canon    = "The Canonical String for this request should have " +
		"been\n'POST\n/\n\nx-amz-security-token:IQoJb3JpZ2luX2VjEJr'"
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
func reply(service string, status int, contentType, body string,
	headers ...string) func(*http.Request) (*http.Response, error) {
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
			fault: refused("BatchGetItem", "ExpiredTokenException", "The security token included in the request is "+
				"expired"),
			code: "credentials-expired", exit: 1, hint: "aws sts get-caller-identity"},
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
			fault: refused("BatchGetItem", "InvalidSignatureException", "The request signature we calculated does "+
				"not match the signature you provided. Check your AWS Secret Access Key and signing method. "+canon),
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
			fault: refused("BatchGetItem", "InvalidSignatureException", "Signature expired: 20260101T030000Z is "+
				"now earlier than 20260101T030100Z (20260101T030600Z - 5 min.)"),
			code: "clock-skew", exit: 1, hint: "clock"},
		{name: "a request that is too old", verb: "run", fault: refused("CreateKey", "RequestExpired", ""),
			code: "clock-skew", exit: 1, hint: "clock"},
		{name: "a Region that is not enabled", verb: "run",
			fault: refusedWith(403, refused("BatchGetItem", "OptInRequired", "The AWS Access Key Id needs a "+
				"subscription")),
			code: "region-disabled", exit: 1, hint: "Region enabled"},

		{name: "denied the table", verb: "run",
			fault: refused("BatchGetItem", "AccessDeniedException", deniedTo+"dynamodb:BatchGetItem on resource: "+
				theTable+
				" because no identity-based policy allows the dynamodb:BatchGetItem action"),
			code: "access-denied", exit: 1, hint: "init --iam cron"},
		{name: "denied the table, for a look", verb: "status",
			fault: refused("BatchGetItem", "AccessDeniedException", deniedTo+"dynamodb:BatchGetItem on resource: "+
				theTable+
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
			fault: refused("CreateKey", "AccessDeniedException", deniedTo+"kms:CreateKey on resource: * with an "+
				"explicit deny "+
				"in a service control policy: "+
				"arn:aws:organizations::999999999999:policy/o-abc/service_control_policy/p-1"),
			code: "access-denied", exit: 1, hint: "a Deny outweighs every Allow"},
		{name: "not allowed by the organisation", verb: "run",
			fault: refused("CreateKey", "AccessDeniedException", deniedTo+"kms:CreateKey on resource: * because no "+
				"service control policy allows the kms:CreateKey action"),
			code: "access-denied", exit: 1, hint: "whoever keeps the service control policy"},
		{name: "denied by the key policy", verb: "run",
			fault: refused("DescribeKey", "AccessDeniedException", deniedTo+"kms:DescribeKey on resource: "+someKey+
				" because no resource-based policy allows the kms:DescribeKey action"),
			code: "access-denied", exit: 1, hint: "aws kms get-key-policy --key-id " + someKey + " --policy-name " +
				"default"},
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
			fault: refused("DescribeTable", "AccessDeniedException", deniedTo+"dynamodb:CreateTable on resource: "+
				theTable+
				" because no identity-based policy allows the dynamodb:CreateTable action"),
			code: "access-denied", exit: 1, hint: "for a person with more rights"},
		{name: "denied the ledger", verb: "history orders-data",
			fault: refused("Query", "AccessDeniedException", deniedTo+"dynamodb:Query on resource: "+theTable+
				" because no identity-based policy allows the dynamodb:Query action"),
			code: "access-denied", exit: 1, hint: "init --iam readonly"},
		{name: "denied the records' list", verb: "audit",
			fault: refused("Scan", "AccessDeniedException", "not you"), exit: 13}, // the key is overdue
		{name: "denied the grants", verb: "run",
			fault: refused("ListGrants", "AccessDeniedException", "not you"), exit: 0},
		{name: "denied automatic rotation", verb: "run",
			fault: refused("GetKeyRotationStatus", "AccessDeniedException", "not you"), exit: 0},
		{name: "denied KMS", verb: "status",
			fault: refused("DescribeKey", "AccessDeniedException", "not you"), exit: 1},

		{name: "throttled", verb: "run", fault: refused("CreateKey", "ThrottlingException", "Rate exceeded"),
			exit: 11, hint: "leave it to the next run"},
		{name: "a table without capacity", verb: "run",
			fault: refused("BatchGetItem", "ProvisionedThroughputExceededException", "The level of configured "+
				"provisioned "+
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
		{name: "trouble in KMS", verb: "run",
			fault: refusedWith(500, refused("DescribeKey", "KMSInternalException", "")),
			code:  "aws-trouble", exit: 1},
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
		{name: "a proxy that wants a login", verb: "run",
			answer: reply("dynamodb", 407, html, page), code: "not-aws", exit: 1,
			hint: "a proxy answers in its place"},
		{name: "a document that is cut", verb: "run", answer: reply("dynamodb", 200, amzJSON, `{"Respo`, id, "r-1"),
			code: "unreadable-answer", exit: 1},
		{name: "no STS", verb: "init --table",
			answer: reply("sts", 404, "text/plain", "404 page not found"), code: "not-aws",
			exit: 1, hint: "AWS_ENDPOINT_URL_STS"},
		{name: "an emulator without STS", verb: "init --table",
			answer: reply("sts", 400, "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>"+
				"<Message>Could not find operation "+
				"GetCallerIdentity</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"),
			code: "unsupported", exit: 1, hint: "AWS_ENDPOINT_URL_STS"},
		{name: "LocalStack without an operation", verb: "audit",
			answer: reply("kms", 501, "application/x-amz-json-1.1",
				`{"__type":"InternalFailure","message":"API action `+
					`'ListAliases' for service 'kms' not yet implemented or pro feature"}`, id, "r-1"),
			code: "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "LocalStack and a new operation", verb: "audit",
			answer: reply("kms", 500, "application/x-amz-json-1.1",
				`{"__type":"InternalError","message":"exception while `+
					`calling kms with unknown operation: An unknown error occurred when trying to parse the request"}`,
				id, "r-1"),
			code: "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "local-kms without an operation", verb: "audit",
			answer: reply("kms", 501, "text/plain", "Passed X-Amz-Target is not "+
				"implemented"), code: "unsupported", exit: 1,
			hint: "no permission is missing"},
		{name: "ministack without an operation", verb: "audit",
			answer: reply("kms", 400, amzJSON, `{"__type":"InvalidAction","message":"Unknown action: ListAliases"}`),
			code:   "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "DynamoDB Local without an operation", verb: "history orders-data",
			answer: reply("dynamodb", 400, amzJSON, `{"__type":"com.amazon.coral.service#UnknownOperationException",`+
				`"message":"An unknown operation was requested."}`, id, "r-1"),
			code: "unsupported", exit: 1, hint: "no permission is missing"},
		{name: "moto without an operation", verb: "audit",
			answer: reply("kms", 500, html, page), code: "aws-trouble", exit: 1,
			hint: "look at the log"},
		{name: "AWS's own without an operation", verb: "status",
			fault: refused("DescribeKey", "UnknownOperationException", ""), exit: 1},

		{name: "a host that is not there", verb: "run", answer: fails("dynamodb", &net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "dynamodb.eu-wst-1.amazonaws.com", IsNotFound: true}}),
			code: "unreachable", exit: 1, hint: "this host's DNS"},
		{name: "a port that nobody listens at", verb: "run",
			answer: fails("dynamodb", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
			code:   "unreachable", exit: 1, hint: "check the network"},
		{name: "no answer in time", verb: "run", answer: fails("dynamodb", late{}), code: "unreachable", exit: 1,
			hint: "check the network"},
		{name: "a broken connection", verb: "run",
			answer: fails("dynamodb", syscall.ECONNRESET), code: "unreachable", exit: 1,
			hint: "check the network"},
		{name: "a certificate of nobody", verb: "run",
			answer: fails("dynamodb", x509.UnknownAuthorityError{}), code: "tls",
			exit: 1, hint: "AWS_CA_BUNDLE"},
		{name: "a server without TLS", verb: "run",
			answer: fails("dynamodb", http.ErrSchemeMismatch), code: "tls", exit: 1,
			hint: "AWS_CA_BUNDLE"},
		{name: "a signed move without an answer", verb: "run",
			fault: sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Drop}, code: "unreachable", exit: 1},
	}
}
