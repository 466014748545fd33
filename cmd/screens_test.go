package cmd

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

const day = 24 * time.Hour

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var payments = &planfile.Plan{Name: "payments", Region: "eu-west-1", Account: "123456789012", Table: "keyturn"}

func policy(name string) plan.Policy {
	return plan.Policy{Name: name, Alias: "alias/" + name, Region: "eu-west-1", Table: "keyturn",
		Schedule: plan.Schedule{Every: 90 * day}, Drain: 30 * day, Retire: plan.Retire{Action: plan.RetireKeep}, MaxDraining: 2, Probe: true, MaxAttempts: 5}
}

// The screen of status, with a key of each kind, as it is drawn in the design.
func TestStatusScreen(t *testing.T) {
	now := at("2026-12-01T03:12:40Z")
	identity := func(s string) string { return s }
	keys := []status.Key{
		{Policy: policy("orders-data"), State: status.OK, Text: "ok", Live: &plan.Active{Version: 7}, Age: 23*day + 5*time.Hour, Next: at("2027-02-06T03:00:00Z"),
			Old: []status.Version{{Version: 6, KMS: "Enabled", DrainUntil: now.Add(7*day + time.Hour), Use: &plan.UseSeen{LastAt: now.Add(-2 * time.Hour), Operation: "Decrypt"}}}},
		{Policy: policy("webhook-signing"), State: status.Rotating, Text: "rotating to v13: switching", Live: &plan.Active{Version: 12}, Age: 30 * day, Then: "now",
			Lease: &plan.Lease{Pool: "pool-7", Host: "ip-10-2-3-4", Since: at("2026-12-01T03:12:31Z"), Until: at("2026-12-01T03:14:01Z")},
			Fence: at("2026-12-01T03:32:31Z")},
		{Policy: policy("session-mac"), State: status.Waiting, Text: "v5 waits: before_switch, 3h", Live: &plan.Active{Version: 4}, Age: 91 * day, Then: "when it exits 0",
			Old: []status.Version{{Version: 3, DisabledAt: now.Add(-2 * day), Undo: "keyturn reinstate session-mac"}, {Version: 2, DeleteAt: at("2026-12-20T00:00:00Z"), Undo: "keyturn reinstate session-mac/v2"}, {Version: 1, KeptAt: now.Add(-400 * day)},
				{Version: 0, KeptAt: now.Add(-500 * day)}}},
		{Policy: policy("legacy-export"), State: status.Refused, Text: "REFUSED: alias moved", Live: &plan.Active{Version: 2}, LiveKMS: "Enabled", Age: 90 * day, Then: "stopped",
			Found:   &status.Found{KeyID: "9f31c0de-0000-0000-0000-000000000000", Since: at("2026-11-30T21:40:00Z")},
			Refusal: &plan.Refusal{Code: "drift", Hint: `keyturn adopt legacy-export --reason "..."`}},
		{Policy: policy("audit-log"), State: status.Held, Text: "held", Live: &plan.Active{Version: 3}, Age: 99 * day, Then: "when released",
			Hold:  &plan.Hold{By: "ann", Since: at("2026-11-30T10:00:00Z"), Reason: "incident 42"},
			Error: &plan.LastError{Code: "AccessDeniedException", Message: "create v4: no permission", At: now.Add(-3 * time.Hour)}},
		{Policy: policy("new-export"), State: status.NotAdopted, Text: "not adopted yet", Then: "keyturn run adopts it"},
	}
	head := header(payments, payments.Account, stamp(now))
	golden(t, "status.txt", statusText(head, now, keys, screenOptions{hint: identity}))
	golden(t, "status-colour.txt", statusText(head, now, keys[2:4], screenOptions{hint: identity, colour: true, verbose: true}))
}

// trace is the calls of a rotation from v7 to v8.
func trace() []rotate.Trace {
	var out []rotate.Trace
	for _, c := range []struct {
		kind plan.Kind
		call plan.Call
	}{
		{plan.WriteClaim, plan.Call{Service: "dynamodb", Operation: "UpdateItem", Text: "claim v8 for this window"}},
		{plan.CreateKey, plan.Call{Service: "kms", Operation: "CreateKey", Text: "SYMMETRIC_DEFAULT; policy and 3 tags from v7"}},
		{plan.NameVersion, plan.Call{Service: "kms", Operation: "CreateAlias", Text: "alias/orders-data/v8"}},
		{plan.TryTarget, plan.Call{Service: "kms", Operation: "Encrypt, Decrypt", Text: "probe v8"}},
		{plan.WriteConfirm, plan.Call{Service: "dynamodb", Operation: "UpdateItem", Text: "confirm"}},
		{plan.SendMove, plan.Call{Service: "kms", Operation: "UpdateAlias", Text: "alias/orders-data: 7c1e… to v8"}},
		{plan.WriteFinish, plan.Call{Service: "dynamodb", Operation: "UpdateItem", Text: "v7 drains until 2027-03-08, then stays enabled"}},
	} {
		out = append(out, rotate.Trace{Key: "orders-data", Act: plan.Act{Kind: c.kind}, Call: c.call,
			Answer: plan.Answer{Verdict: plan.Yes, RequestID: "req-" + string(c.kind)}})
	}
	return out
}

