package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// SavedAct is one act of a decision as data that can be saved, and compared with what is
// decided later. Looks, leases, notes and the daily checks of old versions are not saved.
type SavedAct struct {
	Kind    Kind
	Version int64
	// KeyID is the KMS key of Version; "" for one that the decision itself makes.
	KeyID string
	// Terms are in a fixed order. Two acts differ if one of them does.
	Terms []Term
}

// Term is a term of an act: "drain", "30d".
type Term struct{ Name, Value string }

// Does reports whether an act of the kind changes KMS, or the record beyond leases and
// notes.
func (k Kind) Does() bool {
	switch k {
	case WriteAdopt, WriteFirstClaim, WriteClaim, WriteCreated, WriteConfirm, WriteFinish, WriteAdoptDrift,
		WriteAbandon, WriteHold, WriteRelease, WriteRebuild, WriteReinstate, WriteKept, WriteRetired, WriteDeleting:
		return true
	}
	return k.Changes()
}

// IsSaved reports whether acts of the kind are saved: those that do something, the probe
// and before_switch.
func (k Kind) IsSaved() bool { return k.Does() || k == TryTarget || k == AskGate }

// SavedActOf describes an act in the state in which it was decided.
func SavedActOf(p Policy, r *Record, o Observed, a Act) SavedAct {
	return SavedAct{Kind: a.Kind, Version: a.Version, KeyID: a.KeyID, Terms: termsOf(p, r, o, a)}
}

func termsOf(p Policy, r *Record, o Observed, a Act) []Term {
	switch w := a.Write.(type) {
	case FirstClaimWrite:
		return claimTerms(w.Claim)
	case ClaimWrite:
		return claimTerms(w.Claim)
	case FinishWrite:
		return leavingTerms(w.Leaving)
	}
	switch a.Kind {
	case CreateKey:
		n := VersionTerms(p, r, o)
		return []Term{{"key policy", digestOf(n.Policy)}, {"tags", digestOf(n.Tags)},
			{"description", digestOf(n.Description)}}
	case EnableRotation:
		return []Term{{"auto_rotation", FormatDuration(a.Terms.Every)}}
	case SignMark, SendMark:
		terms := []Term{{"call", string(a.Terms.What)}}
		if a.Terms.What == FencedDelete {
			terms = append(terms, Term{"deletion_window", FormatDuration(a.Terms.DeletionWindow)})
		}
		return terms
	case AskGate:
		command := Shell(p.BeforeSwitch...)
		if FirstMisleading(command) != "" { // a script of several lines
			command = digestOf(p.BeforeSwitch)
		}
		return []Term{{"before_switch", command}}
	}
	return nil
}

// claimTerms returns what a claim freezes.
func claimTerms(c Claim) []Term {
	window, rotation := "none", "off"
	if !c.Window.IsZero() {
		window = c.Window.UTC().Format(time.RFC3339)
	}
	switch {
	case c.AutoUnknown:
		rotation = "not known"
	case c.AutoRotation > 0:
		rotation = FormatDuration(c.AutoRotation)
	}
	return []Term{{"verb", string(c.Verb)}, {"window", window}, {"drain", FormatDuration(c.Drain)},
		{"prepublish", FormatDuration(c.Prepublish)}, {"spec", c.Spec}, {"usage", c.Usage},
		{"auto_rotation", rotation}}
}

// leavingTerms returns the terms of the version that a switch takes the alias from.
func leavingTerms(l Leaving) []Term {
	t := l.Retire
	action := t.Action
	if action == "" {
		action = RetireKeep
	}
	terms := []Term{{"drain", FormatDuration(l.Drain)}, {"retire", string(action)}}
	if action == RetireKeep {
		return terms
	}
	use := "not looked at"
	if !t.UsageOff {
		use = FormatDuration(t.UnlessUsedWithin)
	}
	terms = append(terms, Term{"unless_used_within", use})
	if action == RetireDelete {
		terms = append(terms, Term{"delete_after", FormatDuration(t.DeleteAfter)},
			Term{"deletion_window", FormatDuration(t.DeletionWindow)})
	}
	return terms
}

// digestOf returns a short text that is the same only for equal data.
func digestOf(data any) string {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // it is plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
