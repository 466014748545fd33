package rotate

import (
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// A dry-run collects what it would do as data: a person saves it, and a later run carries
// it out. Before that run begins, a dry-run compares the two for all keys, so that nothing
// is begun if one of them differs.

// compareLater has a dry-run collect what it would do, and compare it at the end with what
// was saved: then all differences are known, and not only the first one.
func (w *worker) compareLater() {
	if !w.runner.Dry || w.request.Verb != plan.VerbSchedule || !w.runner.Foresee {
		return
	}
	w.foreseen = &plan.Saved{Key: w.policy.Key(), Digest: w.policy.Digest()}
	w.saved, w.request.Saved = w.request.Saved, nil
}

// foresee adds an act to what a dry-run would do.
func (w *worker) foresee(act plan.Act) {
	if w.foreseen == nil || !act.Kind.IsSaved() {
		return
	}
	s := plan.SavedActOf(w.policy, w.record, w.observed, act)
	if s.KeyID == newKeyID {
		s.KeyID = ""
	}
	if len(w.foreseen.Acts) == 0 && w.observed.Alias != nil {
		w.foreseen.Alias = w.observed.Alias.KeyID
	}
	w.foreseen.Acts = append(w.foreseen.Acts, s)
}

// compare completes what a dry-run would do, and refuses the key if it is not what was
// saved. Of a key that another run has, only what that run has claimed is compared: the rest
// shows to the run that waits for it.
func (w *worker) compare() {
	if w.foreseen == nil {
		return
	}
	w.foreseen.Saves(w.report.Before, w.alias())
	w.report.Foreseen = w.foreseen
	if w.saved == nil || w.report.Exit(false) == plan.ExitFailed {
		return
	}
	diffs := w.saved.GenerationDiffers(w.report.Before)
	if !w.report.Busy {
		diffs = w.saved.Differences(*w.foreseen, w.report.Before, w.report.Reasons)
	}
	if len(diffs) == 0 {
		return
	}
	ref := plan.UnlikeSaved(w.policy, diffs)
	w.report.refuse(&ref)
	w.report.Forget()
}

// alias returns the key behind the alias before the first act; "" if nobody looked.
func (w *worker) alias() string {
	if len(w.foreseen.Acts) > 0 || w.observed.Alias == nil {
		return w.foreseen.Alias
	}
	return w.observed.Alias.KeyID
}

// Unsaved returns the keys whose decision cannot be saved, because this run could not make
// one.
func (r *Report) Unsaved() []KeyReport {
	return slices.DeleteFunc(slices.Clone(r.Keys), func(k KeyReport) bool {
		return k.Exit(false) == plan.ExitDone && k.Foreseen != nil
	})
}

// Forget drops what a dry-run has only assumed, for a report that nothing was done.
func (k *KeyReport) Forget() {
	k.Record, k.Trace = k.Before, nil
	k.Why, k.Gate, k.Grants, k.GrantsUnknown, k.PolicyNotes, k.RotationNotes = nil, nil, 0, "", nil, nil
}

// NotBegun turns the report of a dry-run into that of a run which has begun nothing,
// because some of its keys differ from what was saved.
func (r *Report) NotBegun() {
	r.Dry = false
	for i := range r.Keys {
		k := &r.Keys[i]
		k.Dry = false
		k.Forget()
		if k.Exit(false) == plan.ExitDone {
			k.Outcome = plan.Settled
			k.Reasons = []plan.Reason{{Code: plan.CodeNotBegun,
				Text: "not begun: the saved decision is carried out for all its keys, or for none"}}
		}
	}
}
