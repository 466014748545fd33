package screen

import (
	"fmt"
	"math"
	"strings"

	"github.com/keyturn/keyturn/internal/cost"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Cost returns what a plan costs.
func Cost(p *planfile.Plan, e cost.Estimate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %s · %s, each every %s · the last month of --years %v\n\n", p.Name,
		plan.Counted(e.Keys, "key"), plan.Counted(e.Load.Pools, "pool"), plan.FormatDuration(e.Load.Every),
		e.Load.Years)
	n := func(v float64) string { return grouped(int(math.Ceil(v))) }
	requests, rest := 0.0, table{}
	for _, c := range e.Calls {
		rest.row("  "+c.Service+" "+c.Operation, n(c.N))
		if c.Service == "kms" {
			requests += c.N
		}
	}
	var t table
	d := e.Dollars
	row := func(what, much string, dollars float64) { t.row(what, much, fmt.Sprintf("$%.2f", dollars)) }
	row("KMS keys", n(e.KMSKeys), d.Keys)
	row("  rotations of their own material", n(e.Materials), d.Materials)
	row("KMS requests", n(requests), d.Requests)
	row("DynamoDB read units", n(e.Reads), d.Reads)
	row("DynamoDB write units", n(e.Writes), d.Writes)
	row("DynamoDB storage", stored(e.Stored), d.Storage)
	row("a month", "", d.Total)
	b.WriteString(t.String())
	rotations := n(e.Rotations) + " rotations"
	if math.Ceil(e.Rotations) == 1 {
		rotations = "1 rotation"
	}
	fmt.Fprintf(&b, "\n%s runs and %s a month; for pools that lose a race, the most calls possible are counted.\n",
		n(e.Runs), rotations)
	fmt.Fprintf(&b, "Prices of %s (%s). No free tier, no backups, no audit, no taxes.\n", e.Prices.Region, e.Prices.At)
	for _, m := range e.Missing {
		b.WriteString("Not counted: " + m + ".\n")
	}
	return b.String() + "\nCALLS\n" + rest.String()
}

// stored returns how much the table has, in KB or MB.
func stored(bytes float64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%.0f KB", math.Ceil(bytes/(1<<10)))
	}
	return fmt.Sprintf("%.1f MB", bytes/(1<<20))
}
