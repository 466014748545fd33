package document

import (
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Run is "keyturn/run/1": what a run or an adopt did, or with dry_run
// would do.
type Run struct {
	Format   string    `json:"format"`
	Verb     string    `json:"verb"`
	Run      string    `json:"run"` // as in the record, in logs and in the User-Agent
	Pool     string    `json:"pool"`
	Host     string    `json:"host"`
	Plan     Plan      `json:"plan"`
	Caller   string    `json:"caller,omitempty"` // ARN; absent if nobody had to be asked
	DryRun   bool      `json:"dry_run"`
	Started  time.Time `json:"started"` // AWS's time, as all times
	Finished time.Time `json:"finished"`
	Exit     plan.Exit `json:"exit"`
	// DoneByOthers counts the keys that other runs rotated while this run ran.
	DoneByOthers int     `json:"done_by_others,omitempty"`
	Keys         []Key   `json:"keys"`   // in the plan's order
	Causes       []Cause `json:"causes"` // of refusals that several keys share
}

// Plan names a plan.
type Plan struct {
	Name    string `json:"name"`
	Region  string `json:"region"`
	Account string `json:"account,omitempty"`
	Table   string `json:"table"`
}

// Key is what became of one key.
type Key struct {
	Name   string `json:"name"`
	Alias  string `json:"alias"`
	Region string `json:"region"`
	// Version is the one that the request named; absent: none.
	Version int64 `json:"version,omitempty"`
	// Outcome is settled, adopted, frozen, held, waiting, lagging, failed, refused, interrupted or
	// busy.
	Outcome string `json:"outcome"`
	// Did is rotated, rolled-back, gave-up, adopted, created, rebuilt, made, retired, held,
	// released, reinstated or began; absent if nothing was done.
	Did        string    `json:"did,omitempty"`
	Changed    bool      `json:"changed"`        // beyond leases and notes
	Exit       plan.Exit `json:"exit"`           // this key's share
	Step       string    `json:"step,omitempty"` // of the record as last seen
	Generation int64     `json:"generation,omitempty"`
	Rev        int64     `json:"rev,omitempty"`
	Head       *Head     `json:"head,omitempty"` // of the ledger, if this run wrote it

	Active   *Version   `json:"active,omitempty"`
	Draining []Draining `json:"draining,omitempty"`
	// Rotation is when the next window opens that rotates it.
	Rotation *time.Time `json:"next_rotation,omitempty"`
	BusyTill *time.Time `json:"busy_until,omitempty"` // of the lease or fence that was waited for

	Why     []Reason `json:"why,omitempty"` // of the first thing done
	Reasons []Reason `json:"reasons"`       // why it stopped there
	Calls   []Call   `json:"calls"`         // those that change something, in order
	Grants  int      `json:"grants,omitempty"`
	// GrantsNotKnown says why they could not be counted.
	GrantsNotKnown string `json:"grants_not_known,omitempty"`
	// AutoRotation says what differs, or is not known, of automatic rotation.
	AutoRotation []string `json:"auto_rotation,omitempty"`
	Gate         *Gate    `json:"before_switch,omitempty"`
	Refusal      *Refusal `json:"refusal,omitempty"`
	// Differences are those from a saved decision.
	Differences []Difference `json:"differences,omitempty"`
	Works       *Works       `json:"works,omitempty"` // where a person must know it
	// Ahead is what becomes of what was asked for, if it was not finished.
	Ahead string `json:"ahead,omitempty"`
	Next  *Next  `json:"next,omitempty"` // what a person can do
	Error string `json:"error,omitempty"`
	// ErrorCode is that of Error.
	ErrorCode plan.Code `json:"error_code,omitempty"`
}

// Version is a version and its KMS key.
type Version struct {
	Version int64     `json:"version"`
	KeyID   string    `json:"key_id"`
	Since   time.Time `json:"since"`
}

// Draining is a version that stays enabled until drain_until at least.
type Draining struct {
	Version    int64     `json:"version"`
	KeyID      string    `json:"key_id"`
	DrainUntil time.Time `json:"drain_until"`
	Retire     string    `json:"retire"` // keep, disable, delete
}

// Reason is a ground of a decision.
type Reason struct {
	Code plan.Code `json:"code"` // stable, for programs
	Text string    `json:"text"`
}

// Call is one call that was made, or would be.
type Call struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Text      string `json:"text"`
	Answer    string `json:"answer,omitempty"` // yes, no, unknown; absent in a dry-run
	Code      string `json:"code,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// Gate is before_switch where it was its turn.
type Gate struct {
	Command []string `json:"command"`
	Asked   bool     `json:"asked"`            // a dry-run assumes yes, unless --ask
	Answer  string   `json:"answer,omitempty"` // yes, not-yet, failed
	Said    string   `json:"said,omitempty"`   // its last line
	Error   string   `json:"error,omitempty"`  // with failed: why it could not be asked
}

// Refusal is why a person must look.
type Refusal struct {
	Code plan.Code `json:"code"`
	What string    `json:"what"`
	News bool      `json:"news"` // this run put it down; others repeat it
}

// Difference is one thing that is decided otherwise now than when it was saved.
type Difference struct {
	What  string `json:"what"`
	Saved string `json:"saved"`
	Now   string `json:"now"`
}

func ofPlan(p *planfile.Plan) Plan {
	return Plan{Name: p.Name, Region: p.Region, Account: p.Account, Table: p.Table}
}

func OfRun(c From, r *rotate.Report, exit plan.Exit) Run {
	d := Run{Format: "keyturn/run/1", Verb: c.Verb, Run: c.Run, Pool: c.Pool, Host: c.Host,
		Plan: ofPlan(c.Plan), DryRun: r.Dry, Started: r.Started.UTC(), Finished: r.Finished.UTC(), Exit: exit,
		DoneByOthers: r.DoneByOthers(),
		Keys:         []Key{}, Causes: []Cause{}}
	for _, cause := range r.Causes() {
		d.Causes = append(d.Causes, Cause{Code: cause.Refusal.Code, Keys: cause.Names(),
			What: cause.Refusal.What, Next: c.next(cause.Refusal.Hint)})
	}
	if r.Caller != nil {
		d.Caller = r.Caller.ARN
	}
	for _, k := range r.Keys {
		d.Keys = append(d.Keys, ofKey(k, r, c))
	}
	return d
}

func ofKey(k rotate.KeyReport, r *rotate.Report, c From) Key {
	d := Key{Name: k.Policy.Name, Alias: k.Policy.Alias, Region: k.Policy.Region,
		Version: k.Request.Version,
		Outcome: string(k.Outcome), Did: string(k.Effect()), Changed: k.Changed(), Exit: k.Exit(false),
		Why: ofReasons(k.Why), Reasons: ofReasons(k.Reasons), Calls: []Call{}, Grants: k.Grants,
		GrantsNotKnown: k.GrantsUnknown, AutoRotation: k.RotationNotes}
	if k.Busy {
		d.Outcome, d.BusyTill = "busy", moment(k.Until)
	}
	if rec := k.Record; rec != nil {
		d.Step, d.Generation, d.Rev = string(rec.Step), rec.Generation, rec.Rev
		d.Head = ofHead(plan.Head(rec.Events))
		if a := rec.Live(); a != nil {
			d.Active = ofVersion(a)
		}
		for _, e := range rec.Draining() {
			d.Draining = append(d.Draining, ofDraining(*k.Policy, e))
		}
		d.Rotation = moment(plan.NextOpens(r.Finished, *k.Policy, rec))
	}
	for _, t := range k.Trace {
		call := Call{Service: t.Call.Service, Operation: t.Call.Operation, Text: t.Call.Text}
		if !r.Dry {
			call.Answer, call.Code, call.RequestID = string(t.Answer.Verdict), t.Answer.Code, t.Answer.RequestID
		}
		d.Calls = append(d.Calls, call)
	}
	if g := k.Gate; g != nil {
		d.Gate = ofGate(*k.Policy, *g)
	}
	if ref := k.Refusal; ref != nil && k.Outcome == plan.Refused {
		d.Refusal = &Refusal{Code: ref.Code, What: ref.What, News: k.News}
		for _, diff := range ref.Differences {
			d.Differences = append(d.Differences, Difference(diff))
		}
	}
	if k.Exit(false) != plan.ExitDone {
		d.Works, d.Next = ofWorks(k.Works), c.next(k.Next(r.Finished))
	}
	if exit := k.Exit(false); exit == plan.ExitFailed || exit == plan.ExitInterrupted {
		d.Ahead = string(k.Ahead())
	}
	if k.Err != nil {
		d.Error, d.ErrorCode = k.Err.Error(), k.Fault().Code
	}
	return d
}

func ofGate(p plan.Policy, g plan.GateSeen) *Gate {
	d := &Gate{Command: p.BeforeSwitch, Asked: !g.Assumed, Said: g.Said, Error: g.Failed}
	switch {
	case g.Assumed:
	case g.Open:
		d.Answer = "yes"
	case g.Failed != "":
		d.Answer = "failed"
	default:
		d.Answer = "not-yet"
	}
	return d
}

func ofDraining(p plan.Policy, e plan.Version) Draining {
	action := e.Retire.Action
	if action == "" {
		action = plan.RetireKeep
	}
	return Draining{Version: e.Version, KeyID: e.KeyID, DrainUntil: p.DrainEnd(e).UTC(), Retire: string(action)}
}

func ofReasons(reasons []plan.Reason) []Reason {
	out := make([]Reason, len(reasons))
	for i, r := range reasons {
		out[i] = Reason{Code: r.Code, Text: r.Text}
	}
	return out
}

// moment returns a time that may be absent.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
