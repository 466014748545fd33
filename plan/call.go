package plan

import (
	"fmt"
	"strings"
)

// Call describes an act for people: the API call, and what it is for. The dry-run
// prints it, and a run logs it.
type Call struct {
	// Service is "dynamodb" or "kms".
	Service string
	// Operation is the API operation: "UpdateItem".
	Operation string
	Text      string
}

// CallOf describes an act in the state in which it was decided. It is not ok for acts
// that call nothing or only look.
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
		text := fmt.Sprintf("rebuild the record: %s is active, %d drain, %d retired",
			v, len(w.Record.Draining()), len(w.Record.Retired()))
		return Call{"dynamodb", op, text}, true
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
		if seen, looked := o.Version[a.Version]; looked && !seen.Missing {
			return a.KeyID + ": made in this run, and " + v + " is another key"
		}
		return a.KeyID + ": made in this run for " + v + ", and it has no name"
	case EnableRotation:
		return fmt.Sprintf("%s, every %s", v, FormatDuration(a.Terms.Every))
	case SendMove:
		from := r.Live()
		if r.Claim != nil && r.Claim.Expects != "" { // put back from where somebody has moved it
			from = &Version{KeyID: r.Claim.Expects}
		}
		return fmt.Sprintf("%s: %s to %s", a.Name, shortKey(from), v)
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
	n, from, tags := VersionTerms(p, r, o), VersionName(r.Active), 0
	if o.Source != nil {
		tags = len(o.Source.Tags)
	}
	copied := Counted(tags, "tag") + " from " + from
	if n.FromFile {
		return fmt.Sprintf("%s; policy from %s; %s", r.Claim.Spec, p.PolicyPath, copied)
	}
	text := fmt.Sprintf("%s; policy and %s", r.Claim.Spec, copied)
	if len(n.Translated) > 0 {
		text += ", * in place of the ARN of " + from
	}
	return text
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
		return v + " waits for its switch; give back the lease"
	case ConfirmWrite:
		return "confirm"
	case FinishWrite:
		if r.Active == 0 {
			return v + " is active"
		}
		if r.Live().KeyID == a.KeyID {
			return v + " stays active"
		}
		until := a.At.Add(w.Drain).UTC().Format("2006-01-02")
		return fmt.Sprintf("%s drains until %s, %s", VersionName(r.Active), until,
			p.ending(w.Retire, a.At.Add(w.Drain)).Brief())
	case AdoptDriftWrite:
		return fmt.Sprintf("adopt %s as %s; %s drains", a.KeyID, v, VersionName(r.Active))
	}
	return EventText(eventOf(r, Apply(r, a), a))
}

// usageOf returns the usage of the key that a probe tries. The key behind the alias
// need not have the claim's.
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
