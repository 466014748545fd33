package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// The error of a verb that must wait, as it is drawn in the design: over a
// switch that a run left open, by a signature left behind after one, after a
// rebuilt record, and for another run.
func TestNotYetScreen(t *testing.T) {
	now := sample.At("2026-12-01T03:25:08Z")
	const v6, v7, v8 = "66660000-0000-0000-0000-000000000000", "7c1e0000-0000-0000-0000-000000000000",
		"88880000-0000-0000-0000-000000000000"
	steady := func() *plan.Record {
		return &plan.Record{Generation: 7, Step: plan.Steady, Active: 7, SwitchedAt: now.Add(-time.Hour),
			Claim: &plan.Claim{Verb: plan.VerbSchedule, At: now.Add(-time.Hour)},
			Versions: []plan.Version{
				{Version: 6, KeyID: v6, State: plan.Draining, Left: now.Add(-time.Hour),
					DrainUntil: now.Add(30 * sample.Day)},
				{Version: 7, KeyID: v7, Since: now.Add(-time.Hour)}},
			Events: []plan.Event{{Rev: 40, At: sample.At("2026-12-01T03:11:10Z"), Run: "1f2e3d4c",
				Who: plan.Who{Pool: "pool-7"}, Kind: []plan.EventKind{plan.EventConfirm}}},
			Fence: &plan.Fence{Until: sample.At("2026-12-01T03:31:10Z"), Signers: 1}}
	}
	open := steady()
	open.Generation, open.Step, open.Target = 8, plan.Switching, 8
	open.Versions = append(open.Versions, plan.Version{Version: 8, KeyID: v8})
	held := open.Clone()
	held.Claim = &plan.Claim{Verb: plan.VerbRotate, At: now}
	held.Hold = &plan.Hold{By: "ann", Since: now.Add(-time.Hour)}
	rebuilt := steady()
	rebuilt.Events = []plan.Event{{Rev: 1040, Kind: []plan.EventKind{plan.EventRebuild}}}
	with5 := func(r *plan.Record) *plan.Record {
		r = r.Clone()
		r.Versions = append(r.Versions, plan.Version{Version: 5, KeyID: "55550000-0000-0000-0000-000000000000",
			State: plan.Kept, Left: now.Add(-90 * sample.Day)})
		return r
	}
	leased := steady()
	fence := []plan.Reason{{Code: "fenced", Text: "an alias move was signed and not answered; AWS may still apply it " +
		"until 03:31:10"}}
	lease := []plan.Reason{{Code: "leased", Text: "pool-7/ip-10-2-3-4 (run 1f2e3d4c) has been working on it since " +
		"03:25:01, lease until 03:26:31"}}
	for _, c := range []struct {
		title, verb string
		record      *plan.Record
		why         []plan.Reason
		behind      string
		named       int64
	}{
		{"over an open switch that has happened", "rollback", open, fence, v8, 0},
		{"over an open switch that has not", "rollback", open, fence, v7, 0},
		{"over an open switch, and KMS does not answer", "rollback", open, fence, "", 0},
		{"over an open switch that was claimed under a hold", "rollback", held, fence, v7, 0},
		{"a signature left behind", "rollback", steady(), fence, v7, 0},
		{"after adopt --from-kms", "rotate", rebuilt, fence, v7, 0},
		{"another run has it", "rollback", leased, lease, "", 0},
		{"with a version named", "rollback", with5(steady()), fence, v7, 5},
		{"with a version named over an open switch", "rollback", with5(open), fence, v8, 5},
	} {
		v, stderr := viewOf(c.verb)
		v.Now = func() time.Time { return now }
		k := rotate.KeyReport{Policy: new(sample.Policy("orders-data")), Record: c.record,
			Request: plan.Request{Verb: plan.Verb(c.verb), Version: c.named}, Busy: true,
			Fenced: c.why[0].Code == plan.CodeFenced,
			Until:  sample.At("2026-12-01T03:31:10Z"), Reasons: c.why}
		v.Looked = func(p plan.Policy, r *plan.Record) claim.Works {
			behind := claim.Failed("KMS did not answer")
			if c.behind != "" {
				behind = claim.Saw(plan.KeySeen{KeyID: c.behind, State: "Enabled"}, now)
			}
			return claim.Of(claim.Seen{Alias: p.Alias, Record: r, Behind: behind, At: now})
		}
		v.troubles(&rotate.Report{Keys: []rotate.KeyReport{k}})
		golden.Compare(t,
			screens+"notyet-"+c.verb+"-"+strings.ReplaceAll(strings.ReplaceAll(c.title, " ", "-"), ",", "")+".txt",
			stderr.String())
	}
}

// A person who waits is told, once, for what and until when; cron is not.
func TestWaitingIsSaid(t *testing.T) {
	until := sample.At("2026-12-01T03:31:10Z")
	for _, c := range []struct {
		tty, fenced bool
		want        string
	}{
		{true, true, "orders-data: waiting until 03:31:10 UTC, when what was signed earlier can no longer take " +
			"effect; ^C gives up\n"},
		{true, false, "orders-data: waiting: another run is working on it, and its lease ends at 03:31:10 UTC; ^C " +
			"gives up\n"},
		{false, true, ""},
	} {
		v, stderr := viewOf("run")
		v.ErrTTY = c.tty
		v.Act()(rotate.Trace{Key: "orders-data", Act: plan.Act{Kind: plan.Wait,
			End: plan.End{Until: until, Fenced: c.fenced}}})
		if got := stderr.String(); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
