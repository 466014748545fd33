package docs

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// That a record has forgotten who retired the first of many versions is no tampering.
func TestManyRetirersAreClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, keeping)
		rotated(w)
		for n := range plan.MaxRetirers + 2 {
			w.must(0, fmt.Sprintf("retire orders-data/v%d --reason leak --confirm orders-data", n+1))
			w.advance(time.Hour)
			w.must(0, "rotate orders-data --again --reason leak --confirm orders-data")
			w.advance(time.Hour)
		}
		w.advance(31 * day)
		w.must(0, "hold orders-data --reason look")
		w.must(0, "release orders-data")
		forgotten := func(v plan.Version) bool { return v.State == plan.Disabled && v.RetiredBy == "" }
		if s := (&witness{w: w}); !slices.ContainsFunc(s.old(), forgotten) {
			t.Error("the record has forgotten nobody")
		}
		if found := w.finds(); len(found) > 0 {
			t.Errorf("found %v", found)
		}
	})
}
