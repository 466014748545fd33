package trail

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Event is one record of a trail, as far as it matters here.
type Event struct {
	// ID is CloudTrail's; the same event may be in several files.
	ID string
	At time.Time
	// Source is the service: "kms", "dynamodb".
	Source, Name, Region string
	// Data reports whether it is a data event, such as a write of an item.
	Data bool
	// ReadOnly reports whether the operation changes nothing.
	ReadOnly  bool
	ErrorCode string
	RequestID string
	Who       Principal
	// Run is the id of the run in the user agent of keyturn; "" in any other.
	Run string
	// Keys are the ids of the KMS keys that it is about, and Aliases their names.
	Keys, Aliases []string
	// Target is the key that an alias is to name.
	Target string
	// Seal, MadeFor and Window are tags of a key that is made: keyturn:ledger, the alias and
	// the window that it is made for.
	Seal, MadeFor, Window string
	// Table and Items are what it is about in DynamoDB.
	Table string
	Items []Item
}

// Item is the primary key of an item, as far as it is that of a record or a ledger.
type Item struct{ Key, Item string }

// Principal is who made a call.
type Principal struct {
	ARN string
	// Session is the name of the role's session; "" for a user.
	Session string
	// Service is the AWS service that made the call for somebody; "" otherwise.
	Service   string
	UserAgent string
	SourceIP  string
}

// Text describes the principal in one line.
func (p Principal) Text() string {
	switch {
	case p.Service != "" && p.ARN != "":
		return p.ARN + " through " + p.Service
	case p.Service != "":
		return p.Service
	case p.ARN == "":
		return "somebody unnamed"
	}
	return p.ARN
}

// record is the JSON of one event.
type record struct {
	UserIdentity struct {
		Type, PrincipalID, ARN, AccountID, UserName, InvokedBy string
	}
	EventTime                                time.Time
	EventSource, EventName, AWSRegion        string
	SourceIPAddress, UserAgent               string
	ErrorCode, RequestID, EventID            string
	EventCategory                            string
	ReadOnly, ManagementEvent                any
	RequestParameters, ResponseElements      json.RawMessage
	Resources                                []struct{ ARN string }
	AdditionalEventData, ServiceEventDetails json.RawMessage
}

// parameters are those of a request, or of an answer, that name what it is about.
type parameters struct {
	KeyID, TargetKeyID, DestinationKeyID, SourceKeyID, AliasName string
	TableName                                                    string
	Key                                                          map[string]any
	RequestItems                                                 json.RawMessage
	KeyMetadata                                                  struct{ KeyID string }
	Tags                                                         []struct{ TagKey, TagValue string }
}

// runOf finds the run in a user agent such as "… keyturn/1.2.3 … run/abcd1234".
var runOf = plan.Pattern(`(?:^|\s)run/([^\s/]+)`)

// event reads one record.
func event(text []byte) (Event, error) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return Event{}, err
	}
	switch {
	case r.EventTime.IsZero():
		return Event{}, errors.New("it has no eventTime")
	case r.EventName == "" || r.EventSource == "":
		return Event{}, errors.New("it has no eventName or no eventSource")
	}
	e := Event{ID: r.EventID, At: r.EventTime.UTC(), Name: r.EventName, Region: r.AWSRegion, ErrorCode: r.ErrorCode,
		RequestID: r.RequestID, ReadOnly: isTrue(r.ReadOnly)}
	e.Source, _, _ = strings.Cut(r.EventSource, ".")
	e.Data = r.EventCategory == "Data" || r.EventCategory == "" && r.ManagementEvent == false
	e.Who = Principal{ARN: r.UserIdentity.ARN, Service: r.UserIdentity.InvokedBy, UserAgent: r.UserAgent,
		SourceIP: r.SourceIPAddress}
	if _, session, ok := strings.Cut(e.Who.ARN, ":assumed-role/"); ok {
		e.Who.Session = session[strings.LastIndexByte(session, '/')+1:]
	}
	if m := runOf().FindStringSubmatch(r.UserAgent); m != nil && strings.Contains(r.UserAgent, "keyturn") {
		e.Run = m[1]
	}
	var in, out parameters
	_ = json.Unmarshal(r.RequestParameters, &in) // null, or what CloudTrail has cut
	_ = json.Unmarshal(r.ResponseElements, &out)
	for _, name := range []string{in.KeyID, in.TargetKeyID, in.DestinationKeyID, in.SourceKeyID, in.AliasName,
		out.KeyID,
		out.KeyMetadata.KeyID} {
		e.about(name)
	}
	for _, res := range r.Resources {
		e.about(res.ARN)
	}
	e.Target = idOf(in.TargetKeyID)
	if e.Name == "CreateKey" {
		for _, t := range in.Tags {
			switch t.TagKey {
			case "keyturn:ledger":
				e.Seal = t.TagValue
			case "keyturn:alias":
				e.MadeFor = t.TagValue
			case "keyturn:window":
				e.Window = t.TagValue
			}
		}
	}
	if e.Source == "dynamodb" {
		e.table(in)
	}
	return e, nil
}

func isTrue(v any) bool { return v == true || v == "true" }

// about notes a key or an alias of KMS by its id, name or ARN.
func (e *Event) about(name string) {
	if e.Source != "kms" || name == "" {
		return
	}
	if _, alias, ok := strings.Cut(name, ":alias/"); ok {
		name = "alias/" + alias
	}
	into, as := &e.Keys, idOf(name)
	if strings.HasPrefix(name, "alias/") {
		into, as = &e.Aliases, name
	}
	for _, known := range *into {
		if known == as {
			return
		}
	}
	*into = append(*into, as)
}

func idOf(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// table notes the table and the items that a call to DynamoDB is about.
func (e *Event) table(in parameters) {
	add := func(key map[string]any) {
		hash, _ := key["key"].(string)
		sort, _ := key["item"].(string)
		if hash != "" {
			e.Items = append(e.Items, Item{hash, sort})
		}
	}
	e.Table = idOf(in.TableName)
	add(in.Key)
	var several []struct {
		TableName string
		Key       map[string]any
	}
	if json.Unmarshal(in.RequestItems, &several) != nil {
		return
	}
	for _, s := range several {
		e.Table = idOf(s.TableName)
		add(s.Key)
	}
}
