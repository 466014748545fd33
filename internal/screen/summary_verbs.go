package screen

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// words are what a person's verbs are called, of what was done or would be.
type words struct {
	rolledBack, gaveUp, held, released, reinstated, retired string
	// enabled and disabled are what a reinstate and a retire do to the version.
	enabled, disabled string
	// names follows the alias of a version which had none.
	names string
}

// putBack is said of what was done and of what would be.
const putBack = "put the alias back onto "

func doneWords() words {
	return words{rolledBack: "rolled back", gaveUp: "gave up", held: "held", released: "released",
		reinstated: "reinstated", retired: "retired", enabled: "it is enabled", disabled: "it is disabled",
		names: " names it again"}
}

func dryWords() words {
	return words{rolledBack: "roll back", gaveUp: "give up", held: "hold", released: "release", reinstated: "reinstate",
		retired: "retire", enabled: "this enables it", disabled: "this disables it", names: " is made again"}
}

// ofVerb returns what a person's verb did to a key.
func ofVerb(k rotate.KeyReport, now time.Time, says words) summary {
	r := k.Record
	switch k.Effect() {
	case rotate.Held:
		act, _ := k.Last(plan.WriteHold)
		hold, _ := act.Write.(plan.HoldWrite)
		return summary{says.held + ofVersion(act) + untilText(r.HoldOf(act.Version)),
			then(act.Reason, keptText(hold.Earlier), heldVersionText(now, k, r.Entry(act.Version)))}
	case rotate.Released:
		act, _ := k.Last(plan.WriteRelease)
		if act.Version != 0 {
			return summary{says.released + ofVersion(act), drainText(*k.Policy, r, act.Version)}
		}
		return summary{says.released, releasedText(now, k)}
	case rotate.Reinstated:
		return ofReinstate(k, says)
	case rotate.Retired:
		return ofRetire(k, says)
	case rotate.RolledBack:
		if from := putBackFrom(k); from != "" {
			return summary{putBack + plan.VersionName(r.Active),
				then("from "+keyText(r, from), gaveUpText(k, says), nextText(now, *k.Policy, r))}
		}
		return summary{fmt.Sprintf("%s%s to %s", says.rolledBack, leftText(r), plan.VersionName(r.Active)),
			then(gaveUpText(k, says), drainsText(*k.Policy, r), nextText(now, *k.Policy, r))}
	}
	drains := ""
	given, _ := k.Given()
	if w, ok := given.Write.(plan.AbandonWrite); ok && w.Dropped != nil {
		drains = drainText(*k.Policy, r, w.Dropped.Version)
	}
	return summary{gaveUpText(k, says),
		then(plan.VersionName(r.Active)+" stays live", drains, nextText(now, *k.Policy, r))}
}

// ofVersion names the version that an act is about; "" if it is about the key.
func ofVersion(a plan.Act) string {
	if a.Version == 0 {
		return ""
	}
	return " " + plan.VersionName(a.Version)
}

// heldVersionText describes what a hold on a version cannot stop any more, and what it does
// for a version that is not enabled; "" if there is nothing to say.
func heldVersionText(now time.Time, k rotate.KeyReport, v *plan.Version) string {
	switch {
	case v == nil:
		return ""
	case v.Fence != nil && now.Before(v.Fence.Until):
		return fmt.Sprintf("a call that was signed before may still %s it until %s", v.Fence.What,
			plan.Clock(v.Fence.Until))
	case v.State == plan.Disabled:
		return "by the record it is disabled; it is not deleted"
	case v.State == "":
		return "it stays enabled also when it is not live any more"
	}
	return drainText(*k.Policy, k.Record, v.Version)
}

// keyText names a key that is a version or a stranger.
func keyText(r *plan.Record, keyID string) string {
	if v, ours := r.VersionOfKey(keyID); ours {
		return plan.VersionName(v)
	}
	return keyID + " (not ours)"
}

// gaveUpText names the generation that was given up; "" if none was.
func gaveUpText(k rotate.KeyReport, says words) string {
	given, gave := k.Given()
	switch {
	case !gave:
		return ""
	case !k.Record.Knows(given.Version): // a rollback, or one that had made nothing yet
		return fmt.Sprintf("%s generation %d", says.gaveUp, given.Version)
	}
	return says.gaveUp + " " + plan.VersionName(given.Version)
}

// overText names the open generation that an adopt has put an end to; "" if none was open.
func overText(k rotate.KeyReport, says words) string {
	act, _ := k.Last(plan.WriteAdoptDrift)
	for _, e := range k.Record.Events {
		if e.Rev == act.Rev && e.GaveUp != "" {
			return fmt.Sprintf("%s generation %d", says.gaveUp, e.Generation-1)
		}
	}
	return ""
}

