package cloudtrail

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Call is one call to an AWS API and its answer.
type Call struct {
	// Service is "kms", "dynamodb" or "sts".
	Service, Operation string
	// Body is the document of the request.
	Body json.RawMessage
	// Answer is the document of the answer; nil if it has none.
	Answer json.RawMessage
	// ErrorCode and ErrorMessage are those of a refusal.
	ErrorCode, ErrorMessage string

	At              time.Time
	Region, Account string
	// Caller is the ARN, and AccessKeyID whose signature the call has.
	Caller, AccessKeyID string
	RequestID           string
	UserAgent, SourceIP string
	// ReadOnly reports whether the operation changes nothing.
	ReadOnly bool
	// KeyID is the KMS key that the call is about; "" if it is about none.
	KeyID string
	// KeyAttributes are the names in the primary key of each table.
	KeyAttributes map[string][]string
}

// Record is an event record, its fields in the order of AWS's examples.
type Record struct {
	EventVersion       string     `json:"eventVersion"`
	UserIdentity       Identity   `json:"userIdentity"`
	EventTime          string     `json:"eventTime"`
	EventSource        string     `json:"eventSource"`
	EventName          string     `json:"eventName"`
	AWSRegion          string     `json:"awsRegion"`
	SourceIPAddress    string     `json:"sourceIPAddress"`
	UserAgent          string     `json:"userAgent"`
	ErrorCode          string     `json:"errorCode,omitempty"`
	ErrorMessage       string     `json:"errorMessage,omitempty"`
	RequestParameters  any        `json:"requestParameters"`
	ResponseElements   any        `json:"responseElements"`
	RequestID          string     `json:"requestID"`
	EventID            string     `json:"eventID"`
	ReadOnly           bool       `json:"readOnly"`
	Resources          []Resource `json:"resources,omitempty"`
	EventType          string     `json:"eventType"`
	APIVersion         string     `json:"apiVersion,omitempty"`
	ManagementEvent    bool       `json:"managementEvent"`
	RecipientAccountID string     `json:"recipientAccountId"`
	EventCategory      string     `json:"eventCategory"`
}

// Identity is who made a call.
type Identity struct {
	Type           string   `json:"type"`
	PrincipalID    string   `json:"principalId"`
	ARN            string   `json:"arn"`
	AccountID      string   `json:"accountId"`
	AccessKeyID    string   `json:"accessKeyId"`
	UserName       string   `json:"userName,omitempty"`
	SessionContext *Session `json:"sessionContext,omitempty"`
}

// Session is that of an assumed role.
type Session struct {
	SessionIssuer Issuer `json:"sessionIssuer"`
	Attributes    struct {
		CreationDate     string `json:"creationDate"`
		MFAAuthenticated string `json:"mfaAuthenticated"`
	} `json:"attributes"`
}

// Issuer is the role of a session.
type Issuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

// Resource is what a call was about.
type Resource struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

// Of returns the record of a call. The same call always has the same record: its event id
// is made of the request id.
func Of(c Call) Record {
	r := Record{
		EventVersion: "1.11", UserIdentity: c.identity(), EventTime: c.At.UTC().Format(time.RFC3339),
		EventSource: c.Service + ".amazonaws.com", EventName: c.Operation, AWSRegion: c.Region,
		SourceIPAddress: c.SourceIP, UserAgent: c.UserAgent, ErrorCode: c.ErrorCode, ErrorMessage: c.ErrorMessage,
		RequestID: c.RequestID, EventID: eventID(c.RequestID), ReadOnly: c.ReadOnly,
		EventType: "AwsApiCall", ManagementEvent: true, RecipientAccountID: c.Account, EventCategory: "Management",
	}
	switch c.Service {
	case "kms":
		r.RequestParameters, r.Resources = c.kmsParameters(), c.kmsResources()
		if c.ErrorCode == "" && !c.ReadOnly {
			r.ResponseElements = c.kmsResponse()
		}
	case "dynamodb":
		r.APIVersion = "2012-08-10"
		c.dynamoDB(&r)
	}
	return r
}

// identity returns the caller's: in the embedded AWS a user, unless somebody else has made
// the ARN.
func (c Call) identity() Identity {
	name := c.Caller[strings.LastIndexByte(c.Caller, '/')+1:]
	id := Identity{Type: "IAMUser", PrincipalID: wire.PrincipalID("AIDA", c.Caller), ARN: c.Caller,
		AccountID: c.Account, AccessKeyID: c.AccessKeyID, UserName: name}
	_, session, ok := strings.Cut(c.Caller, ":assumed-role/")
	if !ok {
		return id
	}
	role := strings.TrimSuffix(session, "/"+name)
	issuer := Issuer{Type: "Role", ARN: "arn:aws:iam::" + c.Account + ":role/" + role, AccountID: c.Account,
		UserName: role}
	issuer.PrincipalID = wire.PrincipalID("AROA", issuer.ARN)
	id.Type, id.UserName, id.PrincipalID = "AssumedRole", "", issuer.PrincipalID+":"+name
	id.SessionContext = &Session{SessionIssuer: issuer}
	id.SessionContext.Attributes.CreationDate = c.At.UTC().Truncate(time.Hour).Format(time.RFC3339)
	id.SessionContext.Attributes.MFAAuthenticated = "false"
	return id
}

func eventID(requestID string) string {
	id := sha256.Sum256([]byte("event of " + requestID))
	return wire.UUID([16]byte(id[:16]))
}

// lower puts the first letter of every name of a document in lower case, as CloudTrail
// does. The names in an encryption context are its owner's.
func lower(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			as := lowerName(name)
			if strings.HasPrefix(as, "encryptionContext") {
				out[as] = member
				continue
			}
			out[as] = lower(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, member := range v {
			out[i] = lower(member)
		}
		return out
	}
	return v
}

func lowerName(name string) string {
	if name == "" || strings.HasPrefix(name, "AWS") {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// document reads a document; an empty one if there is none.
func document(text json.RawMessage) map[string]any {
	var d map[string]any
	if json.Unmarshal(text, &d) != nil || d == nil {
		return map[string]any{}
	}
	return d
}
