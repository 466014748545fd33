package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// freeze adds a freeze to the plan of all pools, from so long from now and for so long.
func (w *world) freeze(in, lasts time.Duration) {
	from := w.aws.Now().Add(in)
	for i := range w.plan.Keys {
		w.plan.Keys[i].Freeze = []plan.Freeze{{From: from, To: from.Add(lasts), Reason: "peak season"}}
	}
}

// ends runs cron and wants this outcome, and no person asked for.
func (w *world) ends(want plan.Outcome) {
	w.t.Helper()
	if k := only(w.t, w.pool("cron").run(w.t.Context())); k.Outcome != want {
		w.t.Errorf("%s %+v %v, want %s", k.Outcome, k.Refusal, k.Reasons, want)
	}
}

// Nothing is disabled or deleted in a freeze, and what was due then is done after it.
func TestFreezeStopsRetirement(t *testing.T) {
	for name, c := range map[string]struct {
		begin     func(*testing.T, string) (*world, plan.Policy, string)
		yaml      string
		was, then string
	}{
		"disabled": {drained, retirePlan, "Enabled", "Disabled"},
		"deleted":  {deletable, deleteSoon, "Disabled", "PendingDeletion"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, v1 := c.begin(t, c.yaml)
				w.freeze(-time.Minute, 3*day)
				for range 2 {
					w.ends(plan.Settled)
					if s := w.state(v1); s != c.was {
						t.Fatalf("in the freeze v1 is %s", s)
					}
					w.advance(day)
				}
				w.advance(day)
				w.ends(plan.Settled)
				if s := w.state(v1); s != c.then {
					t.Errorf("after it v1 is %s", s)
				}
				w.sound()
			})
		})
	}
}

// No deletion is scheduled that falls due in a freeze which the plan knows; KMS may
// take a day longer than it was told.
func TestFreezeStopsDeletionsThatFallDueInIt(t *testing.T) {
	for name, c := range map[string]struct {
		in, lasts time.Duration
		want      string
	}{
		"before it":          {8*day + time.Hour, 9 * day, "PendingDeletion"},
		"a day before it":    {7*day + 23*time.Hour, 9 * day, "Disabled"},
		"in it":              {5 * day, 9 * day, "Disabled"},
		"on its last day":    {5 * day, 2*day + time.Hour, "Disabled"},
		"when it is over":    {5 * day, 2 * day, "PendingDeletion"},
		"over it altogether": {day, day, "PendingDeletion"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, v1 := deletable(t, deleteSoon)
				w.freeze(c.in, c.lasts)
				seq := w.seq()
				w.ends(plan.Settled)
				if s := w.state(v1); s != c.want {
					t.Errorf("v1 is %s, want %s", s, c.want)
				}
				if n := w.calls(seq, "ListAliases"); c.want == "Disabled" && n > 0 {
					t.Errorf("KMS was asked %d times for nothing", n)
				}
				w.sound()
			})
		})
	}
}

// A freeze that begins over a generation stops what was not confirmed yet, and
// nothing else.
func TestFreezeBeginsOverAGeneration(t *testing.T) {
	denied := func(operation string) sandbox.Fault {
		return sandbox.Fault{Operation: operation, Kind: sandbox.Refuse, Code: "AccessDeniedException"}
	}
	dropped := sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Drop}
	for name, c := range map[string]struct {
		fault sandbox.Fault
		step  plan.Step
		by    plan.Verb
		ends  plan.Outcome
	}{
		"claimed":               {denied("CreateKey"), plan.Claimed, plan.VerbSchedule, plan.Frozen},
		"made":                  {denied("Encrypt"), plan.Claimed, plan.VerbSchedule, plan.Frozen},
		"confirmed, no answer":  {dropped, plan.Switching, plan.VerbSchedule, plan.Settled},
		"confirmed, and denied": {denied("UpdateAlias"), plan.Switching, plan.VerbSchedule, plan.Settled},
		"a person's":            {denied("CreateKey"), plan.Claimed, plan.VerbRotate, plan.Settled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.fault(c.fault)
				p := w.pool("cron")
				p.request.Verb = c.by
				p.run(t.Context())
				w.noFaults()
				if r := w.record(key); r.Step != c.step {
					t.Fatalf("set-up: %s", r)
				}
				w.freeze(time.Minute, 20*day)
				w.advance(2 * time.Hour)
				w.ends(c.ends)
				if done := w.record(key).Step == plan.Steady; done != (c.ends == plan.Settled) {
					t.Errorf("in the freeze: %s", w.record(key))
				}
				w.advance(20 * day)
				w.ends(plan.Settled)
				if r := w.record(key); r.Generation != 2 || r.Step != plan.Steady {
					t.Errorf("after it: %s", r)
				}
				w.sound()
			})
		})
	}
}

// A freeze longer than start_within costs no window, and asks for no person.
func TestFreezeAndStartWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    start_within: 2d\n") // due for a day
		w.freeze(-time.Hour, 10*day)
		for range 10 {
			w.ends(plan.Frozen)
			w.advance(day)
		}
		w.pool("cron").mustRun()
		if r := w.record(w.plan.Keys[0]); r.Generation != 2 {
			t.Errorf("after the freeze: %s", r)
		}
		w.sound()
	})
}
