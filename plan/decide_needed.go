package plan

import "strings"

// needed describes why aliases forbid to retire a version: one other than its v<n> names
// it, or the alias is not where the record says. It is "" if they do not.
func (d decider) needed(version int64, keyID string) string {
	var others []string
	for _, a := range d.o.old(keyID).Aliases {
		if a.Name != VersionAlias(d.p.Alias, version) {
			others = append(others, a.Name)
		}
	}
	switch a := d.o.Alias; {
	case len(others) == 1:
		return others[0] + " names it"
	case len(others) > 1:
		return strings.Join(others, ", ") + " name it"
	case a.Missing || a.KeyID != d.r.Live().KeyID || keyID == d.r.Live().KeyID:
		return d.p.Alias + " is not on " + VersionName(d.r.Active) + ", although the record says so"
	}
	return ""
}

// stillEnabled decides for a version that is not retired now. It removes a mark that
// ran out, because the version was seen enabled after it.
func (d decider) stillEnabled(e Version) *Decision {
	if e.Fence == nil {
		return nil
	}
	return &Decision{Act: Writing(e.Version, e.KeyID, UnmarkWrite{})}
}

// withOld adds the results of the work on old versions to the end of a scheduled run:
// which stay enabled and why, and what failed.
func (d decider) withOld(end *Decision, more []Reason) *Decision {
	if d.o.MarkRefusal != nil {
		return d.conclude(refuse(*d.o.MarkRefusal))
	}
	for _, v := range d.r.Old() {
		at := d.o.old(v.KeyID).EnabledAt
		if !v.enabled() && !at.IsZero() && !at.Before(v.DisabledAt.Add(-LooksLast)) {
			return d.conclude(d.reinstateUndone(v.Version, "has been disabled or deleted since", EventRetired))
		}
	}
	if ref := d.unprovenOld(); ref != nil {
		return d.conclude(refuse(*ref))
	}
	if ref := d.checkedUnlike(); ref != nil {
		return d.conclude(refuse(*ref))
	}
	end.Reasons = append(end.Reasons, more...)
	var unknown, about []string
	for _, e := range d.r.Draining() {
		why, notLearnt := d.staysEnabled(e)
		if why == "" {
			continue
		}
		text := VersionName(e.Version) + " stays enabled: " + why
		end.Reasons = append(end.Reasons, Reason{CodeNotRetired, text})
		if notLearnt {
			unknown, about = append(unknown, text), append(about, VersionName(e.Version))
		}
	}
	// Cron prints nothing about a key that is in order. So a cause that keeps a drain
	// from ever ending is recorded, where a person looks.
	ref := Refusal{Code: CodeLastUse, About: strings.Join(about, " "), What: strings.Join(unknown, "; ")}
	if len(unknown) > 0 && end.Act.Outcome != Refused && !d.knows(ref) {
		return d.note(Note{Did: did(EventRefused, EventKind(ref.Code)), Error: d.refusedFor(ref)})
	}
	return d.orOldFailed(end)
}

// orOldFailed turns an otherwise good end into Failed if work on an old version
// failed.
func (d decider) orOldFailed(end *Decision) *Decision {
	f := d.o.OldFailed
	if f == nil || end.Act.Kind != Stop {
		return end
	}
	switch end.Act.Outcome {
	case Refused, Failed, Lagging:
		return end
	}
	return stop(Failed, append([]Reason{{CodeFailed, f.Text()}}, end.Reasons...)...)
}

// staysEnabled describes why this run did not retire a version that it checked, or that
// somebody holds. unknown
// reports whether that is because its last use is not known.
func (d decider) staysEnabled(e Version) (why string, unknown bool) {
	if e.Held(d.now) && !d.now.Before(d.p.DrainEnd(e)) {
		return e.Hold.Text(d.now), false
	}
	old := d.o.old(e.KeyID)
	if !old.checking(e.CheckedAt) || !old.Listed || d.o.Alias == nil || old.Failed != nil {
		return "", false
	}
	if why = d.needed(e.Version, e.KeyID); why != "" || old.Use == nil {
		return why, false
	}
	within := Careful(e.Retire, d.p.Retire).UnlessUsedWithin
	if old.Use.Quiet(d.now, within) {
		return "", false
	}
	why, known := old.Use.Why(d.now, within)
	return why, !known
}

// awaiting counts the versions that await disabling. One that somebody holds does not
// count: a hold on a version stops no rotation. Once the aliases were listed, a
// version that its v<n> does not name does not count: it will never be disabled, and
// must not stop rotations for ever.
func (d decider) awaiting() int {
	n := 0
	for _, e := range d.r.Draining() {
		if e.AwaitsDisabling() && !e.Held(d.now) && (d.o.Listing == nil || d.listedAs(e.Version, e.KeyID)) {
			n++
		}
	}
	return n
}
