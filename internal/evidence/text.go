package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What the printed forms of a report say alike.

// PeriodText describes the cryptoperiod that today's plan defines for a key: for how long a
// version protects data, and what becomes of it then.
func (k Key) PeriodText() string {
	p := k.Policy
	terms := p.EndOf(plan.Version{Retire: p.Retire})
	if terms.Action == plan.RetireKeep {
		return "schedule " + p.Schedule.Text() + "; the version before stays enabled"
	}
	return fmt.Sprintf("schedule %s; the version before stays enabled for %s, %s", p.Schedule.Text(),
		plan.FormatDuration(p.Drain), terms.Text())
}

// WindowsText counts the windows, if the ledger was read.
func (k Key) WindowsText() string {
	if k.Unread {
		return notKnown
	}
	return k.Counts().Text()
}

const notKnown = "not known"

// Counts are the windows of a report, by what became of them.
type Counts struct {
	// Due are those that needed a rotation: done, missed, closed without one, or open.
	Due, Done, Missed, Closed, Open int
	// NotDue are those that needed none, and Unknown those of which that is not known.
	NotDue, Unknown int
	// Slowest is the longest time from the opening of a window until it was done.
	Slowest time.Duration
}

// Counts counts the windows of a key.
func (k Key) Counts() Counts {
	var c Counts
	for _, w := range k.Windows {
		switch w.State {
		case WindowDone:
			c.Done++
			c.Slowest = max(c.Slowest, w.After())
		case WindowMissed:
			c.Missed++
		case WindowClosed:
			c.Closed++
		case WindowOpen:
			c.Open++
		case WindowUnknown:
			c.Unknown++
		default:
			c.NotDue++
		}
	}
	c.Due = c.Done + c.Missed + c.Closed + c.Open
	return c
}

// Text describes the counts: 4 due: 3 rotated, 1 missed.
func (c Counts) Text() string {
	parts := []string{fmt.Sprintf("%d rotated", c.Done)}
	for _, n := range []struct {
		n    int
		what string
	}{{c.Missed, "missed"}, {c.Closed, "closed"}, {c.Open, "open"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.what))
		}
	}
	text := fmt.Sprintf("%d due: %s", c.Due, strings.Join(parts, ", "))
	if c.Slowest >= 24*time.Hour {
		text += ", up to " + plan.Age(c.Slowest) + " late"
	}
	if c.Unknown > 0 {
		text += fmt.Sprintf("; of %d not known", c.Unknown)
	}
	return text
}

// After returns how long after it opened a window was done; 0 if it was done before that.
func (w Window) After() time.Duration {
	if !w.Done.Known() {
		return 0
	}
	return max(0, w.Done.At.Sub(w.Start))
}

// closers describe what made a window count as done, other than a rotation.
var closers = map[Closer]string{
	ByCreate:   "the version was made in it",
	ByAdopt:    "the version was found behind the alias",
	ByOlder:    "an older version was found behind the alias",
	ByRollback: "a rollback put an older version back",
	ByGiveUp:   "a person gave the new version up",
	ByRebuild:  "the record was made again from KMS",
}

// Text describes what became of a window.
func (w Window) Text() string {
	var text string
	switch w.State {
	case WindowDone:
		text = "rotated " + plan.Age(w.After()) + " after it opened"
		if w.After() == 0 {
			text = "rotated when it opened"
		}
		if w.Done.At.After(w.End) {
			text += ", after its end"
		}
	case WindowCounted:
		return "counts as rotated: " + closers[w.By]
	case WindowClosed:
		return "NOT ROTATED: " + closers[w.By] + ", " + plan.Age(w.After()) + " after it opened"
	case WindowYoung:
		return "not due: the version was too young"
	case WindowUnknown:
		if w.Done.Known() {
			return "not known: no event tells what the switch in it was for"
		}
		return "not known: no event tells which version was live"
	case WindowMissed:
		text = "MISSED: no rotation"
	case WindowOpen:
		text = "open: no rotation yet"
	}
	if w.Held {
		text += ", held for a time"
	}
	if w.Frozen {
		text += ", frozen for a time by today's plan"
	}
	return text
}

// Text describes a gap.
func (g Gap) Text() string {
	text := plan.Age(g.Length())
	if g.AtLeast {
		text = "at least " + text
	}
	if g.Next == 0 {
		return text + ", and lasts: since " + plan.VersionName(g.Version)
	}
	return text + ": from " + plan.VersionName(g.Version) + " to " + plan.VersionName(g.Next)
}

// Text describes what something was done for; "" if that is not told.
func (w Why) Text() string {
	text := string(w.Verb)
	if w.Verb == plan.VerbSchedule {
		text = w.Schedule
	}
	if w.Reason != "" {
		text = strings.TrimPrefix(text+": "+w.Reason, ": ")
	}
	return text
}

// By describes who did something, and in which run; "" if no event tells it.
func (f Fact) By() string {
	if f.Rev == 0 {
		return ""
	}
	if f.Run == "" {
		return f.Principal()
	}
	return f.Principal() + ", run " + f.Run
}

