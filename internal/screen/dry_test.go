package screen

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// While a signed move is out, nobody else has the key.
func TestDryRunUnderFence(t *testing.T) {
	now := time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)
	k := rotate.KeyReport{Busy: true, Fenced: true, Until: now.Add(time.Minute), Reasons: []plan.Reason{{Code: "fenced",
		Text: "an alias move was signed and not answered"}}}
	r := &rotate.Report{Dry: true, Finished: now, Keys: []rotate.KeyReport{k}}
	if got, want := dryLine(k, r), "not yet: an alias move was signed and not answered"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