// report is a run with a key of each kind.
func report() *rotate.Report {
	now := at("2027-02-06T03:00:05Z")
	steady := func(version int64, since time.Time) *plan.Record {
		return &plan.Record{Generation: version, Step: plan.Steady, Rev: 40, Anchor: at("2026-08-10T03:00:00Z"), Window: since,
			AliasARN: "arn:aws:kms:eu-west-1:123456789012:alias/x", Active: &plan.Active{Version: version, KeyID: "7c1e0000-0000-0000-0000-000000000000", Since: since}}
	}
	before := steady(7, at("2026-11-08T03:00:00Z"))
	after := steady(8, now)
	after.Window, after.SwitchedAt = at("2027-02-06T03:00:00Z"), now
	after.Draining = []plan.Draining{{Version: 7, KeyID: "7c1e0000-0000-0000-0000-000000000000", Since: now, DrainUntil: now.Add(30 * day), Retire: plan.Retire{Action: plan.RetireKeep}}}
	adopted := steady(1, at("2027-01-18T00:00:00Z"))
	adopted.Anchor, adopted.Window = at("2027-01-18T00:00:00Z"), at("2027-01-18T00:00:00Z")
	drifted := steady(2, at("2026-11-01T03:00:00Z"))
	return &rotate.Report{Started: now.Add(-5 * time.Second), Finished: now, Caller: &plan.Caller{Account: "123456789012", ARN: "arn:aws:iam::123456789012:role/rotator"},
		Table: &plan.TableSeen{ID: "t-1"},
		Keys: []rotate.KeyReport{
			{Policy: policy("orders-data"), Before: before, Record: after, Outcome: plan.Settled, Trace: trace(), Grants: 2,
				Why:     []plan.Reason{{Code: "window-due", Text: "window 2027-02-06 03:00 is due"}, {Code: "age", Text: "v7 is 90d old"}},
				Reasons: []plan.Reason{{Code: "not-due", Text: "not due"}}},
			{Policy: policy("new-export"), Record: adopted, Outcome: plan.Adopted,
				Trace: []rotate.Trace{{Act: plan.Act{Kind: plan.WriteAdopt}, Call: plan.Call{Service: "dynamodb", Operation: "PutItem", Text: "adopt as v1"}, Answer: plan.Answer{Verdict: plan.Yes}}}},
			{Policy: policy("webhook-signing"), Before: steady(3, at("2026-12-01T03:00:00Z")), Record: steady(3, at("2026-12-01T03:00:00Z")), Outcome: plan.Settled,
				Reasons: []plan.Reason{{Code: "not-due", Text: "not due: done by pool-3, next 2027-03-01 03:00"}}},
			{Policy: policy("legacy-export"), Before: drifted, Record: drifted, Outcome: plan.Refused, News: true,
				Refusal: &plan.Refusal{Code: "drift", What: "alias moved: it names 9f31c0de (not ours), the record says v2",
					Safe: "encrypt uses what the alias names now; keyturn has not touched v2", Hint: `keyturn adopt legacy-export --reason "..."`},
				Reasons: []plan.Reason{{Code: "drift", Text: "alias moved"}}},
			{Policy: policy("session-mac"), Before: drifted, Record: drifted, Busy: true, Until: now.Add(time.Minute),
				Reasons: []plan.Reason{{Code: "leased", Text: "pool-7/ip-10-2-3-4 (run 1f2e3d4c) has been working on it since 03:00:01, lease until 03:01:31"}}},
		}}
}

func sessionOf(p *process) *session {
	p.RunID = func() string { return "0a1b2c3d" }
	s := &session{env: &p.Env, verb: "run", run: "0a1b2c3d", pool: "pool-1", host: "ip-10-2-3-4", plan: &loaded{Plan: payments}}
	s.con = newConsole(&p.Env, false, false, same{})
	return s
}

// What a run prints: results on stdout; on stderr what is wrong, in full if
// this run is the first to see it.
func TestRunScreen(t *testing.T) {
	p := newProcess()
	s := sessionOf(p)
	r := report()
	for _, k := range r.Keys {
		s.trouble(k)
	}
	golden(t, "run.txt", s.runText(r)+"\nstderr:\n"+p.err.String())

	p.err.Reset()
	r.Keys[3].News = false
	s.trouble(r.Keys[3])
	golden(t, "run-again.txt", p.err.String())

	s.opts.verbose = true
	golden(t, "run-verbose.txt", s.runText(r))
}

