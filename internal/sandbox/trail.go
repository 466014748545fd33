package sandbox

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/cloudtrail"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// The trail is what CloudTrail would have recorded of a sandbox's calls, in its own form.
// The state file names it, so that every process on the state file adds to it. Calls that
// never reached AWS, and those whose signature it refused, have no record.

// follow begins to write a trail; "" changes nothing.
func (s *Sandbox) follow(path string) error {
	if path == "" || s.trail != nil && s.trail.Path() == path {
		return nil
	}
	file, err := cloudtrail.Open(path)
	if err == nil {
		s.trail = file
	}
	return err
}

// Trail begins to write a trail, from now on and by every process on the state file.
func (s *Sandbox) Trail(path string) error {
	return s.exclusive(func() error {
		if err := s.follow(path); err != nil {
			return err
		}
		return s.save()
	})
}

// trailPath returns the path of the trail; "" if there is none.
func (s *Sandbox) trailPath() string {
	if s.trail == nil {
		return ""
	}
	return s.trail.Path()
}

// behind returns the key behind the alias that a call removes: afterwards nothing says it.
func (s *Sandbox) behind(c *inFlight, now time.Time) string {
	if s.trail == nil || c.service != serviceKMS || c.operation != "DeleteAlias" {
		return ""
	}
	var in struct{ AliasName string }
	_ = json.Unmarshal(c.body, &in) // what it is about is judged by the service
	service, ok := s.services[serviceKMS].(interface {
		Target(region, alias string, at time.Time) string
	})
	if !ok {
		return ""
	}
	return service.Target(c.sig.region, in.AliasName, now)
}

// record adds a call to the trail. The lock is held.
func (s *Sandbox) record(c *inFlight, now time.Time, answer wire.Answer, refused error, id, behind string) error {
	if s.trail == nil || c.caller == "" {
		return nil
	}
	call := cloudtrail.Call{Service: c.service, Operation: c.operation, Body: c.body, At: now, Region: c.sig.region,
		Account: s.account, Caller: c.caller, AccessKeyID: c.sig.accessKeyID, RequestID: id, UserAgent: c.userAgent,
		SourceIP: "127.0.0.1", ReadOnly: !c.mutating}
	if refused != nil {
		refusal := asRefusal(refused)
		switch refusal.Code {
		case "InvalidSignatureException", "IncompleteSignatureException", "MissingAuthenticationTokenException",
			"UnknownOperationException", "SerializationException":
			return nil // AWS does not know who it was, or what
		}
		call.ErrorCode, call.ErrorMessage = refusal.Code, refusal.Message
	} else if answer.Body != nil && c.service != serviceSTS {
		call.Answer, _ = json.Marshal(answer.Body) // as the client gets it
	}
	switch c.service {
	case serviceKMS:
		call.KeyID = keyOf(c, answer, behind)
	case serviceDynamoDB:
		if tables, ok := s.services[serviceDynamoDB].(interface {
			KeyAttributes(region string) map[string][]string
		}); ok {
			call.KeyAttributes = tables.KeyAttributes(c.sig.region)
		}
	}
	return s.trail.Append(cloudtrail.Of(call))
}

// keyOf returns the id of the KMS key that a call is about; "" if it is about none.
func keyOf(c *inFlight, answer wire.Answer, behind string) string {
	id := answer.Resource
	if strings.HasPrefix(id, "alias/") {
		var in struct{ TargetKeyId string }
		_ = json.Unmarshal(c.body, &in)
		id = in.TargetKeyId
		if behind != "" {
			id = behind
		}
	}
	return id[strings.LastIndexByte(id, '/')+1:] // of an ARN
}
