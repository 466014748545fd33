package document

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// History is "keyturn/history/1".
type History struct {
	Format string    `json:"format"`
	Run    string    `json:"run"`
	Plan   Plan      `json:"plan"`
	Keys   []Ledger  `json:"keys"`
	Events []Event   `json:"events"` // of all these keys, oldest first
	Unread []string  `json:"unread"` // keys whose ledger could not be read, and why
	Exit   plan.Exit `json:"exit"`
}

// Ledger is that of one key. Whole and Findings are of all its events, and there only
// with --verify.
type Ledger struct {
	Name     string          `json:"name"`
	Record   string          `json:"record"` // the partition key of its items
	Rev      int64           `json:"rev"`    // of the record; 0: there is none
	Head     *Head           `json:"head,omitempty"`
	Whole    *bool           `json:"whole,omitempty"`
	Findings []LedgerFinding `json:"findings,omitempty"`
	// SealedTo is the revision up to which a version's tag seals the ledger.
	SealedTo int64  `json:"sealed_to,omitempty"`
	Seals    []Seal `json:"seals,omitempty"`
}

// Head names the newest event of a ledger.
type Head struct {
	Rev  int64  `json:"rev"`
	Hash string `json:"hash"`
}

// Seal is the tag keyturn:ledger of a version, compared with the ledger.
type Seal struct {
	Version int64  `json:"version"`
	KeyID   string `json:"key_id"`
	Rev     int64  `json:"rev,omitempty"` // of the event that the tag names
	// State is fits, broken, absent, deleted, unread, unknown or none.
	State plan.SealState `json:"state"`
	Tag   string         `json:"tag,omitempty"`
	Text  string         `json:"text,omitempty"` // why it does not fit
}

func ofHead(l plan.Link) *Head {
	if l.Hash == "" {
		return nil
	}
	return &Head{l.Rev, l.Hash}
}

func ofSeals(seals []plan.Seal) []Seal {
	var all []Seal
	for _, s := range seals {
		all = append(all, Seal{s.Version, s.KeyID, s.Claim.Rev, s.State, s.Tag, s.Text()})
	}
	return all
}

// Event is one write of a record.
type Event struct {
	Key        string     `json:"key"` // its name
	Rev        int64      `json:"rev"`
	At         time.Time  `json:"at"`
	Kind       []string   `json:"kind"`              // what it did, in words for programs: claim, finish…
	Claim      string     `json:"claim,omitempty"`   // id of the claim that is open after it, or that it finished
	GaveUp     string     `json:"gave_up,omitempty"` // id of the claim that it gave up
	Generation int64      `json:"generation,omitempty"`
	Version    int64      `json:"version,omitempty"` // that it is about
	KeyID      string     `json:"key_id,omitempty"`
	Window     *time.Time `json:"window,omitempty"`   // the latest one that is done, if it changed that
	Anchor     *time.Time `json:"anchor,omitempty"`   // of the record that it made
	Schedule   string     `json:"schedule,omitempty"` // of a claim
	Until      *time.Time `json:"until,omitempty"`    // the end of what kind says
	Left       []Left     `json:"left,omitempty"`
	Ended      []Ended    `json:"ended,omitempty"`
	Pool       string     `json:"pool"`
	Host       string     `json:"host,omitempty"`
	Run        string     `json:"run"`
	By         string     `json:"by"`                // ARN
	Keyturn    string     `json:"keyturn,omitempty"` // its release
	Plan       string     `json:"plan,omitempty"`
	Terms      string     `json:"terms,omitempty"` // digest of what the plan says about the key
	What       string     `json:"what"`
	Reason     string     `json:"reason,omitempty"`
	Calls      []Answered `json:"calls,omitempty"`    // to KMS, whose answers it records
	Replaced   []Event    `json:"replaced,omitempty"` // of a rebuild: what the record before it told otherwise
	Hash       string     `json:"hash"`               // of the event as it is stored
	Prev       *Head      `json:"prev,omitempty"`     // the event that it follows
}

