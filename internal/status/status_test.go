package status_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

const day = 24 * time.Hour

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// What a record amounts to at a moment. Each case changes a steady key, 30 days
// old in a schedule of 90, whose alias is in place.
func TestOf(t *testing.T) {
	now := at("2026-01-31T00:00:00Z")
	frozen := []plan.Freeze{{From: now.Add(-day), To: now.Add(3 * day), Reason: "peak season"}}
	for _, c := range []struct {
		name  string
		after time.Duration
		with  func(p *plan.Policy, r *plan.Record, s *status.Seen)
		state status.State
		text  string
		then  string // Then, or Next
	}{
		{name: "steady", state: status.OK, text: "ok", then: "2026-04-01 00:00"},
		{name: "due", after: 60*day + time.Hour, state: status.Due, text: "due", then: "in the next run"},
		{name: "due for hours", after: 60*day + 3*time.Hour, state: status.Refused, text: "NEEDS YOU: overdue",
			then: "in the next run"},
		{name: "frozen", after: 61 * day, state: status.Frozen, text: "due; frozen", then: "2026-04-04 00:00",
			with: func(p *plan.Policy, _ *plan.Record, _ *status.Seen) {
				p.Freeze = []plan.Freeze{{From: now.Add(60 * day), To: now.Add(63 * day), Reason: "peak season"}}
			}},
		{name: "a freeze while nothing is due", state: status.OK, text: "ok", then: "2026-04-01 00:00",
			with: func(p *plan.Policy, _ *plan.Record, _ *status.Seen) { p.Freeze = frozen }},
		{name: "leased", state: status.Rotating, text: "rotating to v2: switching", then: "now",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Switching, now)
				r.Lease = &plan.Lease{Pool: "pool-7", Run: "other", Until: now.Add(time.Minute)}
			}},
		{name: "crashed", state: status.Rotating, text: "rotating to v2: claimed; no run has it",
			then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) { opened(r, plan.Claimed, now) }},
		{name: "crashed long ago", after: 2 * time.Hour, state: status.Refused, text: "NEEDS YOU: generation open",
			then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) { opened(r, plan.Claimed, now) }},
		{name: "held for half a year", after: 150 * day, state: status.Held, text: "held for 150d",
			then: "when released",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) { r.Hold = &plan.Hold{By: "ann", Since: now} }},
		{name: "held for longer than hold_max", after: 31 * day, state: status.Refused,
			text: "NEEDS YOU: hold too long", then: "when released",
			with: func(p *plan.Policy, r *plan.Record, _ *status.Seen) {
				p.Judging.HoldMax, r.Hold = 30*day, &plan.Hold{By: "ann", Since: now}
			}},
		{name: "held by itself, and nothing due", after: time.Hour, state: status.Refused,
			text: "REFUSED: held itself", then: "stopped",
			with: func(p *plan.Policy, r *plan.Record, _ *status.Seen) {
				r.Hold = &plan.Hold{By: "keyturn", Self: true, Since: now}
			}},
		{name: "prepublished", state: status.Waiting, text: "v2 waits until 2026-02-02 00:00", then: "2026-02-02 00:00",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Created, now)
				r.Claim.Prepublish = 2 * day
			}},
		{name: "before_switch", after: 3 * time.Hour, state: status.Waiting,
			text: "v2 waits: before_switch, 3h", then: "when it exits 0",
			with: func(p *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Created, now)
				p.BeforeSwitch = []string{"ready"}
			}},
		{name: "held while nothing is due", state: status.Held, text: "held", then: "when released",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) { r.Hold = &plan.Hold{By: "ann", Since: now} }},
		{name: "held, and rotated by a person since", state: status.Rotating,
			text: "held; rotating to v2: claimed; no run has it", then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Claimed, now)
				r.Claim.Verb, r.Hold = plan.VerbRotate, &plan.Hold{By: "ann", Since: now}
			}},
		{name: "held since a person began to rotate", state: status.Held, text: "held while rotating to v2: claimed",
			then: "when released",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Claimed, now.Add(-time.Minute))
				r.Claim.Verb, r.Hold = plan.VerbRotate, &plan.Hold{By: "ann", Since: now}
			}},
		{name: "held over", state: status.OK, text: "ok", then: "2026-04-01 00:00",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				r.Hold = &plan.Hold{By: "ann", Since: now.Add(-day), Until: now}
			}},
		{name: "holds itself", after: 61 * day, state: status.Refused, text: "REFUSED: held itself", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				r.Hold = &plan.Hold{By: "keyturn", Self: true, Since: now}
			}},
		{name: "drift", state: status.Refused, text: "REFUSED: alias moved", then: "stopped",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Alias.KeyID = "strange" }},
		{name: "one of ours, long after the switch", state: status.Refused,
			text: "REFUSED: alias moved", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				drains(r, plan.Version{DrainUntil: now.Add(day)})
				s.Alias.KeyID = "old"
			}},
		{name: "one of ours, just after the switch", state: status.Unknown, text: "KMS lags", then: "soon",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				r.SwitchedAt = now.Add(-time.Minute)
				drains(r, plan.Version{DrainUntil: now.Add(day)})
				s.Alias.KeyID = "old"
			}},
		{name: "one of ours, moved after the switch", state: status.Refused, text: "REFUSED: alias moved",
			then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				r.SwitchedAt = now.Add(-8 * time.Minute)
				drains(r, plan.Version{DrainUntil: now.Add(day)})
				s.Alias.KeyID, s.Moved = "old", &plan.AliasListed{KeyID: "old", MovedAt: now.Add(-time.Minute)}
			}},
		{name: "one of ours, just after the switch, and a person takes that back", state: status.Rotating,
			text: "rolling back to v101: claimed; no run has it", then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				s.Versions["old"] = plan.KeySeen{State: "Enabled"}
				opened(r, plan.Claimed, now)
				r.SwitchedAt, r.Claim.Verb = now.Add(-time.Minute), plan.VerbRollback
				drains(r, plan.Version{DrainUntil: now.Add(day)})
				r.Target = r.EntryOf("old").Version
				s.Alias.KeyID = "old"
			}},
		{name: "on the key that a person takes it away from", state: status.Rotating,
			text: "putting the alias back onto v1: claimed; no run has it", then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) { putsBack(r, s, "strange") }},
		{name: "on another key than that", state: status.Refused, text: "REFUSED: alias moved", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) { putsBack(r, s, "stranger still") }},
		{name: "on the target of an open switch", state: status.Rotating,
			text: "rotating to v2: switching; no run has it", then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				opened(r, plan.Switching, now)
				s.Alias.KeyID = "new"
			}},
		{name: "a key has no name yet", state: status.Rotating,
			text: "rotating to v2: claimed; no other key is made yet", then: "2026-01-31 00:59",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Claimed, now)
				r.Attempts = &plan.Attempts{UnnamedAt: now.Add(-time.Minute)}
			}},
		{name: "a key had no name an hour ago", state: status.Rotating,
			text: "rotating to v2: claimed; no run has it", then: "the next run goes on",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				opened(r, plan.Claimed, now)
				r.Attempts = &plan.Attempts{UnnamedAt: now.Add(-time.Hour)}
			}},
		{name: "held while a switch is open", state: status.Held,
			text: "held while rotating to v2: switching", then: "when released",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				opened(r, plan.Switching, now)
				r.Hold = &plan.Hold{By: "ann", Since: now}
			}},
		{name: "the live version disabled", state: status.Refused, text: "REFUSED: active disabled", then: "stopped",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Alias.State = "Disabled" }},
		{name: "the live version pending deletion, and held", state: status.Refused,
			text: "REFUSED: active disabled", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				s.Alias.State = "PendingDeletion"
				r.Hold = &plan.Hold{By: "ann", Since: now}
			}},
		{name: "alias gone", state: status.Refused, text: "REFUSED: alias missing", then: "stopped",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Alias = &plan.KeySeen{Missing: true} }},
		{name: "restored table", state: status.Refused, text: "REFUSED: other table", then: "stopped",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Table.ID = "t-2" }},
		{name: "another account", state: status.Refused, text: "REFUSED: wrong account", then: "stopped",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Caller.Account = "999999999999" }},
		{name: "a newer record", state: status.Refused, text: "REFUSED: newer record", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) { r.Schema = plan.SchemaVersion + 1 }},
		{name: "an older copy of the record", state: status.Refused, text: "REFUSED: record restored", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, s *status.Seen) {
				s.Alias.KeyID, s.Ledger = "made since", []plan.Event{{Rev: r.Rev + 1}}
			}},
		{name: "KMS denies", state: status.Unknown, text: "KMS cannot be asked",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Alias, s.Trouble = nil, "denied" }},
		{name: "too many drain", after: 61 * day, state: status.Refused, text: "REFUSED: max draining", then: "stopped",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				for range 3 {
					drains(r, plan.Version{DrainUntil: now.Add(200 * day),
						Retire: plan.Retire{Action: plan.RetireDisable}})
				}
			}},
		{name: "fenced and due", after: 60*day + time.Hour, state: status.Waiting,
			text: "due; an alias move was signed", then: "2026-04-01 01:10",
			with: func(_ *plan.Policy, r *plan.Record, _ *status.Seen) {
				r.Fence = &plan.Fence{Until: now.Add(60*day + 70*time.Minute), Signers: 1, Run: "r"}
			}},
		{name: "frozen for longer than start_within", after: 61 * day, state: status.Frozen,
			text: "due; frozen", then: "2026-04-20 00:00",
			with: func(p *plan.Policy, _ *plan.Record, _ *status.Seen) {
				p.StartWithin = time.Hour
				p.Freeze = []plan.Freeze{{From: at("2026-04-01T00:30:00Z"), To: at("2026-04-20T00:00:00Z")}}
			}},
		{name: "left out before a freeze", after: 61 * day, state: status.Frozen,
			text: "left out; frozen", then: "2026-04-20 00:00",
			with: func(p *plan.Policy, _ *plan.Record, _ *status.Seen) {
				p.StartWithin = time.Hour
				p.Freeze = []plan.Freeze{{From: at("2026-04-01T02:00:00Z"), To: at("2026-04-20T00:00:00Z")}}
			}},
		{name: "two freezes that meet", after: 61 * day, state: status.Frozen,
			text: "due; frozen", then: "2026-04-20 00:00",
			with: func(p *plan.Policy, _ *plan.Record, _ *status.Seen) {
				p.Freeze = []plan.Freeze{{From: now, To: at("2026-04-05T00:00:00Z")},
					{From: at("2026-04-05T00:00:00Z"), To: at("2026-04-20T00:00:00Z")}}
			}},
		{name: "a plan of another kind", state: status.Refused, text: "REFUSED: unlike plan", then: "stopped",
			with: func(p *plan.Policy, _ *plan.Record, _ *status.Seen) { p.Usage = "SIGN_VERIFY" }},
		{name: "a plan of another kind, and a version waits", state: status.Refused,
			text: "REFUSED: unlike plan", then: "stopped",
			with: func(p *plan.Policy, r *plan.Record, s *status.Seen) {
				opened(r, plan.Created, now)
				r.Claim.Usage, s.Alias.Usage, p.Usage = "ENCRYPT_DECRYPT", "ENCRYPT_DECRYPT", "SIGN_VERIFY"
			}},
		{name: "a plan of another kind than what has drained", state: status.Refused,
			text: "NEEDS YOU: unlike plan", then: "2026-04-01 00:00",
			with: func(p *plan.Policy, r *plan.Record, s *status.Seen) {
				p.Usage, p.Retire.Action, s.Alias.Usage = "SIGN_VERIFY", plan.RetireDisable, "SIGN_VERIFY"
				drains(r, plan.Version{DrainUntil: now, Retire: p.Retire})
				s.Versions["old"] = plan.KeySeen{State: "Enabled", Usage: "ENCRYPT_DECRYPT"}
			}},
		{name: "a plan of another kind than what still drains", state: status.OK, text: "ok", then: "2026-04-01 00:00",
			with: func(p *plan.Policy, r *plan.Record, s *status.Seen) {
				p.Usage, p.Retire.Action, s.Alias.Usage = "SIGN_VERIFY", plan.RetireDisable, "SIGN_VERIFY"
				drains(r, plan.Version{DrainUntil: now.Add(time.Second), Retire: p.Retire})
				s.Versions["old"] = plan.KeySeen{State: "Enabled", Usage: "ENCRYPT_DECRYPT"}
			}},
		{name: "asked of nothing but the record", state: status.OK, text: "ok", then: "2026-04-01 00:00",
			with: func(_ *plan.Policy, _ *plan.Record, s *status.Seen) { s.Caller, s.Table = nil, nil }},
	} {
		p := plan.Policy{Name: "orders-data", Alias: "alias/orders-data", Region: "eu-west-1", Table: "keyturn",
			Schedule: plan.Schedule{Every: 90 * day}, Drain: 30 * day, MaxDraining: 2, Probe: true, MaxAttempts: 5}
		born := at("2026-01-01T00:00:00Z")
		r := &plan.Record{Key: p.Key(), Schema: 1, Rev: 1,
			AliasARN: "arn:aws:kms:eu-west-1:111122223333:alias/orders-data", TableID: "t-1",
			Anchor: born, Window: born, Generation: 1, Step: plan.Steady,
			Active: 1, Versions: []plan.Version{{Version: 1, KeyID: "live", Since: born}}}
		seen := status.Seen{Caller: &plan.Caller{ARN: "arn:x", Account: "111122223333"},
			Table:    &plan.TableSeen{ID: "t-1"},
			Alias:    &plan.KeySeen{KeyID: "live", State: "Enabled"},
			Versions: map[string]plan.KeySeen{"old": {State: "Disabled"}}}
		if c.with != nil {
			c.with(&p, r, &seen)
		}
		k := status.Of(now.Add(c.after), p, r, seen)
		then := k.Then
		if !k.Next.IsZero() {
			then = plan.Stamp(k.Next)
		}
		if k.State != c.state || !strings.HasPrefix(k.Text, c.text) || then != c.then {
			t.Errorf("%s: %s, %q, %q; want %s, %q, %q", c.name, k.State, k.Text, then, c.state, c.text, c.then)
		}
		if k.Needs() != (k.State == status.Refused) || k.Needs() && (k.Refusal == nil || k.Refusal.Hint.Empty()) {
			t.Errorf("%s: needs a person without a word on what to do: %+v", c.name, k.Refusal)
		}
	}
}

