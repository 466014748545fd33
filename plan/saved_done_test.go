package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// finishedAt8 is generation 8 as another run has finished it, v7 left on the given terms.
// Changes are of a time after that.
func finishedAt8(leaving plan.Retire, changes ...change) *plan.Record {
	r := record(plan.Switching, func(r *plan.Record) { r.Entry(6).State = plan.Kept })
	r = plan.Apply(r, written(8, "k8", plan.FinishWrite{Answered: true, Window: opened,
		Leaving: plan.Leaving{Drain: r.Claim.Drain, Retire: leaving}}))
	for _, c := range changes {
		c(r)
	}
	return r
}

// disabled7 is the end of v7's drain; the entry has no terms after it.
func disabled7(r *plan.Record) {
	*r = *plan.Apply(r, written(7, "k7", plan.RetiredWrite{Answered: true}))
}

// What a saved decision did with the version that it left is compared with what the finish
// froze, also once that version has drained. If the record has dropped that event, the ledger
// has it.
func TestSavedTermsOfADrainThatIsOver(t *testing.T) {
	keep, disable := plan.Retire{Action: plan.RetireKeep}, plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	disables := act(plan.WriteFinish, plan.Term{Name: "drain", Value: "7d"},
		plan.Term{Name: "retire", Value: "disable"}, plan.Term{Name: "unless_used_within", Value: "not looked at"})
	onKeep, onDisable := savedOf(ordersPolicy(), finishes), savedOf(ordersPolicy(), disables)
	rolled := func(r *plan.Record) { r.Events = nil }
	for _, c := range []struct {
		name   string
		saved  *plan.Saved
		did    plan.Retire
		change change
		want   string
	}{
		{"saved keep, done with disable", onKeep, disable, disabled7, "saved keep, now disable"},
		{"saved disable, and done so", onDisable, disable, disabled7, "stop settled"},
		{"still draining", onKeep, disable, func(*plan.Record) {}, "saved keep, now disable"},
		{"kept, as saved", onKeep, keep, func(r *plan.Record) {
			*r = *plan.Apply(r, written(7, "k7", plan.KeptWrite{}))
		}, "stop settled"},
	} {
		for where, events := range map[string]change{"in the record": func(*plan.Record) {}, "in the ledger": rolled} {
			r := finishedAt8(c.did, c.change)
			all := slices.Clone(r.Events)
			events(r)
			o := seen(aliasOn("k8"))
			q := plan.Request{Verb: plan.VerbSchedule, Saved: c.saved}
			d := plan.Decide(noon, ordersPolicy(), r, q, o)
			if where == "in the ledger" {
				if said(d) != "look claim" {
					t.Errorf("%s, %s: %s %v", c.name, where, said(d), d.Reasons)
				}
				o.Told = &plan.ClaimTold{Claim: "c8", Events: plan.OfClaim(all, "c8")}
				d = plan.Decide(noon, ordersPolicy(), r, q, o)
			}
			got := said(d)
			if ref := d.Act.Refuses(); ref != nil {
				got = ref.What
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("%s, %s: %s, want %s", c.name, where, got, c.want)
			}
		}
	}
}

// That the generation is finished does not show that the automatic rotation of its version was
// switched on.
func TestSavedRotationIsShown(t *testing.T) {
	turnsOn := act(plan.EnableRotation, plan.Term{Name: "auto_rotation", Value: "365d"})
	s := savedOf(ordersPolicy(), turnsOn, finishes)
	called := func(answer string) change {
		return func(r *plan.Record) {
			r.Events[len(r.Events)-1].Calls = []plan.Answered{{Operation: "EnableKeyRotation", Answer: answer}}
		}
	}
	shows := func(seen plan.RotationSeen) sight {
		return func(o *plan.Observed) { o.Rotations = map[string]plan.RotationSeen{"k8": seen} }
	}
	not := func(*plan.Record) {}
	for _, c := range []struct {
		name   string
		change change
		sight  sight
		want   string
	}{
		{"an event has the yes", called("yes"), func(*plan.Observed) {}, "stop settled"},
		{"it was denied", called("AccessDeniedException"), func(*plan.Observed) {}, "look rotation"},
		{"no event tells", not, func(*plan.Observed) {}, "look rotation"},
		{"it is on", not, shows(plan.RotationSeen{Every: 365 * day}), "stop settled"},
		{"it is off", not, shows(plan.RotationSeen{}), "enable rotation v8, auto_rotation: saved 365d, now off"},
		{"it is another", not, shows(plan.RotationSeen{Every: 90 * day}), "saved 365d, now 90d"},
		{"KMS does not say", not, shows(plan.RotationSeen{Unknown: "denied"}), "saved 365d, now not known (denied)"},
	} {
		r := finishedAt8(plan.Retire{Action: plan.RetireKeep}, c.change)
		q := plan.Request{Verb: plan.VerbSchedule, Saved: s}
		d := plan.Decide(noon, ordersPolicy(), r, q, seen(aliasOn("k8"), c.sight))
		got := said(d)
		if ref := d.Act.Refuses(); ref != nil {
			got = ref.What
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The plan's terms for the version that a switch leaves are compared before it is signed: a yes
// is written down in every case.
func TestSavedTermsAreComparedBeforeTheSwitch(t *testing.T) {
	p := ordersPolicy()
	p.Retire = plan.Retire{Action: plan.RetireDisable}
	q := plan.Request{Verb: plan.VerbSchedule, Saved: savedOf(ordersPolicy(), act(plan.SendMove), finishes)}
	mine := leased(me, minute)
	d := plan.Decide(noon, p, record(plan.Created, mine), q, seen())
	if ref := d.Act.Refuses(); ref == nil || !strings.Contains(ref.What, "finish v8, retire: saved keep, now disable") {
		t.Errorf("before the signature: %s %v", said(d), d.Reasons)
	}
	if d = plan.Decide(noon, ordersPolicy(), record(plan.Created, mine), q, seen()); said(d) != "sign move" {
		t.Errorf("on the saved terms: %s %v", said(d), d.Reasons)
	}
	d = plan.Decide(noon, p, record(plan.Switching, mine, fenced(minute)), q, seen(move(true, "op70", &yes)))
	if said(d) != "finish" {
		t.Errorf("with the yes: %s %v", said(d), d.Reasons)
	}
}
