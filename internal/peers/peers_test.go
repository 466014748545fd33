//go:build unix

package peers

import (
	"testing"

	"github.com/keyturn/keyturn/internal/golden"
)

// Two processes of each peer that is installed, with no fault; and keyturn with the
// stale move, where AWS's clock jumps over the lease.
func TestFewProcesses(t *testing.T) {
	for _, p := range []peer{script(), lock(), keyturn()} {
		t.Run(p.name, func(t *testing.T) {
			judge(t, play(t, p, calm, 2, true))
		})
	}
	t.Run("stale", func(t *testing.T) {
		judge(t, play(t, keyturn(), stale, 3, true))
	})
}

// Eight processes of each in all cases. The peers of one case run at once, for most
// of it is waiting; those without a fault one after the other, for it is compared what
// they use.
func TestPeers(t *testing.T) {
	if !*all {
		t.Skip("minutes: -peers.all; scripts/peers.sh does")
	}
	peers := []peer{script(), lock(), keyturn()}
	var results []result
	for _, f := range []fault{calm, stopped, killed, stale} {
		found := make([]result, len(peers))
		t.Run(f.name, func(t *testing.T) {
			for i, p := range peers {
				t.Run(p.name, func(t *testing.T) {
					if f.does != nil {
						t.Parallel()
					}
					found[i] = play(t, p, f, 8, false)
					judge(t, found[i])
				})
			}
		})
		results = append(results, found...)
	}
	table := tableOf(results)
	t.Log("\n" + table)
	if golden.Update() && !t.Failed() { // else it is not compared: times are the machine's
		write(t, table)
	}
}

// judge checks what docs/peers.md says in general: what keyturn does in each case, and
// where the lock does harm and where it does not.
func judge(t *testing.T, r result) {
	t.Helper()
	t.Logf("%+v", r)
	moves, orphans, victim := 1, 0, "0"
	switch r.fault {
	case calm.name:
		victim = "–"
	case killed.name:
		orphans, victim = 1, "killed"
	case stale.name:
		moves = 2 // the person's too
	}
	switch {
	case r.peer == "script":
		if r.moves < 1 || r.fault == stale.name && !r.back {
			t.Errorf("%d moves, back: %v; docs/peers.md says that nothing holds back its stale move", r.moves, r.back)
		}
	case r.peer == "lock" && r.fault == stale.name:
		if !r.back || r.lost == 0 || r.victim != "1" {
			t.Errorf("back: %v, %d lost, victim: %s; docs/peers.md says that nothing holds back its stale move",
				r.back, r.lost, r.victim)
		}
	case r.peer == "lock" && r.fault == stopped.name:
		// Whether another run has rotated within the 30 s is up to the machine.
	default:
		if r.moves != moves || r.made != moves+orphans || r.back || r.orphans != orphans || r.lost != 0 {
			t.Errorf("%d keys made, %d moves, back: %v, %d orphans, %d lost",
				r.made, r.moves, r.back, r.orphans, r.lost)
		}
		for _, exit := range r.exits {
			if exit != 0 {
				t.Errorf("exits %v", r.exits)
			}
		}
		if r.victim != victim {
			t.Errorf("the victim: %s, want %s", r.victim, victim)
		}
	}
}