// Ended is a version that drained and was found disabled or deleted, which keyturn had not
// done.
type Ended struct {
	Version int64     `json:"version"`
	KeyID   string    `json:"key_id"`
	Until   time.Time `json:"until"`                   // its drain deadline
	Early   int64     `json:"early_seconds,omitempty"` // so long before it, at least
}

// Left is a version that drains since a write, or whose deadline it moved.
type Left struct {
	Version int64     `json:"version"`
	KeyID   string    `json:"key_id"`
	Live    bool      `json:"live,omitempty"` // until that write
	Until   time.Time `json:"until"`
	Retire  string    `json:"retire"`
}

// Answered is a call to KMS and its answer.
type Answered struct {
	Operation string `json:"operation"`
	RequestID string `json:"request_id,omitempty"`
	Answer    string `json:"answer"`
}

func ofEvent(key string, e plan.Event) Event {
	d := Event{Key: key, Rev: e.Rev, At: e.At.UTC(), Kind: []string{}, Claim: e.Claim, GaveUp: e.GaveUp,
		Generation: e.Generation, Version: e.Version, KeyID: e.KeyID, Window: moment(e.Window),
		Anchor: moment(e.Anchor), Schedule: e.Schedule, Until: moment(e.Until), Pool: e.Who.Pool, Host: e.Who.Host,
		Run: e.Run, By: e.Who.By, Keyturn: e.Who.Release, Plan: e.Who.Plan, Terms: e.Who.Terms,
		What: plan.EventText(e), Reason: e.Reason, Calls: ofCalls(e.Calls), Hash: e.Hash(), Prev: ofHead(e.Prev)}
	for _, k := range e.Kind {
		d.Kind = append(d.Kind, string(k))
	}
	for _, l := range e.Left {
		d.Left = append(d.Left, Left{l.Version, l.KeyID, l.Live, l.Until.UTC(), string(l.Retire.Action)})
	}
	for _, x := range e.Ended {
		d.Ended = append(d.Ended, Ended{x.Version, x.KeyID, x.Until.UTC(), int64(x.Early(e.At).Seconds())})
	}
	for _, r := range e.Replaced {
		d.Replaced = append(d.Replaced, ofEvent(key, r))
	}
	return d
}

// LedgerFinding is a place where the ledger is not as keyturn wrote it.
type LedgerFinding struct {
	// Kind is gap, differs, rewritten, unlinked, changed, lost, beyond, orphan; or jump or
	// replaced, which are no faults.
	Kind string `json:"kind"`
	From int64  `json:"from"` // revisions, both included
	To   int64  `json:"to"`
	Text string `json:"text"`
}

// OfHistory returns the document of ledgers, with the events that a filter selects.
func OfHistory(c From, all []plan.KeyHistory, filter plan.EventFilter, unread []string, verify bool,
	exit plan.Exit) History {
	d := History{Format: "keyturn/history/1", Run: c.Run, Plan: ofPlan(c.Plan), Keys: []Ledger{}, Events: []Event{},
		Unread: append([]string{}, unread...), Exit: exit}
	for _, h := range all {
		l := Ledger{Name: h.Key.Name, Record: h.Key.Key()}
		if h.Record != nil {
			l.Rev = h.Record.Rev
		}
		l.Head = ofHead(plan.Head(h.Events))
		if verify {
			whole := h.Verified()
			l.Whole, l.Seals = &whole, ofSeals(h.Seals)
			if s := plan.Sealed(h.Seals); s != nil {
				l.SealedTo = s.Claim.Rev
			}
			for _, f := range h.Findings {
				l.Findings = append(l.Findings, LedgerFinding{Kind: string(f.Kind), From: f.From, To: f.To,
					Text: f.Text})
			}
		}
		d.Keys = append(d.Keys, l)
	}
	for _, e := range plan.Timeline(all, filter) {
		d.Events = append(d.Events, ofEvent(e.Key.Name, e.Event))
	}
	return d
}
