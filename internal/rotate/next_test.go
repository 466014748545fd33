package rotate

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What must be typed again is what was typed, with the person's own reason.
func TestAgain(t *testing.T) {
	for _, c := range []struct {
		q    plan.Request
		want string
	}{
		{plan.Request{Verb: plan.VerbRollback}, `keyturn rollback k --reason "..."`},
		{plan.Request{Verb: plan.VerbRollback, Version: 3, Again: true, Reason: "may keyturn run this"},
			`keyturn rollback k/v3 --again --reason 'may keyturn run this'`},
		{plan.Request{Verb: plan.VerbRotate, Confirmed: true, Reason: "x"}, "keyturn rotate k --confirm k --reason x"},
		{plan.Request{Verb: plan.VerbRollback, Version: 3, Confirmed: true, Reason: "x"},
			"keyturn rollback k/v3 --confirm k --reason x"},
		{plan.Request{Verb: plan.VerbRotate, Abandon: true}, `keyturn rotate k --abandon --reason "..."`},
		{plan.Request{Verb: plan.VerbAdopt, FromKMS: true}, `keyturn adopt k --from-kms --reason "..."`},
		{plan.Request{Verb: plan.VerbAdopt, Create: true}, "keyturn adopt k --create"},
		{plan.Request{Verb: plan.VerbAdopt}, "keyturn adopt k"},
		{plan.Request{Verb: plan.VerbReinstate, Version: 2}, "keyturn reinstate k/v2"},
		{plan.Request{Verb: plan.VerbHold, Reason: "x", Until: time.Unix(1e9, 0)},
			"keyturn hold k --until 2001-09-09T01:46:40Z --reason x"},
		{plan.Request{Verb: plan.VerbSchedule}, "keyturn run"},
		{plan.Request{Verb: plan.VerbSchedule, Picked: true}, "keyturn run --key k"},
		{plan.Request{Verb: plan.VerbSchedule, Saved: new(plan.Saved), SavedIn: "d.json"},
			"keyturn run --expect d.json"},
	} {
		again := KeyReport{Policy: new(plan.Policy{Name: "k"}), Request: c.q, Dry: true}
		if got := Again(false, again); !slices.Contains(got, "--dry-run") || slices.Contains(got, "...") {
			t.Errorf("a dry-run is typed again as %s", plan.Shell(got...))
		}
		again.Dry = false
		if got := plan.Shell(Again(false, again)...); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Several keys are confirmed by how many are left to be typed again.
func TestAgainForSeveral(t *testing.T) {
	q := plan.Request{Verb: plan.VerbAdopt, FromKMS: true, All: true, Confirmed: true, Reason: "x"}
	a := KeyReport{Policy: new(plan.Policy{Name: "a"}), Request: q}
	b := KeyReport{Policy: new(plan.Policy{Name: "b"}), Request: q}
	for all, want := range map[bool]string{
		true:  "keyturn adopt --all --from-kms --confirm 2 --reason x",
		false: "keyturn adopt a b --from-kms --confirm 2 --reason x",
	} {
		if got := plan.Shell(Again(all, a, b)...); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// --wait as hinted lasts longer than what is waited for.
func TestPatience(t *testing.T) {
	now := time.Unix(1e9, 0)
	for _, left := range []time.Duration{0, time.Second, 6*time.Minute + 2*time.Second, 19*time.Minute + 59*time.Second,
		20 * time.Minute, 20*time.Minute + time.Second, 21 * time.Minute} {
		k := KeyReport{Busy: true, Fenced: true, Until: now.Add(left)}
		if d, err := plan.ParseDuration(patience(now, []KeyReport{k})); err != nil || d <= left ||
			d > left+plan.FenceFor {
			t.Errorf("%s left: --wait %s, %v", left, patience(now, []KeyReport{k}), err)
		}
	}
}

// What becomes of what was asked for depends on what stands in the record.
func TestAhead(t *testing.T) {
	steady, open := &plan.Record{Step: plan.Steady}, &plan.Record{Step: plan.Claimed}
	unnamed := &plan.Record{Step: plan.Claimed, Attempts: &plan.Attempts{UnnamedAt: time.Unix(1e9, 0)}}
	finish := []Trace{{Act: plan.Act{Kind: plan.WriteFinish}}}
	because := func(code plan.Code) []plan.Reason { return []plan.Reason{{Code: code}} }
	for _, c := range []struct {
		name string
		verb plan.Verb
		k    KeyReport
		want Ahead
	}{
		{"a run without a record", plan.VerbSchedule, KeyReport{}, Retried},
		{"a run, nothing is open", plan.VerbSchedule, KeyReport{Record: steady}, Retried},
		{"a run, a generation is open", plan.VerbSchedule, KeyReport{Record: open}, Continued},
		{"a run that finished its generation", plan.VerbSchedule, KeyReport{Record: steady, Trace: finish}, Finished},
		{"a run whose DisableKey was denied", plan.VerbSchedule, KeyReport{Record: steady,
			Trace: []Trace{{Act: plan.Act{Kind: plan.WriteMarkNo}}}}, Daily},
		{"a dry-run of a verb", plan.VerbRotate, KeyReport{Record: steady, Dry: true}, NotMeant},
		{"a verb that was not written", plan.VerbRotate, KeyReport{Record: open}, Unrecorded},
		{"a verb that was written", plan.VerbRotate, KeyReport{Record: open, Begun: true}, Recorded},
		{"a verb that another run is doing", plan.VerbRotate, KeyReport{Record: open, Begun: true, Joined: true},
			Joined},
		{"a verb that this run finished", plan.VerbRotate, KeyReport{Record: steady, Begun: true, Trace: finish},
			Finished},
		{"its write was not answered", plan.VerbHold, KeyReport{Record: steady, Reasons: because(
			plan.CodeRecordUnknown)},
			Unsure},
		{"nothing shows whether it was carried out", plan.VerbReinstate, KeyReport{Record: steady, Begun: true,
			Reasons: because(plan.CodeNotKnown)}, Unknown},
		{"a run that was interrupted after it disabled a version", plan.VerbSchedule, KeyReport{Record: steady,
			Outcome: plan.Interrupted, Trace: []Trace{{Act: plan.Act{Kind: plan.WriteRetired}}}}, Finished},
		{"a run that was interrupted before it changed anything", plan.VerbSchedule, KeyReport{Record: steady,
			Outcome: plan.Interrupted}, Retried},
		{"a run that left a key without a name", plan.VerbSchedule, KeyReport{Record: unnamed, Before: steady}, Later},
		{"a verb that left a key without a name", plan.VerbRotate, KeyReport{Record: unnamed, Begun: true}, Later},
		{"a run that may make no other key yet", plan.VerbSchedule, KeyReport{Record: unnamed, Before: unnamed,
			Reasons: because(plan.CodeKeyLater)}, Later},
		{"a run that may make another key by now", plan.VerbSchedule, KeyReport{Record: unnamed, Before: unnamed},
			Continued},
		{"a hold that was written", plan.VerbHold, KeyReport{Record: steady, Begun: true,
			Trace: []Trace{{Act: plan.Act{Kind: plan.WriteHold}}}}, CarriedOut},
		{"an adopt that was written", plan.VerbAdopt, KeyReport{Record: steady, Begun: true,
			Trace: []Trace{{Act: plan.Act{Kind: plan.WriteAdoptDrift}}}}, CarriedOut},
		{"an adopt --create that was written", plan.VerbAdopt, KeyReport{Record: open, Begun: true,
			Trace: []Trace{{Act: plan.Act{Kind: plan.WriteFirstClaim}}}}, Recorded},
		{"KMS lags", plan.VerbRollback, KeyReport{Record: steady, Outcome: plan.Lagging}, AskAgain},
	} {
		c.k.Request.Verb = c.verb
		if got := c.k.Ahead(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
