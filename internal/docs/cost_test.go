package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/cost"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
)

// The table of docs/cost.md is what the formula says, and its prices and its file are those
// that the binary knows.
func TestCostPage(t *testing.T) {
	const begin, end = "<!-- made by go test ./internal/docs -run TestCostPage -update -->\n", "<!-- end -->"
	file := filepath.Join(root, "docs/cost.md")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the page has no place for the table")
	}
	golden.Compare(t, file, before+begin+costTable()+end+after)

	_, example, _ := strings.Cut(before, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	prices, err := cost.Parse([]byte(example))
	known := cost.Known()
	prices.Region, prices.At = known.Region, known.At
	if err != nil || prices != known {
		t.Errorf("%+v, %v", prices, err)
	}
	for _, price := range []float64{known.KeyMonth, known.Requests, known.Reads, known.Writes, known.Storage} {
		if !strings.Contains(before, fmt.Sprintf("| %.2f |", price)) &&
			!strings.Contains(before, fmt.Sprintf("| %v |", price)) {
			t.Errorf("the page does not have the price %v", price)
		}
	}
}

func costTable() string {
	const day = 24 * time.Hour
	var b strings.Builder
	b.WriteString("| keys | pools | every | rotated | old versions | runs a month | read units | write units | " +
		"keyturn | KMS keys after a year | a month | after three years | a month |\n")
	b.WriteString(strings.Repeat("|---", 13) + "|\n")
	row := func(n, pools int, every, period time.Duration, retire plan.Retire) {
		keys := make([]plan.Policy, n)
		for i := range keys {
			keys[i] = plan.Policy{Table: "keyturn", Region: "us-east-1", Schedule: plan.Schedule{Every: period},
				Drain: 30 * day, Retire: retire, Probe: true, AutoRotation: plan.AutoRotation{Off: true}}
		}
		l := cost.Load{Pools: pools, Every: every, Years: 1}
		one := cost.Of(keys, l, cost.Known())
		l.Years = 3
		three := cost.Of(keys, l, cost.Known())
		self := one.Dollars.Total - one.Dollars.Keys
		fmt.Fprintf(&b, "| %d | %d | %s | %s | %s | %.0f | %.0f | %.0f | $%.2f | %.0f | $%.2f | %.0f | $%.2f |\n", n,
			pools, plan.FormatDuration(every), plan.FormatDuration(period), retire.Action, one.Runs, one.Reads,
			one.Writes, self, one.KMSKeys, one.Dollars.Total, three.KMSKeys, three.Dollars.Total)
	}
	keep := plan.Retire{Action: plan.RetireKeep}
	disable := plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * day}
	remove := plan.Retire{Action: plan.RetireDelete, UnlessUsedWithin: 7 * day, DeleteAfter: 30 * day,
		DeletionWindow: 30 * day}
	const quarter = 90 * day
	row(1, 1, 15*time.Minute, quarter, keep)
	for _, n := range []int{10, 100, 1000, 10000} {
		row(n, 8, 15*time.Minute, quarter, keep)
	}
	row(100, 1, 15*time.Minute, quarter, keep)
	row(100, 64, 15*time.Minute, quarter, keep)
	row(100, 8, 5*time.Minute, quarter, keep)
	row(100, 8, time.Hour, quarter, keep)
	row(100, 8, 15*time.Minute, 30*day, keep)
	row(100, 8, 15*time.Minute, 365*day, keep)
	row(100, 8, 15*time.Minute, quarter, disable)
	row(100, 8, 15*time.Minute, quarter, remove)
	row(100, 8, 15*time.Minute, 30*day, disable)
	row(100, 8, 15*time.Minute, 30*day, remove)
	return b.String()
}
