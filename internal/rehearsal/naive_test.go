package rehearsal

import "testing"

// harm plays a rehearsal and returns what went wrong.
func harm(t *testing.T, d Draw) Harm {
	t.Helper()
	played, err := d.Play(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%q: %+v", d.Naive, played.Harm)
	if d.Naive == "" {
		if len(played.Watch.Broken) > 0 {
			t.Error(played.Watch.Broken[0])
		}
		if played.Tally.Rotations != played.Harm.Windows {
			t.Errorf("%d rotations in the records, %d windows in which an alias moved",
				played.Tally.Rotations, played.Harm.Windows)
		}
	}
	return played.Harm
}

// The same pools with the same troubles: the script does every kind of harm, the lock
// some, keyturn none. Keys that a killed run has made for nothing all leave behind;
// keyturn's never served, and audit finds them.
func TestNaive(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it compares, and finds nothing")
	}
	d := Draw{Seed: 1, Pools: 5, Keys: 2, Span: 100 * day, Every: day, Naive: NaiveScript,
		Trouble: Trouble{Switch: 0.2, CallFault: 0.03, Crash: 0.1, Pause: 0.05}}
	h := harm(t, d)
	if h.Duplicate == 0 || h.Repeated == 0 || h.Backwards == 0 || h.Early+h.Forgotten == 0 {
		t.Errorf("the script does no harm of some kind: %+v", h)
	}
	d.Naive = ""
	h = harm(t, d)
	h.Windows, h.Orphans = 0, 0
	if h != (Harm{}) {
		t.Errorf("keyturn did harm: %+v", h)
	}
}

// Where runs only meet, the script does harm and the lock none. The lock does harm once
// runs are stopped for longer than its lease, and once they are killed, from which
// no lock protects.
func TestLease(t *testing.T) {
	meet := Draw{Seed: 1, Pools: 5, Keys: 2, Span: 100 * day, Every: day, Naive: NaiveScript,
		Trouble: Trouble{Switch: 0.2}}
	if h := harm(t, meet); h.Duplicate == 0 {
		t.Error("the script does no harm where runs meet, so nothing is compared")
	}
	meet.Naive = NaiveLock
	h := harm(t, meet)
	if h.Windows == 0 {
		t.Error("nothing was rotated")
	}
	if h.Windows = 0; h != (Harm{}) {
		t.Errorf("the lock did harm where nothing failed: %+v", h)
	}
	if testing.Short() {
		return
	}
	stop, kill := meet, meet
	stop.Trouble.Pause, kill.Trouble.Crash = 0.1, 0.1
	if h := harm(t, stop); h.Duplicate == 0 || h.Backwards == 0 || h.Forgotten == 0 || h.Repeated > 0 {
		t.Errorf("stops longer than the lease did not do what they can do: %+v", h)
	}
	if h := harm(t, kill); h.Repeated == 0 || h.Orphans == 0 || h.Duplicate+h.Backwards > 0 {
		t.Errorf("kills did not do what they can do: %+v", h)
	}
}
