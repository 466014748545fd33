// Package snsapi is the embedded AWS's Simple Notification Service: Publish, and nothing
// else. It has no topics and sends nothing on: the journal has what was published.
package snsapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Version is that of the API.
const Version = "2010-03-31"

// Service answers SNS calls.
type Service struct {
	wire.Stateless
	account string
}

// New makes the service of one account (12 digits).
func New(account string) *Service { return &Service{account: account} }

// published is the result of Publish.
type published struct {
	MessageID string `xml:"MessageId"`
}

// Handle carries out one call. A topic of another account is refused, as by a topic whose
// policy does not allow it.
func (s *Service) Handle(call wire.Call) (wire.Answer, error) {
	if call.Operation != "Publish" {
		return wire.Answer{}, wire.Errorf("InvalidAction", "Could not find operation %s for version %s",
			call.Operation, Version)
	}
	var in struct{ TopicArn, Message string }
	if err := json.Unmarshal(call.Body, &in); err != nil {
		return wire.Answer{}, wire.Errorf("InvalidParameter", "Invalid parameter")
	}
	parts := strings.Split(in.TopicArn, ":")
	switch {
	case len(parts) != 6 || parts[2] != "sns":
		return wire.Answer{}, wire.Errorf("InvalidParameter", "Invalid parameter: TopicArn")
	case in.Message == "":
		return wire.Answer{}, wire.Errorf("InvalidParameter", "Invalid parameter: Empty message")
	case parts[3] != call.Region:
		return wire.Answer{}, wire.Errorf("InvalidParameter", "Invalid parameter: TopicArn")
	case parts[4] != s.account:
		return wire.Answer{}, wire.Errorf("AuthorizationError", "User: %s is not authorized to perform: SNS:Publish "+
			"on resource: %s", call.Caller, in.TopicArn)
	}
	sum := sha256.Sum256(call.Body)
	return wire.Answer{Body: published{hex.EncodeToString(sum[:16])}, Resource: in.TopicArn}, nil
}
