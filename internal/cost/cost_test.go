package cost_test

import (
	"math"
	"strings"
	"testing"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/cost"
	"github.com/keyturn/keyturn/internal/itemsize"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

const day = 24 * time.Hour

// planWith returns a plan with one key that is rotated each month.
func planWith(line string) string {
	return strings.TrimRight("region: eu-west-1\nschedule: {every: 30d}\ndrain: 10d\nkeys:\n"+
		"  - alias: alias/orders-data\n    "+line, " ")
}

// rehearsed plays a plan without any trouble, and returns the only key of it.
func rehearsed(t *testing.T, text string, pools int, together float64, span time.Duration) (*rehearsal.Played,
	plan.Policy) {
	t.Helper()
	p, err := planfile.Parse("plan", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	d := rehearsal.Draw{Plan: text, Seed: 1, Pools: pools, Every: 6 * time.Hour, Span: span,
		Begin: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	d.Trouble.Switch = together
	played, err := d.Play(t.Context(), 1)
	if err != nil || len(played.Watch.Broken) > 0 {
		t.Fatal(err, played.Watch.Broken)
	}
	return played, p.Keys[0]
}

// Each rotation, drain and deletion calls what the formula says, and nothing else is
// called.
func TestCallsOfARehearsedQuarter(t *testing.T) {
	for _, line := range []string{"", "probe: off", "auto_rotation: 90d", "prepublish: 2d",
		"retire: {action: disable, unless_used_within: 7d}", "retire: {action: disable, unless_used_within: off}",
		"retire: {action: delete, unless_used_within: 7d, delete_after: 7d, deletion_window: 7d}"} {
		played, k := rehearsed(t, planWith(line), 1, 0, 95*day)
		n := played.Tally
		want := cost.Calls{"dynamodb:BatchGetItem": float64(n.Runs), "kms:ListAliases": 1,
			"kms:CreateAlias": 1} // v1's name
		for _, part := range []struct {
			times int
			calls cost.Calls
		}{{n.Rotations, cost.Rotation(k)}, {n.Drained, cost.Drain(k)}, {n.Deleted, cost.Deletion(k)}} {
			for name, calls := range part.calls {
				want[name] += float64(part.times) * calls
			}
		}
		if n.Rotations != 3 {
			t.Fatalf("%q: %+v", line, n)
		}
		for name, calls := range want {
			if _, called := played.Calls[name]; !called && calls > 0 {
				t.Errorf("%q: %s was never called", line, name)
			}
		}
		for name, calls := range played.Calls {
			if float64(calls) != want[name] {
				t.Errorf("%q: %d calls of %s, the formula says %v", line, calls, name, want[name])
			}
		}
	}
}

// Pools that start at the same instant call no more than the formula says.
func TestCallsOfFourPools(t *testing.T) {
	const pools = 4
	for _, together := range []float64{0, 0.3} {
		played, k := rehearsed(t, planWith(""), pools, together, 95*day)
		n := played.Tally
		most := cost.Calls{"dynamodb:BatchGetItem": float64(n.Runs), "kms:ListAliases": 1, "kms:CreateAlias": 1}
		add := func(times int, calls cost.Calls) {
			for name, c := range calls {
				most[name] += float64(times) * c
			}
		}
		add(n.Rotations, cost.Rotation(k))
		add(n.Drained, cost.Drain(k))
		add((pools-1)*n.Rotations, cost.Late(k))
		for name, calls := range played.Calls {
			if float64(calls) > most[name] {
				t.Errorf("%v together: %d calls of %s, the formula says at most %v", together, calls, name, most[name])
			}
		}
	}
}

// A month of the formula is a month of the rehearsal: runs, rotations, keys and units.
func TestAYear(t *testing.T) {
	for _, line := range []string{"", "retire: {action: disable, unless_used_within: 7d}",
		"retire: {action: delete, unless_used_within: 7d, delete_after: 7d, deletion_window: 7d}"} {
		played, k := rehearsed(t, planWith(line), 1, 0, 365*day)
		e := cost.Of([]plan.Policy{k}, cost.Load{Pools: 1, Every: 6 * time.Hour, Years: 1}, cost.Known())
		near := func(what string, formula, counted, most float64) {
			if formula < counted*0.9 || formula > counted*most {
				t.Errorf("%q: %s: the formula says %.1f, and %.1f were counted", line, what, formula, counted)
			}
		}
		near("runs", 12*e.Runs, float64(played.Tally.Runs), 1.1)
		near("rotations", 12*e.Rotations, float64(played.Tally.Rotations), 1.1)
		billed, record, ledger := 0, 0, 0
		for _, state := range played.Truth().State {
			if state == "Enabled" || state == "Disabled" {
				billed++
			}
		}
		all, err := played.Admin().DynamoDB.Scan(t.Context(), &awsddb.ScanInput{TableName: &played.Table})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range all.Items {
			if it["item"].(*types.AttributeValueMemberS).Value == "record" {
				record += itemsize.Of(it)
			} else {
				ledger += itemsize.Of(it)
			}
		}
		if math.Abs(e.KMSKeys-float64(billed)) > 1 { // a version more or less waits for its deletion just now
			t.Errorf("%q: %.1f KMS keys, and %d were counted", line, e.KMSKeys, billed)
		}
		near("bytes", e.Stored, float64(record+ledger), 1.6)
		// The names of the rehearsal are short: the formula may count a unit more.
		near("read units", e.Reads/e.Runs, math.Ceil(float64(record)/4096), 2.1)
	}
}

// What the dollars are made of.
func TestDollars(t *testing.T) {
	k := plan.Policy{Table: "keyturn", Region: "us-east-1", Probe: true,
		Schedule: plan.Schedule{Every: 365 * day}, Drain: 30 * day,
		Retire: plan.Retire{Action: plan.RetireKeep}, AutoRotation: plan.AutoRotation{Every: 365 * day}}
	keys := make([]plan.Policy, 250)
	for i := range keys {
		keys[i] = k
	}
	l := cost.Load{Pools: 8, Every: 15 * time.Minute, Years: 3}
	e := cost.Of(keys, l, cost.Known())
	runs := 8.0 * 730 * 4
	if e.Runs != runs || e.KMSKeys != 250*4 || e.Materials != 250*(0+1+2+2) {
		t.Errorf("%v runs, %v keys, %v rotations of material", e.Runs, e.KMSKeys, e.Materials)
	}
	for _, c := range e.Calls {
		if c.Operation == "BatchGetItem" && math.Round(c.N-3*runs) != math.Round(12*7*250/12.0) {
			t.Errorf("%v batches of 100 in %v runs", c.N, runs)
		}
	}
	d := e.Dollars
	sum := d.Keys + d.Materials + d.Requests + d.Reads + d.Writes + d.Storage
	if d.Keys != 1000 || d.Materials != 1250 ||
		math.Abs(sum-d.Total) > 1e-9 || math.Abs(d.Reads-e.Reads*0.125/1e6) > 1e-9 {
		t.Errorf("%+v", d)
	}
	dear := cost.Known()
	dear.KeyMonth = 2
	if twice := cost.Of(keys, l, dear); twice.Dollars.Keys != 2000 {
		t.Errorf("%+v", twice.Dollars)
	}
	k.AutoRotation = plan.AutoRotation{}
	k.Region = "eu-west-1"
	if e := cost.Of([]plan.Policy{k, k}, l, cost.Known()); len(e.Missing) != 2 || e.Materials != 0 ||
		!strings.Contains(e.Missing[1], "prices of eu-west-1") {
		t.Errorf("%q", e.Missing)
	}
}

// The rate of a cron line is counted.
func TestRate(t *testing.T) {
	for line, want := range map[string]float64{"0 3 1 * *": 12, "0 3 * * *": 365, "0 3 1 1 *": 1} {
		if got := cost.Rate(plan.Policy{Schedule: plan.Schedule{Cron: line}}); got != want {
			t.Errorf("%s: %v a year", line, got)
		}
	}
	if got := cost.Rate(plan.Policy{Schedule: plan.Schedule{Every: 73 * day}}); got != 5 {
		t.Errorf("%v a year", got)
	}
}

func TestParsePrices(t *testing.T) {
	const good = "region: eu-west-1\nat: 2026-11-29\nkms_key_month: 1\nkms_10k_requests: 0.03\n" +
		"dynamodb_million_read_units: 0.1415\ndynamodb_million_write_units: 0.705\ndynamodb_gb_month: 0.283\n"
	p, err := cost.Parse([]byte(good))
	if err != nil || p.Region != "eu-west-1" || p.At != "2026-11-29" || p.Writes != 0.705 {
		t.Errorf("%+v, %v", p, err)
	}
	for text, want := range map[string]string{
		strings.Replace(good, "kms_key_month: 1", "", 1):                         "kms_key_month",
		strings.Replace(good, "0.705", "-1", 1):                                  "dynamodb_million_write_units",
		strings.Replace(good, "0.705", ".inf", 1):                                "dynamodb_million_write_units",
		strings.Replace(good, "region: eu-west-1", "", 1):                        "region",
		strings.Replace(good, "dynamodb_gb_month", "dynamodb_terabyte_month", 1): "dynamodb_terabyte_month",
		"prices": "",
	} {
		if _, err := cost.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
