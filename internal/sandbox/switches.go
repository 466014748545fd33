package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Switches make the embedded AWS as awkward as the real one can be. The zero
// value is off. They belong to one Sandbox and are not saved with its state.
//
// Its JSON is what `PUT /_sandbox/faults` takes, as in
//
//	{"faults": [{"service": "kms", "operation": "UpdateAlias", "ordinal": 1, "kind": "lose"}],
//	 "lag": "3m", "quotas": true, "latency": "50ms"}
//
// or a list alone, which is the list of faults. A PUT replaces everything:
// what it leaves out is off, so that `{}` and `[]` turn all of it off.
type Switches struct {
	// Faults are tried in order; see Fault.
	Faults []Fault `json:"faults,omitempty"`
	// Lag makes KMS's reads show the state of that long ago.
	Lag Duration `json:"lag,omitempty"`
	// Quotas turns on the requests per second that KMS allows an account in a
	// Region, by operation; see KMSQuotas.
	Quotas bool `json:"quotas,omitempty"`
	// Raised are quotas that AWS has raised, by operation, in requests per second.
	Raised map[string]int `json:"raised,omitempty"`
	// Capacity is how many units each table of DynamoDB serves a second; beyond it requests
	// are throttled, and a BatchGetItem leaves keys unprocessed.
	Capacity Capacity `json:"capacity,omitzero"`
	// Latency is added to every call, before it takes effect.
	Latency Duration `json:"latency,omitempty"`
	// KeyPolicies has KMS ask a key's policy about every call on the key. IAM allows
	// everything, so a policy that leaves a call to the account allows it; grants
	// do not count.
	KeyPolicies bool `json:"key_policies,omitempty"`
	// WaiverForbidden plays a service control policy that denies CreateKey and
	// PutKeyPolicy with kms:BypassPolicyLockoutSafetyCheck.
	WaiverForbidden bool `json:"waiver_forbidden,omitempty"`
	// Simulated has what IAM's policy simulator decides, by action: "explicitDeny" or
	// "implicitDeny". Every other action is allowed. Calls themselves go on as before.
	Simulated map[string]string `json:"simulated,omitempty"`
}

// Capacity is how many units a table of DynamoDB serves a second; 0 is without a limit.
type Capacity = wire.Capacity

// Kind says what a fault does to a call.
type Kind string

const (
	Refuse  Kind = "refuse"  // not applied; answered with Code
	Drop    Kind = "drop"    // not applied; the connection breaks
	Lose    Kind = "lose"    // applied; the connection breaks, or with a Code that error comes instead of the answer
	Latency Kind = "latency" // applied after Latency
)

// Fault is something that happens to some calls. It counts the calls it
// matches, from the moment it is set, in the order in which they arrive.
type Fault struct {
	// Service is one such as "kms"; empty is every service.
	Service string `json:"service,omitempty"`
	// Operation is one such as "UpdateAlias"; empty is every operation.
	Operation string `json:"operation,omitempty"`
	// Mutating limits the fault to operations that change state.
	Mutating bool `json:"mutating,omitempty"`
	// Resource is a text in the request's document: an alias, a key id.
	Resource string `json:"resource,omitempty"`
	// Caller is an ARN or, for short, the user's name: "pool7".
	Caller string `json:"caller,omitempty"`

	// Ordinal is the matching call that fails: 1 is the next one, 0 is each.
	Ordinal int  `json:"ordinal,omitempty"`
	Kind    Kind `json:"kind"`

	// Status is that of the error; the default is 400.
	Status int `json:"status,omitempty"`
	// Code is that of the error, such as "ThrottlingException".
	Code string `json:"code,omitempty"`
	// Message is that of the error.
	Message string `json:"message,omitempty"`
	// Latency is a wait before all else, for any kind.
	Latency Duration `json:"latency,omitempty"`
}

