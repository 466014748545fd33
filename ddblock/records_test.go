package ddblock

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

const theKey = "eu-west-1/alias/orders-data"

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// steadyRecord returns the least of a record.
func steadyRecord() *plan.Record {
	return &plan.Record{
		Key: theKey, Schema: 1, Rev: 1, Op: "op-1", AliasARN: "arn:aws:kms:eu-west-1:123456789012:alias/orders-data",
		Anchor: at("2026-01-01T03:00:00Z"), Generation: 1, Window: at("2026-01-01T03:00:00Z"), Step: plan.Steady,
		Active: 1, Versions: []plan.Version{{Version: 1, KeyID: "k1", Since: at("2026-01-01T03:00:00Z")}},
	}
}

// following returns the record after a write that only renewed a lease.
func following(r *plan.Record, run string) *plan.Record {
	n := r.Clone()
	n.Rev++
	n.Op = fmt.Sprintf("op-%d-%s", n.Rev, run)
	n.Lease = &plan.Lease{Pool: "pool-7", Host: "ip-10-2-3-4", Run: run, Since: at("2026-12-01T03:12:31Z"),
		Until: at("2026-12-01T03:14:01Z")}
	return n
}

// fullRecord has every attribute.
func fullRecord() *plan.Record {
	now := at("2026-12-01T03:12:31Z")
	disable := plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * 24 * time.Hour,
		DeleteAfter: 30 * 24 * time.Hour, DeletionWindow: 30 * 24 * time.Hour}
	off := disable
	off.UsageOff, off.UnlessUsedWithin = true, 0
	return &plan.Record{
		Key: theKey, Schema: 1, Rev: 214, Op: "5f0c",
		AliasARN: "arn:aws:kms:eu-west-1:123456789012:alias/orders-data", TableID: "a8f1",
		Anchor:     at("2025-02-01T03:00:00Z"),
		Generation: 8, Window: at("2026-09-01T03:00:00Z"), Step: plan.Switching,
		Claim: &plan.Claim{ID: "c8", At: now, Verb: plan.VerbSchedule,
			Window: at("2026-12-01T03:00:00Z"), Drain: 30 * 24 * time.Hour,
			Prepublish: 36 * time.Hour, Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Reason: "due",
			Head: strings.Repeat("7c02", 16)},
		Active: 7, Target: 8,
		Versions: []plan.Version{
			{Version: 1, KeyID: "k1", State: plan.Gone, Left: now, DisabledAt: now, DeleteAt: now},
			{Version: 2, KeyID: "k2", State: plan.Deleting, Left: now, DisabledAt: now, CheckedAt: now, DeleteAt: now,
				Fence: &plan.Fence{What: "delete", Run: "r1", Since: now, Until: now, Signers: 2}},
			{Version: 3, KeyID: "k3", State: plan.Disabled, Left: now, DisabledAt: now, DisabledUnknown: true,
				RetiredBy: "ann", DrainUntil: now},
			{Version: 4, KeyID: "k4", State: plan.Kept, Left: now, LeftUnknown: true, KeptAt: now,
				Hold: &plan.Hold{By: "ann", Reason: "INC-7", Since: now, Until: now}},
			{Version: 5, KeyID: "k5", State: plan.Draining, DrainUntil: now, Retire: off, ReinstatedAt: now},
			{Version: 6, KeyID: "k6", State: plan.Draining, Left: at("2026-09-01T03:00:09.5Z"), DrainUntil: now,
				Retire: disable, CheckedAt: now, LookAfter: now,
				Fence: &plan.Fence{What: "disable", Run: "r1", Since: now, Until: now, Signers: 1}},
			{Version: 7, KeyID: "k7", Since: at("2026-09-01T03:00:09.5Z"), Adopted: true},
			{Version: 8, KeyID: "k8", CreatedAt: now},
		},
		Lease: &plan.Lease{Pool: "pool-7", Host: "ip-10-2-3-4", Run: "r1", Since: now,
			Until: now.Add(plan.LeaseFor)},
		Fence: &plan.Fence{What: plan.FencedMove, Until: now.Add(plan.FenceFor),
			Signers: 1, Run: "r1", Since: now},
		MovesUntil: now.Add(plan.FenceFor),
		SwitchedAt: at("2026-09-01T03:00:09.5Z"), SwitchedFrom: "kx",
		Hold:      &plan.Hold{By: "keyturn", Reason: "5 refusals", Since: now, Until: now, Self: true},
		Attempts:  &plan.Attempts{Count: 2, LastAt: now, Keys: 1, UnnamedAt: now},
		LastError: &plan.LastError{Code: "AccessDeniedException", About: "v8", Message: "no", At: now, Run: "r1"},
		Told:      &plan.Told{Generation: 8, What: []string{"refused drift"}},
		Events: []plan.Event{{Rev: 214, At: now, Kind: []plan.EventKind{plan.EventAbandon, plan.EventClaim},
			Claim: "c8", GaveUp: "c7", Version: 8,
			KeyID: "k8", Generation: 8, Window: now, Schedule: "every 90d", Until: now, Run: "r1", Reason: "due",
			Prev:  plan.Link{Rev: 211, Hash: strings.Repeat("9a01", 16)},
			Left:  []plan.Left{{Version: 7, KeyID: "k7", Live: true, Until: now, Retire: disable}},
			Ended: []plan.Ended{{Version: 6, KeyID: "k6", Until: now}},
			Calls: []plan.Answered{{Operation: "UpdateAlias", RequestID: "q1", Answer: "yes"}},
			Who: plan.Who{Pool: "pool-7", Host: "ip-10-2-3-4", By: "arn:aws:sts::123456789012:assumed-role/keyturn/i-1",
				Release: "1.0.0", Plan: "production", Terms: "5f0c"}}},
		LeftOut: 1,
	}
}
