package rotate

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What a person can do about a key that a run could not finish, as data.

// Ahead is what becomes of what was asked for, after a run that did not finish it.
type Ahead string

// What becomes of it.
const (
	// NotMeant: it was a dry-run, which writes nothing.
	NotMeant Ahead = "dry-run"
	// Retried: the next run decides again.
	Retried Ahead = "retried"
	// Daily: a version that should retire is checked again a day after the last check.
	Daily Ahead = "daily"
	// Continued: a generation is open in the record, and the next run goes on with it.
	Continued Ahead = "continued"
	// Later: a generation is open in the record, and for a while no run makes a key for it.
	Later Ahead = "later"
	// Recorded: a person's verb stands in the record, and the next run goes on with it.
	Recorded Ahead = "recorded"
	// CarriedOut: a person's verb stands in the record, and that is all of it.
	CarriedOut Ahead = "carried-out"
	// Joined: what a person asked for is a generation that another run opened, and the
	// next run goes on with it.
	Joined Ahead = "joined"
	// Finished: no generation is open any more; if anything is left, the next run does it.
	Finished Ahead = "finished"
	// Unsure: whether a person's verb was recorded is not known.
	Unsure Ahead = "unsure"
	// Unrecorded: it was not recorded, and no run will do it.
	Unrecorded Ahead = "unrecorded"
	// AskAgain: KMS does not show yet what a person's verb must see.
	AskAgain Ahead = "ask-again"
	// Unknown: nobody can say whether a person's verb was carried out.
	Unknown Ahead = "unknown"
)

// Ahead returns what becomes of a request that this run has not finished.
func (k KeyReport) Ahead() Ahead {
	scheduled := k.Request.Verb == plan.VerbSchedule
	switch {
	case k.Dry:
		return NotMeant
	case k.stoppedBy(plan.CodeNotKnown):
		return Unknown
	case k.Did(plan.WriteFinish) && k.Record != nil && k.Record.Step == plan.Steady:
		return Finished
	case scheduled && k.Did(plan.WriteMarkNo) && k.Record != nil && k.Record.Step == plan.Steady:
		return Daily
	case scheduled && k.Outcome == plan.Interrupted && k.Changed() && k.Record.Step == plan.Steady:
		return Finished
	case scheduled && (k.Record == nil || k.Record.Step == plan.Steady || k.Record.Step == ""):
		return Retried
	case k.keyLater() && (scheduled || k.Begun):
		return Later
	case scheduled:
		return Continued
	case k.Outcome == plan.Lagging && !k.Changed():
		return AskAgain
	case k.Joined:
		return Joined
	case k.writtenAtOnce():
		return CarriedOut
	case k.Begun:
		return Recorded
	case k.stoppedBy(plan.CodeRecordUnknown):
		return Unsure
	}
	return Unrecorded
}

// keyLater reports whether this run ended because no other key may be made yet for the open
// generation, or has left a key for it without a name.
func (k KeyReport) keyLater() bool {
	if k.Record == nil || k.Record.NextKey().IsZero() {
		return false
	}
	return k.stoppedBy(plan.CodeKeyLater) || k.Before == nil || !k.Before.NextKey().Equal(k.Record.NextKey())
}

// writtenAtOnce reports whether this run has written a verb that is carried out with that
// write.
func (k KeyReport) writtenAtOnce() bool {
	return slices.ContainsFunc([]plan.Kind{plan.WriteHold, plan.WriteRelease, plan.WriteAdopt, plan.WriteAdoptDrift,
		plan.WriteRebuild}, k.Did)
}

// NextCheck returns when the version whose retirement was denied is checked again.
func (k KeyReport) NextCheck() (next time.Time) {
	for _, t := range k.Trace {
		if v := k.Record.Entry(t.Act.Version); t.Act.Kind == plan.WriteMarkNo && v != nil {
			next = v.NextCheck()
		}
	}
	return next
}

// stoppedBy reports whether a reason is why the work on the key stopped.
func (k KeyReport) stoppedBy(code plan.Code) bool {
	return slices.ContainsFunc(k.Reasons, func(r plan.Reason) bool { return r.Code == code })
}

// Next returns what a person can do next about a key; it is empty for a key that needs
// nothing.
func (k KeyReport) Next(now time.Time) plan.Hint { return NextOf(now, false, k) }

// historiesAtOnce is how many histories a hint names.
const historiesAtOnce = 10

