package docs

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// adoptedWorld is a world whose key keyturn has taken under management.
func adoptedWorld(t *testing.T, text string) *world {
	w := newWorld(t, text)
	w.createAlias(alias, w.newKey())
	w.must(0, "init --table")
	w.must(0, "run")
	return w
}

// A record that was put back from a copy of before a switch, and made again: that the
// rebuild knows from the ledger when a version left is no edit.
func TestRebuildAfterAPutBackIsClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := adoptedWorld(t, keeping)
		w.advance(quarter)
		w.must(0, "run")
		w.advance(quarter)
		w.putBack(func() { w.must(0, "run") })
		w.advance(25 * time.Minute)
		for range 2 { // the second one replays the event of the first one
			w.must(0, "adopt orders-data --from-kms --reason restored --confirm orders-data")
			w.advance(25 * time.Minute)
			w.must(0, "run")
			w.must(0, "audit")
			w.deleteItems("record")
		}
	})
}

// A rebuild gives up the version that waits for its window, and a run makes another one for
// that window. The first one was never live: nothing was rotated twice.
func TestRebuildBeforeAWindowIsClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := adoptedWorld(t, keeping+"    prepublish: 2d\n")
		w.advance(89 * day)
		w.must(0, "run")
		w.must(0, "audit")
		w.restoreTable()
		w.must(0, "adopt orders-data --from-kms --reason restored --confirm orders-data")
		for range 3 {
			w.advance(day)
			w.must(0, "run")
		}
		w.must(0, "audit")
	})
}

// A disabling whose answer was lost is keyturn's own: no audit blames somebody else.
func TestLostDisablingIsClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := adoptedWorld(t, strings.Replace(keeping, "drain: 30d", "drain: 2d", 1)+
			"    retire: {action: disable, unless_used_within: off}\n    usage: ENCRYPT_DECRYPT\n")
		w.must(0, "rotate orders-data --reason leak --again --confirm orders-data")
		w.advance(3 * day)
		w.fault(sandbox.Fault{Operation: "DisableKey", Kind: sandbox.Lose})
		_, out := w.keyturn("run")
		w.fault()
		for _, wait := range []time.Duration{31 * time.Minute, 61 * time.Minute, 25 * time.Hour} {
			w.advance(wait)
			w.must(0, "run")
		}
		if exit, said, _ := w.run("audit"); exit != 0 || strings.Contains(said, "warning") {
			_, history, _ := w.run("history", "orders-data", "-v")
			t.Errorf("%s%s%s", out, said, history)
		}
	})
}

// What a hold has kept from being done is not late when the hold ends: cron's next run does
// it.
func TestEndOfAHoldIsClean(t *testing.T) {
	for what, ends := range map[string]string{"by itself": "--until 20d", "by release": ""} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := adoptedWorld(t, strings.Replace(keeping, "every: 90d", "every: 30d", 1)+
					"    retire: {action: disable, unless_used_within: off}\n")
				for range 2 {
					w.must(0, "rotate orders-data --reason leak --again --confirm orders-data")
				}
				w.advance(29 * day)
				w.must(0, strings.TrimSpace("hold orders-data --reason look "+ends))
				w.advance(20*day + time.Minute)
				if ends == "" {
					w.must(0, "release orders-data")
				}
				if exit, said, _ := w.run("audit"); exit != 0 || strings.Contains(said, "warning") {
					t.Error(said)
				}
				w.must(0, "run")
				w.must(0, "audit")
			})
		})
	}
}

// An open generation, too.
func TestEndOfAHoldWithAnOpenGenerationIsClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := adoptedWorld(t, keeping)
		w.advance(quarter)
		w.fault(sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Drop})
		w.keyturn("run")
		w.fault()
		w.must(0, "hold orders-data --reason look")
		w.advance(day)
		w.must(0, "release orders-data")
		w.must(0, "audit")
		w.must(0, "run")
	})
}

// A window that a run has begun is not late because a rebuild gives its version up.
func TestRebuildInAWindowIsClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := adoptedWorld(t, keeping+"    prepublish: 2d\n")
		w.advance(88*day + time.Minute) // the window opens in two days
		w.must(0, "run")
		w.advance(6 * time.Hour)
		w.deleteItems("record")
		w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
		w.must(0, "audit")
		w.advance(25 * time.Minute)
		w.must(0, "run")
		w.advance(3 * day)
		w.must(0, "run")
		w.must(0, "audit")
	})
}
