package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What is found of drains and of what was retired.
func TestFindingsOfDrains(t *testing.T) {
	tryFindings(t, map[string]findingCase{
		"drain over, in use": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{LastAt: noon.Add(-2 * time.Hour), Operation: "Decrypt",
				TrackedAt: noon.Add(-99 * day)}
		}, "drain-over warning F2", "last used 2026-06-01 10:00, 2h ago (Decrypt)"},
		"drain over, not known": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{Failed: "AccessDenied"}
		}, "last-use person F2", "its use could not be learnt: AccessDenied"},
		"drain over, other alias": {func(c *scene) {
			c.drained(2 * day)
			c.s.Aliases["k2"] = append(c.s.Aliases["k2"], plan.AliasListed{Name: "alias/b"})
		}, "drain-over person F2", "while alias/b names it too"},
		"drain over, shared with another key": {func(c *scene) {
			c.drained(2 * day)
			c.s.Aliases["k2"] = append(c.s.Aliases["k2"], plan.AliasListed{Name: "alias/b/v1"})
		}, "drain-over person F2", "is disabled for neither"},
		"drain over, held": {func(c *scene) {
			c.drained(2 * day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident"}
		}, "drain-over warning F2; held warning", "the key is held"},
		"drain over, kept, held": {func(c *scene) { // it would stay enabled without the hold, too
			c.p.Retire.Action = plan.RetireKeep
			c.drained(2 * day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident 7"}
		}, "held warning", "incident 7"},
		"drain over, quiet, today": {func(c *scene) {
			c.drained(time.Hour)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
		}, "", ""},
		"drain over, quiet, undone": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
		}, "drain-over warning F2", "no run has disabled it"},
		"drain over, quiet, checked today": {func(c *scene) {
			c.drained(2 * day).CheckedAt = noon.Add(-time.Hour)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
			c.r.LastError = &plan.LastError{Code: "access-denied", Message: "disable v2: no permission", At: noon}
		}, "drain-over warning F2", "has not disabled it: disable v2: no permission"},
		"drain over, and only the record knows the version": {func(c *scene) {
			c.drained(2 * day).CheckedAt = noon.Add(-time.Hour)
			c.r.LastError = &plan.LastError{Code: plan.CodeVersionUnproven, About: "v2 k2", At: noon, Run: "x",
				Message: "only the record says that k2 is v2"}
		}, "version-unproven person F2", "keyturn reinstate orders-data/v2"},
		"drain over, quiet, and the alias has just moved": {func(c *scene) {
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{TrackedAt: noon.Add(-99 * day)}
			c.r.SwitchedAt = noon.Add(-3 * time.Minute)
		}, "drain-over warning F2", "whether it may retire is checked after 12:07:00 UTC"},
		"drain over, kept, undone": {func(c *scene) { c.p.Retire.Action = plan.RetireKeep; c.drained(2 * day) },
			"drain-over warning F2", "no run has written that down"},
		"drains side by side": {func(c *scene) { c.moreDraining(1) },
			"drains-overlap warning F2", "v2 until 2026-06-11"},
		"too many drains": {func(c *scene) {
			c.moreDraining(2)
			for _, v := range c.r.Draining() {
				c.r.Entry(v.Version).DrainUntil = noon.Add(11 * day) // the next window opens on the 10th day
			}
		}, "max-draining warning F2", "3 versions await disabling"},
		"one, and it is in use": {func(c *scene) {
			c.p.MaxDraining = 1
			c.drained(2 * day)
			c.s.Use["k2"] = plan.UseSeen{LastAt: noon.Add(-2 * time.Hour), Operation: "Decrypt",
				TrackedAt: noon.Add(-99 * day)}
		}, "drain-over warning F2; max-draining warning F2", "last used"},
		"one, and its drain ends in time": {func(c *scene) {
			c.p.MaxDraining = 1
			c.r.Entry(2).DrainUntil = noon.Add(9*day + 23*time.Hour)
		}, "", ""},
		"one, and its drain does not": {func(c *scene) {
			c.p.MaxDraining = 1
			c.r.Entry(2).DrainUntil = noon.Add(10*day + time.Hour)
		}, "max-draining warning F2", "1 version awaits disabling"},
		"too many drains, and due": {func(c *scene) {
			c.moreDraining(2)
			c.r.Anchor, c.r.Live().Since = noon.Add(-30*day), noon.Add(-50*day)
		}, "max-draining person F2", ""},
		"too many drains, and due, and held": {func(c *scene) {
			c.moreDraining(2)
			c.r.Anchor, c.r.Live().Since = noon.Add(-30*day), noon.Add(-50*day)
			c.r.Hold = &plan.Hold{By: "ann", Reason: "incident 7"}
		}, "max-draining warning F2; held warning", ""},
	})
}

func lease(left time.Duration) *plan.Lease {
	return &plan.Lease{Pool: "pool-7", Host: "host", Run: "r", Since: noon.Add(-3 * time.Hour), Until: noon.Add(left)}
}

func mark(left time.Duration) *plan.Fence {
	return &plan.Fence{What: plan.FencedDisable, Run: "r", Since: noon.Add(-time.Minute),
		Until: noon.Add(left), Signers: 1}
}

// moreDraining adds versions that drain at the same time as v2.
func (c *scene) moreDraining(n int64) {
	c.r.Generation += n
	for i := range n {
		v, id := 4+i, fmt.Sprint("k", 4+i)
		c.key(id, "Enabled")
		c.name(v, id)
		d := *c.r.Entry(2)
		d.Version, d.KeyID = v, id
		c.r.Versions = append(c.r.Versions, d)
	}
}
