package rehearsal

import "testing"

// The same pools with the same troubles: the script does every kind of harm,
// keyturn none. Keys that a killed run has made for nothing both leave behind;
// keyturn's never served, and audit finds them.
func TestNaive(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it compares, and finds nothing")
	}
	d := Draw{Seed: 1, Pools: 5, Keys: 2, Span: 100 * day, Every: day, Naive: true,
		Trouble: Trouble{Switch: 0.2, CallFault: 0.03, Crash: 0.1, Pause: 0.05}}
	script, err := d.Play(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	h := script.Harm
	t.Logf("script: %+v", h)
	if h.Duplicate == 0 || h.Repeated == 0 || h.Backwards == 0 || h.Early+h.Forgotten == 0 {
		t.Errorf("the script does no harm of some kind: %+v", h)
	}
	d.Naive = false
	ours, err := d.Play(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	h = ours.Harm
	t.Logf("keyturn: %+v", h)
	if len(ours.Watch.Broken) > 0 {
		t.Error(ours.Watch.Broken[0])
	}
	h.Windows, h.Orphans = 0, 0
	if h != (Harm{}) {
		t.Errorf("keyturn did harm: %+v", h)
	}
	if ours.Tally.Rotations != ours.Harm.Windows {
		t.Errorf("%d rotations in the records, %d windows in which an alias moved",
			ours.Tally.Rotations, ours.Harm.Windows)
	}
}
