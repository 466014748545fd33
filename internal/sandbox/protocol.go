package sandbox

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/iamapi"
	"github.com/keyturn/keyturn/internal/sandbox/snsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// The services, as credential scopes, faults and the journal name them.
const (
	serviceKMS      = "kms"
	serviceDynamoDB = "dynamodb"
	serviceSTS      = "sts"
	serviceIAM      = "iam"
	serviceSNS      = "sns"
)

// protocol is how one service talks: how it writes answers and refusals.
type protocol struct {
	service     string
	contentType string
	answer      func(operation string, body any, requestID string) ([]byte, error)
	refuse      func(refusal *wire.Error, requestID string) (int, []byte)
	// checksum says that clients verify a CRC-32 of the body, as DynamoDB's do.
	checksum bool
}

// request is one call as it came in, before its signature is looked at.
type request struct {
	protocol
	operation string
	body      json.RawMessage
}

// route finds which operation of which service a request is for. A request
// for something that is not here comes back with a refusal, and with the
// protocol in which AWS would refuse it.
func route(method string, header http.Header, body []byte) (request, *wire.Error) {
	target := header.Get("X-Amz-Target")
	prefix, operation, _ := strings.Cut(target, ".")
	form := strings.HasPrefix(header.Get("Content-Type"), "application/x-www-form-urlencoded")
	switch {
	case prefix == "TrentService":
		return jsonRequest(kmsProtocol(), operation, body)
	case prefix == "DynamoDB_20120810":
		return jsonRequest(dynamoDBProtocol(), operation, body)
	case target == "" && method == http.MethodPost && form:
		return queryRequest(body)
	}
	return request{protocol: kmsProtocol(), operation: target, body: json.RawMessage("{}")},
		wire.Errorf("UnknownOperationException", "The embedded AWS has KMS, DynamoDB, STS, and a little of IAM and "+
			"SNS only.")
}

func jsonRequest(p protocol, operation string, body []byte) (request, *wire.Error) {
	r := request{protocol: p, operation: operation, body: json.RawMessage("{}")}
	if operation == "" {
		return r, wire.Errorf("UnknownOperationException", "")
	}
	if document := bytes.TrimSpace(body); len(document) == 0 || document[0] != '{' || !json.Valid(document) {
		return r, wire.Errorf("SerializationException", "")
	}
	r.body = body
	return r, nil
}

func queryRequest(body []byte) (request, *wire.Error) {
	r := request{protocol: queryProtocol(serviceSTS, stsNamespace), body: json.RawMessage("{}")}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return r, wire.Errorf("MalformedQueryString", "The query string contains a syntax error")
	}
	r.operation = form.Get("Action")
	switch version := form.Get("Version"); {
	case r.operation == "":
		return r, wire.Errorf("MissingAction", "The request must contain the parameter Action")
	case version == iamapi.Version:
		r.protocol = queryProtocol(serviceIAM, iamNamespace)
	case version == snsapi.Version:
		r.protocol = queryProtocol(serviceSNS, snsNamespace)
	case version != "2011-06-15":
		return r, wire.Errorf("InvalidAction", "Could not find operation %s for version %s", r.operation, version)
	}
	parameters := map[string]string{}
	for name := range form {
		parameters[name] = form.Get(name)
	}
	r.body, err = json.Marshal(parameters)
	if err != nil {
		return r, wire.Errorf("MalformedQueryString", "%v", err)
	}
	return r, nil
}

func kmsProtocol() protocol {
	return protocol{
		service:     serviceKMS,
		contentType: "application/x-amz-json-1.1",
		answer:      jsonAnswer,
		refuse:      jsonRefusal(func(code string) string { return code }),
	}
}

