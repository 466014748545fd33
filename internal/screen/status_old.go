package screen

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// The line of an old version on the screen of `status`: how it is, until when,
// when it was last used, and for one that does not work what to type so that it
// does. What keyturn did not do itself is in capitals.

// oldText returns how an old version is.
func oldText(now time.Time, v status.Version, command func(...string) string) string {
	text := oldState(now, v)
	if v.Use != nil && !v.InUse {
		text += "; " + useText(now, *v.Use)
	}
	if v.Later != nil && !v.InUse {
		text += "; whether it may retire " + v.Later.Text()
	}
	if !v.LookAfter.IsZero() {
		text += ", reinstated; keyturn run looks at it again after " + plan.Stamp(v.LookAfter)
	}
	if v.Hold != nil {
		text += "; " + holdText(now, v.Hold)
	}
	if v.Undo != nil {
		text += "; undo: " + command(v.Undo...)
	}
	return text
}

func oldState(now time.Time, v status.Version) string {
	state := "not looked at"
	if v.KMS != "" {
		state = kmsState(v.KMS)
	}
	switch {
	case v.Mark != nil:
		return fmt.Sprintf("%s, %s has been under way since %s", state, v.Mark.What, plan.Clock(v.Mark.Since))
	case v.ByHand && v.Unknown:
		return fmt.Sprintf("ENABLED BY HAND, it was found disabled %s ago; left alone", plan.Age(now.Sub(v.DisabledAt)))
	case v.ByHand:
		return fmt.Sprintf("ENABLED BY HAND, keyturn disabled it %s ago; left alone", plan.Age(now.Sub(v.DisabledAt)))
	case v.Missing && v.Due(now):
		return "deleted on " + v.DeleteAt.UTC().Format(time.DateOnly)
	case v.Missing:
		return "deleted"
	case !v.DeleteAt.IsZero() && v.KMS == plan.KeyDisabled:
		return fmt.Sprintf("disabled; it was to be deleted on %s, and somebody cancelled that",
			v.DeleteAt.UTC().Format(time.DateOnly))
	case v.Due(now):
		return fmt.Sprintf("%s, its deletion was due on %s", state, v.DeleteAt.UTC().Format(time.DateOnly))
	case !v.DeleteAt.IsZero():
		return fmt.Sprintf("to be deleted on %s (in %s)", v.DeleteAt.UTC().Format(time.DateOnly),
			plan.Age(v.DeleteAt.Sub(now)))
	case !v.DisabledAt.IsZero() && v.KMS == plan.KeyPendingDeletion:
		return state + ", and keyturn did not ask for that"
	case !v.DisabledAt.IsZero() && v.Unknown:
		return fmt.Sprintf("disabled; since when is not known (found so %s ago)%s", plan.Age(now.Sub(v.DisabledAt)),
			retiredText(v))
	case !v.DisabledAt.IsZero():
		return fmt.Sprintf("disabled %s ago%s", plan.Age(now.Sub(v.DisabledAt)), retiredText(v))
	case !v.KeptAt.IsZero() && v.KMS != "" && v.KMS != plan.KeyEnabled:
		return "kept by keyturn; somebody else has it " + state
	case !v.KeptAt.IsZero():
		return "kept; keyturn does not disable it"
	case now.Before(v.DrainUntil):
		return fmt.Sprintf("%s, drains until %s (%s more), %s", state, v.DrainUntil.UTC().Format(time.DateOnly),
			plan.Age(v.DrainUntil.Sub(now)), v.Ends.Text())
	case v.Retire == plan.RetireKeep || v.Retire == "":
		return state + ", drained, left as it is"
	case v.Hold != nil:
		return fmt.Sprintf("%s, drained %s ago, stays so while held", state, plan.Age(now.Sub(v.DrainUntil)))
	case v.InUse:
		why, _ := v.Use.Why(now, v.Within)
		text := fmt.Sprintf("%s, drained %s ago, stays so: %s", state, plan.Age(now.Sub(v.DrainUntil)), why)
		if terms := v.Ends.Terms(); terms != "" {
			text += "; it is disabled" + terms
		}
		return text
	}
	return fmt.Sprintf("%s, drained %s ago, is to be disabled%s", state, plan.Age(now.Sub(v.DrainUntil)),
		v.Ends.Terms())
}

// retiredText says who had a version disabled before its time, to end a sentence.
func retiredText(v status.Version) string {
	if v.RetiredBy == "" {
		return ""
	}
	return ", retired by " + shortARN(v.RetiredBy)
}

// useText returns when a version was last used, as far as KMS knows. It may be an
// hour late, and knows nothing from before it began to record.
func useText(now time.Time, u plan.UseSeen) string {
	switch {
	case u.Failed != "":
		return "last use not known: " + u.Failed
	case !u.LastAt.IsZero():
		return fmt.Sprintf("last used %s ago (%s)", plan.Age(now.Sub(u.LastAt)), u.Operation)
	case u.TrackedAt.IsZero():
		return "last use not known: KMS does not record it"
	}
	return "not used since " + u.TrackedAt.UTC().Format(time.DateOnly)
}