// Validate returns what is wrong with the switches.
func (s Switches) Validate() error {
	for i, f := range s.Faults {
		if err := f.validate(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	for operation, perSecond := range s.Raised {
		if perSecond < 1 {
			return fmt.Errorf("raised: the quota of %s is not positive", operation)
		}
	}
	for action, decision := range s.Simulated {
		if !slices.Contains([]string{"allowed", "explicitDeny", "implicitDeny"}, decision) {
			return fmt.Errorf("simulated: %s is %q, which is none of allowed, explicitDeny, implicitDeny", action,
				decision)
		}
	}
	if s.Capacity.Reads < 0 || s.Capacity.Writes < 0 {
		return errors.New("capacity is not negative")
	}
	if s.Lag < 0 || s.Latency < 0 {
		return errors.New("lag and latency are not negative")
	}
	return nil
}

func (f Fault) validate() error {
	switch f.Kind {
	case Refuse:
		if f.Code == "" {
			return errors.New(`refuse needs a code, such as "ThrottlingException"`)
		}
	case Latency:
		if f.Latency == 0 {
			return errors.New("latency needs a latency")
		}
	case Drop, Lose:
	default:
		return fmt.Errorf("kind %q is none of refuse, drop, lose, latency", f.Kind)
	}
	switch {
	case f.Service != "" && !slices.Contains([]string{serviceKMS, serviceDynamoDB, serviceSTS, serviceIAM, serviceSNS},
		f.Service):
		return fmt.Errorf("service %q is none of kms, dynamodb, sts, iam, sns", f.Service)
	case f.Ordinal < 0:
		return errors.New("ordinal counts from 1; 0 is every call")
	case f.Latency < 0:
		return errors.New("latency is not negative")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status %d is not an error's", f.Status)
	}
	return nil
}

// parseSwitches reads the JSON form and is strict, so that a misspelt fault
// does not pass for none.
func parseSwitches(document []byte) (Switches, error) {
	var s Switches
	target := any(&s)
	if trimmed := bytes.TrimSpace(document); len(trimmed) > 0 && trimmed[0] == '[' {
		target = &s.Faults
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return Switches{}, err
	}
	return s, s.Validate()
}

// armed are switches in use: each fault with the number of calls it has seen.
type armed struct {
	Switches
	seen []int
}

func arm(s Switches) armed {
	s.Faults, s.Raised = append([]Fault(nil), s.Faults...), maps.Clone(s.Raised)
	s.Simulated = maps.Clone(s.Simulated)
	return armed{Switches: s, seen: make([]int, len(s.Faults))}
}

// arrive counts a call and returns what is to happen to it: how long it waits,
// and the first fault that fires besides waiting, if any.
func (a *armed) arrive(c arrival) (time.Duration, *Fault) {
	wait := time.Duration(a.Latency)
	var fires *Fault
	for i := range a.Faults {
		f := &a.Faults[i]
		if !f.matches(c) {
			continue
		}
		a.seen[i]++
		if f.Ordinal != 0 && f.Ordinal != a.seen[i] {
			continue
		}
		wait += time.Duration(f.Latency)
		if fires == nil && f.Kind != Latency {
			fires = f
		}
	}
	return wait, fires
}

// arrival is what can be known of a call when it arrives.
type arrival struct {
	service, operation string
	mutating           bool
	caller             string
	body               []byte
}

func (f *Fault) matches(c arrival) bool {
	return (f.Service == "" || f.Service == c.service) &&
		(f.Operation == "" || f.Operation == c.operation) &&
		(!f.Mutating || c.mutating) &&
		(f.Caller == "" || f.Caller == c.caller || userName(c.caller) == f.Caller) &&
		(f.Resource == "" || bytes.Contains(c.body, []byte(f.Resource)))
}

// SetSwitches replaces all switches; faults start counting again.
func (s *Sandbox) SetSwitches(switches Switches) error {
	if err := switches.Validate(); err != nil {
		return fmt.Errorf("switches: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = arm(switches)
	s.quotas = newQuotas(switches.Raised)
	return nil
}

// Switches returns the switches as they are set.
func (s *Sandbox) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	current := s.switches.Switches
	current.Faults, current.Raised = append([]Fault(nil), current.Faults...), maps.Clone(current.Raised)
	current.Simulated = maps.Clone(current.Simulated)
	return current
}
