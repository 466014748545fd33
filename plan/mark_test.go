package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// disabling is a policy under which a drained version is disabled unasked.
func disabling() plan.Policy {
	p := ordersPolicy()
	p.Retire = plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	return p
}

// v6Drained: v6 has drained, and nothing else is due.
func v6Drained(r *plan.Record) {
	r.Window, r.Entry(6).DrainUntil, r.Entry(6).Retire.UsageOff = opened, noon.Add(-day), true
}

// v6Ready: this run has asked and seen that nothing needs v6.
func v6Ready(o *plan.Observed) {
	k := enabled("k6")
	o.Old = map[string]plan.OldSeen{"k6": {Checking: true, Key: &k, Listed: true}}
}

// When a drained version is asked about, and when it is left alone.
func TestMarkOrNot(t *testing.T) {
	asked := func(ago time.Duration) change {
		return func(r *plan.Record) { r.Entry(6).CheckedAt = noon.Add(-ago) }
	}
	markOver := func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Since: noon.Add(-time.Hour),
			Until: noon.Add(-time.Minute), Signers: 1}
	}
	askedSince := func(ago time.Duration) change { // after the mark was over
		return func(r *plan.Record) {
			r.Entry(6).Fence.Until, r.Entry(6).CheckedAt = noon.Add(-time.Hour), noon.Add(-ago)
		}
	}
	longer := func(r *plan.Record) { r.Entry(6).DrainUntil = noon.Add(day) } // by a rebuild
	taken := func(o *plan.Observed) {                                        // another run has asked since this one did
		v6Ready(o)
		s := o.Old["k6"]
		s.CheckingSince = noon.Add(-2 * day)
		o.Old["k6"] = s
	}
	waiting := func(r *plan.Record) { r.Target, r.Entry(6).CreatedAt = 6, noon }
	late := disabling()
	late.Prepublish = time.Hour
	tryCases(t, disabling(), []decideCase{
		{"it is asked about", record(plan.Steady, v6Drained), bySchedule, seen(), "checked"},
		{"not twice a day", record(plan.Steady, v6Drained, asked(23*time.Hour)), bySchedule, seen(), "stop settled"},
		{"a day later again", record(plan.Steady, v6Drained, asked(24*time.Hour)), bySchedule, seen(), "checked"},
		{"at once when a mark is over", record(plan.Steady, v6Drained, asked(30*minute), markOver,
			func(r *plan.Record) { r.Entry(6).CheckedAt = noon.Add(-time.Hour) }), bySchedule, seen(), "checked"},
		{"soon again when a mark is over, for who asked since may have died",
			record(plan.Steady, v6Drained, markOver, askedSince(plan.OldTurn)), bySchedule, seen(), "checked"},
		{"not while another run may be asking", record(plan.Steady, v6Drained, markOver,
			askedSince(plan.OldTurn-time.Second)), bySchedule, seen(), "stop settled"},
		{"when a mark is over, before the deadline too", record(plan.Steady, v6Drained, markOver, longer), bySchedule,
			seen(), "checked"},
		{"but it is not marked again before that", record(plan.Steady, v6Drained, markOver, longer, asked(0)),
			bySchedule, seen(v6Ready), "unmark"},
		{"not before the deadline without one", record(plan.Steady, v6Drained, longer), bySchedule, seen(),
			"stop settled"},
		{"not while a mark is alive", record(plan.Steady, v6Drained, marked(6)), bySchedule, seen(), "stop settled"},
		{"not while a switch may arrive", record(plan.Steady, v6Drained, fenced(minute)), bySchedule, seen(),
			"stop settled"},
		{"not while a switch may not show", record(plan.Steady, v6Drained,
			func(r *plan.Record) { r.SwitchedAt = noon.Add(-9 * minute) }), bySchedule, seen(), "stop settled"},
		{"not while it is to be seen to", record(plan.Steady, v6Drained,
			func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(minute) }), bySchedule, seen(), "stop settled"},
		{"this run's turn", record(plan.Steady, v6Drained, asked(0)), bySchedule, seen(v6Ready), "sign mark"},
		{"the turn of one that asked later", record(plan.Steady, v6Drained, asked(time.Hour)), bySchedule, seen(taken),
			"stop settled"},
	})
	tryCases(t, late, []decideCase{
		{"a target is never marked", record(plan.Created, v6Drained, waiting,
			func(r *plan.Record) { r.Claim.Prepublish = time.Hour }), bySchedule, seen(v6Ready), "stop waiting"},
	})
}

