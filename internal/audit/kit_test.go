package audit_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

const (
	day   = 24 * time.Hour
	alias = "alias/orders-data"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// scene is a key at noon, in order, until a case changes it: v3 is active, v2
// drains for another ten days, v1 was disabled.
type scene struct {
	p plan.Policy
	r *plan.Record
	s audit.Seen
}

func inOrder() *scene {
	keep := plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * day}
	c := &scene{
		p: plan.Policy{Name: "orders-data", Alias: alias, Region: "eu-west-1",
			Account: "111122223333", Table: "keyturn",
			Schedule: plan.Schedule{Every: 30 * day}, Drain: 30 * day, Retire: keep, MaxDraining: 3,
			Probe: true, MaxAttempts: 5},
		r: &plan.Record{Key: "eu-west-1/" + alias, Schema: 1, Rev: 3, Op: "o",
			AliasARN: "arn:aws:kms:eu-west-1:111122223333:" + alias, TableID: "t",
			Anchor: noon.Add(-20 * day), Generation: 3, Window: noon.Add(-20 * day), Step: plan.Steady,
			SwitchedAt: noon.Add(-20 * day),
			Claim: &plan.Claim{ID: "c3", At: noon.Add(-20 * day), Verb: plan.VerbSchedule,
				Window: noon.Add(-20 * day)},
			Active: 3,
			Versions: []plan.Version{
				{Version: 1, KeyID: "k1", State: plan.Disabled, DisabledAt: noon.Add(-30 * day)},
				{Version: 2, KeyID: "k2", State: plan.Draining, Left: noon.Add(-20 * day),
					DrainUntil: noon.Add(10 * day), Retire: keep},
				{Version: 3, KeyID: "k3", Since: noon.Add(-20 * day)},
			},
			Events: []plan.Event{{Rev: 1, Run: "x", At: noon}, {Rev: 2, Run: "x", At: noon},
				{Rev: 3, Run: "y", At: noon}}},
		s: audit.Seen{Caller: &plan.Caller{Account: "111122223333"}, TableID: "t", Ledgered: true,
			Listing: &plan.ListingSeen{},
			Keys:    map[string]plan.KeySeen{}, Aliases: map[string][]plan.AliasListed{}, Tags: map[string]audit.Tags{},
			Use: map[string]plan.UseSeen{}},
	}
	for n := int64(1); n <= 3; n++ {
		c.key(fmt.Sprint("k", n), "Enabled")
		c.name(n, fmt.Sprint("k", n))
		c.s.Tags[fmt.Sprint("k", n)] = audit.Tags{Alias: alias, Version: fmt.Sprint(n),
			Claim: fmt.Sprint("c", n), Window: fmt.Sprint("w", n)}
	}
	c.key("k1", "Disabled")
	c.points("k3")
	return c
}

func (c *scene) key(id, state string) {
	c.s.Keys[id] = plan.KeySeen{KeyID: id, State: state, Missing: state == "",
		Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"}
	if c.s.Alias != nil && c.s.Alias.KeyID == id {
		c.points(id)
	}
}

// points puts the alias on a key.
func (c *scene) points(id string) {
	k := c.s.Keys[id]
	if k.KeyID == "" {
		k = plan.KeySeen{KeyID: id, State: "Enabled"}
	}
	c.s.Alias = &k
	moved := noon.Add(-time.Hour)
	if id == "k3" { // the last rotation has moved it there
		moved = noon.Add(-20 * day)
	}
	c.s.Listing.Alias = &plan.AliasListed{Name: alias, KeyID: id, MovedAt: moved}
}

// name adds v<n> on a key.
func (c *scene) name(n int64, id string) {
	a := plan.AliasListed{Name: plan.VersionAlias(alias, n), KeyID: id, MovedAt: noon.Add(-20 * day)}
	c.s.Listing.Versions = append(c.s.Listing.Versions, a)
	c.s.Aliases[id] = append(c.s.Aliases[id], a)
}

// rename makes v<n> name another key, or with "" none.
func (c *scene) rename(n int64, id string) {
	c.s.Listing.Versions = slices.DeleteFunc(c.s.Listing.Versions,
		func(a plan.AliasListed) bool { return a.Name == plan.VersionAlias(alias, n) })
	if id != "" {
		c.name(n, id)
	}
}

// drained lets the drain of v2 be over since so long.
func (c *scene) drained(ago time.Duration) *plan.Version {
	v2 := c.r.Entry(2)
	v2.DrainUntil = noon.Add(-ago)
	v2.Left = v2.DrainUntil.Add(-c.p.Drain)
	return v2
}

// deletes has v1 be deleted at a moment.
func (c *scene) deletes(at time.Time) {
	v1 := c.r.Entry(1)
	v1.State, v1.DeleteAt = plan.Deleting, at
}

// foundGone has v1 be found gone at noon.
func (c *scene) foundGone() {
	v1 := c.r.Entry(1)
	v1.State, v1.DisabledAt, v1.DeleteAt = plan.Gone, noon, noon
}

// opens makes generation 4 be claimed so long ago.
func (c *scene) opens(step plan.Step, ago time.Duration) {
	c.r.Generation, c.r.Step = 4, step
	c.r.Claim = &plan.Claim{ID: "c4", At: noon.Add(-ago), Verb: plan.VerbSchedule, Window: noon.Add(-ago)}
	if step != plan.Claimed {
		c.r.Target = 4
		c.r.Versions = append(c.r.Versions, plan.Version{Version: 4, KeyID: "k4", CreatedAt: noon.Add(-ago)})
		c.key("k4", "Enabled")
		c.name(4, "k4")
		c.s.Tags["k4"] = audit.Tags{Alias: alias, Version: "4", Claim: "c4", Window: "w4"}
	}
}