// Principal describes who did something: the end of the ARN.
func (f Fact) Principal() string {
	return cmp.Or(f.Who.By[strings.LastIndexByte(f.Who.By, ':')+1:], "not known")
}

// Text describes what a person did, without the reason.
func (a Act) Text() string {
	text := string(a.Verb)
	switch {
	case a.Verb == ActGoOn:
		text = "go on with an open generation"
	case a.Verb == ActAbandon:
		text = "give up an open generation"
	case a.Verb == ActRebuild:
		text = "make the record again from KMS"
	}
	if a.Version > 0 && a.Outcome != Open {
		text += " (" + plan.VersionName(a.Version) + ")"
	}
	switch a.Outcome {
	case GaveUp:
		text += ", given up " + plan.Stamp(a.Ended.At)
	case Open:
		text += ", not finished"
	}
	if a.Gave.Rev > 0 && a.Verb != ActAbandon {
		text += ", which gave up an open generation"
	}
	return text
}

// OpenText describes the generation that is open; "" if none is.
func (k Key) OpenText() string {
	if !k.Open.Known() {
		return ""
	}
	return "a generation is open since " + plan.Stamp(k.Open.At) + ": " + k.Open.Why.Text()
}

// SealedText describes up to where the ledger is sealed outside of DynamoDB.
func (k Key) SealedText() string { return plan.SealedText(k.Seals, k.Head) }

// EndText describes a hold's end.
func (h Hold) EndText(now time.Time) string {
	end := h.End(now)
	switch {
	case end.IsZero() && !h.Until.IsZero():
		return "in force, until " + plan.Stamp(h.Until)
	case end.IsZero():
		return "in force"
	case h.Ended.Known() && end.Equal(h.Ended.At):
		return plan.Stamp(end) + ", " + h.Ended.By()
	}
	return plan.Stamp(end) + ", by itself"
}

// Text describes a late use.
func (l LateUse) Text() string {
	text := fmt.Sprintf("%s: %s on %s, %s after it had left", plan.VersionName(l.Version), l.Operation,
		plan.Stamp(l.At), plan.Age(l.At.Sub(l.Left)))
	if l.Perhaps {
		text += "; KMS does not tell whether that protected data"
	}
	return text
}

// Times describes how often a version was active, if not once: 2 times, 92d in all.
func (v Version) Times(now time.Time) string {
	d, times, _ := v.ActiveFor(now)
	text := ""
	if times > 1 {
		text = fmt.Sprintf("live %d times, %s in all", times, plan.Age(d))
	}
	if p := v.PerhapsFor(now); p > 0 {
		text = strings.TrimPrefix(text+", perhaps live for "+plan.Age(p)+" more", ", ")
	}
	return text
}

// FoundText describes how a version was found disabled that keyturn had not disabled, as far as
// it knows; "" for any other.
func (v Version) FoundText() string {
	if v.Ended.Known() {
		if early := v.EndedUntil.Sub(v.Ended.At); early > 0 {
			return fmt.Sprintf("disabled by somebody else, at least %s before its deadline, %s: found so on %s",
				plan.Age(early), plan.Stamp(v.EndedUntil), plan.Stamp(v.Ended.At))
		}
		return fmt.Sprintf("found disabled, by somebody else: whether before or after %s, its deadline, CloudTrail "+
			"alone says", plan.Stamp(v.EndedUntil))
	}
	if v.Disabled.Known() && v.FoundDisabled {
		return "found disabled: by somebody else, or by a call whose answer was lost"
	}
	return ""
}

// UseText describes the last use of a version.
func (v Version) UseText() string {
	switch u := v.Use; {
	case u == nil:
		return "not asked"
	case u.Failed != "":
		return "not known: " + u.Failed
	case !u.LastAt.IsZero():
		return plan.Stamp(u.LastAt) + ", " + u.Operation
	case u.TrackedAt.IsZero():
		return "not known"
	default:
		return "none since " + plan.Stamp(u.TrackedAt)
	}
}

// Text describes how many events a report is made of.
func (e Events) Text() string {
	text := fmt.Sprintf("%s: %d shown", plan.Counted(e.Total, "event"), e.Shown)
	if e.Before > 0 {
		text += fmt.Sprintf(", %d before that time", e.Before)
	}
	n, words := 0, []string{}
	for word, count := range e.Routine {
		n += count
		words = append(words, fmt.Sprintf("%s %d", word, count))
	}
	slices.Sort(words)
	if n > 0 {
		text += fmt.Sprintf(", %d that change no version (%s)", n, strings.Join(words, ", "))
	}
	if len(e.Others) > 0 {
		text += fmt.Sprintf(", %d not known", len(e.Others))
	}
	return text
}

// Text describes a finding, and whether the plan accepts it.
func (f Finding) Text() string {
	level := f.Level
	if level == "person" {
		level = "for a person"
	}
	text := level + ": " + string(f.Code) + ": " + f.What
	switch a := f.Accepted; {
	case a == nil:
		return text
	case f.Ended:
		return text + "; accepted until " + plan.Stamp(a.Until) + ", which is over: " + a.Reason
	default:
		return text + "; ACCEPTED until " + plan.Stamp(a.Until) + ": " + a.Reason
	}
}
