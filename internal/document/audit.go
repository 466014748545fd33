package document

import (
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/trail"
	"github.com/keyturn/keyturn/plan"
)

// Audit is "keyturn/audit/1": where record, KMS and plan do not agree.
type Audit struct {
	Format     string     `json:"format"`
	Run        string     `json:"run"`
	Plan       Plan       `json:"plan"`
	Caller     string     `json:"caller,omitempty"` // ARN
	Now        time.Time  `json:"now"`              // AWS's time
	Exit       plan.Exit  `json:"exit"`
	Keys       int        `json:"keys"`       // that were checked
	Invariants []int      `json:"invariants"` // of docs/protocol.md, that were checked
	Findings   []Finding  `json:"findings"`
	Since      *time.Time `json:"since,omitempty"`   // with --since
	Older      int        `json:"older,omitempty"`   // findings that began before since
	Unread     []string   `json:"unread"`            // what could not be read, and so was not checked
	Orphans    *Orphans   `json:"orphans,omitempty"` // with --orphans
	Trail      *Trail     `json:"trail,omitempty"`   // with --cloudtrail
	// Ledgers are those that were read, one for each key.
	Ledgers []AuditLedger `json:"ledgers"`
	// OtherPlans are the other plans that have records in the plan's tables.
	OtherPlans []OtherPlan `json:"other_plans,omitempty"`
	// Unused are entries of the plan's accept that match no finding.
	Unused []AcceptEntry `json:"unused_accept"`
}

// OtherPlan is the records of another plan in a table. They are no finding.
type OtherPlan struct {
	Plan    string   `json:"plan"` // its name, as its runs wrote it
	Table   string   `json:"table"`
	Records []string `json:"records"` // their keys
}

// AuditLedger is the newest event of a ledger, and what seals it.
type AuditLedger struct {
	Key      string `json:"key"` // its name
	Head     *Head  `json:"head,omitempty"`
	SealedTo int64  `json:"sealed_to,omitempty"` // revision; absent: no seal was found
	SealedBy int64  `json:"sealed_by,omitempty"` // version
	// SealUnread says that no seal was found, and that there may be one.
	SealUnread bool `json:"seal_unread,omitempty"`
}

// Finding is one thing that is not as it should be.
type Finding struct {
	ID         string     `json:"id"`             // stable: the same in every audit
	Code       plan.Code  `json:"code"`           // stable, for programs
	Level      string     `json:"level"`          // person, warning
	Mode       string     `json:"mode,omitempty"` // F1 to F4
	Invariants []int      `json:"invariants,omitempty"`
	Keys       []string   `json:"keys,omitempty"` // by name; absent: it is about the table or an orphan
	KeyID      string     `json:"key_id,omitempty"`
	What       string     `json:"what"`
	Since      *time.Time `json:"since,omitempty"` // the earliest time at which it shows
	// AtEarliest says that it began then or later, and nothing shows when.
	AtEarliest bool      `json:"at_earliest,omitempty"`
	Observed   string    `json:"observed,omitempty"` // of a difference of two values
	Expected   string    `json:"expected,omitempty"`
	Evidence   *Evidence `json:"evidence,omitempty"`
	// NeedsOrphans says that only --orphans shows it.
	NeedsOrphans bool      `json:"needs_orphans"`
	Accepted     *Accepted `json:"accepted,omitempty"` // by the plan
	Works        *Works    `json:"works,omitempty"`    // with level person
	Orphan       *Orphan   `json:"orphan,omitempty"`
	Next         *Next     `json:"next,omitempty"`
}

// Evidence is where a finding can be looked up.
type Evidence struct {
	Revs       []int64  `json:"revs,omitempty"`        // events of the ledger
	RequestIDs []string `json:"request_ids,omitempty"` // calls to KMS, in CloudTrail
	KeyIDs     []string `json:"key_ids,omitempty"`
}

// Accepted is the entry of the plan that accepts a finding.
type Accepted struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
	Ended  bool      `json:"ended"` // it is over, so the finding counts again
}

func ofAccepted(a plan.Acceptance, ended bool) *Accepted {
	return &Accepted{Reason: a.Reason, Until: a.Until.UTC(), Ended: ended}
}