// NextOf returns what a person can do next about keys that one cause has stopped. They
// are the whole plan's if all is set.
func NextOf(now time.Time, all bool, keys ...KeyReport) plan.Hint {
	k := keys[0]
	scheduled := k.Request.Verb == plan.VerbSchedule
	switch exit := k.Exit(false); {
	case exit == plan.ExitPerson:
		return k.Refusal.Hint
	case exit == plan.ExitBusy && k.Dry: // it does not wait
		return plan.Noted("look again after " + plan.Stamp(lastUntil(keys)))
	case exit == plan.ExitBusy && k.Request.Saved != nil: // the next run does what is due, not what was saved
		return plan.Try(append(Again(all, keys...), "--wait", patience(now, keys))...)
	case exit == plan.ExitBusy && scheduled:
		return plan.Try(append(Again(all, keys...), "--wait", patience(now, keys))...).Noted("or leave it to the " +
			"next run")
	case exit == plan.ExitBusy:
		return plan.Try(append(Again(all, keys...), "--wait", patience(now, keys))...).Noted(
			"waits for that, and acts then")
	case exit != plan.ExitFailed && exit != plan.ExitInterrupted:
		return plan.Hint{}
	case k.Gate != nil && k.Gate.Failed != "":
		return plan.Try("keyturn", "run", "--dry-run", "--ask", "--key", k.Policy.Name)
	}
	next := k.Fault().Hint // what failed comes first
	if k.stoppedBy(plan.CodeKeyLater) {
		next = next.Then("keyturn", "release", k.Policy.Name).Noted("once the cause is gone: then the next run " +
			"goes on at once")
	}
	switch k.Ahead() {
	case Unknown, Unsure:
		for i, k := range keys {
			if i == historiesAtOnce {
				return next.Noted("and so on for the others")
			}
			next = next.Then("keyturn", "history", k.Policy.Name)
		}
		return next
	case NotMeant:
		if scheduled {
			return next
		}
		return next.Then(Again(all, keys...)...)
	case Unrecorded, AskAgain:
		return next.Then(Again(all, keys...)...)
	}
	return next
}

// patience returns a --wait that is long enough for all of the keys: for a fence as long
// as a whole one, because another run may raise a new one during the wait.
func patience(now time.Time, keys []KeyReport) string {
	if !keys[0].Fenced && !keys[0].stoppedBy(plan.CodeFenced) {
		return plan.FormatDuration(5 * time.Minute)
	}
	left := lastUntil(keys).Sub(now)
	return plan.FormatDuration(max(plan.FenceFor, left.Truncate(time.Minute)+time.Minute))
}

// lastUntil returns when the last of busy keys is expected to be free.
func lastUntil(keys []KeyReport) time.Time {
	return slices.MaxFunc(keys, func(a, b KeyReport) int { return a.Until.Compare(b.Until) }).Until
}

// Again returns the command that was typed, to type it again about these keys: with the
// flags that change what the verb does, and the person's own reason. All are the keys of
// the whole plan if all is set.
func Again(all bool, keys ...KeyReport) []string {
	q := keys[0].Request
	if q.Verb == plan.VerbSchedule {
		return append(runAgain(q, keys), dryFlag(keys[0])...)
	}
	words := []string{"keyturn", string(q.Verb)}
	if all && q.All && len(keys) > 1 {
		words = append(words, "--all")
	} else {
		words = append(words, names(keys)...)
	}
	for _, f := range []struct {
		given bool
		flag  string
	}{{q.Create, "create"}, {q.FromKMS, "from-kms"}, {q.Abandon, "abandon"}, {q.Again, "again"}} {
		if f.given {
			words = append(words, "--"+f.flag)
		}
	}
	if !q.Until.IsZero() {
		words = append(words, "--until", q.Until.UTC().Format(time.RFC3339))
	}
	words = append(words, dryFlag(keys[0])...)
	if q.Confirmed {
		words = append(words, "--confirm", confirms(keys))
	}
	first := q.Verb == plan.VerbAdopt && !q.FromKMS && (keys[0].Record == nil || keys[0].Record.Active == 0)
	if q.Reason == "" && (keys[0].Dry || first || q.Verb == plan.VerbRelease || q.Verb == plan.VerbReinstate) {
		return words // they need none
	}
	return append(words, "--reason", cmp.Or(q.Reason, "..."))
}

// runAgain returns a run that does no more than the one that was typed: the saved decision, or
// what is due to the keys that were picked.
func runAgain(q plan.Request, keys []KeyReport) []string {
	words := []string{"keyturn", "run"}
	switch {
	case q.Saved != nil:
		words = append(words, "--expect", q.SavedIn)
	case q.Picked:
		for _, name := range names(keys) {
			words = append(words, "--key", name)
		}
	}
	return words
}

// confirms returns what confirms a command about the keys: the name of one, the number of
// several.
func confirms(keys []KeyReport) string {
	if len(keys) == 1 {
		return keys[0].Policy.Name
	}
	return strconv.Itoa(len(keys))
}

// dryFlag returns the flag that keeps a dry-run one when it is typed again.
func dryFlag(k KeyReport) []string {
	if k.Dry {
		return []string{"--dry-run"}
	}
	return nil
}

// names returns what keys were called on the command line: with their versions, where a
// verb is about one.
func names(keys []KeyReport) []string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.Policy.Name
		if k.Request.Version > 0 {
			all[i] += "/" + plan.VersionName(k.Request.Version)
		}
	}
	return all
}
