package plan_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// The enumeration: every combination of a record, what the run has seen and what it has
// signed or made, one cell each. decide_rules_test.go has the rules for every cell.

// dimension is one thing that varies; a cell picks one of its values.
type dimension struct {
	name   string
	values []string
}

var dimensions = []dimension{
	{"step", []string{"steady", "claimed", "created", "switching"}},
	{"lease", []string{"free", "own", "own, short", "other's live", "over"}},
	{"fence", []string{"none", "alive", "over"}},
	{"hold", []string{"none", "person's", "self", "expired"}},
	{"window", []string{"due", "not due", "left out", "frozen"}},
	{"target", []string{"usable", "missing", "disabled", "wrong spec", "probe refused", "probe unknown"}},
	{"alias", []string{"active", "target", "ours, just switched", "ours, long after", "foreign", "missing"}},
	{"verb", []string{"schedule", "adopt"}},
	{"run", []string{
		"has seen all", "has seen nothing", "does not know who it is", "has not checked the table",
		"may not use the table", "is interrupted",
		"signed", "confirmed", "confirmed, then wrote", "confirmed, then noted",
		"got yes", "got no", "got soft no", "got unknown",
		"signed for another generation", "has failed", "may not probe", "made a key", "claimed it here",
	}},
}

// cell is one combination, with what Decide is given for it.
type cell struct {
	is map[string]string
	p  plan.Policy
	r  *plan.Record
	q  plan.Request
	o  plan.Observed
}

func (c cell) String() string {
	var b strings.Builder
	for _, d := range dimensions {
		fmt.Fprintf(&b, "%s %s; ", d.name, c.is[d.name])
	}
	return b.String()
}

// alike reports whether a cell would only repeat another: the states of a run are not
// combined with every fault of the target, nor an open generation with every state of the
// schedule.
func alike(is map[string]string) bool {
	if is["run"] == "has seen all" {
		return false
	}
	open, w, target := is["step"] != "steady", is["window"], is["target"]
	return open && (w == "not due" || w == "left out") || target != "usable" && target != "disabled" ||
		is["hold"] == "expired" || is["fence"] == "over"
}