// AcceptEntry is an entry of the plan's accept.
type AcceptEntry struct {
	Key     string    `json:"key,omitempty"` // absent: it stands at the top
	Finding string    `json:"finding"`
	Version int64     `json:"version,omitempty"`
	Reason  string    `json:"reason"`
	Until   time.Time `json:"until"`
	Ended   bool      `json:"ended"`
}

func ofEvidence(e audit.Evidence) *Evidence {
	if len(e.Revs)+len(e.RequestIDs)+len(e.KeyIDs) == 0 {
		return nil
	}
	return &Evidence{Revs: e.Revs, RequestIDs: e.RequestIDs, KeyIDs: e.KeyIDs}
}

// Orphans is how much a search for keys without a record saw.
type Orphans struct {
	Keys    int `json:"keys"`    // in the Regions searched
	Unnamed int `json:"unnamed"` // of them have no alias
	Calls   int `json:"calls"`   // of ListResourceTags
	Aside   int `json:"aside"`   // may be versions of keys whose records are in doubt, and were not judged
	Found   int `json:"found"`   // orphans
	Older   int `json:"older"`   // of them began before since
	Unread  int `json:"unread"`  // may be orphans: they could not be read
	// Unlisted are the Regions that the search did not see.
	Unlisted []string `json:"unlisted"`
}

// Orphan is a key that keyturn made and no record knows.
type Orphan struct {
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
}

func OfAudit(c From, r audit.Result, t *trail.Report) Audit {
	d := Audit{Format: "keyturn/audit/1", Run: c.Run, Plan: ofPlan(c.Plan), Now: r.At.UTC(), Exit: r.Exit(),
		Keys: r.Keys, Invariants: audit.Checked(), Findings: []Finding{},
		Unread: append(append([]string{}, r.Unread...), r.Lacking...),
		Unused: []AcceptEntry{}, Ledgers: []AuditLedger{}}
	for _, o := range r.Others {
		d.OtherPlans = append(d.OtherPlans, OtherPlan(o))
	}
	for _, h := range r.Heads {
		l := AuditLedger{Key: h.Key, Head: ofHead(h.Head), SealUnread: h.SealUnread}
		if h.Seal != nil {
			l.SealedTo, l.SealedBy = h.Seal.Claim.Rev, h.Seal.Version
		}
		d.Ledgers = append(d.Ledgers, l)
	}
	for _, e := range r.Unused() {
		d.Unused = append(d.Unused, AcceptEntry{Key: e.Key, Finding: e.Finding, Version: e.Version, Reason: e.Reason,
			Until: e.Until.UTC(), Ended: e.Ended})
	}
	if r.Caller != nil {
		d.Caller = r.Caller.ARN
	}
	for _, f := range r.Findings {
		found := Finding{ID: f.ID(), Code: f.Code, Level: string(f.Level), Mode: string(f.Mode),
			Invariants: f.Invariants, Keys: f.Keys, KeyID: f.KeyID, What: f.What,
			Works: ofWorks(f.Works), Next: c.next(f.Hint),
			Observed: f.Observed, Expected: f.Expected, Evidence: ofEvidence(f.Evidence),
			NeedsOrphans: f.NeedsOrphans()}
		if a := f.Accepted; a != nil {
			found.Accepted = ofAccepted(a.Acceptance, a.Ended)
		}
		if !f.Since.IsZero() {
			since := f.Since.UTC()
			found.Since, found.AtEarliest = &since, f.AtEarliest
		}
		if o := f.Orphan; o != nil {
			found.Orphan = &Orphan{Region: o.Region, State: o.State, Created: o.Created.UTC(), Alias: o.Tags.Alias,
				Version: o.Tags.Version, Window: o.Tags.Window, Claim: o.Tags.Claim, Name: o.Name,
				Served: o.Served.Word(), Verdict: o.Verdict}
		}
		d.Findings = append(d.Findings, found)
	}
	d.Trail, d.Since, d.Older = ofTrail(t), moment(r.Since), len(r.Older)
	if o := r.Orphans; o != nil {
		d.Orphans = &Orphans{Keys: o.Keys, Unnamed: o.Unnamed, Calls: o.Calls, Aside: o.Aside, Unread: o.Unread,
			Unlisted: append([]string{}, o.Unlisted...)}
		d.Orphans.Found, d.Orphans.Older = r.FoundOrphans()
	}
	return d
}