// The dry-run, as it is drawn in the design.
func TestDryRunScreen(t *testing.T) {
	r := report()
	r.Dry = true
	r.Keys = r.Keys[:3]
	s := sessionOf(newProcess())
	golden(t, "dry-run.txt", dryText(s.header(r, "DRY RUN, nothing written"), r, s.con.hint))
}

// Nothing due is silence for cron, and one line for a person at a terminal.
func TestNothingDueScreen(t *testing.T) {
	p := newProcess()
	s := sessionOf(p)
	r := report()
	r.Keys = r.Keys[2:3]
	r.Keys[0].Record.Window = at("2027-02-06T03:00:00Z")
	if got := s.runText(r); got != "" {
		t.Errorf("without a terminal: %q", got)
	}
	p.StdoutTTY = true
	if got, want := s.runText(r), "nothing due; next webhook-signing 2027-05-07 03:00 (89d)\n"; got != want {
		t.Errorf("on a terminal: %q, want %q", got, want)
	}
}

// The documents of --output json: their fields are a promise.
func TestDocuments(t *testing.T) {
	p := newProcess()
	s := sessionOf(p)
	r := report()
	s.con.document(document.OfRun(s.from(), r, r.Exit(false)))
	golden(t, "run.json", p.out.String())

	p.out.Reset()
	now := at("2026-12-01T03:12:40Z")
	live := &plan.Active{Version: 2, KeyID: "7c1e0000-0000-0000-0000-000000000000", Since: now.Add(-90 * day)}
	key := status.Key{Policy: policy("legacy-export"), State: status.Refused, Text: "REFUSED: alias moved", Live: live,
		Then: "stopped", Found: &status.Found{KeyID: "9f31c0de-0000-0000-0000-000000000000", Since: now},
		Refusal: &plan.Refusal{Code: "drift", Hint: "keyturn adopt legacy-export"},
		Old: []status.Version{{Version: 1, KeyID: "11110000-0000-0000-0000-000000000000", KMS: "Enabled",
			DrainUntil: now.Add(day), Retire: plan.RetireKeep}}}
	s.con.document(document.OfStatus(s.from(), status.Snapshot{At: now, Account: "123456789012", Keys: []status.Key{key}}))
	golden(t, "status.json", p.out.String())
}

// Colour is for terminals, and NO_COLOR turns it off.
func TestColour(t *testing.T) {
	for _, c := range []struct {
		tty      bool
		noColor  string
		coloured bool
	}{{true, "", true}, {true, "1", false}, {false, "", false}} {
		p := newProcess()
		p.StderrTTY, p.vars["NO_COLOR"] = c.tty, c.noColor
		newConsole(&p.Env, false, false, same{}).print(problem{verb: "run", key: "orders-data", what: "no"})
		if got := p.err.Len() > len("keyturn: run orders-data: no\n"); got != c.coloured {
			t.Errorf("%+v: %q", c, p.err.String())
		}
	}
}

// A hold is never forgotten; a wait and a freeze are as planned, and cron does
// not mail them; a rotation that another pool made meanwhile is news to whoever
// looks.
func TestWorthALine(t *testing.T) {
	for _, c := range []struct {
		outcome       plan.Outcome
		version       int64
		cron, looking string
	}{
		{plan.HeldBack, 3, "webhook-signing  -  why\n", "webhook-signing  -  why\n"},
		{plan.Frozen, 3, "", "webhook-signing  -  why\n"},
		{plan.Waiting, 3, "", "webhook-signing  -  why\n"},
		{plan.Settled, 4, "", "webhook-signing  -  rotated to v4 by pool-3; next 2027-05-07\n"},
	} {
		p := newProcess()
		s := sessionOf(p)
		r := report()
		r.Keys = r.Keys[2:3]
		k := &r.Keys[0]
		k.Outcome, k.Reasons = c.outcome, []plan.Reason{{Text: "why"}}
		k.Record.Active.Version, k.Record.Window = c.version, at("2027-02-06T03:00:00Z")
		k.Record.Events = []plan.Event{{Who: plan.Who{Pool: "pool-3"}}}
		if got := s.runText(r); got != c.cron {
			t.Errorf("%s: cron: %q, want %q", c.outcome, got, c.cron)
		}
		p.StdoutTTY = true
		if got := s.runText(r); got != c.looking {
			t.Errorf("%s: on a terminal: %q, want %q", c.outcome, got, c.looking)
		}
	}
}
