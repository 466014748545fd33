package plan

import (
	"fmt"
	"time"
)

// reinstate decides for a person's `reinstate`: a disabled version works again
// now. The record is written first, so that whoever comes after this run knows
// what is owed; then KMS is told, at once, for decrypt is down.
func (d decider) reinstate() Decision {
	if d.o.DidVerb {
		for _, e := range d.r.Draining {
			if e.Version == d.o.VerbVersion && !e.LookAfter.IsZero() && !d.o.old(e.KeyID).Restored {
				return d.ending(d.restore(e))
			}
			if e.Version == d.o.VerbVersion && !e.LookAfter.IsZero() && !d.now.Before(e.LookAfter) {
				return d.looked(e)
			}
		}
		return d.ending(stop(Settled, Reason{"reinstated", VersionName(d.o.VerbVersion) + " works again"}))
	}
	version, keyID, until, ref := d.reinstateWhich()
	if ref != nil {
		return d.ending(refuse(*ref))
	}
	if keyID == "" {
		return d.ending(stop(Settled, Reason{"enabled", VersionName(version) + " is not disabled"}))
	}
	return Decision{Act: Act{Kind: WriteReinstate, Version: version, KeyID: keyID, Reason: d.q.Reason,
		Drain: d.p.Drain, Retire: d.p.Retire, LookAfter: latest(until, d.now)}}
}

// reinstateWhich finds the version: the one named, else the one retired last.
// until is when a mark on it is over. An empty keyID says that it works.
func (d decider) reinstateWhich() (version int64, keyID string, until time.Time, ref *Refusal) {
	var last time.Time
	for _, e := range d.r.Draining {
		if e.Mark != nil && (d.q.Version == e.Version || d.q.Version == 0 && e.Mark.Since.After(last)) {
			version, keyID, until, last = e.Version, e.KeyID, e.Mark.Until, e.Mark.Since
		}
		if d.q.Version == e.Version && e.Mark == nil {
			return e.Version, "", until, nil
		}
	}
	for _, t := range d.r.Retired {
		if d.q.Version == t.Version && t.DisabledAt.IsZero() {
			return t.Version, "", until, nil
		}
		if t.DisabledAt.IsZero() || d.q.Version != 0 && d.q.Version != t.Version || !t.DisabledAt.After(last) {
			continue
		}
		version, keyID, until, last = t.Version, t.KeyID, time.Time{}, t.DisabledAt
		if t.Mark != nil {
			until = t.Mark.Until
		}
	}
	if d.r.Active != nil && d.q.Version == d.r.Active.Version {
		return d.q.Version, "", until, nil
	}
	if version == 0 {
		what := "no version of " + d.p.Name + " is disabled"
		if d.q.Version != 0 {
			what = VersionName(d.q.Version) + " is no version of " + d.p.Name
		}
		return 0, "", until, &Refusal{Code: "nothing-to-reinstate", Unwritten: true, Safe: safeAll, What: what, Hint: "keyturn status"}
	}
	return version, keyID, until, nil
}

// owed decides for versions that were reinstated and are to be seen to again:
// a disabling that was signed before may have arrived after the enabling. It
// is done under a hold too. The write before the calls says who does it, so
// that pools which start together do not all call.
func (d decider) owed() (Decision, bool) {
	for _, e := range d.r.Draining {
		if e.LookAfter.IsZero() {
			continue
		}
		old := d.o.old(e.KeyID)
		switch {
		case old.Restored:
			return d.looked(e), true
		case old.Looking:
			return d.restore(e), true
		case !d.now.Before(e.LookAfter):
			return Decision{Act: Act{Kind: WriteLookAgain, Version: e.Version, KeyID: e.KeyID, LookAfter: d.now.Add(LeaseFor)},
				Reasons: []Reason{{"owed", VersionName(e.Version) + " was reinstated and is seen to again"}}}, true
		}
	}
	return Decision{}, false
}

// restore makes KMS enable a version: a deletion that is pending is cancelled
// first, which leaves the key disabled.
func (d decider) restore(e Draining) Decision {
	old := d.o.old(e.KeyID)
	act := Act{Version: e.Version, KeyID: e.KeyID}
	switch {
	case old.Key == nil:
		act.Kind = LookOld
	case old.Key.Missing:
		return refuse(Refusal{Code: "version-gone", Safe: "what only " + VersionName(e.Version) + " can decrypt is lost",
			What: fmt.Sprintf("%s (%s) does not exist any more", VersionName(e.Version), e.KeyID), Hint: "keyturn status"})
	case old.Key.State == statePending && !old.Cancelled:
		act.Kind = CancelDeletion
	default:
		act.Kind = EnableKey
	}
	act.Try = d.o.Tries[act.Kind]
	return Decision{Act: act}
}

func (d decider) looked(e Draining) Decision {
	return Decision{Act: Act{Kind: WriteLooked, Version: e.Version, KeyID: e.KeyID}}
}

// Key states, as DescribeKey writes them.
const (
	stateDisabled = "Disabled"
	statePending  = "PendingDeletion"
)
