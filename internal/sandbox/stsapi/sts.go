// Package stsapi is the embedded AWS's Security Token Service: the one
// operation keyturn's users need to see which identity they call with. It
// keeps no state and gives out no credentials.
package stsapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Service answers STS calls.
type Service struct {
	wire.Stateless
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
		Body:     identity{Arn: call.Caller, UserID: wire.PrincipalID("AIDA", call.Caller), Account: s.account},
		Resource: call.Caller,
	}, nil
}
