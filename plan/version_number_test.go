package plan_test

import (
	"fmt"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

func TestSplitVersion(t *testing.T) {
	for name, want := range map[string]string{
		"alias/orders/v7":                    "alias/orders 7 true",
		"alias/orders/v2147483648":           "alias/orders 2147483648 true",
		"alias/orders/v2147483649":           "alias/orders 0 false",
		"alias/orders/v9223372036854775807":  "alias/orders 0 false",
		"alias/orders/v92233720368547758070": "alias/orders 0 false",
		"alias/orders/v0":                    "alias/orders 0 false",
		"alias/orders/v007":                  "alias/orders 0 false",
		"alias/orders/v":                     " 0 false",
		"alias/orders/version7":              " 0 false",
		"orders":                             " 0 false",
	} {
		of, n, ok := plan.SplitVersion(name)
		if got := fmt.Sprintf("%s %d %v", of, n, ok); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// A number that keyturn cannot have given is refused by its name, whatever is
// asked for, before anything is counted on from it.
func TestBadVersionNumber(t *testing.T) {
	name := func(number string) sight {
		return func(o *plan.Observed) {
			o.Listing.Versions = append(o.Listing.Versions, plan.AliasListed{Name: "alias/orders-data/v" + number,
				KeyID: "kx"})
			o.Listed[plan.MaxVersion] = plan.VersionSeen{Version: plan.MaxVersion, KeySeen: enabled("kx")}
		}
	}
	// None of them is done: the generation after the highest one is over it.
	for _, number := range []string{"9223372036854775807", "92233720368547758070", "2147483649", "2147483648", "0",
		"007"} {
		for what, c := range map[string]struct {
			r *plan.Record
			q plan.Request
			o plan.Observed
		}{
			"a rebuild without a record": {nil, byRebuild, listed(name(number))},
			"a rebuild over a record": {record(plan.Steady, func(r *plan.Record) { r.TableID = "table-0" }),
				byRebuild, listed(name(number))},
			"cron's first sight": {nil, bySchedule, listed(name(number))},
			"an adopt of what somebody has set": {record(plan.Steady), byAdopt, listed(aliasOn("kn"), movedLooked,
				name(number))},
		} {
			d := plan.Decide(noon, ordersPolicy(), c.r, c.q, c.o)
			want := "refuse bad-version"
			if number == "2147483648" && c.q != byRebuild {
				continue // a number that could be, and is just not ours
			}
			if said(d) != want {
				t.Errorf("%s with v%s: %s %v", what, number, said(d), d.Reasons)
			}
		}
	}
}

// An older record may have been written by anybody. Its number is counted on
// from only while that leads somewhere.
func TestRebuildOverAnImpossibleGeneration(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) { r.Generation = plan.MaxVersion })
	if got := rebuild(t, ordersPolicy(), r, listed()).Generation; got != 8 {
		t.Errorf("generation %d", got)
	}
}
