package document

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// History is "keyturn/history/1".
type History struct {
	Format string  `json:"format"`
	Run    string  `json:"run"`
	Plan   Plan    `json:"plan"`
	Key    string  `json:"key"`    // its name
	Record string  `json:"record"` // the partition key of its items
	Rev    int64   `json:"rev"`    // of the record; 0: there is none
	Events []Event `json:"events"` // oldest first; with --since, the later ones
	// Whole and Findings are of the entire ledger, and there only with --verify.
	Whole    *bool           `json:"whole,omitempty"`
	Findings []LedgerFinding `json:"findings,omitempty"`
	Exit     plan.Exit       `json:"exit"`
}

// Event is one write of a record.
type Event struct {
	Rev       int64     `json:"rev"`
	At        time.Time `json:"at"`
	Kind      []string  `json:"kind"`              // what it did, in words for programs: claim, finish…
	Claim     string    `json:"claim,omitempty"`   // id of the claim that is open after it, or that it finished
	GaveUp    string    `json:"gave_up,omitempty"` // id of the claim that it gave up
	Version   int64     `json:"version,omitempty"` // that it is about
	Pool      string    `json:"pool"`
	Run       string    `json:"run"`
	By        string    `json:"by"` // ARN
	What      string    `json:"what"`
	Reason    string    `json:"reason,omitempty"`
	RequestID string    `json:"request_id,omitempty"` // of the KMS call whose answer the write records
}

// LedgerFinding is a place where the ledger is not as keyturn wrote it.
type LedgerFinding struct {
	Kind string `json:"kind"` // gap, differs, beyond, orphan; jump, which is no fault
	From int64  `json:"from"` // revisions, both included
	To   int64  `json:"to"`
	Text string `json:"text"`
}

func OfHistory(c From, k plan.Policy, r *plan.Record, h plan.History, shown []plan.Event, verify bool, exit plan.Exit) History {
	d := History{Format: "keyturn/history/1", Run: c.Run, Plan: OfPlan(c.Plan), Key: k.Name, Record: k.Key(), Exit: exit,
		Events: []Event{}}
	if r != nil {
		d.Rev = r.Rev
	}
	for _, e := range shown {
		kind := []string{}
		for _, k := range e.Kind {
			kind = append(kind, string(k))
		}
		d.Events = append(d.Events, Event{Rev: e.Rev, At: e.At.UTC(), Kind: kind, Claim: e.Claim, GaveUp: e.GaveUp, Version: e.Version,
			Pool: e.Pool, Run: e.Run, By: e.By, What: e.What, Reason: e.Reason, RequestID: e.RequestID})
	}
	if verify {
		whole := h.Whole()
		d.Whole = &whole
		for _, f := range h.Findings {
			d.Findings = append(d.Findings, LedgerFinding{Kind: string(f.Kind), From: f.From, To: f.To, Text: f.Text})
		}
	}
	return d
}
