package cmd

import (
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
)

// RehearseDocument is "keyturn/rehearse/1".
type RehearseDocument struct {
	Format     string              `json:"format"`
	Plan       PlanDocument        `json:"plan"`
	Naive      bool                `json:"naive"` // the old cron script, and not keyturn
	Seed       uint64              `json:"seed"`
	From       time.Time           `json:"from"`
	Days       int                 `json:"days"`
	Pools      int                 `json:"pools"`
	Keys       int                 `json:"keys"`
	Happened   rehearsal.Tally     `json:"happened"`
	Harm       rehearsal.Harm      `json:"harm"`   // as seen from KMS alone
	Calls      map[string]int      `json:"calls"`  // that reached AWS, by service and operation
	Checks     int                 `json:"checks"` // of all invariants
	Violations []ViolationDocument `json:"violations"`
	Story      string              `json:"story,omitempty"` // the shortest course found that ends in the first of them
	Exit       Exit                `json:"exit"`
}

// ViolationDocument is an invariant that did not hold.
type ViolationDocument struct {
	Invariant string `json:"invariant"` // its number in docs/protocol.md
	After     string `json:"after"`     // what had just happened
	What      string `json:"what"`
}

func rehearseDocument(p *loaded, d rehearsal.Draw, played *rehearsal.Played) RehearseDocument {
	doc := RehearseDocument{
		Format: "keyturn/rehearse/1", Naive: d.Naive, Seed: d.Seed, From: d.Begin, Days: int(d.Span.Hours() / 24), Pools: d.Pools,
		Plan: PlanDocument{Name: p.Name, Region: p.Region, Account: p.Account, Table: p.Table},
		Keys: len(p.Keys), Happened: played.Tally, Harm: played.Harm, Calls: played.Calls, Checks: played.Watch.Looks,
		Violations: []ViolationDocument{},
	}
	for _, b := range played.Watch.Broken {
		doc.Violations = append(doc.Violations, ViolationDocument{b.Invariant, b.After, b.What})
		doc.Exit = ExitPerson
	}
	if played.Shortest != nil {
		doc.Story = played.Shortest.Story()
	}
	return doc
}