// opened opens generation 2 at a step, claimed at now.
func opened(r *plan.Record, step plan.Step, now time.Time) {
	r.Generation, r.Step = 2, step
	r.Claim = &plan.Claim{ID: "c", At: now, Verb: plan.VerbSchedule, Window: now, Drain: 30 * day}
	if step != plan.Claimed {
		r.Target = 2
		r.Versions = append(r.Versions, plan.Version{Version: 2, KeyID: "new", CreatedAt: now})
	}
}

// putsBack opens a generation that takes the alias away from "strange", and has the alias
// seen on a key.
func putsBack(r *plan.Record, s *status.Seen, on string) {
	opened(r, plan.Claimed, at("2026-01-31T00:00:00Z"))
	r.Claim.Verb, r.Claim.Expects, r.Target = plan.VerbRollback, "strange", r.Active
	s.Alias.KeyID = on
}

// drains adds an old version, with key old.
func drains(r *plan.Record, v plan.Version) {
	v.Version, v.KeyID, v.State = int64(100+len(r.Versions)), "old", plan.Draining
	r.Versions = append(r.Versions, v)
}

// Without a record the key is not adopted yet, unless the first run will be refused.
func TestOfNoRecord(t *testing.T) {
	p := plan.Policy{Name: "orders-data", Alias: "alias/orders-data", Region: "eu-west-1"}
	live := &plan.KeySeen{KeyID: "live", State: "Enabled"}
	lost := &plan.ListingSeen{Versions: []plan.AliasListed{{Name: "alias/orders-data/v1"}}}
	for _, c := range []struct {
		seen  status.Seen
		state status.State
	}{
		{status.Seen{Alias: live}, status.NotAdopted},
		{status.Seen{}, status.NotAdopted},
		{status.Seen{Alias: &plan.KeySeen{KeyID: "live", State: "Disabled"}}, status.Refused},
		{status.Seen{Alias: &plan.KeySeen{KeyID: "live", State: "Enabled", Unsupported: "it is a multi-Region key"}},
			status.Refused},
		{status.Seen{Trouble: "denied"}, status.Unknown},
		{status.Seen{Alias: &plan.KeySeen{Missing: true}}, status.Refused},
		{status.Seen{Alias: live, Listing: &plan.ListingSeen{}}, status.NotAdopted},
		{status.Seen{Alias: live, Listing: lost}, status.Refused},
		{status.Seen{Alias: &plan.KeySeen{Missing: true}, Listing: lost}, status.Refused},
	} {
		if k := status.Of(at("2026-01-31T00:00:00Z"), p, nil, c.seen); k.State != c.state {
			t.Errorf("%+v: %s, want %s", c.seen, k.State, c.state)
		} else if c.seen.Listing == lost && k.Refusal.Code != "record-lost" {
			t.Errorf("%+v: %s", c.seen, k.Refusal.Code)
		}
	}
}