// keptText returns which hold stays, why it was set and how long it lasts.
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

// ofReinstate describes a version that is enabled again. Whether it stays so is
// another question.
func ofReinstate(k rotate.KeyReport, says words) summary {
	act, _ := k.Last(plan.WriteReinstate)
	again := ""
	for _, d := range k.Record.Draining() {
		if d.Version == act.Version && !d.LookAfter.IsZero() {
			again = "a disabling signed before may still arrive: the run after " + plan.Clock(d.LookAfter) +
				" looks at it again"
		}
	}
	name := ""
	if k.Did(plan.NameVersion) {
		name = plan.VersionAlias(k.Policy.Alias, act.Version) + says.names
	}
	return summary{says.reinstated + " " + plan.VersionName(act.Version),
		then(name, says.enabled, drainText(*k.Policy, k.Record, act.Version), again)}
}

// ofRetire describes a version that a person had disabled, or that was found so.
func ofRetire(k rotate.KeyReport, says words) summary {
	act, _ := k.Last(plan.WriteRetired)
	if w, ok := act.Write.(plan.RetiredWrite); ok && !w.Answered {
		return summary{plan.WriteText(act), act.Reason}
	}
	mark, _ := k.Last(plan.WriteMark)
	return summary{says.retired + " " + plan.VersionName(act.Version), then(mark.Reason, says.disabled)}
}

// retireLines returns what a retire overrides, for the question to a person.
func retireLines(k rotate.KeyReport, now time.Time) []string {
	v := k.Before.Entry(k.Request.Version)
	lines := []string{"what it encrypted cannot be decrypted until it is reinstated"}
	switch {
	case v == nil:
	case v.State == plan.Draining && now.Before(k.Policy.DrainEnd(*v)):
		lines = append(lines, fmt.Sprintf("it drains until %s (%s more)", plan.Stamp(k.Policy.DrainEnd(*v)),
			plan.Age(k.Policy.DrainEnd(*v).Sub(now))))
	case v.State == plan.Kept:
		lines = append(lines, "it is kept")
	}
	if v != nil && v.Held(now) {
		lines = append(lines, "it is "+holdText(now, v.Hold))
	}
	if k.Before.Held(now) {
		lines = append(lines, "the key is "+holdText(now, k.Before.Hold))
	}
	return lines
}

// leftText returns the version that the last switch left behind: " v8".
func leftText(r *plan.Record) string {
	for _, d := range r.Draining() {
		if d.Left.Equal(r.SwitchedAt) {
			return " " + plan.VersionName(d.Version)
		}
	}
	return ""
}

// releasedText returns what comes after a release. It has not looked at the alias, which
// somebody may have moved: it promises nothing, and repeats what stopped the last run.
func releasedText(now time.Time, k rotate.KeyReport) string {
	r := k.Record
	next := nextText(now, *k.Policy, r)
	switch opens := plan.NextOpens(now, *k.Policy, r); {
	case r.Active == 0:
	case r.Step != plan.Steady:
		next = fmt.Sprintf("generation %d is open: the next run goes on with it, if nothing stops that", r.Generation)
	case !opens.IsZero() && !opens.After(now):
		next = "a window is due: the next run rotates it, if the alias is on " + plan.VersionName(r.Active)
	}
	if e := k.Before.LastError; e != nil {
		next = then(fmt.Sprintf("at %s run %s was stopped: %s", plan.Stamp(e.At), e.Run, e.Message), next)
	}
	return next
}

func untilText(h *plan.Hold) string {
	if h.Until.IsZero() {
		return ""
	}
	return " until " + plan.Stamp(h.Until)
}

// dryVerb returns what a person's verb would do; "" of any other effect.
func dryVerb(k rotate.KeyReport, sum summary) string {
	switch k.Effect() {
	case rotate.RolledBack:
		return then(sum.done+because(k), sum.then)
	case rotate.GaveUp, rotate.Released, rotate.Reinstated, rotate.Retired:
		return then(sum.done, sum.then)
	case rotate.Held:
		if sum.then != "" {
			return sum.done + ": " + sum.then
		}
		return sum.done
	}
	return ""
}

// because is why the first thing was done. A dry-run may go without a reason.
func because(k rotate.KeyReport) string {
	why := slices.DeleteFunc(slices.Clone(k.Why), func(r plan.Reason) bool { return r.Code == plan.CodeNeverLive })
	if text := texts(why); text != "" {
		return ": " + text
	}
	return ""
}

