package document

import (
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// EvidenceReport is "keyturn/evidence/1": what an assessor gets.
type EvidenceReport struct {
	Format   string            `json:"format"`
	Run      string            `json:"run"`
	Plan     Plan              `json:"plan"`
	Caller   string            `json:"caller,omitempty"` // ARN
	Now      time.Time         `json:"now"`              // AWS's time
	Since    time.Time         `json:"since"`            // the first moment that it is about
	Exit     plan.Exit         `json:"exit"`
	Keys     []EvidenceKey     `json:"keys"`
	Findings []EvidenceFinding `json:"findings"` // of the audit, about no key
	Unread   []string          `json:"unread"`   // what could not be read
}

// EvidenceKey is the report on one key.
type EvidenceKey struct {
	Name     string            `json:"name"`
	Alias    string            `json:"alias"`
	Region   string            `json:"region"`
	Terms    EvidenceTerms     `json:"terms"` // the cryptoperiod, by today's plan
	Live     int64             `json:"live,omitempty"`
	Rev      int64             `json:"rev,omitempty"`
	Unread   bool              `json:"ledger_unread,omitempty"`
	Begins   *time.Time        `json:"ledger_begins,omitempty"`
	From     time.Time         `json:"from"` // the first moment that can be told of
	Head     *Head             `json:"head,omitempty"`
	SealedTo int64             `json:"sealed_to,omitempty"`
	Seals    []Seal            `json:"seals"`
	Open     *EvidenceFact     `json:"open,omitempty"`
	Versions []EvidenceVersion `json:"versions"`
	Windows  []EvidenceWindow  `json:"windows"`
	Longest  *EvidenceGap      `json:"longest,omitempty"`
	Late     []EvidenceUse     `json:"late_use"`
	Holds    []EvidenceHold    `json:"holds"`
	Acts     []EvidenceAct     `json:"acts"`
	Findings []EvidenceFinding `json:"findings"`
	Unknown  []EvidenceUnknown `json:"unknown"`
	Events   EvidenceEvents    `json:"events"`
}

// EvidenceTerms are what the plan says about a key.
type EvidenceTerms struct {
	Schedule         string `json:"schedule"`
	Drain            string `json:"drain"`
	Retire           string `json:"retire"`
	UnlessUsedWithin string `json:"unless_used_within,omitempty"`
	DeleteAfter      string `json:"delete_after,omitempty"`
	DeletionWindow   string `json:"deletion_window,omitempty"`
	What             string `json:"what"`
}

// EvidenceVersion is a version of a key.
type EvidenceVersion struct {
	Version       int64          `json:"version"`
	KeyID         string         `json:"key_id"`
	Adopted       bool           `json:"adopted,omitempty"`
	Facts         []EvidenceFact `json:"facts"`
	FoundDisabled bool           `json:"found_disabled,omitempty"`
	FoundDeleting bool           `json:"found_deleting,omitempty"`
	Ended         *EvidenceEnded `json:"ended,omitempty"`
	DrainUntil    *time.Time     `json:"drain_until,omitempty"`
	Retire        string         `json:"retire,omitempty"`
	DeleteAt      *time.Time     `json:"delete_at,omitempty"`
	Spans         []EvidenceSpan `json:"spans"`
	KMS           string         `json:"kms,omitempty"`
	LastUse       *EvidenceUsed  `json:"last_use,omitempty"`
}

// EvidenceEnded is that somebody else has ended the drain of a version.
type EvidenceEnded struct {
	Found time.Time `json:"found"` // when a run found that
	Rev   int64     `json:"rev"`
	Until time.Time `json:"until"`                   // the deadline of that drain
	Early int64     `json:"early_seconds,omitempty"` // so long before it, at least
}

// EvidenceFact is something that happened to a version.
type EvidenceFact struct {
	What     string     `json:"what"`
	At       time.Time  `json:"at"`
	Earliest *time.Time `json:"earliest,omitempty"`
	From     string     `json:"from"`
	Rev      int64      `json:"rev,omitempty"`
	By       string     `json:"by,omitempty"` // ARN
	Run      string     `json:"run,omitempty"`
	Verb     string     `json:"verb,omitempty"`
	Schedule string     `json:"schedule,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	ClaimRev int64      `json:"claim_rev,omitempty"`
	Calls    []Answered `json:"calls,omitempty"`
}

// EvidenceSpan is a time in one state.
type EvidenceSpan struct {
	State   string     `json:"state"`
	From    time.Time  `json:"from"`
	To      *time.Time `json:"to,omitempty"`
	Rev     int64      `json:"rev,omitempty"`
	Earlier bool       `json:"earlier,omitempty"`
}

// EvidenceUsed is the last use of a version.
type EvidenceUsed struct {
	At        *time.Time `json:"at,omitempty"`
	Operation string     `json:"operation,omitempty"`
	Tracked   *time.Time `json:"tracked_since,omitempty"`
	Failed    string     `json:"failed,omitempty"`
}

// EvidenceWindow is one turn of the schedule.
type EvidenceWindow struct {
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Schedule string     `json:"schedule"`
	State    string     `json:"state"`
	Done     *time.Time `json:"done,omitempty"`
	Because  string     `json:"because,omitempty"`
	Rev      int64      `json:"rev,omitempty"`
	Held     bool       `json:"held,omitempty"`
	Frozen   bool       `json:"frozen,omitempty"`
}

// EvidenceGap is a time without a new version.
type EvidenceGap struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds int64     `json:"seconds"`
	Version int64     `json:"version"`
	Next    int64     `json:"next,omitempty"`
	AtLeast bool      `json:"at_least,omitempty"`
}

// EvidenceUse is a late use of a version.
type EvidenceUse struct {
	Version   int64     `json:"version"`
	KeyID     string    `json:"key_id"`
	Operation string    `json:"operation"`
	At        time.Time `json:"at"`
	Left      time.Time `json:"left"`
	Perhaps   bool      `json:"perhaps,omitempty"`
}

// EvidenceHold is a time in which automation was stopped, on a key or on one version.
type EvidenceHold struct {
	From     time.Time  `json:"from"`
	Version  int64      `json:"version,omitempty"` // of which alone it was; absent: of the key
	By       string     `json:"by,omitempty"`
	Self     bool       `json:"self,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	Rev      int64      `json:"rev"`
	Until    *time.Time `json:"until,omitempty"`
	Ended    *time.Time `json:"ended,omitempty"`
	EndedBy  string     `json:"ended_by,omitempty"`
	EndedRev int64      `json:"ended_rev,omitempty"`
}

// EvidenceAct is what a person did.
type EvidenceAct struct {
	Verb     string     `json:"verb"`
	At       time.Time  `json:"at"`
	By       string     `json:"by"`
	Run      string     `json:"run"`
	Reason   string     `json:"reason,omitempty"`
	Rev      int64      `json:"rev"`
	Version  int64      `json:"version,omitempty"`
	Outcome  string     `json:"outcome"`
	Ended    *time.Time `json:"ended,omitempty"`
	EndedRev int64      `json:"ended_rev,omitempty"`
	Calls    []Answered `json:"calls,omitempty"`
}

// EvidenceFinding is a finding of the audit of that moment.
type EvidenceFinding struct {
	ID    string     `json:"id"`
	Code  plan.Code  `json:"code"`
	Level string     `json:"level"`
	What  string     `json:"what"`
	Since *time.Time `json:"since,omitempty"`
	// AtEarliest says that it began then or later, and nothing shows when.
	AtEarliest bool      `json:"at_earliest,omitempty"`
	Accepted   *Accepted `json:"accepted,omitempty"` // by the plan
}

// EvidenceUnknown is something that the report cannot show.
type EvidenceUnknown struct {
	Kind     string     `json:"kind"`
	What     string     `json:"what"`
	From     *time.Time `json:"from,omitempty"`
	To       *time.Time `json:"to,omitempty"`
	FirstRev int64      `json:"first_rev,omitempty"`
	LastRev  int64      `json:"last_rev,omitempty"`
	Version  int64      `json:"version,omitempty"`
}

// EvidenceEvents counts the events of the ledger.
type EvidenceEvents struct {
	Total   int               `json:"total"`
	Shown   int               `json:"shown"`
	Before  int               `json:"before"`
	Routine []EvidenceRoutine `json:"routine"`
	Others  []int64           `json:"others"`
}

// EvidenceRoutine counts events of one word.
type EvidenceRoutine struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// OfEvidence returns the document of a report.
func OfEvidence(c From, r evidence.Report, exit plan.Exit) EvidenceReport {
	d := EvidenceReport{Format: "keyturn/evidence/1", Run: c.Run, Plan: ofPlan(c.Plan), Now: r.At.UTC(),
		Since: r.Since.UTC(), Exit: exit, Keys: []EvidenceKey{}, Findings: ofFindings(r.Findings),
		Unread: append([]string{}, r.Unread...)}
	if r.Caller != nil {
		d.Caller = r.Caller.ARN
	}
	for _, k := range r.Keys {
		d.Keys = append(d.Keys, ofEvidenceKey(k, r.At))
	}
	return d
}

func ofEvidenceKey(k evidence.Key, now time.Time) EvidenceKey {
	d := EvidenceKey{Name: k.Policy.Name, Alias: k.Policy.Alias, Region: k.Policy.Region, Terms: ofTerms(k),
		Live: k.Live, Rev: k.Rev, Unread: k.Unread, Begins: moment(k.Begins), From: k.From.UTC(),
		Versions: []EvidenceVersion{}, Windows: []EvidenceWindow{}, Late: []EvidenceUse{}, Holds: []EvidenceHold{},
		Acts:     []EvidenceAct{},
		Findings: ofFindings(k.Findings), Unknown: []EvidenceUnknown{}, Head: ofHead(k.Head),
		Seals: append([]Seal{}, ofSeals(k.Seals)...)}
	if s := plan.Sealed(k.Seals); s != nil {
		d.SealedTo = s.Claim.Rev
	}
	if k.Open.Known() {
		open := ofFact("open", k.Open)
		d.Open = &open
	}
	for _, v := range k.Versions {
		d.Versions = append(d.Versions, ofEvidenceVersion(v))
	}
	for _, w := range k.Windows {
		d.Windows = append(d.Windows, EvidenceWindow{w.Start.UTC(), w.End.UTC(), w.Schedule, string(w.State),
			moment(w.Done.At), string(w.By), w.Done.Rev, w.Held, w.Frozen})
	}
	if g := k.Longest; g != nil {
		d.Longest = &EvidenceGap{g.From.UTC(), g.To.UTC(), int64(g.Length() / time.Second), g.Version, g.Next,
			g.AtLeast}
	}
	for _, l := range k.Late {
		d.Late = append(d.Late, EvidenceUse{l.Version, l.KeyID, l.Operation, l.At.UTC(), l.Left.UTC(), l.Perhaps})
	}
	for _, h := range k.Holds {
		hold := EvidenceHold{From: h.Set.At.UTC(), Version: h.Version, By: h.Set.Who.By, Self: h.Self,
			Reason: h.Set.Why.Reason, Rev: h.Set.Rev, Until: moment(h.Until), Ended: moment(h.End(now))}
		if hold.Ended != nil && hold.Ended.Equal(h.Ended.At) {
			hold.EndedBy, hold.EndedRev = h.Ended.Who.By, h.Ended.Rev
		}
		d.Holds = append(d.Holds, hold)
	}
	for _, a := range k.Acts {
		d.Acts = append(d.Acts, EvidenceAct{string(a.Verb), a.At.UTC(), a.Who.By, a.Run, a.Why.Reason, a.Rev, a.Version,
			string(a.Outcome), moment(a.Ended.At), a.Ended.Rev,
			ofCalls(append(slices.Clone(a.Calls), a.Ended.Calls...))})
	}
	for _, u := range k.Unknown {
		d.Unknown = append(d.Unknown, EvidenceUnknown{string(u.Kind), u.Sentence(), moment(u.From), moment(u.To),
			u.Revs[0], u.Revs[1], u.Version})
	}
	d.Events = EvidenceEvents{k.Events.Total, k.Events.Shown, k.Events.Before, []EvidenceRoutine{},
		append([]int64{}, k.Events.Others...)}
	for _, kind := range slices.Sorted(maps.Keys(k.Events.Routine)) {
		d.Events.Routine = append(d.Events.Routine, EvidenceRoutine{string(kind), k.Events.Routine[kind]})
	}
	return d
}

func ofTerms(k evidence.Key) EvidenceTerms {
	p := k.Policy
	t := EvidenceTerms{Schedule: p.Schedule.Text(), Drain: plan.FormatDuration(p.Drain),
		Retire: string(p.Retire.Action), What: k.PeriodText()}
	if p.Retire.Action != plan.RetireKeep && !p.Retire.UsageOff {
		t.UnlessUsedWithin = period(p.Retire.UnlessUsedWithin)
	}
	if p.Retire.Action == plan.RetireDelete {
		t.DeleteAfter, t.DeletionWindow = period(p.Retire.DeleteAfter), period(p.Retire.DeletionWindow)
	}
	return t
}

func ofEvidenceVersion(v evidence.Version) EvidenceVersion {
	d := EvidenceVersion{Version: v.Version, KeyID: v.KeyID, Adopted: v.Adopted, Facts: []EvidenceFact{},
		FoundDisabled: v.FoundDisabled, FoundDeleting: v.FoundDeleting, DrainUntil: moment(v.DrainUntil),
		Retire: string(v.Retire.Action), DeleteAt: moment(v.DeleteAt), Spans: []EvidenceSpan{}, KMS: v.KMS}
	if e := v.Ended; e.Known() {
		early := plan.Ended{Until: v.EndedUntil}.Early(e.At)
		d.Ended = &EvidenceEnded{e.At.UTC(), e.Rev, v.EndedUntil.UTC(), int64(early.Seconds())}
	}
	for _, n := range v.Named() {
		d.Facts = append(d.Facts, ofFact(n.Name, n.Fact))
	}
	for _, s := range v.Spans {
		d.Spans = append(d.Spans, EvidenceSpan{string(s.State), s.From.UTC(), moment(s.To), s.Rev, s.Earlier})
	}
	if u := v.Use; u != nil {
		d.LastUse = &EvidenceUsed{moment(u.LastAt), u.Operation, moment(u.TrackedAt), u.Failed}
	}
	return d
}

func ofFact(what string, f evidence.Fact) EvidenceFact {
	return EvidenceFact{What: what, At: f.At.UTC(), Earliest: moment(f.Earliest), From: string(f.From), Rev: f.Rev,
		By: f.Who.By, Run: f.Run, Verb: string(f.Why.Verb), Schedule: f.Why.Schedule, Reason: f.Why.Reason,
		ClaimRev: f.Why.Rev, Calls: ofCalls(f.Calls)}
}

func ofCalls(calls []plan.Answered) []Answered {
	var out []Answered
	for _, c := range calls {
		out = append(out, Answered{c.Operation, c.RequestID, c.Answer})
	}
	return out
}

func ofFindings(all []evidence.Finding) []EvidenceFinding {
	out := []EvidenceFinding{}
	for _, f := range all {
		found := EvidenceFinding{ID: f.ID, Code: f.Code, Level: f.Level, What: f.What, Since: moment(f.Since),
			AtEarliest: f.AtEarliest}
		if f.Accepted != nil {
			found.Accepted = ofAccepted(*f.Accepted, f.Ended)
		}
		out = append(out, found)
	}
	return out
}
