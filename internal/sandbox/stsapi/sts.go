// Package stsapi is the embedded AWS's Security Token Service: the one
// operation keyturn's users need to see which identity they call with. It
// keeps no state and gives out no credentials.
package stsapi

import (
	"crypto/sha256"
	"encoding/base32"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Service answers STS calls. It is stateless.
type Service struct {
	account string
}

// New makes the service of one account (12 digits).
func New(account string) *Service { return &Service{account: account} }

// identity is the result of GetCallerIdentity in the order AWS sends it. STS
// speaks XML, hence the tags.
type identity struct {
	Arn     string `xml:"Arn"`
	UserID  string `xml:"UserId"`
	Account string `xml:"Account"`
}

// Handle carries out one call. Every operation but GetCallerIdentity is
// answered as AWS answers an unknown action.
func (s *Service) Handle(call wire.Call) (wire.Answer, error) {
	if call.Operation != "GetCallerIdentity" {
		return wire.Answer{}, wire.Errorf("InvalidAction", "Could not find operation %s for version 2011-06-15",
			call.Operation)
	}
	return wire.Answer{
		Body:     identity{Arn: call.Caller, UserID: userID(call.Caller), Account: s.account},
		Resource: call.Caller,
	}, nil
}

// Mutates returns false: nothing here has state.
func (s *Service) Mutates(string) bool { return false }

// MarshalJSON returns an empty document.
func (s *Service) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

// UnmarshalJSON ignores the document.
func (s *Service) UnmarshalJSON([]byte) error { return nil }

// userID makes the unique id that IAM would have given the user: the prefix
// for users and 17 letters and digits. The same ARN has the same id for ever,
// so that it needs no state.
func userID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return "AIDA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
