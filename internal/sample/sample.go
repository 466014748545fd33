// Package sample is a run with a key of each kind, for the tests of whatever shows one,
// and the files that they compare with.
package sample

import (
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Day is a day of 24 hours.
const Day = 24 * time.Hour

// At is a moment.
func At(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Plan is a plan.
func Plan() *planfile.Plan {
	return &planfile.Plan{Name: "payments", Region: "eu-west-1", Account: "123456789012", Table: "keyturn"}
}

// Policy is a key of that plan.
func Policy(name string) plan.Policy {
	return plan.Policy{Name: name, Alias: "alias/" + name, Region: "eu-west-1", Table: "keyturn",
		Schedule: plan.Schedule{Every: 90 * Day}, Drain: 30 * Day, Retire: plan.Retire{Action: plan.RetireKeep},
		MaxDraining: 2, Probe: true, MaxAttempts: 5}
}

// trace is the calls of a rotation from v7 to v8.
func trace() []rotate.Trace {
	var out []rotate.Trace
	for _, c := range []struct {
		kind plan.Kind
		call plan.Call
	}{
		{plan.WriteClaim, plan.Call{Service: "dynamodb", Operation: "UpdateItem", Text: "claim v8 for this window"}},
		{plan.CreateKey, plan.Call{Service: "kms", Operation: "CreateKey",
			Text: "SYMMETRIC_DEFAULT; policy and 3 tags from v7"}},
		{plan.NameVersion, plan.Call{Service: "kms", Operation: "CreateAlias", Text: "alias/orders-data/v8"}},
		{plan.TryTarget, plan.Call{Service: "kms", Operation: "Encrypt, Decrypt", Text: "probe v8"}},
		{plan.WriteConfirm, plan.Call{Service: "dynamodb", Operation: "UpdateItem", Text: "confirm"}},
		{plan.SendMove, plan.Call{Service: "kms", Operation: "UpdateAlias", Text: "alias/orders-data: 7c1e… to v8"}},
		{plan.WriteFinish, plan.Call{Service: "dynamodb", Operation: "UpdateItem",
			Text: "v7 drains until 2027-03-08, then stays enabled"}},
	} {
		out = append(out, rotate.Trace{Key: "orders-data", Act: plan.Act{Kind: c.kind}, Call: c.call,
			Answer: plan.Answer{Verdict: plan.Yes, RequestID: "req-" + string(c.kind)}})
	}
	return out
}

// Report is a run with a key of each kind.
func Report() *rotate.Report {
	now := At("2027-02-06T03:00:05Z")
	steady := func(version int64, since time.Time) *plan.Record {
		return &plan.Record{Generation: version, Step: plan.Steady, Rev: 40, Anchor: At("2026-08-10T03:00:00Z"),
			Window:   since,
			AliasARN: "arn:aws:kms:eu-west-1:123456789012:alias/x", Active: version,
			Versions: []plan.Version{{Version: version, KeyID: "7c1e0000-0000-0000-0000-000000000000", Since: since}}}
	}
	before := steady(7, At("2026-11-08T03:00:00Z"))
	after := steady(8, now)
	after.Window, after.SwitchedAt = At("2027-02-06T03:00:00Z"), now
	after.Versions = append(after.Versions, plan.Version{Version: 7, KeyID: "7c1e0000-0000-0000-0000-000000000000",
		State: plan.Draining, Left: now, DrainUntil: now.Add(30 * Day), Retire: plan.Retire{Action: plan.RetireKeep}})
	adopted := steady(1, At("2027-01-18T00:00:00Z"))
	adopted.Anchor, adopted.Window = At("2027-01-18T00:00:00Z"), At("2027-01-18T00:00:00Z")
	drifted := steady(2, At("2026-11-01T03:00:00Z"))
	cron := plan.Request{Verb: plan.VerbSchedule}
	return &rotate.Report{Started: now.Add(-5 * time.Second), Finished: now,
		Caller: &plan.Caller{Account: "123456789012", ARN: "arn:aws:iam::123456789012:role/rotator"},
		Table:  &plan.TableSeen{ID: "t-1"},
		Keys: []rotate.KeyReport{
			{Policy: new(Policy("orders-data")), Request: cron, Before: before, Record: after, Outcome: plan.Settled,
				Trace:  trace(),
				Grants: 2,
				Why: []plan.Reason{{Code: plan.CodeWindowDue, Text: "window 2027-02-06 03:00 is due"},
					{Code: plan.CodeAge, Text: "v7 is 90d old"}},
				Reasons: []plan.Reason{{Code: plan.CodeNotDue, Text: "not due"}}},
			{Policy: new(Policy("new-export")), Request: cron, Record: adopted, Outcome: plan.Adopted,
				Trace: []rotate.Trace{{Act: plan.Act{Kind: plan.WriteAdopt},
					Call:   plan.Call{Service: "dynamodb", Operation: "PutItem", Text: "adopt as v1"},
					Answer: plan.Answer{Verdict: plan.Yes}}}},
			{Policy: new(Policy("webhook-signing")), Request: cron, Before: steady(3, At("2026-12-01T03:00:00Z")),
				Record: steady(3, At("2026-12-01T03:00:00Z")), Outcome: plan.Settled,
				Reasons: []plan.Reason{{Code: plan.CodeNotDue,
					Text: "not due: rotated by pool-3, next 2027-03-01 03:00"}}},
			{Policy: new(Policy("legacy-export")), Request: cron, Before: drifted, Record: drifted,
				Outcome: plan.Refused, News: true,
				Refusal: &plan.Refusal{Code: plan.CodeDrift,
					What: "alias moved: it names 9f31c0de (not ours), the record " +
						"says v2",
					Hint: plan.Try("keyturn", "adopt", "legacy-export", "--reason", "...")},
				Works: claim.Of(claim.Seen{Alias: "alias/legacy-export", Record: drifted, At: now,
					Behind: claim.Saw(plan.KeySeen{KeyID: "9f31c0de", State: plan.KeyEnabled}, now)}),
				Reasons: []plan.Reason{{Code: plan.CodeDrift, Text: "alias moved"}}},
			{Policy: new(Policy("session-mac")), Request: cron, Before: drifted, Record: drifted, Busy: true,
				Until: now.Add(time.Minute),
				Reasons: []plan.Reason{{Code: plan.CodeLeased,
					Text: "pool-7/ip-10-2-3-4 (run 1f2e3d4c) has been working on " +
						"it since 03:00:01, lease until 03:01:31"}}},
		}}
}
