package plan

import (
	"fmt"
	"sort"
	"strings"
)

// This file has most refusals and stops that a person reads. Each says what was seen,
// whether encrypt and decrypt work, and what to type.

const (
	safeAll   = "nothing was changed; encrypt and decrypt work as before"
	safeAlias = "encrypt uses what the alias names; versions that are enabled still decrypt"
)

// unfit returns the refusal for a record or table that must not be touched at all.
func (d decider) unfit() *Refusal {
	if c := d.o.Caller; c != nil && d.p.Account != "" && c.Account != d.p.Account {
		return &Refusal{Code: CodeWrongAccount, Unwritten: true, Safe: safeAll,
			What: fmt.Sprintf("the credentials are of account %s, the plan is for %s", c.Account, d.p.Account),
			Hint: "aws sts get-caller-identity"}
	}
	if ref := d.otherKMS(); ref != nil {
		return ref
	}
	if ref := d.noRequestID(); ref != nil {
		return ref
	}
	if t := d.o.Table; t != nil && t.Unsafe != "" {
		return &Refusal{Code: CodeUnsafeTable, Unwritten: true, Safe: safeAll,
			What: "table " + d.p.Table + ": " + t.Unsafe, Hint: t.Hint}
	}
	r := d.r
	if r == nil {
		return nil
	}
	if ref := NewerRecord(r); ref != nil {
		return ref
	}
	if t := d.o.Table; t != nil && !d.q.FromKMS {
		if ref := OtherTable(d.p, r, t.ID); ref != nil {
			return ref
		}
	}
	return OtherAccount(d.p, r, d.o.Caller)
}

// otherKMS refuses a KMS that shows keys of another account than the caller's, as with
// mixed endpoints: the credentials are not for the key that the record would manage.
func (d decider) otherKMS() *Refusal {
	c := d.o.Caller
	if c == nil {
		return nil
	}
	var seen []string
	if a := d.o.Alias; a != nil {
		seen = append(seen, a.ARN)
	}
	if l := d.o.Listing; l != nil && l.Alias != nil {
		seen = append(seen, l.Alias.ARN)
	}
	for _, arn := range seen {
		if account := AccountOf(arn); account != "" && account != c.Account {
			return &Refusal{Code: CodeWrongAccount, Unwritten: true, Safe: safeAll,
				What: fmt.Sprintf("KMS shows %s, of account %s; the credentials are of account %s", arn, account,
					c.Account),
				Hint: "aws sts get-caller-identity"}
		}
	}
	return nil
}

// noRequestID refuses a KMS whose answers have no request id. No change would ever count
// as answered: the alias would move, and every run would send the move again and
// extend the fence.
func (d decider) noRequestID() *Refusal {
	for _, endpoint := range d.o.unnamed() {
		if endpoint == "" {
			continue
		}
		safe := safeAll
		if d.r != nil && d.r.Step != Steady {
			safe = safeAlias
		}
		return &Refusal{Code: CodeNoRequestID, Unwritten: true, Safe: safe,
			What: "KMS at " + endpoint + " answers without a request id, so no answer of it counts as one of AWS",
			Hint: "see no-request-id in docs/runbook.md: it takes an endpoint that sends x-amzn-RequestId"}
	}
	return nil
}

func (d decider) standBy() *Decision {
	l := d.r.Lease
	why := fmt.Sprintf("%s/%s (run %s) has been working on it since %s, lease until %s",
		l.Pool, l.Host, l.Run, Clock(l.Since), Clock(l.Until))
	return &Decision{Act: Act{Kind: Wait, End: End{Until: l.Until}}, Reasons: []Reason{{CodeLeased, why}}}
}

func (d decider) waitForFence() *Decision {
	return &Decision{Act: Act{Kind: Wait, End: End{Until: d.r.Fence.Until, Fenced: true}},
		Reasons: []Reason{{CodeFenced, FenceText(d.r)}}}
}

