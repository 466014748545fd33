package iam

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Notes are what a person has to know of a policy besides.
func Notes(role Role, p *plan.Plan, d Document) []string {
	var notes []string
	if n := size(d); n > MostCharacters {
		notes = append(notes, fmt.Sprintf("it has %d characters, and a managed policy may have %d: divide its statements among several, each stands by itself", n, MostCharacters))
	}
	notes = append(notes, "each key's own policy must let IAM policies of this account count, or name the role")
	if role == ReadOnly {
		return notes
	}
	notes = append(notes,
		"tags and aliases take up to 5 minutes to affect authorisation: a probe denied on a key just made, or a version not disabled just after a switch, is tried again by the next run",
		"who may tag keys and name aliases can reach keys that these conditions leave out: keep other keys' policies closed to this role")
	var unsaid, own []string
	for _, k := range p.Keys {
		if k.PolicyPath != "" {
			own = append(own, k.Name)
		}
		if k.Probe && k.Usage == "" {
			unsaid = append(unsaid, k.Name)
		}
	}
	if len(unsaid) > 0 {
		notes = append(notes, "the plan gives no usage for "+strings.Join(unsaid, ", ")+": the calls that try a key of every usage are allowed; write usage: to narrow that")
	}
	if len(own) > 0 {
		notes = append(notes, "unless the policy: of "+strings.Join(own, ", ")+" gives the account kms:PutKeyPolicy on no condition, KMS makes no key with it for a role that may not kms:PutKeyPolicy, as this one")
	}
	if role == BreakGlass {
		notes = append(notes, "status, audit and history want the readonly policy beside it")
	}
	return notes
}

// size counts a policy's characters as IAM does, without white space.
func size(d Document) int {
	text, err := json.Marshal(d)
	if err != nil {
		return 0 // strings always marshal
	}
	return len(strings.Join(strings.Fields(string(text)), ""))
}
