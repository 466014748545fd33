package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// Throttled is not failed: the lease is freed, and the run stands by. With a new key that
// has no name yet it goes on, because only this run can name it.
func TestDecideThrottled(t *testing.T) {
	no := plan.Answer{Verdict: plan.No, Code: "ThrottlingException", Soft: true,
		Cause: plan.Cause{Kind: plan.CauseThrottled}}
	throttled := func(k plan.Kind, times int) sight {
		return func(o *plan.Observed) {
			for range times {
				o.Learn(noon, record(plan.Claimed, leased(me, minute)), plan.Act{Kind: k, Version: 8, KeyID: "k8"},
					plan.Result{Answer: no})
			}
		}
	}
	fresh := func(o *plan.Observed) {
		claimedHere(o)
		o.Fresh, o.Unnamed = &plan.Made{Generation: 8, KeyID: "k8"}, 8
	}
	back := func(o *plan.Observed) { o.Wrote(plan.Writing(8, "", plan.Note{Free: true})) }
	unheard := func(o *plan.Observed) { o.MayHaveMade = &plan.Act{Kind: plan.WriteClaim} }
	interrupted := plan.Request{Verb: plan.VerbSchedule, Interrupted: true}
	tryCases(t, ordersPolicy(), []decideCase{
		{"when it has the lease again, another run may have made v8", record(plan.Claimed, leased(me, minute)),
			bySchedule, seen(claimedHere, back), "look version"},
		{"three times: once more", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(claimedHere, throttled(plan.CreateKey, plan.MaxTries-1)), "create key"},
		{"four times: the lease is freed", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(claimedHere, throttled(plan.CreateKey, plan.MaxTries)), "note free"},
		{"and the run waits", record(plan.Claimed), bySchedule,
			seen(claimedHere, throttled(plan.CreateKey, plan.MaxTries)), "wait"},
		{"a look, too", record(plan.Steady), bySchedule, onlyWho(throttled(plan.LookAlias, plan.MaxTries)), "wait"},
		{"without a record, too", nil, bySchedule, onlyWho(throttled(plan.LookListing, plan.MaxTries)), "wait"},
		{"whether a write was made: the run waits, and writes nothing before it knows",
			record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(unheard, throttled(plan.LookWrite, plan.MaxTries)), "wait"},
		{"and a signal ends that", record(plan.Claimed), interrupted,
			seen(unheard, throttled(plan.LookWrite, plan.MaxTries)), "stop interrupted"},
		{"a key without a name is named", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(fresh, throttled(plan.NameVersion, plan.MostNameTries-1)), "name version"},
	})
}