func (d decider) held() *Decision {
	h := d.r.Hold
	if h.Self {
		hint := "fix the cause, then: keyturn release " + d.p.Name
		if d.r.Active == 0 {
			hint += "; if it is spec or usage in the plan: keyturn adopt " + d.p.Name + " --create"
		}
		return refuse(Refusal{Code: CodeHeldItself, Recorded: true, Safe: safeAlias,
			What: "the key holds itself: " + h.Reason, Hint: hint})
	}
	return stop(HeldBack, Reason{CodeHeld, fmt.Sprintf("held by %s since %s: %s", h.By, Stamp(h.Since), h.Reason)})
}

func frozenReason(f Freeze) Reason {
	return Reason{CodeFrozen, fmt.Sprintf("frozen until %s: %s", Stamp(f.To), f.Reason)}
}

func (d decider) notDue(due Due) Reason {
	if due.Opens.IsZero() {
		return Reason{CodeNotDue, "not due"}
	}
	return Reason{CodeNotDue, fmt.Sprintf("not due: %s has been live since %s, next %s",
		VersionName(d.r.Active), Stamp(d.r.Live().Since), Stamp(due.Opens))}
}

func (d decider) overdue(w Window) Refusal {
	return Refusal{Code: CodeOverdue, About: Stamp(w.Start), Safe: safeAlias,
		What: fmt.Sprintf("window %s was not begun within start_within (%s) and is left out",
			Stamp(w.Start), FormatDuration(d.p.StartWithin)),
		Hint: "keyturn rotate " + d.p.Name + ` --reason "..."`}
}

func (d decider) tooManyDraining(n int) Refusal {
	return Refusal{Code: CodeMaxDraining, About: fmt.Sprint(n, " of ", d.p.MaxDraining), Safe: safeAlias,
		What: fmt.Sprintf("%s disabling, max_draining is %d", AwaitText(n), d.p.MaxDraining),
		Hint: "keyturn status   (shows which version is still in use)"}
}

// AwaitText describes how many versions await something.
func AwaitText(n int) string {
	if n == 1 {
		return "1 version awaits"
	}
	return fmt.Sprintf("%d versions await", n)
}

func (d decider) gateStuck() Refusal {
	return Refusal{Code: CodeBeforeSwitch, About: VersionName(d.r.Target), Safe: safeAlias,
		What: fmt.Sprintf("before_switch has held back %s for over %s",
			VersionName(d.r.Target), FormatDuration(GatePatience)),
		Hint: "keyturn rotate " + d.p.Name +
			` --reason "..."   (switches without asking it), or fix the command of before_switch: ` +
			Shell(d.p.BeforeSwitch...)}
}

func (d decider) policyChanged() Refusal {
	today := VersionName(d.r.Active)
	if d.p.PolicyPath != "" {
		today = d.p.PolicyPath
	}
	return Refusal{Code: CodePolicyChanged, About: VersionName(d.targetVersion()), Safe: safeAlias,
		What: fmt.Sprintf("%s was made with another key policy than %s has now", VersionName(d.targetVersion()), today),
		Hint: "keyturn rotate " + d.p.Name + ` --abandon --reason "..."   (makes a version with today's policy)`}
}

func (d decider) aliasMissing() Refusal {
	if d.r == nil || d.r.Active == 0 {
		return *NeverMade(d.p, d.o.Caller)
	}
	return Refusal{Code: CodeAliasMissing, About: VersionName(d.r.Active),
		Safe: "callers that use the alias fail; keyturn has not touched " + VersionName(d.r.Active),
		What: d.p.Alias + " does not exist any more; it named " + VersionName(d.r.Active),
		Hint: Shell("aws", "kms", "create-alias", "--alias-name", d.p.Alias,
			"--target-key-id", d.r.Live().KeyID, "--region", d.p.Region)}
}

// NeverMade returns the refusal for a key that has neither a record nor an alias. The
// hint to make it comes only if the account is known.
func NeverMade(p Policy, c *Caller) *Refusal {
	ref := &Refusal{Code: CodeAliasMissing, Unwritten: true, Safe: "there is no key to use yet",
		What: "there is no " + p.Alias + " in " + p.Region + " of the account of these credentials, which is not known",
		Hint: "aws sts get-caller-identity"}
	if c != nil {
		ref.What = "there is no " + p.Alias + " in " + p.Region + " of account " + c.Account
		ref.Hint = "keyturn adopt " + p.Name + " --create   (with spec and usage in the plan)"
	}
	return ref
}

