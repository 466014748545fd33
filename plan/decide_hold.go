package plan

import (
	"fmt"
	"strings"
	"time"
)

// hold stops automation on the key, whatever its step, or on one version of it. Setting it
// again stops what was begun under the earlier hold. A hold adds to one that is in force:
// somebody who holds every key for a night may not know of the incident for which one of
// them is held, and must not end that hold in the morning.
func (d decider) hold() *Decision {
	v, next := d.versionToHold()
	if next != nil {
		return d.conclude(next)
	}
	in := d.r.HoldOf(v.Version)
	if d.o.DidVerb {
		return d.conclude(d.heldSoFar(v.Version, in))
	}
	if ref := d.holdsNothing(v); ref != nil {
		return d.conclude(refuse(*ref))
	}
	w := HoldWrite{Hold: Hold{Reason: d.q.Reason, Since: d.now, Until: d.q.Until}, Entry: v}
	if in.inForce(d.now) {
		w.Hold, w.Earlier = w.Hold.merge(*in)
	}
	return &Decision{Act: d.withReason(Writing(v.Version, v.KeyID, w))}
}

// heldSoFar ends a hold that this run has set: it may have been released since.
func (d decider) heldSoFar(version int64, h *Hold) *Decision {
	switch {
	case h == nil:
		what := "it was held, and somebody released it since" + d.lastOf(EventRelease, version)
		return refuse(d.overtakenBy(what))
	case !h.Until.IsZero() && (d.q.Until.IsZero() || h.Until.Before(d.q.Until.Truncate(time.Second))):
		what := fmt.Sprintf("it was held; that was released since%s, and now it is held only until %s: %s",
			d.lastOf(EventRelease, version), Stamp(h.Until), h.Reason)
		return refuse(d.overtakenBy(what))
	}
	return stop(Settled, Reason{CodeHeld, "held"})
}

// versionToHold returns the version that a hold or a release names; the zero value stands
// for the key.
func (d decider) versionToHold() (Version, *Decision) {
	if d.q.Version == 0 || d.o.DidVerb { // a version that was released may be left out of the list since
		return Version{Version: d.q.Version}, nil
	}
	v, next := d.versionNamed(CodeNoVersion)
	if next != nil {
		return Version{}, next
	}
	return *v, nil
}

// holdsNothing refuses a hold on a version for which it would do nothing, and one too many.
func (d decider) holdsNothing(v Version) *Refusal {
	name := VersionName(v.Version)
	switch {
	case !d.q.Until.IsZero() && !d.now.Before(d.q.Until):
		return &Refusal{Code: CodeNotHoldable, Unwritten: true, Version: v.Version,
			What: "the hold would have ended at " + Stamp(d.q.Until) + " already",
			Hint: Noted("type it again with a later --until")}
	case v.Version == 0:
	case v.State == Gone:
		ref := d.goneForGood(v.Version, v.KeyID)
		ref.Unwritten = true
		return &ref
	case v.State == Deleting:
		return &Refusal{Code: CodeNotHoldable, Unwritten: true, Version: v.Version,
			What: fmt.Sprintf("KMS deletes %s (%s) at %s, which a hold does not stop", name, v.KeyID,
				Stamp(v.DeleteAt)),
			Hint: Reinstate(d.p.Name, name).Noted("cancels the deletion; then hold it")}
	case !v.Held(d.now) && len(d.r.HeldVersions(d.now)) >= MaxHeld:
		return &Refusal{Code: CodeNotHoldable, Unwritten: true, Version: v.Version,
			What: fmt.Sprintf("%d versions of %s are held, and a record has no room for more", MaxHeld, d.p.Name),
			Hint: Try("keyturn", "status", d.p.Name).Noted("shows them; retire: keep in the plan keeps all of them " +
				"enabled")}
	}
	return nil
}

// release starts automation again, and on a key clears the count of refusals. It ends only
// a hold that was set before this run began, which the person knew.
func (d decider) release() *Decision {
	v, next := d.versionToHold()
	if next != nil {
		return d.conclude(next)
	}
	h := d.r.HoldOf(v.Version)
	later := h != nil && (d.o.DidVerb || d.o.First != nil && !d.o.First.HoldOf(v.Version).same(*h))
	switch {
	case later:
		was := "it was not released"
		if d.o.DidVerb {
			was = "it was released"
		}
		what := fmt.Sprintf("%s, and it has been held since %s by %s: %s", was, Stamp(h.Since), h.By, h.Reason)
		return d.conclude(refuse(d.overtakenBy(what)))
	case d.o.DidVerb:
		return d.conclude(stop(Settled, Reason{CodeReleased, "released"}))
	case h == nil && (v.Version != 0 || d.r.Attempts == nil):
		return d.conclude(stop(Settled, Reason{CodeNotHeld, "not held"}))
	}
	return &Decision{Act: d.withReason(Writing(v.Version, v.KeyID, ReleaseWrite{}))}
}

// same reports whether it is another hold as it was then. A rebuild may make a self-hold of one.
func (h *Hold) same(other Hold) bool {
	return h != nil && h.Since.Equal(other.Since) && h.Self == other.Self
}

// merge combines a new hold with the one in force: it has the later end and both
// reasons. A self-hold stays one, because a person's hold does not fix its cause and
// must not silence the page. earlier is the hold in force; nil if the new one covers it.
func (h Hold) merge(was Hold) (both Hold, earlier *Hold) {
	both = h
	both.Rest = was.Rest
	both.Reason = joinReasons(was.Reason, h.Reason)
	both.Self = was.Self
	later := !h.Until.IsZero() && (was.Until.IsZero() || was.Until.After(h.Until))
	if later {
		both.Until = was.Until
	}
	if was.Self {
		both.Until = time.Time{} // it never ends by itself
	}
	if later || was.Self || both.Reason != h.Reason {
		earlier = &was
	}
	return both, earlier
}

// endSelfHold ends the key's own hold, if its cause is the open generation. That of a rebuild
// was there before, and stays until somebody releases it.
func (n *Record) endSelfHold() {
	if h := n.Hold; h != nil && h.Self && n.openClaim() != "" && !n.Claim.At.After(h.Since) {
		n.Hold = h.withoutSelf()
	}
}

// withoutSelf returns what remains of a self-hold once its cause is gone: the part that
// a person added, or nil.
func (h *Hold) withoutSelf() *Hold {
	switch {
	case h == nil || !h.Self:
		return h
	case h.By == selfHolder:
		return nil
	}
	n := clone(h)
	n.Self = false
	return n
}

// selfHolder is the By of a hold that no person has set or added to.
const selfHolder = "keyturn"

// joinReasons appends a reason to earlier ones, unless they contain it. If the text is
// too long for a record, the oldest are cut off; the ledger has each in full.
func joinReasons(was, reason string) string {
	switch {
	case was == "" || was == reason:
		return reason
	case reason == "" || strings.Contains(betweenReasons+was+betweenReasons, betweenReasons+reason+betweenReasons):
		return was
	}
	all := was + betweenReasons + reason
	if over := len(all) - maxReasons; over > 0 {
		const more = "…"
		all = more + strings.ToValidUTF8(all[over+len(more):], "")
	}
	return all
}

const betweenReasons = "; "
