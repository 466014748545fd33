package screen

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// screens is the directory of the golden files.
const screens = "../../testdata/screens/"

// The screen of status, with a key of each kind, as it is drawn in the design.
func TestStatusScreen(t *testing.T) {
	now := sample.At("2026-12-01T03:12:40Z")
	keys := []status.Key{
		{Policy: sample.Policy("orders-data"), State: status.OK, Text: "ok", Live: &plan.Version{Version: 7},
			Age: 23*sample.Day + 5*time.Hour, Next: sample.At("2027-02-06T03:00:00Z"),
			Old: []status.Version{{Version: 6, KMS: "Enabled", DrainUntil: now.Add(7*sample.Day + time.Hour),
				Use: &plan.UseSeen{LastAt: now.Add(-2 * time.Hour), Operation: "Decrypt"}}}},
		{Policy: sample.Policy("webhook-signing"), State: status.Rotating, Text: "rotating to v13: switching",
			Live: &plan.Version{Version: 12}, Age: 30 * sample.Day, Then: "now",
			Lease: &plan.Lease{Pool: "pool-7", Host: "ip-10-2-3-4", Since: sample.At("2026-12-01T03:12:31Z"),
				Until: sample.At("2026-12-01T03:14:01Z")},
			Fence: sample.At("2026-12-01T03:32:31Z")},
		{Policy: sample.Policy("session-mac"), State: status.Waiting, Text: "v5 waits: before_switch, 3h",
			Live: &plan.Version{Version: 4}, Age: 91 * sample.Day, Then: "when it exits 0",
			Old: []status.Version{{Version: 3, DisabledAt: now.Add(-2 * sample.Day),
				Undo: []string{"keyturn", "reinstate", "session-mac"}}, {Version: 2, DeleteAt: sample.At(
				"2026-12-20T00:00:00Z"),
				Undo: []string{"keyturn", "reinstate", "session-mac/v2"}}, {Version: 1, KeptAt: now.Add(
				-400 * sample.Day)},
				{Version: 0, KeptAt: now.Add(-500 * sample.Day)}}},
		{Policy: sample.Policy("legacy-export"), State: status.Refused, Text: "REFUSED: alias moved",
			Live: &plan.Version{Version: 2}, LiveKMS: &plan.KeySeen{State: plan.KeyEnabled},
			Age: 90 * sample.Day, Then: "stopped",
			Found: &status.Found{KeyID: "9f31c0de-0000-0000-0000-000000000000",
				Since: sample.At("2026-11-30T21:40:00Z")},
			Refusal: &plan.Refusal{Code: "drift", Hint: plan.Try("keyturn", "adopt", "legacy-export", "--reason",
				"...")}},
		{Policy: sample.Policy("audit-log"), State: status.Held, Text: "held", Live: &plan.Version{Version: 3},
			Age: 99 * sample.Day, Then: "when released",
			Hold: &plan.Hold{By: "ann", Since: sample.At("2026-11-30T10:00:00Z"), Reason: "incident 42"},
			Error: &plan.LastError{Code: "AccessDeniedException", Message: "create v4: no permission",
				At: now.Add(-3 * time.Hour)}},
		{Policy: sample.Policy("new-export"), State: status.NotAdopted, Text: "not adopted yet",
			Then: "keyturn run adopts it"},
	}
	v, _ := viewOf("status")
	golden.Compare(t, screens+"status.txt",
		v.Status(status.Snapshot{At: now, Account: sample.Plan().Account, Keys: keys}, now))
	v.OutColour, v.Verbose = true, true
	golden.Compare(t, screens+"status-colour.txt", v.Status(status.Snapshot{At: now, Account: sample.Plan().Account,
		Keys: keys[2:4]}, now))
}

// viewOf returns the screen of a command, and its stderr.
func viewOf(verb string) (View, *bytes.Buffer) {
	stderr := &bytes.Buffer{}
	con := NewConsole(Streams{Out: io.Discard, Err: stderr, Run: "0a1b2c3d"})
	return View{Console: con, Verb: verb, Plan: sample.Plan(), Now: time.Now}, stderr
}

// What a run prints: results on stdout; on stderr what is wrong, in full if
// this run is the first to see it.
func TestRunScreen(t *testing.T) {
	v, stderr := viewOf("run")
	v.Now = func() time.Time { return sample.At("2027-02-06T03:00:05Z") }
	r := sample.Report()
	v.troubles(r)
	golden.Compare(t, screens+"run.txt", v.runText(r)+"\nstderr:\n"+stderr.String())

	stderr.Reset()
	r.Keys[3].News = false
	v.troubles(&rotate.Report{Keys: r.Keys[3:4]})
	golden.Compare(t, screens+"run-again.txt", stderr.String())

	v.Verbose = true
	golden.Compare(t, screens+"run-verbose.txt", v.runText(r))
}

// A preflight: a line for what several keys share, and what to do about each no.
func TestVerifyScreen(t *testing.T) {
	v, _ := viewOf("verify")
	golden.Compare(t, screens+"verify.txt", v.Verify(sample.Preflight()))
}

// The dry-run, as it is drawn in the design.
func TestDryRunScreen(t *testing.T) {
	r := sample.Report()
	r.Dry = true
	r.Keys = r.Keys[:3]
	v, _ := viewOf("run")
	golden.Compare(t, screens+"dry-run.txt", v.dryText(v.header(r, "DRY RUN, nothing written"), r))
}

// Nothing due is silence for cron, and one line for a person at a terminal.
func TestNothingDueScreen(t *testing.T) {
	v, _ := viewOf("run")
	r := sample.Report()
	r.Keys = r.Keys[2:3]
	r.Keys[0].Record.Window = sample.At("2027-02-06T03:00:00Z")
	if got := v.runText(r); got != "" {
		t.Errorf("without a terminal: %q", got)
	}
	v.OutTTY = true
	if got, want := v.runText(r), "nothing due; next webhook-signing 2027-05-07 03:00 (89d)\n"; got != want {
		t.Errorf("on a terminal: %q, want %q", got, want)
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
		v, _ := viewOf("run")
		r := sample.Report()
		r.Keys = r.Keys[2:3]
		k := &r.Keys[0]
		k.Outcome, k.Reasons = c.outcome, []plan.Reason{{Text: "why"}}
		k.Record.Versions[0].Version, k.Record.Active, k.Record.Window = c.version, c.version,
			sample.At("2027-02-06T03:00:00Z")
		k.Record.Events = []plan.Event{{Who: plan.Who{Pool: "pool-3"}}}
		if got := v.runText(r); got != c.cron {
			t.Errorf("%s: cron: %q, want %q", c.outcome, got, c.cron)
		}
		v.OutTTY = true
		if got := v.runText(r); got != c.looking {
			t.Errorf("%s: on a terminal: %q, want %q", c.outcome, got, c.looking)
		}
	}
}