// Old versions come newest first, with what KMS says of them.
func TestOldVersions(t *testing.T) {
	now := at("2026-01-31T00:00:00Z")
	r := &plan.Record{Schema: 1, Generation: 4, Step: plan.Steady, Active: 4, Versions: []plan.Version{
		{Version: 1, KeyID: "1", State: plan.Kept, KeptAt: now}, {Version: 2, KeyID: "2", State: plan.Draining},
		{Version: 3, KeyID: "3", State: plan.Draining}, {Version: 4, KeyID: "4", Since: now}}}
	k := status.Of(now, plan.Policy{Schedule: plan.Schedule{Every: day}}, r,
		status.Seen{Alias: &plan.KeySeen{KeyID: "4"}, Versions: map[string]plan.KeySeen{"3": {State: "Enabled"}}})
	var got []string
	for _, v := range k.Old {
		got = append(got, plan.VersionName(v.Version)+v.KMS)
	}
	if s := strings.Join(got, " "); s != "v3Enabled v2 v1" {
		t.Error(s)
	}
}

// An old version that somebody else deletes needs a person for as long as that
// can be cancelled, also when a run has said so once and written it down.
func TestDeletedByOthers(t *testing.T) {
	now := at("2026-01-31T00:00:00Z")
	for _, c := range []struct {
		kms  string
		old  plan.Version
		code plan.Code
	}{
		{"PendingDeletion", plan.Version{State: plan.Draining, DrainUntil: now.Add(day)}, "version-gone"},
		{"gone", plan.Version{State: plan.Draining, DrainUntil: now.Add(day)}, "version-gone"},
		{"Enabled", plan.Version{State: plan.Draining, DrainUntil: now.Add(day)}, ""},
		{"PendingDeletion", plan.Version{State: plan.Disabled, DisabledAt: now}, "deletion-unknown"},
		{"PendingDeletion", plan.Version{State: plan.Deleting, DisabledAt: now, DeleteAt: now.Add(day)},
			"deletion-unwanted"},
		{"Disabled", plan.Version{State: plan.Disabled, DisabledAt: now}, ""},
		{"PendingDeletion", plan.Version{State: plan.Kept, KeptAt: now}, "deletion-unknown"},
		{"Disabled", plan.Version{State: plan.Kept, KeptAt: now}, "version-disabled"},
		{"gone", plan.Version{State: plan.Kept, KeptAt: now}, "version-gone"},
		{"gone", plan.Version{State: plan.Deleting, DisabledAt: now, DeleteAt: now}, ""},
		{"Disabled", plan.Version{State: plan.Draining, DrainUntil: now.Add(day)}, "version-disabled"},
		{"Disabled", plan.Version{State: plan.Draining, DrainUntil: now}, ""},
		{"Disabled", plan.Version{State: plan.Draining, DrainUntil: now.Add(day), LookAfter: now}, ""},
		{"Disabled", plan.Version{State: plan.Draining, DrainUntil: now.Add(day),
			Fence: &plan.Fence{What: plan.FencedDisable, Until: now}}, ""},
		{"Enabled", plan.Version{State: plan.Disabled, DisabledAt: now}, "enabled-by-hand"},
	} {
		c.old.Version, c.old.KeyID = 3, "3"
		r := &plan.Record{Schema: 1, Generation: 4, Step: plan.Steady, Window: now, Active: 4,
			Versions: []plan.Version{c.old, {Version: 4, KeyID: "4", Since: now}}}
		k := status.Of(now, plan.Policy{Name: "orders-data", Schedule: plan.Schedule{Every: day}}, r,
			status.Seen{Alias: &plan.KeySeen{KeyID: "4", State: "Enabled"},
				Versions: map[string]plan.KeySeen{"3": {State: c.kms, Missing: c.kms == "gone"}}})
		code := plan.Code("")
		if k.Refusal != nil {
			code = k.Refusal.Code
		}
		if code != c.code || k.Needs() != (c.code != "") {
			t.Errorf("%s: %s %q, want %q", c.kms, k.State, code, c.code)
		}
	}
}

