package document

import (
	"github.com/keyturn/keyturn/internal/firstplan"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Init is "keyturn/init/1".
type Init struct {
	Format  string  `json:"format"`
	Run     string  `json:"run"`
	Plan    Plan    `json:"plan"`
	Account string  `json:"account"` // that the tables are in
	DryRun  bool    `json:"dry_run"`
	Tables  []Table `json:"tables"`
}

// Table is a lock table, as it was found or made.
type Table struct {
	Table    string `json:"table"`
	TableID  string `json:"table_id,omitempty"`
	Created  bool   `json:"created"`                          // by this run; with dry_run it would be
	Recovery bool   `json:"point_in_time_recovery,omitempty"` // it is on
	Note     string `json:"note,omitempty"`                   // why it is not
	Failed   string `json:"failed,omitempty"`                 // why it was not looked at to the end
	Unsafe   string `json:"unsafe,omitempty"`                 // why no record may be written to it
	Next     *Next  `json:"next,omitempty"`
}

func OfTable(c From, name string, seen plan.TableSeen) Table {
	return Table{Table: name, TableID: seen.ID, Unsafe: seen.Unsafe, Next: c.next(seen.Hint)}
}

// InitPlan is "keyturn/init-plan/1": a first plan.
type InitPlan struct {
	Format  string    `json:"format"`
	Run     string    `json:"run"`
	Region  string    `json:"region"`
	Account string    `json:"account"`
	File    string    `json:"file,omitempty"` // it was written to
	Plan    string    `json:"plan"`           // text of the plan file
	Keys    []string  `json:"keys"`           // aliases in it
	LeftOut []LeftOut `json:"left_out"`
}

// LeftOut is an alias that a first plan does not have.
type LeftOut struct {
	Alias  string `json:"alias"`
	Reason string `json:"reason"`
}

func OfInitPlan(run, region, account, file string, p firstplan.Plan) InitPlan {
	d := InitPlan{Format: "keyturn/init-plan/1", Run: run, Region: region, Account: account, File: file, Plan: p.Text,
		Keys: []string{}, LeftOut: []LeftOut{}}
	for _, k := range p.Keys {
		d.Keys = append(d.Keys, k.Alias)
	}
	for _, l := range p.LeftOut {
		d.LeftOut = append(d.LeftOut, LeftOut{Alias: l.Alias, Reason: l.Reason})
	}
	return d
}

// InitIAM is "keyturn/init-iam/1": the policies of a role.
type InitIAM struct {
	Format  string    `json:"format"`
	Run     string    `json:"run"`
	Plan    Plan      `json:"plan"`
	Role    string    `json:"role"`  // cron, readonly, break-glass, verify
	Parts   []IAMPart `json:"parts"` // one, if the plan fits one role
	Notes   []string  `json:"notes"`
	Account string    `json:"account"`
}

// IAMPart is a role for a part of the plan.
type IAMPart struct {
	Keys     []string       `json:"keys"`            // names
	Policies []iam.Document `json:"policies"`        // as IAM takes them, for one role together
	Files    []string       `json:"files,omitempty"` // they were written to
}

// OfInit returns the document of the tables, before any of them.
func OfInit(run string, p *planfile.Plan, account string, dry bool) Init {
	return Init{Format: "keyturn/init/1", Run: run, Plan: ofPlan(p), Account: account, DryRun: dry}
}

// OfInitIAM returns the document of the policies of a role.
func OfInitIAM(run string, p *planfile.Plan, q iam.Request, parts []iam.Part) InitIAM {
	d := InitIAM{Format: "keyturn/init-iam/1", Run: run, Plan: ofPlan(p), Role: string(q.Role),
		Notes: iam.Notes(q, parts), Account: q.Account}
	for _, part := range parts {
		d.Parts = append(d.Parts, IAMPart{Keys: keysOf(part), Policies: part.Documents})
	}
	return d
}

func keysOf(p iam.Part) []string {
	var list []string
	for _, k := range p.Keys {
		list = append(list, k.Name)
	}
	return list
}
