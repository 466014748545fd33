package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// savedOf returns the decision to rotate v7 to v8 as a dry-run saves it, with the given
// acts after the claim.
func savedOf(p plan.Policy, more ...plan.SavedAct) *plan.Saved {
	d := plan.Decide(noon, p, record(plan.Steady), plan.Request{Verb: plan.VerbSchedule}, seen())
	claim := plan.SavedActOf(p, record(plan.Steady), seen(), d.Act)
	s := &plan.Saved{Key: p.Key(), Acts: append([]plan.SavedAct{claim}, more...)}
	s.Saves(record(plan.Steady), "k7")
	return s
}

func act(kind plan.Kind, terms ...plan.Term) plan.SavedAct {
	return plan.SavedAct{Kind: kind, Version: 8, Terms: terms}
}

var finishes = act(plan.WriteFinish, plan.Term{Name: "drain", Value: "7d"}, plan.Term{Name: "retire", Value: "keep"})

// A run that carries out a saved decision claims what was saved, and nothing else. The
// guard is in Decide, so what changes after the comparison of all keys is noticed too.
func TestDecideCarriesOutWhatWasSaved(t *testing.T) {
	longer := ordersPolicy()
	longer.Drain = 9 * day
	untried := ordersPolicy()
	untried.Probe = false
	ahead := func(r *plan.Record) { r.Claim.Prepublish, r.Next().CreatedAt = 2*day, noon }
	alone := seen(func(o *plan.Observed) { o.Gate, o.Probe = nil, nil })
	unasked := seen(func(o *plan.Observed) { o.Gate = nil })
	for _, c := range []struct {
		name  string
		p     plan.Policy
		saved *plan.Saved
		r     *plan.Record
		o     plan.Observed
		want  string // the kind of the act, or what differs
	}{
		{"as saved", ordersPolicy(), savedOf(ordersPolicy(), finishes), record(plan.Steady), seen(), "claim"},
		{"on other terms", longer, savedOf(ordersPolicy(), finishes), record(plan.Steady), seen(),
			"claim v8, drain: saved 7d, now 9d"},
		{"nothing was to be done", ordersPolicy(), &plan.Saved{Alias: "k7"}, record(plan.Steady), seen(),
			"claim v8: not saved, and now to be done"},
		{"the alias was elsewhere", ordersPolicy(),
			&plan.Saved{Alias: "k6", Generation: 8, Acts: savedOf(ordersPolicy()).Acts}, record(plan.Steady), seen(),
			"what the alias names: saved k6, now k7"},
		{"held since", ordersPolicy(), savedOf(ordersPolicy(), finishes), record(plan.Steady, held("eve", day, 0)),
			seen(), "claim v8, finish v8: saved, and now not to be done"},
		{"another run opened it on the same terms, and died", ordersPolicy(),
			savedOf(ordersPolicy(), act(plan.CreateKey), act(plan.WriteConfirm), act(plan.SendMove), finishes),
			record(plan.Claimed), seen(), "take over"},
		{"another run opened it on other terms", ordersPolicy(), savedOf(longer, act(plan.SendMove), finishes),
			record(plan.Claimed, leased(me, minute)), seen(), "claim v8, drain: saved 9d, now 7d"},
		{"another run opened it on other terms, and it waits", ordersPolicy(),
			savedOf(ordersPolicy(), act(plan.SendMove), finishes), record(plan.Created, ahead), seen(),
			"claim v8, prepublish: saved 0s, now 2d"},
		{"nobody is asked any more", ordersPolicy(),
			savedOf(ordersPolicy(), act(plan.AskGate), act(plan.TryTarget), act(plan.SendMove), finishes),
			record(plan.Created, leased(me, minute)), unasked,
			"ask gate v8: saved, and now not to be done"},
		{"v8 is tried no more", untried, savedOf(ordersPolicy(), act(plan.TryTarget), act(plan.SendMove), finishes),
			record(plan.Created, leased(me, minute)), alone, "try target v8: saved, and now not to be done"},
	} {
		q := plan.Request{Verb: plan.VerbSchedule, Saved: c.saved}
		d := plan.Decide(noon, c.p, c.r, q, c.o)
		got := string(d.Act.Kind)
		if ref := d.Act.Refuses(); ref != nil {
			got = ref.What
			if ref.Code != plan.CodeUnlikeSaved || !ref.Unwritten {
				t.Errorf("%s: %s, unwritten %v", c.name, ref.Code, ref.Unwritten)
			}
		}
		if got != c.want && !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What the record shows to be done is no difference: a comparison goes through a whole
// rotation, and finds the rest of it at each step the same.
func TestSavedDifferences(t *testing.T) {
	all := savedOf(ordersPolicy(), act(plan.CreateKey), act(plan.NameVersion), act(plan.WriteConfirm),
		act(plan.SendMove), finishes, plan.SavedAct{Kind: plan.WriteKept, Version: 6, KeyID: "k6"})
	rest := func(from int) plan.Saved { return plan.Saved{Alias: "k7", Acts: all.Acts[from:]} }
	on8 := func(s plan.Saved) plan.Saved { s.Alias = "k8"; return s }
	done := func(changes ...change) *plan.Record {
		return record(plan.Steady, append([]change{func(r *plan.Record) {
			r.Generation, r.Active, r.Claim = 8, 8, record(plan.Claimed).Claim
			r.Entry(7).State = plan.Draining
			r.Versions = append(r.Versions, plan.Version{Version: 8, KeyID: "k8"})
		}}, changes...)...)
	}
	kept := func(r *plan.Record) { r.Entry(6).State = plan.Kept }
	terms := func(r *plan.Record) { r.Claim.Drain = 9 * day }
	for _, c := range []struct {
		name string
		now  plan.Saved
		r    *plan.Record
		want []string
	}{
		{"nothing done yet", rest(0), record(plan.Steady), nil},
		{"claimed by another run", rest(1), record(plan.Claimed), nil},
		{"named", rest(3), record(plan.Created), nil},
		{"switching, the alias seen on either", on8(rest(3)), record(plan.Switching), nil},
		{"live, v6 still to be kept", on8(rest(6)), done(), nil},
		{"all done", on8(rest(7)), done(kept), nil},
		{"live, and v6 is left", on8(rest(7)), done(),
			[]string{"kept v6: saved, and now not to be done"}},
		{"done on other terms", on8(rest(7)), done(kept, terms), []string{"claim v8, drain: saved 7d, now 9d"}},
		{"not done, and would not be", rest(7), record(plan.Steady),
			[]string{"claim v8, create key v8, name version v8, confirm v8, send move v8, finish v8, kept v6: " +
				"saved, and now not to be done"}},
		{"open, and would not be finished", rest(7), record(plan.Claimed),
			[]string{"finish v8, kept v6: saved, and now not to be done"}},
		{"the alias is elsewhere", plan.Saved{Alias: "kx", Acts: all.Acts}, record(plan.Steady),
			[]string{"what the alias names: saved k7, now kx"}},
		{"an act more", plan.Saved{Alias: "k7", Acts: append(slices.Clone(all.Acts), act(plan.TryTarget))},
			record(plan.Steady), []string{"try target v8: not saved, and now to be done"}},
		{"an act more at the beginning", plan.Saved{Alias: "k7", Acts: append([]plan.SavedAct{act(plan.TryTarget)},
			all.Acts...)}, record(plan.Steady), []string{"try target v8: not saved, and now to be done"}},
		{"further than saved", on8(rest(7)), done(kept, func(r *plan.Record) { r.Generation = 9 }),
			[]string{"generation: saved 8, now 9", "what the alias names: saved k7, now k8",
				"claim v8, create key v8, name version v8, confirm v8, send move v8, finish v8: " +
					"saved, and now not to be done"}},
		{"given up, and adopted by a person", on8(rest(7)), done(kept, func(r *plan.Record) { r.Claim = nil }),
			[]string{"generation 8: saved opened by a claim, now adopted", "what the alias names: saved k7, now k8",
				"claim v8, create key v8, name version v8, confirm v8, send move v8, finish v8: " +
					"saved, and now not to be done"}},
	} {
		var got []string
		for _, d := range all.Differences(c.now, c.r, nil) {
			got = append(got, d.Text())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// What another run did counts on the saved terms alone, also on those of the version that it
// left; and only what the record shows to be done.
func TestSavedDoneOtherwise(t *testing.T) {
	marks := []plan.SavedAct{{Kind: plan.SendMark, Version: 6, KeyID: "k6",
		Terms: []plan.Term{{Name: "call", Value: "disable"}}}, {Kind: plan.WriteRetired, Version: 6, KeyID: "k6"}}
	gate, probe := act(plan.AskGate, plan.Term{Name: "before_switch", Value: "./ready"}), act(plan.TryTarget)
	confirm, move := act(plan.WriteConfirm), act(plan.SendMove)
	moves := savedOf(ordersPolicy(), act(plan.CreateKey), gate, probe, confirm, move, finishes)
	rest := func(acts ...plan.SavedAct) plan.Saved { return plan.Saved{Alias: "k7", Acts: acts} }
	switched := func(leaving plan.Retire) *plan.Record {
		r := record(plan.Switching)
		return plan.Apply(r, written(8, "k8", plan.FinishWrite{Answered: true,
			Leaving: plan.Leaving{Drain: r.Claim.Drain, Retire: leaving}}))
	}
	for _, c := range []struct {
		name  string
		saved plan.Saved
		now   plan.Saved
		r     *plan.Record
		want  []string
	}{
		{"v7 left on the saved terms", *moves, plan.Saved{Alias: "k8"}, switched(plan.Retire{}), nil},
		{"v7 left on others", *moves, plan.Saved{Alias: "k8"}, switched(plan.Retire{Action: plan.RetireDisable}),
			[]string{"finish v8, retire: saved keep, now disable",
				"finish v8, unless_used_within: saved none, now 0s"}},
		{"nobody is to be asked any more", *moves, rest(probe, confirm, move, finishes),
			record(plan.Created), []string{"ask gate v8: saved, and now not to be done"}},
		{"nor was the switch confirmed without", *moves, rest(probe, confirm, move, finishes),
			record(plan.Switching), nil},
		{"v8 is not to be tried any more", *moves, rest(gate, confirm, move, finishes),
			record(plan.Created), []string{"try target v8: saved, and now not to be done"}},
		{"an old version was kept, and left out", plan.Saved{Alias: "k7", Acts: marks}, plan.Saved{Alias: "k7"},
			record(plan.Steady, func(r *plan.Record) { r.LeftOut, r.Versions = 6, r.Versions[:1] }),
			[]string{"send mark v6, retired v6: saved, and now not to be done"}},
	} {
		var got []string
		for _, d := range c.saved.Differences(c.now, c.r, nil) {
			got = append(got, d.Text())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// What was saved is to disable v6, which somebody holds since. That v8 waits, as it may, does
// not make it done.
func TestSavedRetirementWhileAVersionWaits(t *testing.T) {
	retires := plan.SavedAct{Kind: plan.SendMark, Version: 6, KeyID: "k6",
		Terms: []plan.Term{{Name: "call", Value: "disable"}}}
	s := &plan.Saved{Key: disabling().Key(), Acts: []plan.SavedAct{act(plan.AskGate), act(plan.SendMove), retires}}
	s.Saves(record(plan.Created), "k7")
	p := disabling()
	p.BeforeSwitch = []string{"ask"}
	q := plan.Request{Verb: plan.VerbSchedule, Saved: s}
	for step, r := range map[string]*plan.Record{
		"waits":  record(plan.Created, v6Drained, heldVersion(6)),
		"steady": record(plan.Steady, v6Drained, heldVersion(6)),
	} {
		o := seen(func(o *plan.Observed) { o.Gate = &plan.GateSeen{KeyID: "k8", At: noon} })
		if step == "steady" {
			s.Generation, s.ClaimID, s.Acts = 0, "", []plan.SavedAct{retires}
		}
		d := plan.Decide(noon, p, r, q, o)
		if d.Act.Refuses() == nil {
			t.Errorf("%s: %s %v", step, said(d), d.Reasons)
		}
	}
}
