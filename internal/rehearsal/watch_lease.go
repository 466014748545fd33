package rehearsal

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// stuckFor is for how long a run may have the lease and get nowhere. At the second time that
// what it had seen is too old it frees the lease, at its next look.
const stuckFor = plan.MostLate*plan.LooksLast + 90*time.Second

// getsOn checks that no run keeps a key from others for long and gets nowhere.
func (e *observation) getsOn(key string, old, r *plan.Record) {
	wrote := r.Events[len(r.Events)-1].At
	if r.Lease == nil {
		delete(e.got, key)
		return
	}
	since, known := e.got[key]
	if !known || !old.Leased(wrote) || old.Lease.Run != r.Lease.Run || progress(old, r) {
		e.got[key] = wrote
		return
	}
	if kept := wrote.Sub(since); kept > stuckFor {
		e.fail("lease", "%s has kept the lease for %s and got nowhere", r.Lease.Run, kept)
	}
}

// progress reports whether a write is a step forward, as docs/protocol.md says it.
func progress(old, r *plan.Record) bool {
	return r.Generation != old.Generation || r.Step != old.Step ||
		slices.ContainsFunc(r.Versions, func(v plan.Version) bool {
			was := old.EntryOf(v.KeyID)
			return was == nil || was.State != v.State
		})
}
