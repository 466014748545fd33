package document

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Verify is "keyturn/verify/1": whether the next rotations could be made.
type Verify struct {
	Format    string    `json:"format"`
	Run       string    `json:"run"`
	Plan      Plan      `json:"plan"`
	Caller    string    `json:"caller"`    // ARN
	Principal string    `json:"principal"` // ARN whose permissions were looked at
	Now       time.Time `json:"now"`       // AWS's time
	Exit      plan.Exit `json:"exit"`
	Checks    []Check   `json:"checks"`
}

// Check is one thing that the next rotation of a key needs.
type Check struct {
	Key    string     `json:"key,omitempty"`   // name; absent: it is about all keys
	About  string     `json:"about"`           // kms:CreateKey, or what was looked at
	Answer plan.Known `json:"answer"`          // yes, no, not known
	Way    plan.Way   `json:"way,omitempty"`   // absent: nothing could show it
	Why    string     `json:"why,omitempty"`   // what was seen, or why it is not known
	Warns  bool       `json:"warns,omitempty"` // a rotation goes on without it
	Code   plan.Code  `json:"code,omitempty"`  // stable, for programs
	Next   *Next      `json:"next,omitempty"`
}

// OfVerify returns the document of a preflight.
func OfVerify(c From, p plan.Preflight) Verify {
	d := Verify{Format: "keyturn/verify/1", Run: c.Run, Plan: ofPlan(c.Plan), Caller: p.Caller.ARN,
		Principal: p.Principal, Now: p.At.UTC(), Exit: p.Exit(), Checks: []Check{}}
	for _, one := range p.Checks {
		d.Checks = append(d.Checks, Check{Key: one.Key, About: one.About, Answer: one.Known,
			Way: one.Way, Why: plan.Line(one.Why), Warns: one.Warns, Code: one.Code, Next: c.next(one.Hint)})
	}
	return d
}
