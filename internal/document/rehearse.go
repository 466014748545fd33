package document

import (
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Rehearse is "keyturn/rehearse/1".
type Rehearse struct {
	Format     string          `json:"format"`
	Plan       Plan            `json:"plan"`
	Naive      rehearsal.Naive `json:"naive"` // what ran in place of keyturn; empty: keyturn itself
	Seed       int64           `json:"seed"`
	From       time.Time       `json:"from"`
	Days       int             `json:"days"`
	Pools      int             `json:"pools"`
	Keys       int             `json:"keys"`
	Happened   rehearsal.Tally `json:"happened"`
	Harm       rehearsal.Harm  `json:"harm"`   // as seen from KMS alone
	Calls      []Count         `json:"calls"`  // that reached AWS, the most frequent first
	Checks     int             `json:"checks"` // of all invariants
	Violations []Violation     `json:"violations"`
	Story      string          `json:"story,omitempty"` // the shortest course found that ends in the first of them
	Exit       plan.Exit       `json:"exit"`
}

// Count is how often one operation was called.
type Count struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Count     int    `json:"count"`
}

// Violation is an invariant that did not hold.
type Violation struct {
	Invariant string `json:"invariant"` // its number in docs/protocol.md
	After     string `json:"after"`     // what had just happened
	What      string `json:"what"`
}

func OfRehearse(p *planfile.Plan, d rehearsal.Draw, played *rehearsal.Played) Rehearse {
	doc := Rehearse{
		Format: "keyturn/rehearse/1", Naive: d.Naive, Seed: int64(d.Seed), From: d.Begin,
		Days: int(d.Span.Hours() / 24), Pools: d.Pools,
		Plan: ofPlan(p),
		Keys: len(p.Keys), Happened: played.Tally, Harm: played.Harm, Checks: played.Watch.Looks, Exit: played.Exit(),
		Violations: []Violation{}, Calls: []Count{},
	}
	for _, c := range played.Counts() {
		doc.Calls = append(doc.Calls, Count{c.Service, c.Operation, c.N})
	}
	for _, b := range played.Watch.Broken {
		doc.Violations = append(doc.Violations, Violation{b.Invariant, b.After, b.What})
	}
	if played.Shortest != nil {
		doc.Story = played.Shortest.Story()
	}
	if doc.Unchecked() {
		doc.Exit = plan.ExitFailed
	}
	return doc
}

// Unchecked reports whether nothing changed, so that no invariant was checked. It does not matter to a
// naive script, which counts harm alone.
func (d Rehearse) Unchecked() bool { return d.Naive == "" && d.Checks == 0 }
