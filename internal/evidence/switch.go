package evidence

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// An alias move that was signed may arrive until its fence ends. Which version the alias named
// after the signature is known once an event has the answer, or tells where the alias was found.

// strike takes in the answer to a signed move, or that it was never sent.
func (r *replay) strike(e plan.Event) {
	answered := movesOf(e.Calls) != nil || e.Is(plan.EventMoveNo) || e.Is(plan.EventUnsent) || e.Is(plan.EventAnswered)
	for i, s := range slices.Backward(r.signed) {
		if answered && s.Run == e.Run {
			r.signed = slices.Delete(r.signed, i, i+1)
			return
		}
	}
}

// movesOf returns the last of the calls that certainly moved the alias; nil if none did.
func movesOf(calls []plan.Answered) []plan.Answered {
	for _, c := range slices.Backward(calls) {
		if c.Operation == "UpdateAlias" && c.Answer == "yes" {
			return []plan.Answered{c}
		}
	}
	return nil
}

// movedBy returns the fact of an event by which the alias was moved, or made. If it was found
// moved, that was done by whoever signed the move, and perhaps at once.
func (r *replay) movedBy(e plan.Event) Fact {
	f := r.fact(e)
	f.Calls = movesOf(r.callsOf(e))
	if f.Calls == nil && f.Why.Verb == plan.VerbAdopt {
		for _, c := range r.callsOf(e) {
			if c.Operation == "CreateAlias" {
				f.Calls = []plan.Answered{c}
			}
		}
	}
	k := e.Kind[0]
	switch {
	case k != plan.EventFinish && k != plan.EventAbandon:
	case len(r.signed) > 0:
		first := r.signed[0]
		f.Earliest = first.At
		if f.Calls != nil {
			break
		}
		f.Rev, f.Run, f.Who, f.Why = first.Rev, first.Run, first.Who, r.why(first)
		if slices.ContainsFunc(r.signed, func(s plan.Event) bool { return s.Run != first.Run }) {
			f.Run, f.Who = "", plan.Who{}
		}
	case k == plan.EventAbandon: // nothing tells who has moved it
		f.Run, f.Who, f.Why, f.Calls = "", plan.Who{}, Why{}, nil
	}
	if target := e.Version; !f.Earliest.IsZero() {
		if k == plan.EventAbandon {
			target = r.target
		}
		if k == plan.EventFinish && target != r.live || slices.ContainsFunc(e.Left, wasLive) {
			r.notKnown(target, f.Earliest, e.At, e.Rev)
		}
	}
	return f
}

func wasLive(l plan.Left) bool { return l.Live }

// notKnown takes in that it is not known where the alias was from a time to another; zero is now.
func (r *replay) notKnown(target int64, from, to time.Time, rev int64) {
	first := r.signed[0]
	u := Unknown{Kind: SwitchUnknown, From: from, To: to, Revs: [2]int64{first.Rev, rev}, Version: target}
	text, is := "from "+plan.Stamp(from)+" to "+plan.Stamp(to), "was"
	if to.IsZero() {
		text, is, u.Revs[1] = "since "+plan.Stamp(from), "is", first.Rev
	}
	u.Text = text + " whether the alias " + is + " on " + plan.VersionName(r.live) + " or on " +
		plan.VersionName(target) + ": the switch to " + plan.VersionName(target) + " was signed in run " + first.Run +
		" (" + Unknown{Revs: [2]int64{first.Rev, first.Rev}}.revs() + "), and no event has the answer"
	r.unknown = append(r.unknown, u)
}

// unfinished takes in that a switch was signed and no event tells where the alias is.
func (r *replay) unfinished() {
	live, target := r.versions[r.live], r.versions[r.target]
	if len(r.signed) == 0 || live == nil || target == nil || live == target || live.State() != Active {
		return
	}
	f := Fact{Earliest: r.signed[0].At, Rev: r.signed[0].Rev}
	live.perhaps(f)
	target.perhaps(f)
	r.notKnown(r.target, f.Earliest, time.Time{}, 0)
}

// perhaps begins a time in which it is not known whether a version is active.
func (v *Version) perhaps(moved Fact) {
	at := moved.Earliest
	if at.IsZero() {
		return
	}
	if n := len(v.Spans); n > 0 {
		at = latest(at, v.Spans[n-1].From)
	}
	v.become(Perhaps, at, moved.Rev)
}

// leave ends the time in which a version is active. Who moved the alias to a key that was found
// there no event tells.
func (v *Version) leave(moved Fact, e plan.Event) {
	if v.State() == Active {
		v.perhaps(moved)
	}
	if k := e.Kind[0]; k == plan.EventAdopt || k == plan.EventRebuild {
		moved.Run, moved.Who, moved.Why = "", plan.Who{}, Why{}
	}
	v.become(Draining, e.At, e.Rev)
	v.Left = moved
}
