package plan

import (
	"fmt"
	"strings"
	"time"
)

// This file compares the plan with the kind of a key: its spec and usage, which never
// change. A plan that names another kind is not about this key, so its other terms do
// not count either: its default may be to disable old versions because it says that
// its keys do not encrypt.

// Fits reports whether the plan leaves spec and usage open or names the same ones. An
// unknown kind ("") fits only a plan that leaves both open.
func (p Policy) Fits(spec, usage string) bool {
	return (p.Spec == "" || p.Spec == spec) && (p.Usage == "" || p.Usage == usage)
}

// RetireOf returns how the plan retires a version of this kind: it is kept if the plan
// is about another kind.
func (p Policy) RetireOf(spec, usage string) Retire {
	if p.Fits(spec, usage) {
		return p.Retire
	}
	return Careful(Retire{Action: RetireKeep}, p.Retire)
}

// differs describes how a kind differs from the plan; "" if it does not.
func (p Policy) differs(spec, usage string) string {
	switch {
	case p.Spec != "" && spec != p.Spec:
		return fmt.Sprintf("has spec %s, the plan says %s", spec, p.Spec)
	case p.Usage != "" && usage != p.Usage:
		return fmt.Sprintf("has usage %s, the plan says %s", usage, p.Usage)
	}
	return ""
}

// otherKind refuses a key behind the alias whose spec or usage the plan contradicts.
func (d decider) otherKind(k KeySeen) *Refusal {
	if what := d.p.differs(k.Spec, k.Usage); what != "" {
		return d.unlike(k, what)
	}
	return nil
}

// claimFits refuses an open generation of another kind than the plan's, before its move
// is confirmed for the first time. After that the claim counts, because any run must be
// able to finish a half-made switch. It never refuses a rollback, nor a first alias that
// exists already.
func (d decider) claimFits() *Decision {
	c := d.r.Claim
	what := d.p.differs(c.Spec, c.Usage)
	made := d.r.Active == 0 && d.o.Alias != nil && !d.o.Alias.Missing
	if what == "" || made || d.r.Step == Switching || c.Verb == VerbRollback {
		return nil
	}
	return refuse(d.claimUnlike(what))
}

func (d decider) claimUnlike(what string) Refusal {
	hint := Noted("correct spec and usage in the plan")
	if d.r.Active == 0 {
		hint = Try("keyturn", "adopt", d.p.Name, "--create").Noted(
			"type it if the plan is right; else correct spec and usage in the plan")
	}
	about := strings.Join([]string{VersionName(d.r.Generation), d.p.Spec, d.p.Usage}, " ")
	return Refusal{Code: CodeUnlikePlan, About: about, Hint: hint,
		What: fmt.Sprintf("%s, as it was claimed, %s", VersionName(d.r.Generation), what)}
}

// oldUnlike refuses to disable or delete an old version if it, or the key behind the
// alias, is of another kind than the plan's; nil if neither is, as far as this run has
// seen them.
func (d decider) oldUnlike(version int64, keyID string) *Refusal {
	if k := d.o.old(keyID).Key; k != nil {
		if ref := d.kindUnlike(version, *k); ref != nil {
			return ref
		}
	}
	if k := d.o.Alias; k != nil && !k.Missing {
		return d.otherKind(*k)
	}
	return nil
}

func (d decider) kindUnlike(version int64, k KeySeen) *Refusal {
	what := d.p.differs(k.Spec, k.Usage)
	if what == "" || k.Missing {
		return nil
	}
	return &Refusal{Code: CodeUnlikePlan, About: d.kindAndPlan(k),
		Hint: Noted("correct spec and usage in the plan"),
		What: fmt.Sprintf("%s (%s) %s: it is left as it is", VersionName(version), k.KeyID, what)}
}

// checkedUnlike returns that refusal for a version that this run has checked, and would
// have retired by a plan that fits.
func (d decider) checkedUnlike() *Refusal {
	for _, v := range d.r.Old() {
		old := d.o.old(v.KeyID)
		if old.checking(v.CheckedAt) && d.dueToRetire(v, old.Key) {
			if ref := d.oldUnlike(v.Version, v.KeyID); ref != nil {
				return ref
			}
		}
	}
	return nil
}

// dueToRetire reports whether a version, seen as k, has drained and must be disabled, or
// was disabled for long enough and must be deleted.
func (d decider) dueToRetire(v Version, k *KeySeen) bool {
	switch {
	case k == nil || v.Held(d.now):
	case v.State == Draining:
		return k.State == KeyEnabled && !d.now.Before(d.p.DrainEnd(v)) &&
			Careful(v.Retire, d.p.Retire).Action != RetireKeep
	case v.State == Disabled:
		return k.State == KeyDisabled && d.p.Retire.Action == RetireDelete &&
			!d.now.Before(latest(v.DisabledAt.Add(d.p.Retire.DeleteAfter), d.p.drainOf(v)))
	}
	return false
}

// OldUnlike returns the refusal for an old version that is due to retire although the
// plan is about another kind of key; nil for others.
func OldUnlike(now time.Time, p Policy, r *Record, version int64, k KeySeen) *Refusal {
	d := decider{now: now, p: p, r: r}
	if v := r.Entry(version); v != nil && v.KeyID == k.KeyID && d.dueToRetire(*v, &k) {
		return d.kindUnlike(version, k)
	}
	return nil
}

// ClaimUnlike returns the refusal that stops an open generation before its first confirm
// because the plan is about another kind of key; nil if there is none.
func ClaimUnlike(p Policy, r *Record) *Refusal {
	if r.Step == Steady || r.Claim == nil {
		return nil
	}
	next := decider{p: p, r: r}.claimFits()
	if next == nil {
		return nil
	}
	return next.Act.Refuses()
}

// LiveUnlike returns the refusal for a key behind the alias of another kind than the
// plan's; nil if the plan fits. A run with nothing due does not look.
func LiveUnlike(p Policy, k KeySeen) *Refusal {
	if k.Missing {
		return nil
	}
	return decider{p: p}.otherKind(k)
}

// retireOfActive returns how the live version, or the version of the open generation,
// retires when somebody else's key takes its place. Both are of the claim's kind. An
// adopted or rebuilt record has no claim; then the run looks at the version itself.
func (d decider) retireOfActive() (Retire, *Decision) {
	if c := d.r.Claim; c != nil {
		return d.p.RetireOf(c.Spec, c.Usage), nil
	}
	if rank(d.p.Retire.Action) == 0 || d.p.Fits("", "") {
		return d.p.Retire, nil
	}
	k := d.o.Active
	if k == nil || !k.Missing && k.KeyID != d.r.Live().KeyID {
		act := Act{Kind: LookActive, Version: d.r.Active, KeyID: d.r.Live().KeyID}
		return Retire{}, &Decision{Act: act}
	}
	return d.p.RetireOf(k.Spec, k.Usage), nil // the kind of a missing one is not known
}
