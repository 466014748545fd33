package status

import (
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// misplaced reports whether the alias is not where the record says. A run looks
// only when something is due; a person who asks wants to know at once.
func (k *Key) misplaced(now time.Time, r *plan.Record, seen Seen) bool {
	if r.Active == 0 || seen.Alias == nil {
		return false
	}
	d := plan.AliasPlace(now, k.Policy, r, observed(now, r, seen))
	if d == nil {
		if r.PutsBackFrom(seen.Alias.KeyID) {
			k.found(r, seen)
		}
		return k.down(r, *seen.Alias)
	}
	if d.Act.Outcome == plan.Lagging {
		k.State, k.Text, k.Then = Unknown, "KMS lags", "soon"
		k.Note = text(d.Reasons)
		return true
	}
	k.refuse(*d.Act.Refusal)
	if !seen.Alias.Missing {
		k.Text = "REFUSED: alias moved"
		k.found(r, seen)
	}
	return true
}

// found notes the key behind the alias, where somebody else has put it.
func (k *Key) found(r *plan.Record, seen Seen) {
	k.Found = &Found{KeyID: seen.Alias.KeyID}
	k.Found.Version, _ = r.VersionOfKey(seen.Alias.KeyID)
	if seen.Moved != nil {
		k.Found.Since = seen.Moved.MovedAt
	}
}

// down reports whether the alias is on the live version and that is not enabled.
func (k *Key) down(r *plan.Record, alias plan.KeySeen) bool {
	if alias.KeyID != r.Live().KeyID {
		return false // on the target of an open switch
	}
	k.LiveKMS = &alias
	ref := plan.LiveDown(k.Policy, r, alias)
	if ref != nil {
		k.refuse(*ref)
	}
	return ref != nil
}

// next asks plan what a run would do now, and sets the state by it.
func (k *Key) next(now time.Time, r *plan.Record, seen Seen) {
	d := plan.Ahead(now, k.Policy, r, observed(now, r, seen))
	stands := plan.Standing(k.Policy, r)
	switch act := d.Act; {
	case act.Refuses() != nil: // to be written down first, or known already
		k.refuse(*act.Refuses())
	case stands != nil && act.Kind != plan.Stop && act.Kind != plan.Wait: // a run that goes on may see it again
		k.refuse(*stands)
	case act.Kind == plan.Stop:
		k.stopped(now, r, d)
	case act.Kind == plan.Wait && k.Lease != nil:
		k.State, k.Text, k.Then = Rotating, open(r), "now"
	case act.Kind == plan.Wait:
		k.State, k.Text, k.Next = Waiting, "due; "+text(d.Reasons), act.Until
	case act.Kind == plan.AskGate:
		k.State, k.Then = Waiting, "when it exits 0"
		k.Text = plan.VersionName(act.Version) + " waits: before_switch, " + plan.Age(now.Sub(r.SwitchDue()))
	case r.Step == plan.Steady:
		k.State, k.Text, k.Then = Due, "due", "in the next run"
	default:
		k.State, k.Text, k.Then = Rotating, open(r)+"; no run has it", "the next run goes on"
		if later := r.NextKey(); now.Before(later) {
			k.Text, k.Next, k.Then = open(r)+"; no other key is made yet", later, ""
		}
	}
	switch {
	case k.Hold == nil, k.State == Refused:
	case !r.HeldBack(now):
		k.Text = heldText(now, k.Hold) + "; " + k.Text
	default:
		k.State, k.Text, k.Next, k.Then = Held, heldText(now, k.Hold), time.Time{}, "when released"
		if r.Step != plan.Steady {
			k.Text += " while " + open(r)
		}
	}
}

func (k *Key) stopped(now time.Time, r *plan.Record, d plan.Decision) {
	switch d.Act.Outcome {
	case plan.Settled:
		k.State, k.Text, k.Next = OK, "ok", plan.DueAt(now, k.Policy, r).Opens
	case plan.Frozen:
		k.State, k.Text = Frozen, "due; frozen"
		if r.Step == plan.Steady && plan.DueAt(now, k.Policy, r).Missed {
			k.Text = "left out; frozen"
		}
		if f, ok := k.Policy.FrozenAt(now); ok {
			k.Next, k.Note = f.To, f.Reason
		}
	case plan.HeldBack:
		k.State, k.Text, k.Then = Held, heldText(now, r.Hold), "when released"
	case plan.Waiting:
		k.State, k.Text = Waiting, text(d.Reasons)
		k.Next = r.SwitchDue()
	default:
		k.State, k.Text, k.Then = Unknown, text(d.Reasons), "soon"
	}
}

// refuse sets the refusal that stops every run on this key.
func (k *Key) refuse(ref plan.Refusal) {
	k.State, k.Refusal, k.Then = Refused, &ref, "stopped"
	k.Text = "REFUSED: " + words(ref.Code)
}

// needs sets a refusal for a person, while rotations go on. What the plan accepts needs
// nobody.
func (k *Key) needs(ref plan.Refusal) {
	if k.accepts(ref) {
		return
	}
	k.State, k.Refusal = Refused, &ref
	k.Text = "NEEDS YOU: " + words(ref.Code)
}

func words(code plan.Code) string { return strings.ReplaceAll(string(code), "-", " ") }

// observed returns what a run would know if it had seen all of this.
func observed(now time.Time, r *plan.Record, seen Seen) plan.Observed {
	o := plan.Observed{Self: plan.Self{Run: "status"}, Caller: seen.Caller, Table: seen.Table,
		Looks: plan.Looks{Alias: seen.Alias, AliasAt: now, Moved: seen.Moved}}
	if o.Caller == nil { // not known, so not held against the key
		o.Caller = &plan.Caller{ARN: "unknown", Account: plan.AccountOf(r.AliasARN)}
	}
	if o.Table == nil {
		o.Table = &plan.TableSeen{ID: r.TableID}
	}
	if o.Moved == nil && o.Alias != nil {
		o.Moved = &plan.AliasListed{KeyID: o.Alias.KeyID}
	}
	return o
}

// open describes the open generation: "rotating to v13: switching".
func open(r *plan.Record) string {
	does := "rotating to " + plan.VersionName(r.Generation)
	switch {
	case r.Active == 0:
		does = "creating " + plan.VersionName(r.Generation)
	case r.Step == plan.Steady:
		return "another run has it"
	case r.Claim == nil || r.Claim.Verb != plan.VerbRollback:
	case r.Target == r.Active:
		does = "putting the alias back onto " + plan.VersionName(r.Target)
	default:
		does = "rolling back to " + plan.VersionName(r.Target)
	}
	return does + ": " + string(r.Step)
}

func text(reasons []plan.Reason) string {
	var all []string
	for _, r := range reasons {
		all = append(all, r.Text)
	}
	return strings.Join(all, ", ")
}

// heldText says for how long a key has been held.
func heldText(now time.Time, h *plan.Hold) string {
	if age := now.Sub(h.Since); age >= time.Hour {
		return "held for " + plan.Age(age)
	}
	return "held"
}
