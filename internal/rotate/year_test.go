package rotate_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A year in the life of a key, from cron's side: each event at its right time
// and nothing else. Two pools ask twice a day, a quarter of an hour apart; the golden file is the whole ledger.
func TestYear(t *testing.T) {
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
		for at := start.Add(12 * time.Hour); at.Before(start.Add(366 * day)); at = at.Add(12 * time.Hour) {
			// A little later each time, so that what is over after so many days
			// is over, and not on the second.
			late := at.Sub(start) / (200 * 1000)
			for i, pool := range []string{"cron", "other"} {
				w.advance(at.Add(time.Duration(i)*15*time.Minute + late).Sub(w.aws.Now()))
				w.pool(pool).mustRun()
			}
		}
		var b strings.Builder
		for _, e := range w.ledger(key) {
			since := e.At.Sub(start).Truncate(15 * time.Minute)
			fmt.Fprintf(&b, "%4d  day %3d %02d:%02d  %s\n", e.Rev, int(since/day), int(since%day/time.Hour), int(since%time.Hour/time.Minute), e.What)
		}
		golden(t, "year.txt", b.String())
		w.sound()
		// What the ledger says has happened in KMS.
		r := w.record(key)
		kms := w.truth()
		for _, e := range r.Retired {
			want := "Disabled"
			switch state, there := kms.state[e.KeyID]; {
			case !e.DeleteAt.IsZero() && !w.aws.Now().Before(e.DeleteAt):
				if there {
					t.Errorf("v%d is %s, and was to be gone by %s", e.Version, state, e.DeleteAt)
				}
				continue
			case !e.DeleteAt.IsZero():
				want = "PendingDeletion"
			}
			if kms.state[e.KeyID] != want {
				t.Errorf("v%d is %s, want %s", e.Version, kms.state[e.KeyID], want)
			}
		}
	})
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}
