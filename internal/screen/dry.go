package screen

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// A dry-run prints the steps that a run would take. They are the trace of the same
// runner with an executor that changes nothing; calls that only look are left out.
// `!` marks what a person may have to do by hand.

// dryText returns what a dry-run prints on stdout.
func (v View) dryText(header string, r *rotate.Report) string {
	names, command := &table{width: v.outWidth(), colour: v.OutColour}, v.Command
	shared, shown := sharedTrouble(r), v.counts()
	for _, k := range r.Keys {
		line := dryLine(k, r)
		if k.Exit(false) != plan.ExitDone {
			code := troubleOf(k)
			if !shown.next(code) {
				continue
			}
			if shared[k.Policy.Key()] { // the error says it once
				line = strings.ReplaceAll(string(code), "-", " ")
				if k.Outcome == plan.Refused {
					line = "REFUSED: " + line
				}
			}
		}
		names.row(k.Policy.Name, line)
		if k.Outcome == plan.Refused {
			names.alarm()
		}
		if k.Effect() == rotate.Adopted && k.Did(plan.WriteAdopt) {
			names.warnings(k.RotationNotes) // it is one write, and the line has said so
			continue
		}
		for _, step := range steps(k.Trace) {
			names.note(step)
		}
		if line := gateText(k); line != "" {
			names.note("! " + line)
		}
		if k.Gate != nil && k.Gate.Assumed {
			names.note("  to ask it now: " + command("keyturn", "run", "--dry-run", "--ask", "--key", k.Policy.Name))
		}
		if line := neverLive(k, true, command); line != "" {
			names.note("! " + line)
		}
		names.warnings(k.PolicyNotes)
		names.warnings(k.RotationNotes)
		if line := grantsText(k); line != "" && k.Did(plan.CreateKey) {
			names.note("! " + line)
		}
	}
	var b strings.Builder
	b.WriteString(header + "\n")
	b.WriteString(names.String())
	if left := shown.left(); left != "" {
		b.WriteString(left + "\n")
	}
	b.WriteString(dryTotal(r) + "\n")
	return b.String()
}

// troubleOf returns the code of what stops a key.
func troubleOf(k rotate.KeyReport) plan.Code {
	switch {
	case k.Outcome == plan.Refused:
		return k.Refusal.Code
	case k.Busy:
		return plan.CodeBusy
	}
	return k.Fault().Code
}

// sharedTrouble returns the keys that are stopped by a cause that several share.
func sharedTrouble(r *rotate.Report) map[string]bool {
	all := map[string]bool{}
	for _, group := range r.Troubles() {
		for _, k := range group {
			all[k.Policy.Key()] = len(group) > 1
		}
	}
	return all
}

// steps returns the numbered calls of a key.
func steps(trace []rotate.Trace) []string {
	t := &table{}
	width := len(fmt.Sprint(len(trace)))
	for i, s := range trace {
		t.row(fmt.Sprintf("%*d %s %s", width, i+1, s.Call.Service, s.Call.Operation), s.Call.Text)
	}
	if len(t.rows) == 0 {
		return nil
	}
	var out []string
	for _, group := range t.lines() {
		out = append(out, group...)
	}
	return out
}