// What only the step itself can see is what the last run was refused for.
func TestStandingRefusal(t *testing.T) {
	now := at("2026-01-31T00:00:00Z")
	for _, c := range []struct {
		code  plan.Code
		step  plan.Step
		lease *plan.Lease
		state status.State
	}{
		{"foreign-version", plan.Claimed, nil, status.Refused},
		{"foreign-version", plan.Claimed, &plan.Lease{Run: "b", Until: now.Add(time.Minute)}, status.Rotating},
		{"foreign-version", plan.Steady, nil, status.OK},
		{"AccessDeniedException", plan.Claimed, nil, status.Rotating},
	} {
		r := &plan.Record{Schema: 1, Generation: 4, Step: c.step, Lease: c.lease, Window: now, Anchor: now,
			Active: 3, Versions: []plan.Version{{Version: 3, KeyID: "3", Since: now}},
			Claim:     &plan.Claim{ID: "c", Verb: plan.VerbSchedule, At: now},
			LastError: &plan.LastError{Code: c.code, Message: "it exists", Run: "a", At: now}}
		k := status.Of(now, plan.Policy{Name: "orders-data", Schedule: plan.Schedule{Every: day}}, r,
			status.Seen{Alias: &plan.KeySeen{KeyID: "3", State: "Enabled"}})
		if k.State != c.state || k.Needs() && (!k.Refusal.Recorded || k.Refusal.Code != c.code) {
			t.Errorf("%s, %s: %s %+v", c.code, c.step, k.State, k.Refusal)
		}
	}
}
