package ddblock

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/itemsize"
	"github.com/keyturn/keyturn/plan"
)

// readUnit is how much of an item DynamoDB reads for one unit, and largestItem how much it
// takes.
const (
	readUnit    = 4 << 10
	largestItem = 400 << 10
)

// docs/record.md says how large a record gets.
func TestSize(t *testing.T) {
	common := texts{alias: 32, name: 16, role: 20, reason: 0, message: 0, calls: 3}
	told := common
	told.reason, told.message = plan.MaxReason, 256
	longest := texts{alias: 250, name: 255, role: 512, reason: plan.MaxReason, message: 1024, calls: plan.MaxCalls}
	kept := numbers{kept: plan.MaxKept, draining: 1}
	disabled := numbers{disabled: 40, draining: 1}
	deleted := numbers{disabled: 3, gone: plan.MaxGone, draining: 1}
	most := numbers{kept: plan.MaxKept, disabled: plan.MaxDisabled, gone: plan.MaxGone, draining: 100,
		held: plan.MaxHeld, events: plan.MaxUncopied, fenced: true}
	for _, c := range []struct {
		name string
		r    *plan.Record
		most int
	}{
		{"it keeps its versions", sized(common, kept), readUnit},
		{"it keeps its versions, with a reason and an error", sized(told, kept), 2 * readUnit},
		{"it keeps its versions, with the longest texts", sized(longest, kept), 4 * readUnit},
		{"it disables its versions, for ten years", sized(common, disabled), 3 * readUnit},
		{"it deletes its versions, for ten years", sized(common, deleted), 4 * readUnit},
		{"the largest", sized(longest, most), largestItem * 19 / 20},
	} {
		it, _, err := encode(c.r)
		if err != nil {
			t.Fatal(err)
		}
		got := itemsize.Of(it)
		t.Logf("%s: %d bytes", c.name, got)
		if got > c.most || got < c.most*3/5 {
			t.Errorf("%s: %d bytes, docs/record.md says at most %d", c.name, got, c.most)
		}
	}
}

// texts are the lengths of names and texts in a record.
type texts struct{ alias, name, role, reason, message, calls int }

// numbers are how many versions and events a record has beside the newest.
type numbers struct {
	kept, disabled, gone, draining, held, events int
	// fenced reports whether each version has a mark.
	fenced bool
}

// sized returns a record at rest, or, with events that are not copied yet, in a switch.
func sized(x texts, n numbers) *plan.Record {
	r, stamp := fullRecord(), at("2026-12-01T03:12:31.123456789Z")
	text := func(length int) string { return strings.Repeat("x", length) }
	id := func(n int64) string { return fmt.Sprintf("%08d-0000-0000-0000-000000000000", n) }
	alias := "alias/" + text(x.alias-6)
	r.Key, r.AliasARN = "ap-southeast-2/"+alias, "arn:aws:kms:ap-southeast-2:123456789012:"+alias
	r.Op, r.TableID, r.LeftOut = text(26), id(1), 999
	r.Claim.ID, r.Claim.Reason = text(26), text(x.reason)
	r.Hold.Reason, r.LastError.Message, r.LastError.About = text(2*x.reason+2), text(x.message), text(x.message)
	r.Told.What = slices.Repeat([]string{text(64)}, 8)
	if x.message == 0 {
		r.LastError, r.Hold, r.Attempts, r.Told = nil, nil, nil, nil
	}
	terms := plan.Retire{Action: plan.RetireDelete, UnlessUsedWithin: 7 * 24 * time.Hour,
		DeleteAfter: 30 * 24 * time.Hour, DeletionWindow: 30 * 24 * time.Hour}
	r.Versions = nil
	add := func(many int, v plan.Version) {
		for range many {
			v.Version = 1000 + int64(len(r.Versions))
			v.KeyID, v.Left = id(v.Version), stamp
			if v.State == plan.Disabled && n.fenced { // a person retired it before
				v.DrainUntil = stamp
			}
			if n.fenced {
				v.Fence = &plan.Fence{What: plan.FencedDisable, Run: text(8), Since: stamp, Until: stamp, Signers: 1}
			}
			r.Versions = append(r.Versions, v)
		}
	}
	add(n.disabled, plan.Version{State: plan.Disabled, DisabledAt: stamp, CheckedAt: stamp, DisabledUnknown: n.fenced})
	if n.fenced {
		for i := range plan.MaxRetirers {
			r.Versions[i].RetiredBy = "arn:aws:sts::123456789012:assumed-role/" + text(x.role) + "/" +
				text(min(x.role, 64))
		}
	}
	add(n.gone, plan.Version{State: plan.Gone, DisabledAt: stamp, CheckedAt: stamp, DeleteAt: stamp})
	add(n.kept, plan.Version{State: plan.Kept, KeptAt: stamp})
	add(n.held, plan.Version{State: plan.Kept, KeptAt: stamp, Hold: &plan.Hold{Since: stamp, Until: stamp,
		Reason: text(2*x.reason + 5), By: "arn:aws:sts::123456789012:assumed-role/" + text(x.role) + "/" +
			text(min(x.role, 64))}})
	add(n.draining, plan.Version{State: plan.Draining, DrainUntil: stamp, Retire: terms})
	r.Active, r.Target = 1000+int64(len(r.Versions)), 1001+int64(len(r.Versions))
	r.Versions = append(r.Versions, plan.Version{Version: r.Active, KeyID: id(r.Active), Since: stamp},
		plan.Version{Version: r.Target, KeyID: id(r.Target), CreatedAt: stamp})
	if n.events == 0 { // at rest
		r.Step, r.Target, r.Lease, r.Fence, r.SwitchedFrom = plan.Steady, 0, nil, nil, ""
		r.Versions = slices.Delete(r.Versions, len(r.Versions)-1, len(r.Versions))
	}
	e := r.Events[0]
	e.Kind, e.At, e.Until, e.Claim, e.KeyID, e.Reason = []plan.EventKind{plan.EventConfirm}, stamp, stamp, text(26),
		id(1), text(x.reason)
	e.GaveUp, e.Window, e.Schedule, e.Left, e.Calls, e.Ended = "", time.Time{}, "", nil, nil, nil
	for c := range x.calls {
		e.Calls = append(e.Calls, plan.Answered{Operation: "ScheduleKeyDeletion", RequestID: id(int64(c)),
			Answer: "yes"})
	}
	r.Events = nil
	for i := range plan.NewestEvents + n.events {
		e.Rev, e.Run = 10000+int64(i), fmt.Sprintf("%08d", i)
		e.Who = plan.Who{Pool: text(x.name), Host: text(x.name), Release: "v1.10.10", Plan: text(min(x.name, 128)),
			By:    "arn:aws:sts::123456789012:assumed-role/" + text(x.role) + "/" + text(min(x.role, 64)),
			Terms: text(64)}
		e.Left = nil
		if i%3 == 1 {
			e.Left = []plan.Left{{Version: 1000, KeyID: id(1), Live: true, Until: stamp, Retire: terms}}
		}
		if r.Events = append(r.Events, e); n.events == 0 {
			e.Calls = e.Calls[:1] // the other calls of a rotation
		}
	}
	r.Rev = e.Rev
	return r
}