// dynamoDBProtocol qualifies the codes of its errors by where they arise: in
// the front end that all services share, or in DynamoDB.
func dynamoDBProtocol() protocol {
	qualify := func(code string) string {
		switch code {
		case "UnknownOperationException", "SerializationException", "MissingAuthenticationTokenException",
			"IncompleteSignatureException", "InvalidSignatureException", "UnrecognizedClientException",
			"AccessDeniedException", "InternalFailure":
			return "com.amazon.coral.service#" + code
		case "ValidationException":
			return "com.amazon.coral.validate#" + code
		}
		return "com.amazonaws.dynamodb.v20120810#" + code
	}
	return protocol{
		service:     serviceDynamoDB,
		contentType: "application/x-amz-json-1.0",
		answer:      jsonAnswer,
		refuse:      jsonRefusal(qualify),
		checksum:    true,
	}
}

func jsonAnswer(_ string, body any, _ string) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	return json.Marshal(body)
}

func jsonRefusal(qualify func(string) string) func(*wire.Error, string) (int, []byte) {
	return func(refusal *wire.Error, _ string) (int, []byte) {
		document := map[string]any{}
		maps.Copy(document, refusal.Extra)
		document["__type"] = qualify(refusal.Code)
		if refusal.Message != "" {
			document["message"] = refusal.Message
		}
		body, err := json.Marshal(document)
		if err != nil { // Extra holds what a service made; a bug of the sandbox
			return http.StatusInternalServerError, []byte(`{"__type":"InternalFailure"}`)
		}
		return statusOf(refusal), body
	}
}

func statusOf(refusal *wire.Error) int {
	if refusal.Status == 0 {
		return http.StatusBadRequest
	}
	return refusal.Status
}

// The namespaces of the services that speak the query protocol.
const (
	stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"
	snsNamespace = "http://sns.amazonaws.com/doc/" + snsapi.Version + "/"
	iamNamespace = "https://iam.amazonaws.com/doc/" + iamapi.Version + "/"
)

func queryProtocol(service, namespace string) protocol {
	return protocol{
		service:     service,
		contentType: "text/xml",
		answer:      queryAnswer(namespace),
		refuse:      queryRefusal(namespace),
	}
}

func queryAnswer(namespace string) func(string, any, string) ([]byte, error) {
	return func(operation string, body any, requestID string) ([]byte, error) {
		result, err := xmlElement(operation+"Result", body)
		if err != nil {
			return nil, err
		}
		return fmt.Appendf(nil,
			`<%sResponse xmlns="%s">%s<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%[1]sResponse>`,
			operation, namespace, result, requestID), nil
	}
}

func xmlElement(name string, body any) ([]byte, error) {
	var out bytes.Buffer
	encoder := xml.NewEncoder(&out)
	if err := encoder.EncodeElement(body, xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// queryRefusal writes an error of the query protocol, which names the common
// errors differently and refuses bad signatures with 403.
func queryRefusal(namespace string) func(*wire.Error, string) (int, []byte) {
	return func(refusal *wire.Error, requestID string) (int, []byte) {
		return queryError(namespace, refusal, requestID)
	}
}

func queryError(namespace string, refusal *wire.Error, requestID string) (int, []byte) {
	status, code := statusOf(refusal), refusal.Code
	switch code {
	case "InvalidSignatureException":
		status, code = http.StatusForbidden, "SignatureDoesNotMatch"
	case "MissingAuthenticationTokenException":
		status, code = http.StatusForbidden, "MissingAuthenticationToken"
	case "IncompleteSignatureException":
		code = "IncompleteSignature"
	}
	kind := "Sender"
	if status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	detail := struct{ Type, Code, Message string }{kind, code, refusal.Message}
	element, err := xmlElement("Error", detail)
	if err != nil {
		return http.StatusInternalServerError, nil
	}
	return status, fmt.Appendf(nil, `<ErrorResponse xmlns="%s">%s<RequestId>%s</RequestId></ErrorResponse>`,
		namespace, element, requestID)
}

// reply is an answer ready to go out. With lost set the client gets none: its
// connection breaks.
type reply struct {
	status int
	header http.Header
	body   []byte
	lost   bool
}

func (p protocol) reply(status int, body []byte, requestID string) reply {
	header := http.Header{}
	header.Set("Content-Type", p.contentType)
	header.Set("X-Amzn-Requestid", requestID)
	if p.checksum {
		header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	}
	return reply{status: status, header: header, body: body}
}