func (d decider) aliasTaken() Refusal {
	return Refusal{Code: CodeAliasTaken, About: d.o.Alias.KeyID, Safe: safeAll,
		What: fmt.Sprintf("%s was created by somebody else and names %s", d.p.Alias, d.o.Alias.KeyID),
		Hint: "to keep what is there: keyturn adopt " + d.p.Name + ` --from-kms --reason "..."`}
}

func (d decider) drift() Refusal {
	found := d.o.Alias.KeyID + " (not ours)"
	if v, ours := d.r.VersionOfKey(d.o.Alias.KeyID); ours {
		found = VersionName(v)
	}
	about, since := d.o.Alias.KeyID, ""
	if m := d.o.Moved; m != nil && !m.MovedAt.IsZero() {
		about += " " + Stamp(m.MovedAt)
		since = " since " + Stamp(m.MovedAt)
	}
	return Refusal{Code: CodeDrift, About: about,
		What: fmt.Sprintf("alias moved: it names %s%s, the record says %s", found, since, VersionName(d.r.Active)),
		Safe: "encrypt uses what the alias names now; keyturn has not touched " + VersionName(d.r.Active),
		Hint: "keyturn adopt " + d.p.Name +
			` --reason "..."   (accepts the move; to undo it, see drift in docs/runbook.md)`}
}

func (d decider) notManaged() Refusal {
	return Refusal{Code: CodeNotManaged, Unwritten: true, Safe: safeAll,
		What: d.p.Alias + " has no record yet", Hint: "keyturn adopt " + d.p.Name}
}

func (d decider) recordLost(found []AliasListed) Refusal {
	names := make([]string, len(found))
	for i, a := range found {
		names[i] = a.Name
	}
	sort.Strings(names)
	safe := safeAll
	if l := d.o.Listing; l != nil && l.Alias == nil {
		safe = "callers that use the alias fail, for it does not exist either; the versions are untouched"
	}
	var has []string
	if len(names) > 0 {
		has = append(has, "KMS has "+strings.Join(names, ", "))
	}
	if rev := d.o.LedgerRev; rev != nil && *rev > 0 {
		has = append(has, fmt.Sprintf("the ledger goes on to revision %d", *rev))
	}
	return Refusal{Code: CodeRecordLost, Unwritten: true, Safe: safe,
		What: "there is no record of " + d.p.Alias + ", but " + strings.Join(has, ", and ") +
			": the record was lost, or the plan names another table",
		Hint: "check table: in the plan; then keyturn adopt " + d.p.Name + ` --from-kms --reason "..."`}
}

func (d decider) foreignVersion(seen VersionSeen) Refusal {
	name := VersionAlias(d.p.Alias, seen.Version)
	return Refusal{Code: CodeForeignVersion, About: VersionName(seen.Version) + " " + seen.KeyID, Safe: safeAlias,
		What: fmt.Sprintf("%s exists and names %s, which this record did not make: "+
			"the record was lost or restored from an older copy", name, seen.KeyID),
		Hint: fmt.Sprintf("if a person made that alias: %s; "+
			`if the record is old: keyturn adopt %s --from-kms --reason "..."`,
			Shell("aws", "kms", "delete-alias", "--alias-name", name, "--region", d.p.Region), d.p.Name)}
}

// badVersion refuses an alias that looks like a version alias but is none of keyturn's;
// nil if there is none. Counting on from its number would overflow, and ignoring the
// alias would give its number a second time.
func (d decider) badVersion() *Refusal {
	for _, a := range d.o.Listing.Versions {
		if _, ok := VersionOf(d.p.Alias, a.Name); !ok {
			return d.badNumber(a)
		}
	}
	return nil
}

