package document

import (
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// Audit is "keyturn/audit/1": where record, KMS and plan do not agree.
type Audit struct {
	Format     string    `json:"format"`
	Run        string    `json:"run"`
	Plan       Plan      `json:"plan"`
	Caller     string    `json:"caller,omitempty"` // ARN
	Now        time.Time `json:"now"`              // AWS's time
	Exit       plan.Exit `json:"exit"`
	Keys       int       `json:"keys"`       // that were checked
	Invariants []int     `json:"invariants"` // of docs/protocol.md, that were checked
	Findings   []Finding `json:"findings"`
	Unread     []string  `json:"unread"`            // what could not be read, and so was not checked
	Orphans    *Orphans  `json:"orphans,omitempty"` // with --orphans
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Code       plan.Code `json:"code"`           // stable, for programs
	Level      string    `json:"level"`          // person, warning
	Mode       string    `json:"mode,omitempty"` // F1 to F4
	Invariants []int     `json:"invariants,omitempty"`
	Keys       []string  `json:"keys,omitempty"` // by name, all that it is about; absent: it is about the table
	KeyID      string    `json:"key_id,omitempty"`
	What       string    `json:"what"`
	Safe       string    `json:"safe,omitempty"` // whether encrypt and decrypt work
	Hint       string    `json:"hint,omitempty"`
}

// Orphans is what the search for keys without a record found.
type Orphans struct {
	Keys    int      `json:"keys"`    // in the Regions searched
	Unnamed int      `json:"unnamed"` // of them have no alias
	Calls   int      `json:"calls"`   // of ListResourceTags
	Aside   int      `json:"aside"`   // may be versions of keys whose records are in doubt, and were not judged
	Found   []Orphan `json:"found"`
}

// Orphan is a key that keyturn made and no record knows.
type Orphan struct {
	KeyID   string    `json:"key_id"`
	Region  string    `json:"region"`
	State   string    `json:"state"`
	Created time.Time `json:"created"`
	Alias   string    `json:"alias"` // it was made for
	Version string    `json:"version"`
	Window  string    `json:"window,omitempty"`
	Claim   string    `json:"claim"`
	Name    string    `json:"name,omitempty"`    // the version alias that names it
	Served  string    `json:"served"`            // whether it was ever live
	Verdict string    `json:"verdict,omitempty"` // why there is nothing to do
	Command string    `json:"command,omitempty"` // that disables it
}

func OfAudit(c From, r audit.Result) Audit {
	d := Audit{Format: "keyturn/audit/1", Run: c.Run, Plan: OfPlan(c.Plan), Now: r.At.UTC(), Exit: r.Exit(),
		Keys: r.Keys, Invariants: audit.Checked(), Findings: []Finding{}, Unread: append([]string{}, r.Unread...)}
	if r.Caller != nil {
		d.Caller = r.Caller.ARN
	}
	for _, f := range r.Findings {
		d.Findings = append(d.Findings, Finding{
			Code: f.Code, Level: string(f.Level), Mode: string(f.Mode), Invariants: f.Invariants,
			Keys: f.Keys, KeyID: f.KeyID, What: f.What, Safe: f.Safe, Hint: c.Hint(f.Hint),
		})
	}
	if o := r.Orphans; o != nil {
		d.Orphans = &Orphans{Keys: o.Keys, Unnamed: o.Unnamed, Calls: o.Calls, Aside: o.Aside, Found: []Orphan{}}
		for _, k := range o.Found {
			d.Orphans.Found = append(d.Orphans.Found, Orphan{
				KeyID: k.KeyID, Region: k.Region, State: k.State, Created: k.Created.UTC(),
				Alias: k.Tags.Alias, Version: k.Tags.Version, Window: k.Tags.Window, Claim: k.Tags.Claim,
				Name: k.Name, Served: string(k.Served), Verdict: k.Verdict, Command: c.Hint(k.Command),
			})
		}
	}
	return d
}
