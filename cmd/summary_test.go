package cmd

import (
	"testing"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// What somebody else did to an old version is said as found.
func TestOldVersionsAreSaidAsTheLedgerHasThem(t *testing.T) {
	for _, c := range []struct {
		act  plan.Act
		want string
	}{
		{plan.Act{Kind: plan.WriteRetired, Version: 1}, "disabled v1"},
		{plan.Act{Kind: plan.WriteRetired, Version: 1, Note: plan.Note{What: "found v1 disabled"}}, "found v1 disabled"},
		{plan.Act{Kind: plan.WriteDeleting, Version: 1}, "scheduled the deletion of v1"},
		{plan.Act{Kind: plan.WriteDeleting, Version: 1, Note: plan.Note{What: "found v1 gone"}}, "found v1 gone"},
	} {
		if got := ofOld([]rotate.Trace{{Act: c.act}}); got != c.want {
			t.Errorf("%s: %q, want %q", c.act.Kind, got, c.want)
		}
	}
}