// A no strikes off the mark that its signature was made for, and no other.
func TestMarkStruckOff(t *testing.T) {
	refused := func(signed time.Duration) plan.Observed {
		return seen(v6Ready, func(o *plan.Observed) {
			o.SignedOld = &plan.Signature{KeyID: "k6", What: plan.FencedDisable, Date: noon.Add(-signed),
				Confirmed: true, Op: "op60", Answer: &hardNo}
		})
	}
	unsent := refused(25 * time.Hour)
	unsent.SignedOld.Answer = nil
	done := refused(25 * time.Hour) // and v6 was reinstated, and has drained again, since
	done.SignedOld.Answer = &yes
	tryCases(t, disabling(), []decideCase{
		{"its own", record(plan.Steady, v6Drained, marked(6)), bySchedule, refused(0), "mark no"},
		{"another run's, made since", record(plan.Steady, v6Drained, marked(6)), bySchedule, refused(25 * time.Hour),
			"stop settled"},
		{"another run's, and its own yes was of long ago", record(plan.Steady, v6Drained, marked(6)), bySchedule, done,
			"stop settled"},
		{"another run's, and its own was never sent", record(plan.Steady, v6Drained, marked(6)), bySchedule, unsent,
			"stop settled"},
	})
}

// What was seen is forgotten when it is old; what this run has done is not.
func TestExpire(t *testing.T) {
	o := seen(v6Ready, func(o *plan.Observed) {
		o.SeenAt, o.ClaimedHere = noon, "c8"
		s := o.Old["k6"]
		s.Use = &plan.UseSeen{TrackedAt: noon.Add(-90 * day)}
		o.Old["k6"] = s
	})
	o.Expire(noon.Add(plan.LooksLast))
	if o.Alias == nil || o.Old["k6"].Key == nil {
		t.Error("forgotten too early")
	}
	if o.Late != 0 {
		t.Errorf("%d times late", o.Late)
	}
	o.Expire(noon.Add(plan.LooksLast + time.Second))
	if o.Late != 1 {
		t.Errorf("%d times late after it was forgotten", o.Late)
	}
	if s := o.Old["k6"]; o.Alias != nil || o.Target != nil || s.Key != nil || s.Use != nil || s.Listed {
		t.Errorf("still known: alias %v, v6 %+v", o.Alias, s)
	}
	if !o.Old["k6"].Checking || o.ClaimedHere != "c8" || o.Caller == nil || !o.SeenAt.IsZero() {
		t.Error("what was done is forgotten")
	}
}

// The last use of a version outlives what other runs write, for it is asked for
// once a day; but it grows old like all that was seen, however often the record
// changed meanwhile.
func TestLastUseExpires(t *testing.T) {
	var o plan.Observed
	look := plan.Act{Kind: plan.LookUse, Version: 6, KeyID: "k6"}
	o.Learn(noon, record(plan.Steady), look, plan.Result{Answer: yes,
		Use: plan.UseSeen{TrackedAt: noon.Add(-90 * day)}})
	o.Lost()
	o.Expire(noon.Add(plan.LooksLast))
	if o.Old["k6"].Use == nil {
		t.Error("forgotten too early")
	}
	o.Expire(noon.Add(plan.LooksLast + time.Second)) // a pause, straight after the record had changed
	if o.Old["k6"].Use != nil {
		t.Error("a use of long ago is still believed")
	}
}