// neverLive describes which version a rollback over one that was never live leaves,
// and how to give up only the new one; "" of any other. Of one that is done it says how to
// go back.
func neverLive(k rotate.KeyReport, dry bool, command func(...string) string) string {
	given, gave := k.Last(plan.WriteAbandon)
	i := slices.IndexFunc(k.Why, func(r plan.Reason) bool { return r.Code == plan.CodeNeverLive })
	if !gave || i < 0 || k.Effect() != rotate.RolledBack {
		return ""
	}
	what, left, now := k.Why[i].Text, plan.VersionName(k.Before.Active), plan.VersionName(k.Record.Active)
	back := command("keyturn", "rollback", k.Policy.Name+"/"+left, "--reason", "...")
	if !dry {
		return fmt.Sprintf("%s: the alias left %s, which was live, for %s; to put it back: %s", what, left, now, back)
	}
	return fmt.Sprintf("%s: the alias leaves %s, which is live, for %s; to give up only %s: %s", what, left, now,
		plan.VersionName(given.Version), back)
}

// after returns what a person should know who has just held a key, rolled back or
// reinstated: how to end the hold; what `run` does next, and how to stop it. Rollback and
// reinstate do not stop the schedule.
func (v View) after(k rotate.KeyReport, r *rotate.Report) []string {
	rec := k.Record
	if k.Effect() == rotate.Held {
		return []string{"to end it: " + v.Command("keyturn", "release", requested(k))}
	}
	if act, reinstated := k.Last(plan.WriteReinstate); reinstated && rec != nil {
		return v.afterReinstate(k, rec.Entry(act.Version), r.Finished)
	}
	if v.Verb == string(plan.VerbRetire) && k.Effect() == rotate.Retired {
		return []string{"to undo it: " + v.Command("keyturn", "reinstate", requested(k))}
	}
	if v.Verb != string(plan.VerbRollback) || rec == nil || rec.Active == 0 || rec.Step != plan.Steady ||
		k.Outcome != plan.Settled {
		return nil
	}
	var lines []string
	if from := putBackFrom(k); from != "" && rec.Claim.Usage == "ENCRYPT_DECRYPT" {
		lines = append(lines, "what was encrypted with "+from+" meanwhile, only that key decrypts")
	}
	if line := neverLive(k, false, v.Command); line != "" {
		lines = append(lines, line)
	}
	if rec.Held(r.Finished) {
		return append(lines, fmt.Sprintf("held by %s%s: keyturn run does not rotate it", shortARN(rec.Hold.By),
			untilText(rec.Hold)),
			"to start it again: "+v.Command("keyturn", "release", k.Policy.Name))
	}
	next := "keyturn run rotates it again when its next window opens"
	switch opens := plan.NextOpens(r.Finished, *k.Policy, rec); {
	case opens.IsZero():
	case !opens.After(r.Finished):
		next = "the next keyturn run rotates it: its window is open"
	default:
		next = fmt.Sprintf("keyturn run rotates it next on %s (in %s)", plan.Stamp(opens),
			plan.Age(opens.Sub(r.Finished)))
	}
	return append(lines, next+", to a new version",
		"to stop that: "+v.Command("keyturn", "hold", k.Policy.Name, "--reason", "..."))
}

// requested returns what the key of a request is called on the command line, with its version.
func requested(k rotate.KeyReport) string {
	if k.Request.Version == 0 {
		return k.Policy.Name
	}
	return k.Policy.Name + "/" + plan.VersionName(k.Request.Version)
}

// putBackFrom returns the key from which this run has put an alias back; "" if it has not.
func putBackFrom(k rotate.KeyReport) string {
	if k.Record.Claim == nil || k.Effect() != rotate.RolledBack {
		return ""
	}
	return k.Record.Claim.Expects
}

// afterReinstate returns how to stop the next disabling of a version that is enabled
// again; nothing if it is kept.
func (v View) afterReinstate(k rotate.KeyReport, old *plan.Version, now time.Time) []string {
	if old == nil || old.State != plan.Draining ||
		plan.Careful(old.Retire, k.Policy.Retire).Action == plan.RetireKeep {
		return nil
	}
	name := plan.VersionName(old.Version)
	for _, h := range []*plan.Hold{k.Record.Hold, old.Hold} {
		if h != nil && (h.Until.IsZero() || now.Before(h.Until)) {
			return []string{fmt.Sprintf("held by %s%s: until then %s stays enabled", shortARN(h.By), untilText(h),
				name)}
		}
	}
	return []string{"to stop that: " + v.Command("keyturn", "hold", k.Policy.Name+"/"+name, "--reason", "...")}
}
