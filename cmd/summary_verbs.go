package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// ofVerb is what a person's verb did to a key, by whichever run it was done;
// false if it was none of these.
func ofVerb(k rotate.KeyReport, now time.Time) (summary, bool) {
	r := k.Record
	if r == nil {
		return summary{}, false
	}
	given, gave := traced(k, plan.WriteAbandon)
	gave = gave && r.Active != nil && (k.Before == nil || k.Before.Active != nil) // else a key is being created, on other terms
	var up string
	if gave {
		up = "gave up " + plan.VersionName(given.Version)
		if !r.Knows(given.Version) {
			up = fmt.Sprintf("gave up generation %d", given.Version) // a rollback, or one that had made nothing yet
		}
	}
	rollback := r.Claim != nil && r.Claim.Verb == plan.VerbRollback
	switch {
	case overtaken(k) && (k.Did(plan.WriteClaim) || k.Did(plan.WriteAbandon)):
		return summary{"began", "began " + begunText(k), then(up, "given up since by another run")}, true
	case overtaken(k):
		return summary{}, true // the refusal says all of it
	case carriedOutByOther(k):
		return summary{cmp.Or(map[string]string{"rollback": "rolled-back", "rotate": "rotated",
			"adopt": "created"}[string(claimed(k).Verb)], "began"),
			"began " + begunText(k) + ", and another run finished it", then(up, texts(k.Reasons))}, true
	case k.Did(plan.WriteHold) && r.Hold != nil:
		return ofHold(k), true
	case k.Did(plan.WriteRelease):
		return summary{"released", "released", nextText(now, k.Policy, r)}, true
	case k.Did(plan.WriteReinstate):
		return ofReinstate(k), true
	case k.Did(plan.WriteFinish) && rollback:
		return summary{"rolled-back", fmt.Sprintf("rolled back%s to %s", leftText(r), plan.VersionName(r.Active.Version)),
			then(up, drainsText(k.Policy, r), nextText(now, k.Policy, r))}, true
	case k.Did(plan.WriteFinish) && gave:
		return summary{"rotated", fmt.Sprintf("rotated%s to %s", leftText(r), plan.VersionName(r.Active.Version)),
			then(up, drainsText(k.Policy, r), nextText(now, k.Policy, r))}, true
	case gave && r.Step == plan.Steady:
		stays := plan.VersionName(r.Active.Version) + " stays live"
		drains := ""
		if given.Dropped != nil {
			drains = drainText(k.Policy, r, given.Dropped.Version)
		}
		return summary{"gave-up", up, then(stays, drains, nextText(now, k.Policy, r))}, true
	case k.Did(plan.WriteClaim) && rollback && r.Target != nil:
		return summary{"began", "began the rollback to " + plan.VersionName(r.Target.Version), texts(k.Reasons)}, true
	}
	return summary{}, false
}

// overtaken reports whether somebody else gave up, or took back, what this run's
// verb was about.
func overtaken(k rotate.KeyReport) bool {
	return k.Refusal != nil && k.Refusal.Code == "overtaken"
}

// carriedOutByOther reports whether this run claimed a generation that another one
// finished.
func carriedOutByOther(k rotate.KeyReport) bool {
	return claimed(k).Verb != "" && !k.Did(plan.WriteFinish) && (k.Outcome == plan.Settled || k.Outcome == plan.Adopted)
}

// claimed is the claim that this run wrote last; the zero value if it wrote none.
func claimed(k rotate.KeyReport) plan.Claim {
	for _, t := range slices.Backward(k.Trace) {
		if t.Act.Claim != nil {
			return *t.Act.Claim
		}
	}
	return plan.Claim{}
}

// ofHold tells of a hold that was set, and what it was added to.
func ofHold(k rotate.KeyReport) summary {
	act, _ := traced(k, plan.WriteHold)
	return summary{"held", "held" + untilText(k.Record.Hold), then(act.Reason, keptText(act.Kept), "keyturn release "+k.Policy.Name+" ends it")}
}

// keptText says which hold stays, why it was set and how long it lasts.
func keptText(h *plan.Hold) string {
	if h == nil {
		return ""
	}
	why, end := h.Reason, "no end"
	if h.Self {
		why = "the key holds itself: " + why
	}
	if !h.Until.IsZero() {
		end = "until " + plan.Stamp(h.Until)
	}
	return fmt.Sprintf("keeps: %s (%s)", why, end)
}

