package plan

import (
	"strings"
	"time"
)

// Judging is what the plan says about how a key is judged by audit and status. No decision
// of a run rests on it: Decide does not see it, and the digest of the terms leaves it out.
type Judging struct {
	// Accept are the findings about the key that the plan accepts.
	Accept []Acceptance
	// ExpectCallers are who may write its record.
	ExpectCallers Callers
	// HoldMax is how long a person may hold the key; 0 is for any time.
	HoldMax time.Duration
}

// Acceptance is one entry of accept: a finding that is known, and does not need a person
// until a time.
type Acceptance struct {
	// Finding is the code of findings, or the id of one finding.
	Finding string
	// Version limits a code to the findings about one version; 0 does not.
	Version int64
	// Reason is a person's.
	Reason string
	// Until is when the finding counts again.
	Until time.Time
}

// Code returns the code of the findings that are accepted.
func (a Acceptance) Code() Code {
	code, _, _ := strings.Cut(a.Finding, "/")
	return Code(code)
}

// Matches reports whether the acceptance is about the finding with this id, code and
// version.
func (a Acceptance) Matches(id string, code Code, version int64) bool {
	if a.Finding == string(code) {
		return a.Version == 0 || a.Version == version
	}
	return a.Finding == id
}

// Ended reports whether what it accepted counts again.
func (a Acceptance) Ended(now time.Time) bool { return !now.Before(a.Until) }

// About names what is accepted.
func (a Acceptance) About() string {
	if a.Version > 0 {
		return a.Finding + " of " + VersionName(a.Version)
	}
	return a.Finding
}

// Accepted returns the entry that is about a finding; of several, the one that lasts longest.
// ok is false if there is none. What a run stops at nothing accepts, whatever the list says.
func Accepted(list []Acceptance, id string, code Code, version int64) (a Acceptance, ok bool) {
	if auditCodes[code].Stops {
		return Acceptance{}, false
	}
	for _, other := range list {
		if other.Matches(id, code, version) && (!ok || other.Until.After(a.Until)) {
			a, ok = other, true
		}
	}
	return a, ok
}
