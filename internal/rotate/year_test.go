package rotate_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
)

// A year in the life of a key, from cron's side: each event at its right time
// and nothing else. Two pools ask every day, a quarter of an hour apart; the
// golden file is the whole ledger.
func TestYear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, key, _ := managed(t, `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: 7d, delete_after: 60d, deletion_window: 7d}
`)
		start := w.record(key).Anchor
		pools := []*pool{w.pool("cron"), w.pool("other")}
		for at := start.Add(day); at.Before(start.Add(366 * day)); at = at.Add(day) {
			// Some seconds later each day, so that what is over after so many
			// days is over: a run knows AWS's time to within two.
			late := at.Sub(start) / (20 * 1000)
			for i, pool := range pools {
				w.advance(at.Add(time.Duration(i)*15*time.Minute + late).Sub(w.aws.Now()))
				pool.mustRun()
			}
		}
		var b strings.Builder
		for _, e := range w.ledger(key) {
			since := e.At.Sub(start)
			fmt.Fprintf(&b, "%4d  day %3d, hour %d  %s\n", e.Rev, int(since/day), int(since%day/time.Hour),
				plan.EventText(e))
		}
		golden.Compare(t, "testdata/year.txt", b.String())
		w.sound()
		// What the ledger says has happened in KMS.
		r := w.record(key)
		kms := w.aws.Truth(w.plan.Region)
		for _, e := range r.Retired() {
			want := "Disabled"
			switch state, there := kms.State[e.KeyID]; {
			case !e.DeleteAt.IsZero() && !w.aws.Now().Before(e.DeleteAt):
				if there {
					t.Errorf("v%d is %s, and was to be gone by %s", e.Version, state, e.DeleteAt)
				}
				continue
			case !e.DeleteAt.IsZero():
				want = "PendingDeletion"
			}
			if kms.State[e.KeyID] != want {
				t.Errorf("v%d is %s, want %s", e.Version, kms.State[e.KeyID], want)
			}
		}
	})
}
