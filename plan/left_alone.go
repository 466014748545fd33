package plan

import "strings"

// LeftAlone returns the refusal of an old version that stays enabled because the last
// check saw that only the record knows it; nil if there is none. The run that saw it
// needed a person; the runs after it check the version once a day and have nothing due.
func LeftAlone(p Policy, r *Record) *Refusal {
	e := r.LastError
	if e == nil || e.Code != CodeVersionUnproven {
		return nil
	}
	for _, v := range r.Old() {
		about, found := strings.CutPrefix(e.About, VersionName(v.Version)+" ")
		if !found || v.CheckedAt.IsZero() || v.CheckedAt.After(e.At) {
			continue // of another version, or a person or a run has looked at it since
		}
		d := decider{p: p, r: r}
		ref := d.onlyRecorded(v.Version, v.KeyID, nil)
		if about != v.KeyID { // it says which key has the name
			ref.Hint = d.fromKMS()
		}
		ref.About, ref.Recorded = e.About, true
		ref.What = e.Message + " (as run " + e.Run + " saw it at " + Stamp(e.At) + ")"
		return ref
	}
	return nil
}
