package plan

import (
	"fmt"
	"strings"
)

// Call is an act as a person reads it: which API call it is, and what for. The
// dry-run prints these, and a run logs them.
type Call struct {
	Service   string // "dynamodb" or "kms"
	Operation string // "UpdateItem"
	Text      string
}

// CallOf describes an act in the state in which it was decided. Acts that are
// no call to AWS, or only a look, have none.
func CallOf(p Policy, r *Record, o Observed, a Act) (Call, bool) {
	v := VersionName(a.Version)
	switch a.Kind {
	case WriteAdopt, WriteFirstClaim:
		return Call{"dynamodb", "PutItem", putText(a)}, true
	case TryTarget:
		return Call{"kms", ProbeCalls(usageOf(p, r, o, a.KeyID)), "probe " + v}, true
	}
	if a.Kind.Changes() {
		return Call{"kms", a.operation(), changeText(p, r, o, a)}, true
	}
	if w, ok := a.Write.(RebuildWrite); ok {
		op := "UpdateItem"
		if r == nil {
			op = "PutItem"
		}
		return Call{"dynamodb", op, fmt.Sprintf("rebuild the record: %s is active, %d drain, %d retired", v,
			len(w.Record.Draining()), len(w.Record.Retired()))}, true
	}
	if a.Kind.Writes() {
		return Call{"dynamodb", "UpdateItem", writeText(p, r, a)}, true
	}
	return Call{}, false
}

func changeText(p Policy, r *Record, o Observed, a Act) string {
	v := VersionName(a.Version)
	switch a.Kind {
	case CreateKey:
		return createText(p, r, o)
	case NameVersion, CreateAlias:
		return a.Name
	case DisableFresh:
		return a.KeyID + ": made in this run, and another run's key became " + v
	case EnableRotation:
		return fmt.Sprintf("%s, every %s", v, FormatDuration(a.Terms.Every))
	case SendMove:
		return fmt.Sprintf("%s: %s to %s", a.Name, shortKey(r.Live()), v)
	}
	if a.Kind == SendMark && a.Terms.What == FencedDelete {
		return fmt.Sprintf("%s, %s from now", v, FormatDuration(a.Terms.DeletionWindow))
	}
	return v
}

func putText(a Act) string {
	if a.Kind == WriteAdopt {
		return fmt.Sprintf("adopt %s as v1", a.KeyID)
	}
	return "claim v1: the version and the alias are to be made"
}

func createText(p Policy, r *Record, o Observed) string {
	if r.Active == 0 {
		return r.Claim.Spec
	}
	n, from := VersionTerms(p, r, o), VersionName(r.Active)
	tags := 0
	if o.Source != nil {
		tags = len(o.Source.Tags)
	}
	switch {
	case n.FromFile:
		return fmt.Sprintf("%s; policy from %s; %s from %s", r.Claim.Spec, p.PolicyPath, count(tags, "tag"), from)
	case len(n.Translated) > 0:
		return fmt.Sprintf("%s; policy and %s from %s, * in place of the ARN of %s", r.Claim.Spec, count(tags, "tag"),
			from, from)
	}
	return fmt.Sprintf("%s; policy and %s from %s", r.Claim.Spec, count(tags, "tag"), from)
}

func writeText(p Policy, r *Record, a Act) string {
	v := VersionName(a.Version)
	switch w := a.Write.(type) {
	case ClaimWrite:
		if w.Claim.Verb == VerbSchedule {
			return "claim " + v + " for this window"
		}
		return "claim " + eventOf(r, Apply(r, a), a).claimedText()
	case LeaseWrite:
		if w.Renew {
			return "renew the lease"
		}
		return "take over the lease"
	case CreatedWrite:
		return v + " waits for its switch; free the lease"
	case ConfirmWrite:
		return "confirm"
	case FinishWrite:
		if r.Active == 0 {
			return v + " is active"
		}
		if r.Live().KeyID == a.KeyID {
			return v + " stays active"
		}
		return fmt.Sprintf("%s drains until %s, %s", VersionName(r.Active), a.At.Add(w.Drain).UTC().Format("2006-01-02"),
			AfterDrain(w.Retire))
	case AdoptDriftWrite:
		return fmt.Sprintf("adopt %s as %s; %s drains", a.KeyID, v, VersionName(r.Active))
	}
	return EventText(eventOf(r, Apply(r, a), a))
}

// AfterDrain says what comes of a version once it has drained.
func AfterDrain(t Retire) string {
	switch t.Action {
	case RetireDisable:
		return "then is disabled"
	case RetireDelete:
		return "then is disabled, and deleted later"
	}
	return "then stays enabled"
}

// usageOf gives the usage of a key that is tried: what is found behind the alias
// need not be of the claim's.
func usageOf(p Policy, r *Record, o Observed, keyID string) string {
	switch {
	case o.Alias != nil && o.Alias.KeyID == keyID:
		return o.Alias.Usage
	case r != nil && r.Claim != nil && r.Claim.Usage != "":
		return r.Claim.Usage
	case o.Alias != nil:
		return o.Alias.Usage
	}
	return p.Usage
}

// ProbeCalls names the operations that try a key of a usage.
func ProbeCalls(usage string) string {
	switch usage {
	case "SIGN_VERIFY":
		return "Sign, Verify"
	case "GENERATE_VERIFY_MAC":
		return "GenerateMac, VerifyMac"
	case "KEY_AGREEMENT":
		return "GetPublicKey, DeriveSharedSecret"
	case "ENCAPSULATE_DECAPSULATE":
		return "Encapsulate, Decapsulate"
	}
	return "Encrypt, Decrypt"
}

func shortKey(a *Version) string {
	if a == nil {
		return "nothing"
	}
	head, _, _ := strings.Cut(a.KeyID, "-")
	return head + "…"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