// dryLine returns what would happen to a key, in a line.
func dryLine(k rotate.KeyReport, r *rotate.Report) string {
	b, after := k.Before, k.Record
	sum := summarize(k, r)
	would := dryVerb(k, sum)
	switch effect := k.Effect(); {
	case k.Outcome == plan.Refused:
		return "REFUSED: " + k.Refusal.What
	case k.Outcome == plan.Failed || k.Outcome == plan.Lagging:
		return "cannot tell: " + failure(k)
	case k.Fenced:
		return "not yet: " + texts(k.Reasons)
	case k.Busy:
		return "another run has it: " + texts(k.Reasons)
	case would != "":
		return would
	case effect == rotate.Rotated && b.Step == plan.Steady:
		return fmt.Sprintf("rotate %s to %s%s%s", plan.VersionName(b.Active),
			plan.VersionName(after.Active), ifAsked(k), because(k))
	case effect == rotate.Rotated:
		return fmt.Sprintf("finish the switch from %s to %s%s", plan.VersionName(b.Active),
			plan.VersionName(after.Active), ifAsked(k))
	case effect == rotate.Adopted && k.Did(plan.WriteAdopt):
		return "adopt as v1; " + sum.then
	case effect == rotate.Adopted:
		return fmt.Sprintf("adopt as %s: %s", plan.VersionName(after.Active), movedText(k))
	case effect == rotate.Rebuilt || effect == rotate.Retired:
		return then(sum.done, sum.then)
	case effect == rotate.Created:
		return fmt.Sprintf("create %s and %s: %s", plan.VersionName(after.Active), k.Policy.Alias, texts(k.Why))
	case effect == rotate.Made:
		return fmt.Sprintf("make %s: %s; %s", plan.VersionName(after.Generation), texts(k.Why), sum.then)
	case sum.then != "":
		return sum.then
	}
	return string(k.Outcome)
}

// ifAsked returns what the switch depends on that the dry-run has not asked.
func ifAsked(k rotate.KeyReport) string {
	if k.Gate == nil || !k.Gate.Assumed {
		return ""
	}
	return ", if before_switch says yes"
}

// gateText returns what is known of before_switch if the steps do not end with it.
func gateText(k rotate.KeyReport) string {
	switch g := k.Gate; {
	case g == nil || !g.Open && k.Outcome != plan.Refused: // the first line says it
		return ""
	case g.Failed != "":
		return "before_switch was asked and gave no answer: " + then(g.Failed, g.Said)
	case !g.Open:
		return "before_switch was asked and says not yet: " + cmp.Or(g.Said, "(no word)")
	case g.Assumed:
		return "before_switch would be asked before the switch, and was not now: " +
			plan.Shell(k.Policy.BeforeSwitch...)
	case g.Said == "":
		return "before_switch was asked and says yes"
	default:
		return "before_switch was asked and says yes: " + g.Said
	}
}

// dryTotal counts the keys by what would happen to them.
func dryTotal(r *rotate.Report) string {
	counts := map[string]int{}
	for _, k := range r.Keys {
		counts[dryKind(k)]++
	}
	var parts []string
	for _, kind := range []string{"rotates", "adopted", "created", "rebuilt", "made", "retired", "rolled-back",
		"gave-up", "held", "released", "reinstated", "not due", "waiting", "frozen", "busy", "failed", "refused"} {
		n := counts[kind]
		if n == 0 {
			continue
		}
		if kind == "rotates" && n > 1 {
			kind = "rotate"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(kind, "-", " ")))
	}
	return strings.Join(parts, ", ")
}

func dryKind(k rotate.KeyReport) string {
	switch effect := k.Effect(); {
	case k.Outcome == plan.Refused:
		return "refused"
	case k.Outcome == plan.Failed || k.Outcome == plan.Lagging:
		return "failed"
	case k.Busy:
		return "busy"
	case effect == rotate.Rotated:
		return "rotates"
	case effect != "" && effect != rotate.Began:
		return string(effect)
	case k.Outcome == plan.Waiting || k.Outcome == plan.Frozen || k.Outcome == plan.HeldBack:
		return string(k.Outcome)
	}
	return "not due"
}

// Ahead returns what would happen to a key, for the question to a person.
func (v View) Ahead(k rotate.KeyReport, r *rotate.Report) []string {
	lines := []string{dryLine(k, r)}
	if line := neverLive(k, true, v.Command); line != "" {
		lines = append(lines, "! "+line)
	}
	if k.Request.Verb == plan.VerbRetire {
		for _, line := range retireLines(k, r.Finished) {
			lines = append(lines, "! "+line)
		}
	}
	return lines
}
