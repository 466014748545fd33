package cmd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// RehearseDocument is "keyturn/rehearse/1".
type RehearseDocument struct {
	Format     string              `json:"format"`
	Plan       PlanDocument        `json:"plan"`
	Naive      bool                `json:"naive"` // the old cron script, and not keyturn
	Seed       int64               `json:"seed"`
	From       time.Time           `json:"from"`
	Days       int                 `json:"days"`
	Pools      int                 `json:"pools"`
	Keys       int                 `json:"keys"`
	Happened   rehearsal.Tally     `json:"happened"`
	Harm       rehearsal.Harm      `json:"harm"`   // as seen from KMS alone
	Calls      []CountDocument     `json:"calls"`  // that reached AWS, the most frequent first
	Checks     int                 `json:"checks"` // of all invariants
	Violations []ViolationDocument `json:"violations"`
	Story      string              `json:"story,omitempty"` // the shortest course found that ends in the first of them
	Exit       plan.Exit           `json:"exit"`
}

// CountDocument is how often one operation was called.
type CountDocument struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Count     int    `json:"count"`
}

// ViolationDocument is an invariant that did not hold.
type ViolationDocument struct {
	Invariant string `json:"invariant"` // its number in docs/protocol.md
	After     string `json:"after"`     // what had just happened
	What      string `json:"what"`
}

func rehearseDocument(p *loaded, d rehearsal.Draw, played *rehearsal.Played) RehearseDocument {
	doc := RehearseDocument{
		Format: "keyturn/rehearse/1", Naive: d.Naive, Seed: int64(d.Seed), From: d.Begin, Days: int(d.Span.Hours() / 24), Pools: d.Pools,
		Plan: PlanDocument{Name: p.Name, Region: p.Region, Account: p.Account, Table: p.Table},
		Keys: len(p.Keys), Happened: played.Tally, Harm: played.Harm, Checks: played.Watch.Looks,
		Violations: []ViolationDocument{}, Calls: []CountDocument{},
	}
	for name, n := range played.Calls {
		service, operation, _ := strings.Cut(name, ":")
		doc.Calls = append(doc.Calls, CountDocument{service, operation, n})
	}
	slices.SortFunc(doc.Calls, func(x, y CountDocument) int {
		return cmp.Or(y.Count-x.Count, strings.Compare(x.Operation, y.Operation))
	})
	for _, b := range played.Watch.Broken {
		doc.Violations = append(doc.Violations, ViolationDocument{b.Invariant, b.After, b.What})
		doc.Exit = plan.ExitPerson
	}
	if played.Shortest != nil {
		doc.Story = played.Shortest.Story()
	}
	return doc
}
