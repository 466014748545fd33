package status_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// What an old version amounts to: whether its last use is asked for, whether
// that keeps it enabled, and what to type for it to work again.
func TestOldVersion(t *testing.T) {
	now := at("2026-12-01T00:00:00Z")
	disable := plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * day}
	off := plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	p := plan.Policy{Name: "session-mac", Schedule: plan.Schedule{Every: 90 * day}, Retire: disable}
	long := now.Add(-200 * day)
	quiet := plan.UseSeen{TrackedAt: long, LastAt: now.Add(-8 * day), Operation: "Decrypt"}
	used := plan.UseSeen{TrackedAt: long, LastAt: now.Add(-day), Operation: "Decrypt"}
	denied := plan.UseSeen{Failed: "AccessDeniedException"}
	drains := func(until int, terms plan.Retire) plan.Version {
		return plan.Version{State: plan.Draining, DrainUntil: now.Add(day*1).AddDate(0, 0, until-1), Retire: terms}
	}
	for _, c := range []struct {
		name  string
		old   plan.Version
		state string
		use   plan.UseSeen
		says  string
	}{
		{"far from its end", drains(15, disable), "Enabled", used, ""},
		{"near its end", drains(14, disable), "Enabled", used, "asked"},
		{"over, and quiet", drains(-1, disable), "Enabled", quiet, "asked"},
		{"over, and in use", drains(-1, disable), "Enabled", used, "asked in-use"},
		{"over, and nothing is known", drains(-1, disable), "Enabled", denied, "asked in-use"},
		{"kept by the terms of its switch", drains(-1, plan.Retire{Action: plan.RetireKeep}), "Enabled", used, ""},
		{"not asked by the terms of its switch, but by today's", drains(-1, off), "Enabled", used, "asked in-use"},
		{"disabled by somebody", drains(5, disable), "Disabled", quiet, "asked undo=keyturn reinstate session-mac/v3"},
		{"being disabled", plan.Version{State: plan.Draining, DrainUntil: now.Add(-day), Retire: off,
			Fence: &plan.Fence{What: "disable", Since: now}}, "Enabled", used,
			"asked in-use undo=keyturn reinstate session-mac"},
		{"kept", plan.Version{State: plan.Kept, KeptAt: now}, "", used, ""},
		{"kept, and somebody has disabled it", plan.Version{State: plan.Kept, KeptAt: now}, "Disabled",
			used, "undo=keyturn reinstate session-mac/v3"},
		{"disabled", plan.Version{State: plan.Disabled, DisabledAt: now.Add(-day)}, "Disabled",
			used, "undo=keyturn reinstate session-mac"},
		{"disabled, and KMS not asked", plan.Version{State: plan.Disabled, DisabledAt: now.Add(-day)}, "",
			used, "undo=keyturn reinstate session-mac"},
		{"enabled by hand", plan.Version{State: plan.Disabled, DisabledAt: now.Add(-day)}, "Enabled", used, "by-hand"},
		{"to be deleted", plan.Version{State: plan.Deleting, DisabledAt: now.Add(-day),
			DeleteAt: now.Add(day)}, "PendingDeletion", used, "undo=keyturn reinstate session-mac"},
		{"deleted", plan.Version{State: plan.Deleting, DisabledAt: now.Add(-9 * day), DeleteAt: now}, "", used, ""},
		{"its deletion is cancelled", plan.Version{State: plan.Deleting, DisabledAt: now.Add(-9 * day),
			DeleteAt: now}, "Disabled", used, "undo=keyturn reinstate session-mac/v3"},
		{"enabled after its deletion was due", plan.Version{State: plan.Deleting, DisabledAt: now.Add(-9 * day),
			DeleteAt: now}, "Enabled", used, "by-hand"},
		{"found gone", plan.Version{State: plan.Gone, DisabledAt: now}, "", used, ""},
		{"gone before its time", plan.Version{State: plan.Deleting, DisabledAt: now.Add(-9 * day),
			DeleteAt: now.Add(day)}, "gone", used, ""},
	} {
		c.old.Version, c.old.KeyID = 3, "3"
		r := &plan.Record{Schema: 1, Generation: 4, Step: plan.Steady, Active: 4,
			Versions: []plan.Version{c.old, {Version: 4, KeyID: "4", Since: now}}}
		seen := status.Seen{Alias: &plan.KeySeen{KeyID: "4"}, Uses: map[string]plan.UseSeen{}}
		switch c.state {
		case "": // not asked
		case "gone":
			seen.Versions = map[string]plan.KeySeen{"3": {Missing: true}}
		default:
			seen.Versions = map[string]plan.KeySeen{"3": {State: c.state}}
		}
		var says []string
		for _, id := range status.UsedKeys(now, p, r) {
			seen.Uses[id] = c.use
			says = append(says, "asked")
		}
		v := status.Of(now, p, r, seen).Old[0]
		if v.InUse {
			says = append(says, "in-use")
		}
		if v.ByHand {
			says = append(says, "by-hand")
		}
		if v.Undo != nil {
			says = append(says, "undo="+strings.Join(v.Undo, " "))
		}
		if got := strings.Join(says, " "); got != c.says {
			t.Errorf("%s: %q, want %q", c.name, got, c.says)
		}
	}
}

// Of several disabled versions the short command means the last one; the others
// are named.
func TestUndoNames(t *testing.T) {
	now := at("2026-12-01T00:00:00Z")
	disabled := func(n int64, days time.Duration) plan.Version {
		return plan.Version{Version: n, KeyID: fmt.Sprint(n), State: plan.Disabled, DisabledAt: now.Add(-days * day)}
	}
	r := &plan.Record{Schema: 1, Active: 4, Step: plan.Steady, Versions: []plan.Version{
		disabled(1, 3), disabled(3, 1), disabled(2, 2), {Version: 4, KeyID: "4"}}}
	k := status.Of(now, plan.Policy{Name: "mac", Schedule: plan.Schedule{Every: day}}, r,
		status.Seen{Alias: &plan.KeySeen{KeyID: "4"}})
	var got []string
	for _, v := range k.Old {
		got = append(got, strings.Join(v.Undo, " "))
	}
	if s := strings.Join(got, ", "); s != "keyturn reinstate mac/v2, keyturn reinstate mac, keyturn reinstate mac/v1" {
		t.Error(s)
	}
}

// A record that cannot be understood is never taken for none.
func TestBroken(t *testing.T) {
	k := status.Of(at("2026-12-01T00:00:00Z"), plan.Policy{Name: "mac"}, nil,
		status.Seen{Alias: &plan.KeySeen{KeyID: "4"}, Broken: "rev is missing"})
	if !k.Needs() || k.Refusal.What != "rev is missing" {
		t.Errorf("%+v", k)
	}
}