func (d decider) badNumber(a AliasListed) *Refusal {
	return &Refusal{Code: CodeBadVersion, Unwritten: true, Safe: safeAll,
		What: fmt.Sprintf("KMS has %s, which names %s: keyturn numbers versions v1, v2, … and never over v%d",
			a.Name, a.KeyID, MaxVersion),
		Hint: Shell("aws", "kms", "delete-alias", "--alias-name", a.Name, "--region", d.p.Region) +
			"   (the key itself stays; if a person needs that name, give it another one first)"}
}

func (d decider) markedFound(a KeySeen) Refusal {
	v, _ := d.r.VersionOfKey(a.KeyID) // only a version of the record can have a mark
	return Refusal{Code: CodeMarked, About: a.KeyID, Safe: safeAlias,
		What: fmt.Sprintf("%s names %s (%s), which is being disabled or deleted", d.p.Alias, VersionName(v), a.KeyID),
		Hint: fmt.Sprintf("keyturn reinstate %s/%s", d.p.Name, VersionName(v))}
}

// unsupported refuses the kinds of keys that keyturn cannot rotate.
func (d decider) unsupported(k KeySeen) *Refusal {
	if k.Unsupported == "" {
		return nil
	}
	return &Refusal{Code: CodeUnsupportedKey, About: k.KeyID, Unwritten: d.r == nil, Safe: safeAll,
		What: fmt.Sprintf("%s names %s: %s", d.p.Alias, k.KeyID, k.Unsupported),
		Hint: "take " + d.p.Name + " out of the plan"}
}

// unlikePlan refuses a found key that is of another kind than the plan's, or not enabled.
func (d decider) unlikePlan(k KeySeen) *Refusal {
	if k.State != stateEnabled {
		return d.unlike(k, "is "+k.State)
	}
	return d.otherKind(k)
}

func (d decider) unlike(k KeySeen, what string) *Refusal {
	safe := safeAll
	if k.State != stateEnabled {
		safe = "keyturn has changed nothing; encrypt fails while that is so"
	}
	return &Refusal{Code: CodeUnlikePlan, About: d.kindAndPlan(k), Unwritten: d.r == nil, Safe: safe,
		What: fmt.Sprintf("%s names %s, which %s", d.p.Alias, k.KeyID, what),
		Hint: "fix the key or the plan"}
}

// kindOf describes a key for the About of a refusal.
func kindOf(k KeySeen) string { return strings.Join([]string{k.KeyID, k.State, k.Spec, k.Usage}, " ") }

// kindAndPlan is what a key is and what the plan says it should be.
func (d decider) kindAndPlan(k KeySeen) string {
	return strings.Join([]string{kindOf(k), d.p.Spec, d.p.Usage}, " ")
}

// stateEnabled is the only KeyState in which a version may be switched to.
const stateEnabled = "Enabled"

// unfitTarget refuses a target that can never work. The key then holds itself, because
// no repetition would change that.
func (d decider) unfitTarget(t KeySeen) *Refusal {
	var what string
	switch c := d.r.Claim; {
	case t.State != stateEnabled:
		what = "is " + t.State
	case t.Spec != c.Spec:
		what = "has spec " + t.Spec + ", wanted " + c.Spec
	case t.Usage != c.Usage:
		what = "has usage " + t.Usage + ", wanted " + c.Usage
	case t.Unsupported != "":
		what = "cannot be used: " + t.Unsupported
	case d.markedKey(t.KeyID):
		what = "is being disabled or deleted"
	default:
		return nil
	}
	what = fmt.Sprintf("%s (%s) %s", VersionName(d.targetVersion()), t.KeyID, what)
	return &Refusal{Code: CodeBadTarget, About: kindOf(t), Safe: safeAlias, What: what, SelfHold: what,
		Hint: "fix the cause, then: keyturn release " + d.p.Name}
}

// AccountOf returns the account of an ARN; "" if it is none.
func AccountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

// aliasARN returns the ARN that an alias will have, in the partition of the caller.
func aliasARN(c Caller, region, alias string) string {
	partition := "aws"
	if parts := strings.SplitN(c.ARN, ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return "arn:" + partition + ":kms:" + region + ":" + c.Account + ":" + alias
}
