package cmd

import (
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// AuditDocument is "keyturn/audit/1": where record, KMS and plan do not agree.
type AuditDocument struct {
	Format     string            `json:"format"`
	Run        string            `json:"run"`
	Plan       PlanDocument      `json:"plan"`
	Caller     string            `json:"caller,omitempty"` // ARN
	Now        time.Time         `json:"now"`              // AWS's time
	Exit       plan.Exit         `json:"exit"`
	Keys       int               `json:"keys"`       // that were checked
	Invariants []int             `json:"invariants"` // of the design, that were checked
	Findings   []FindingDocument `json:"findings"`
	Unread     []string          `json:"unread"`            // what could not be read, and so was not checked
	Orphans    *OrphansDocument  `json:"orphans,omitempty"` // with --orphans
}

// FindingDocument is one thing that is not as it should be.
type FindingDocument struct {
	Code       string `json:"code"`           // stable, for programs
	Level      string `json:"level"`          // person, warning
	Mode       string `json:"mode,omitempty"` // F1 to F4
	Invariants []int  `json:"invariants,omitempty"`
	Key        string `json:"key,omitempty"` // absent: it is about the table
	KeyID      string `json:"key_id,omitempty"`
	What       string `json:"what"`
	Safe       string `json:"safe,omitempty"` // whether encrypt and decrypt work
	Hint       string `json:"hint,omitempty"`
}

// OrphansDocument is what the search for keys without a record found.
type OrphansDocument struct {
	Keys    int              `json:"keys"`    // in the Regions searched
	Unnamed int              `json:"unnamed"` // of them have no alias
	Calls   int              `json:"calls"`   // of ListResourceTags
	Found   []OrphanDocument `json:"found"`
}

// OrphanDocument is a key that keyturn made and no record knows.
type OrphanDocument struct {
	KeyID   string    `json:"key_id"`
	Region  string    `json:"region"`
	State   string    `json:"state"`
	Created time.Time `json:"created"`
	Alias   string    `json:"alias"` // it was made for
	Version string    `json:"version"`
	Window  string    `json:"window,omitempty"`
	Claim   string    `json:"claim"`
	Name    string    `json:"name,omitempty"`    // the version alias that names it
	Verdict string    `json:"verdict,omitempty"` // why there is nothing to do
	Command string    `json:"command,omitempty"` // that disables it
}

func (a *auditor) document(exit plan.Exit) AuditDocument {
	d := AuditDocument{Format: "keyturn/audit/1", Run: a.s.run, Plan: planDocument(a.s.plan.Plan), Now: a.now().UTC(), Exit: exit,
		Keys: a.checked, Invariants: audit.Checked(), Findings: []FindingDocument{}, Unread: append([]string{}, a.unread...)}
	if a.caller != nil {
		d.Caller = a.caller.ARN
	}
	for _, f := range a.findings {
		d.Findings = append(d.Findings, FindingDocument{Code: f.Code, Level: string(f.Level), Mode: string(f.Mode), Invariants: f.Invariants,
			Key: f.Key, KeyID: f.KeyID, What: f.What, Safe: f.Safe, Hint: a.s.con.hint(f.Hint)})
	}
	if o := a.orphans; o != nil {
		d.Orphans = &OrphansDocument{Keys: o.keys, Unnamed: o.unnamed, Calls: o.calls, Found: []OrphanDocument{}}
		for _, k := range o.found {
			d.Orphans.Found = append(d.Orphans.Found, OrphanDocument{KeyID: k.KeyID, Region: o.regions[k.KeyID], State: k.State, Created: k.Created.UTC(),
				Alias: k.Tags.Alias, Version: k.Tags.Version, Window: k.Tags.Window, Claim: k.Tags.Claim, Name: k.Name, Verdict: k.Verdict, Command: a.s.con.hint(k.Command)})
		}
	}
	return d
}
