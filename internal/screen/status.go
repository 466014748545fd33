package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// The screen of `status`: a line for each key, and below it only what matters
// now. The last line names the keys that wait for a person; nothing else is
// coloured red.

// shownOld is how many retired versions stand below a key without -v.
const shownOld = 3

// Status returns the screen of keys as they were, at a moment.
func (v View) Status(s status.Snapshot, now time.Time) string {
	keys := s.Keys

	t := &table{width: v.outWidth(), colour: v.OutColour,
		head: []string{"KEY", "LIVE", "AGE", "STATE", "NEXT ROTATION"}}
	var needs []string
	shared := map[int]bool{}
	causes := s.Causes()
	for _, c := range causes {
		for _, i := range c.Keys {
			shared[i] = true
		}
	}
	shown := v.counts()
	for i, k := range keys {
		if k.Needs() {
			needs = append(needs, k.Policy.Name)
			if !shown.next(k.Refusal.Code) {
				continue
			}
		} else if asked := k.State != status.Unknown && k.Note == ""; !asked && !shown.next(plan.Code(k.State)) {
			continue
		}
		live, age := "-", "-"
		if k.Live != nil {
			live, age = plan.VersionName(k.Live.Version), plan.Age(k.Age)
		}
		if k.On != 0 { // it encrypts, and is not written down as live yet
			live += " → " + plan.VersionName(k.On)
		}
		t.row(k.Policy.Name, live, age, k.Text, nextRotation(now, k))
		if k.Needs() {
			t.alarm()
		}
		if shared[i] {
			continue // what is below a key follows from the cause, which is told once
		}
		for _, line := range v.statusNotes(now, k) {
			t.note(line)
		}
	}
	var b strings.Builder
	b.WriteString(header(v.Plan, s.Account, Stamp(now)) + "\n")
	b.WriteString(t.String())
	for _, c := range causes {
		below := table{width: v.outWidth(), colour: v.OutColour}
		below.row(fmt.Sprintf("%d keys: %s", len(c.Keys), c.Refusal.What))
		below.alarm()
		below.note(few(s.Names(c), v.Verbose))
		for _, line := range v.lines("next", c.Refusal.Hint) {
			below.note(line)
		}
		b.WriteString("\n" + below.String())
	}
	if left := shown.left(); left != "" {
		b.WriteString("\n" + left + "\n")
	}
	for i, a := range s.Accepted {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(acceptedLine(a) + "\n")
	}
	if n := len(s.Unread); n > 0 {
		b.WriteString("\n" + plan.Counted(n, "thing") + " not checked\n")
	}
	switch {
	case len(needs) == 1:
		fmt.Fprintf(&b, "\n1 of %d needs you: %s\n", len(keys), plan.Line(needs[0]))
	case len(needs) > 1:
		fmt.Fprintf(&b, "\n%d of %d need you: %s\n", len(needs), len(keys), plan.Line(few(needs, v.Verbose)))
	}
	return b.String()
}

func nextRotation(now time.Time, k status.Key) string {
	if k.Next.IsZero() {
		return cmp.Or(k.Then, "-")
	}
	return fmt.Sprintf("%s (%s)", plan.Stamp(k.Next), plan.Age(k.Next.Sub(now)))
}

// statusNotes returns the lines below a key.
func (v View) statusNotes(now time.Time, k status.Key) []string {
	var lines []string
	if l := k.Lease; l != nil {
		lines = append(lines, fmt.Sprintf("%s/%s since %s, lease until %s; others wait", l.Pool, l.Host,
			plan.Clock(l.Since), plan.Clock(l.Until)))
	}
	if k.On != 0 {
		lines = append(lines, fmt.Sprintf("the alias is on %s already; its switch is not finished",
			plan.VersionName(k.On)))
	}
	if !k.Fence.IsZero() {
		lines = append(lines, "an alias move may be under way until "+plan.Clock(k.Fence))
	}
	if h := k.Hold; h != nil {
		lines = append(lines, holdText(now, h))
	}
	if h := k.LiveHold; h != nil {
		lines = append(lines, plan.VersionName(k.Live.Version)+"  live, "+holdText(now, h))
	}
	if f := k.Found; f != nil {
		lines = append(lines, foundText(f))
	} else if k.Refusal != nil && (k.Hold == nil || k.Refusal.Code != plan.CodeHeldItself) { // the hold has said why
		lines = append(lines, k.Refusal.What)
	}
	if text := k.Works.Text(); text != "" && (k.Needs() || k.State == status.Unknown) {
		lines = append(lines, text)
	}
	if e := k.Error; e != nil && (k.Refusal == nil || k.Refusal.Code != e.Code) {
		lines = append(lines, fmt.Sprintf("last error %s ago: %s", plan.Age(now.Sub(e.At)), e.Message))
	}
	if k.Note != "" && !strings.Contains(k.Works.Text(), k.Note) { // why KMS cannot be asked is told once
		lines = append(lines, k.Note)
	}
	for _, a := range k.Accepted {
		lines = append(lines, acceptedLine(a))
	}
	switch {
	case k.Refusal != nil:
		lines = append(lines, v.lines("next", k.Refusal.Hint)...)
	case k.State == status.Held:
		lines = append(lines, v.lines("next", plan.Try("keyturn", "release", k.Policy.Name))...)
	}
	retired := 0
	for _, old := range k.Old {
		if old.DrainUntil.IsZero() && old.Hold == nil {
			if retired++; retired > shownOld && !v.Verbose {
				continue
			}
		}
		lines = append(lines, plan.VersionName(old.Version)+"  "+oldText(now, old, v.Command))
	}
	if more := retired - shownOld; more > 0 && !v.Verbose {
		lines = append(lines, fmt.Sprintf("and %d older; -v shows them", more))
	}
	if k.LeftOut > 0 && v.Verbose {
		lines = append(lines, fmt.Sprintf("older ones, up to %s, were not looked at: the record does not list them",
			plan.VersionName(k.LeftOut)))
	}
	return lines
}

// holdText describes a hold in a line.
func holdText(now time.Time, h *plan.Hold) string {
	brief := *h
	brief.By = shortARN(h.By)
	return brief.Text(now)
}

// acceptedLine describes a finding that the plan accepts.
func acceptedLine(a status.Accepted) string {
	line := a.About() + " " + acceptedText(a.Acceptance, a.Ended)
	if a.What != "" && !a.Ended { // what has ended needs a person, and is said there
		line += " (" + a.What + ")"
	}
	return line
}

func foundText(f *status.Found) string {
	on := "now on " + short(f.KeyID) + " (not ours)"
	if f.Version > 0 {
		on = "now on " + plan.VersionName(f.Version)
	}
	if !f.Since.IsZero() {
		on += " since " + plan.Stamp(f.Since)
	}
	return on
}

// short returns the first part of a key id, which is enough to tell keys apart.
func short(keyID string) string {
	head, _, _ := strings.Cut(keyID, "-")
	return head
}

// kmsState writes KMS's key states for a sentence.
func kmsState(s string) string {
	switch s {
	case plan.KeyEnabled:
		return "enabled"
	case plan.KeyPendingDeletion:
		return "PENDING DELETION"
	}
	return strings.ToUpper(s) // nothing of ours: somebody did that
}