// ofReinstate tells of a version that was put back among the draining ones.
// Whether it is enabled by now is another question.
func ofReinstate(k rotate.KeyReport) summary {
	act, _ := traced(k, plan.WriteReinstate)
	v := plan.VersionName(act.Version)
	if !k.Did(plan.EnableKey) || k.Outcome == plan.Failed || k.Outcome == plan.Refused {
		return summary{"began", "began to reinstate " + v, drainText(k.Policy, k.Record, act.Version)}
	}
	again := ""
	for _, d := range k.Record.Draining {
		if d.Version == act.Version && !d.LookAfter.IsZero() {
			again = "a disabling signed before may still arrive: the run after " + plan.Clock(d.LookAfter) + " sees to it once more"
		}
	}
	return summary{"reinstated", "reinstated " + v, then("it is enabled", drainText(k.Policy, k.Record, act.Version), again)}
}

// traced finds the act of a kind that this run carried out last.
func traced(k rotate.KeyReport, kind plan.Kind) (plan.Act, bool) {
	for i := len(k.Trace) - 1; i >= 0; i-- {
		if k.Trace[i].Act.Kind == kind {
			return k.Trace[i].Act, true
		}
	}
	return plan.Act{}, false
}

// leftText is the version that the last switch left behind: " v8".
func leftText(r *plan.Record) string {
	for _, d := range r.Draining {
		if d.Since.Equal(r.SwitchedAt) {
			return " " + plan.VersionName(d.Version)
		}
	}
	return ""
}

func untilText(h *plan.Hold) string {
	if h.Until.IsZero() {
		return ""
	}
	return " until " + plan.Stamp(h.Until)
}

// dryVerb says what a person's verb would do.
func dryVerb(k rotate.KeyReport, sum summary) (string, bool) {
	switch sum.what {
	case "rolled-back":
		return then(strings.Replace(sum.done, "rolled", "roll", 1)+because(k), strings.Replace(sum.then, "gave up", "give up", 1)), true
	case "gave-up":
		return then(strings.Replace(sum.done, "gave", "give", 1), sum.then), true
	case "held":
		return then(strings.Replace(sum.done, "held", "hold", 1) + ": " + sum.then), true
	case "released":
		return then("release", sum.then), true
	case "reinstated":
		return then(strings.Replace(sum.done, "reinstated", "reinstate", 1), sum.then), true
	}
	return "", false
}

// because is why the first thing was done. A dry-run may go without a reason.
func because(k rotate.KeyReport) string {
	why := slices.DeleteFunc(slices.Clone(k.Why), func(r plan.Reason) bool { return r.Code == plan.NeverLive })
	if text := texts(why); text != "" {
		return ": " + text
	}
	return ""
}

// neverLive says of a rollback over a version that was never live how to give
// up only that one; "" of any other.
func neverLive(k rotate.KeyReport, hint func(string) string) string {
	given, gave := traced(k, plan.WriteAbandon)
	i := slices.IndexFunc(k.Why, func(r plan.Reason) bool { return r.Code == plan.NeverLive })
	if !gave || i < 0 {
		return ""
	}
	only := fmt.Sprintf("keyturn rollback %s/%s", k.Policy.Name, plan.VersionName(k.Before.Active.Version))
	return fmt.Sprintf("%s; to give up only %s: %s", k.Why[i].Text, plan.VersionName(given.Version), hint(only))
}

// after is what a person should know who has just rolled back: what `run` does
// next, and how to stop it. A rollback does not stop the schedule.
func (s *session) after(k rotate.KeyReport, r *rotate.Report) []string {
	rec := k.Record
	if s.verb != string(plan.VerbRollback) || rec == nil || rec.Active == nil || rec.Step != plan.Steady || k.Outcome != plan.Settled {
		return nil
	}
	if rec.Held(r.Finished) {
		return []string{fmt.Sprintf("held by %s%s: keyturn run does not rotate it", shortARN(rec.Hold.By), untilText(rec.Hold)),
			"to start it again: " + s.con.hint("keyturn release "+k.Policy.Name)}
	}
	next := "keyturn run rotates it again when its next window opens"
	switch opens := plan.NextOpens(r.Finished, k.Policy, rec); {
	case opens.IsZero():
	case !opens.After(r.Finished):
		next = "the next keyturn run rotates it: its window is open"
	default:
		next = fmt.Sprintf("keyturn run rotates it next on %s (in %s)", plan.Stamp(opens), plan.Age(opens.Sub(r.Finished)))
	}
	return []string{next + ", to a new version",
		"to stop that: " + s.con.hint(fmt.Sprintf(`keyturn hold %s --reason "..."`, k.Policy.Name))}
}
