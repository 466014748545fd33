package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// hold stops automation on the key, whatever its step. Setting it again stops what was
// begun under the earlier hold. A hold adds to one that is in force: somebody who holds
// every key for a night may not know of the incident for which one of them is held, and
// must not end that hold in the morning.
func (d decider) hold() *Decision {
	if d.o.DidVerb {
		switch h := d.r.Hold; {
		case h == nil:
			what := "it was held, and somebody released it since" + d.lastDid(EventRelease)
			return d.conclude(refuse(d.overtakenBy(what)))
		case !h.Until.IsZero() && (d.q.Until.IsZero() || h.Until.Before(d.q.Until.Truncate(time.Second))):
			what := fmt.Sprintf("it was held; that was released since%s, and now it is held only until %s: %s",
				d.lastDid(EventRelease), Stamp(h.Until), h.Reason)
			return d.conclude(refuse(d.overtakenBy(what)))
		}
		return d.conclude(stop(Settled, Reason{CodeHeld, "held"}))
	}
	w := HoldWrite{Hold: Hold{Reason: d.q.Reason, Since: d.now, Until: d.q.Until}}
	if d.r.Held(d.now) {
		w.Hold, w.Earlier = w.Hold.merge(*d.r.Hold)
	}
	return &Decision{Act: d.withReason(Writing(0, "", w))}
}

// release starts automation again and clears the count of refusals. It ends only a hold
// that was set before this run began, which the person knew.
func (d decider) release() *Decision {
	h := d.r.Hold
	later := h != nil && (d.o.DidVerb || d.o.First != nil && !d.o.First.heldSince(h.Since))
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
	case h == nil && d.r.Attempts == nil:
		return d.conclude(stop(Settled, Reason{CodeNotHeld, "not held"}))
	}
	return &Decision{Act: d.withReason(Writing(0, "", ReleaseWrite{}))}
}

// heldSince reports whether the hold of the record was set at t.
func (r *Record) heldSince(t time.Time) bool { return r.Hold != nil && r.Hold.Since.Equal(t) }

// lastDid describes when the newest event of a kind was and who caused it; "" if none
// is known.
func (d decider) lastDid(k EventKind) string {
	for _, e := range slices.Backward(d.r.Events) {
		if e.Is(k) {
			return whoWhen(&e)
		}
	}
	return ""
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