// cells calls visit with every combination.
func cells(visit func(cell)) {
	pick := make([]int, len(dimensions))
	for {
		is := make(map[string]string, len(dimensions))
		for i, d := range dimensions {
			is[d.name] = d.values[pick[i]]
		}
		if !alike(is) {
			visit(build(is))
		}
		i := len(pick) - 1
		for ; i >= 0; i-- {
			if pick[i]++; pick[i] < len(dimensions[i].values) {
				break
			}
			pick[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

func build(is map[string]string) cell {
	c := cell{is: is, p: ordersPolicy(), r: record(plan.Step(is["step"])), q: bySchedule}
	if is["verb"] == "adopt" {
		c.q = byAdopt
	}
	c.buildRecord()
	c.o = seen()
	if c.r.Step == plan.Steady {
		c.o.Version = nil
	}
	c.buildSight()
	c.buildRun()
	return c
}

func (c *cell) buildRecord() {
	apply := map[string]change{
		"lease own":                 leased(me, minute),
		"lease own, short":          leased(me, 15*time.Second),
		"lease other's live":        leased(other, minute),
		"lease over":                leased(other, -1),
		"fence alive":               fenced(10 * minute),
		"fence over":                fenced(-1),
		"hold person's":             held("ann", minute, 0),
		"hold self":                 held("keyturn", minute, 0),
		"hold expired":              held("ann", day, -minute),
		"window not due":            func(r *plan.Record) { r.Window = opened },
		"alias ours, just switched": func(r *plan.Record) { r.SwitchedAt = noon.Add(-5 * minute) },
	}
	for _, name := range []string{"lease", "fence", "hold", "window", "alias"} {
		if f := apply[name+" "+c.is[name]]; f != nil {
			f(c.r)
		}
	}
	switch c.is["window"] {
	case "left out":
		c.p.StartWithin = 30 * minute
	case "frozen":
		c.p.Freeze = []plan.Freeze{{From: noon.Add(-day), To: noon.Add(day), Reason: "sale"}}
	}
}

func (c *cell) buildSight() {
	switch c.is["target"] {
	case "missing":
		c.o.Target = &plan.KeySeen{Missing: true}
		c.o.WaitingSince = noon.Add(-minute)
	case "disabled":
		c.o.Target.State = "Disabled"
	case "wrong spec":
		c.o.Target.Spec = "RSA_2048"
	case "probe refused":
		c.o.Probe = &hardNo
		c.o.Failure = &plan.Failure{Doing: "probe v8", Answer: hardNo} // as Learn judges it
	case "probe unknown":
		c.o.Probe = &unknown
	}
	switch c.is["alias"] {
	case "target":
		aliasOn("k8")(&c.o)
	case "ours, just switched", "ours, long after":
		aliasOn("k6")(&c.o)
		movedLooked(&c.o)
	case "foreign":
		aliasOn("kx")(&c.o)
		movedLooked(&c.o)
	case "missing":
		aliasGone(&c.o)
	}
}

func (c *cell) buildRun() {
	o := &c.o
	move := func(confirmed bool, op string, answer *plan.Answer) sight {
		return func(o *plan.Observed) {
			move(confirmed, op, answer)(o)
			o.SignedMove.Generation = c.r.Generation
		}
	}
	switch c.is["run"] {
	case "has seen nothing": // but where it is
		*o = plan.Observed{Self: o.Self, Caller: o.Caller, Table: o.Table}
	case "does not know who it is":
		o.Caller = nil
	case "has not checked the table":
		o.Table = nil
	case "may not use the table":
		o.Table.Unsafe, o.Table.Hint = "TTL is on", plan.Noted("turn it off")
	case "is interrupted":
		c.q.Interrupted = true
	case "signed":
		move(false, "", nil)(o)
	case "confirmed":
		move(true, c.r.Op, nil)(o)
	case "confirmed, then wrote":
		move(true, "op-older", nil)(o)
	case "confirmed, then noted":
		move(true, c.r.Op, nil)(o)
		o.SignedMove.Noted = true
	case "got yes":
		move(true, "op-older", &yes)(o)
	case "got no":
		move(true, c.r.Op, &hardNo)(o)
	case "got soft no":
		move(true, c.r.Op, &softNo)(o)
	case "got unknown":
		move(true, c.r.Op, &unknown)(o)
	case "signed for another generation":
		move(true, c.r.Op, nil)(o)
		o.SignedMove.Generation--
	case "has failed":
		o.Failure = &plan.Failure{Doing: "create v8", Answer: hardNo}
	case "may not probe":
		c.p.Probe, o.Probe, o.Failure = false, nil, nil
	case "claimed it here":
		o.Version, o.ClaimedHere, o.MayMake = nil, c.r.Claim.ID, c.r.Claim.ID
	case "made a key":
		o.Version, o.Fresh = nil, &plan.Made{Generation: c.r.Generation, KeyID: "kz"}
	}
}

// everything accepts whatever a list can name, for ever.
var everything = func() (j plan.Judging) {
	for _, code := range plan.AuditCodes() {
		j.Accept = append(j.Accept, plan.Acceptance{Finding: string(code), Reason: "x", Until: noon.Add(9000 * day)})
	}
	return j
}()

// What the plan accepts changes no decision in any of them.
func TestDecideEveryCell(t *testing.T) {
	t.Parallel()
	n, bad := 0, 0
	kinds := map[string]int{}
	cells(func(c cell) {
		n++
		before := c.r.Clone()
		d := plan.Decide(noon, c.p, c.r, c.q, c.o)
		kinds[said(d)]++
		c.p.Judging = everything
		if with := plan.Decide(noon, c.p, c.r, c.q, c.o); !reflect.DeepEqual(with, d) {
			t.Fatalf("%s\n decided %q, and %q with accept", c, said(d), said(with))
		}
		for _, rule := range rules {
			if why := rule.broken(c, d); why != "" && bad < 10 {
				bad++
				t.Errorf("%s: %s\n in %s\n decided %q", rule.name, why, c, said(d))
			}
		}
		if before.String() != c.r.String() {
			t.Fatal("Decide changed the record")
		}
	})
	t.Logf("%d cells", n)
	for _, want := range []string{ // that the cells reach what they are about
		"claim", "take over", "renew", "sign move", "confirm", "send move", "finish", "adopt drift",
		"create key", "name version", "wait", "look alias", "look caller", "look table",
		"note unsent", "note move-no", "note answered",
		"stop settled", "stop held", "stop frozen", "stop lagging", "stop failed", "stop interrupted",
		"refuse unsafe-table", "refuse held-itself", "note refused drift", "note refused overdue",
		"note refused alias-missing", "note refused bad-target",
	} {
		if kinds[want] == 0 {
			t.Errorf("no cell decides %q", want)
		}
	}
}
