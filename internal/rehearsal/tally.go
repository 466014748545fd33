package rehearsal

import "github.com/keyturn/keyturn/plan"

// Tally counts what happened in a world.
type Tally struct {
	Runs       int `json:"runs"`
	Quiet      int `json:"quiet_runs"` // changed nothing
	Crashes    int `json:"crashes"`
	Pauses     int `json:"pauses"`
	Failures   int `json:"calls_lost_or_refused"`
	Persons    int `json:"verbs_of_persons"`
	Claims     int `json:"generations_claimed"`
	Rotations  int `json:"rotations"` // of a window
	ByHand     int `json:"switches_by_persons"`
	Takeovers  int `json:"takeovers"` // of what another run had left
	Drained    int `json:"drains_ended"`
	Disabled   int `json:"versions_disabled"`
	Deleted    int `json:"deletions_scheduled"`
	Reinstated int `json:"versions_reinstated"`
}

// count takes in a run that is over.
func (t *Tally) count(r *Run) {
	t.Runs++
	if !r.changed {
		t.Quiet++
	}
	if r.Request.Verb != plan.VerbSchedule {
		t.Persons++
	}
}

// wrote takes in one write of a record.
func (t *Tally) wrote(old, r *plan.Record) {
	if r.Generation > old.Generation {
		t.Claims++
	}
	if old.Step == plan.Switching && r.Step == plan.Steady && r.SwitchedAt.After(old.SwitchedAt) {
		if old.Claim.Verb == plan.VerbSchedule {
			t.Rotations++
		} else {
			t.ByHand++
		}
	}
	if old.Step != plan.Steady && r.Generation == old.Generation && r.Lease != nil &&
		(old.Lease == nil || old.Lease.Run != r.Lease.Run) {
		t.Takeovers++
	}
	for _, v := range r.Old() {
		was := old.EntryOf(v.KeyID)
		retired := was != nil && was.State.Retired()
		switch {
		case v.State == plan.Draining && retired:
			t.Reinstated++
		case v.State == plan.Draining:
		case !retired:
			t.Drained++
			if !v.DisabledAt.IsZero() {
				t.Disabled++
			}
		case was.DeleteAt.IsZero() && !v.DeleteAt.IsZero():
			t.Deleted++
		}
	}
}
