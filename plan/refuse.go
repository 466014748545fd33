package plan

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// This file has most refusals and stops that a person reads. Each says what was seen
// and what to type. Whether encrypt and decrypt work it does not say: package claim does,
// by what the run has seen.

// unfit returns the refusal for a record or table that must not be touched at all.
func (d decider) unfit() *Refusal {
	if c := d.o.Caller; c != nil && d.p.Account != "" && c.Account != d.p.Account {
		return &Refusal{Code: CodeWrongAccount, Unwritten: true,
			What: fmt.Sprintf("the credentials are of account %s, the plan is for %s", c.Account, d.p.Account),
			Hint: WhoAmI()}
	}
	if ref := d.otherKMS(); ref != nil {
		return ref
	}
	if ref := d.noRequestID(); ref != nil {
		return ref
	}
	if t := d.o.Table; t != nil && t.Unsafe != "" {
		return &Refusal{Code: CodeUnsafeTable, Unwritten: true,
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
			return &Refusal{Code: CodeWrongAccount, Unwritten: true,
				What: fmt.Sprintf("KMS shows %s, of account %s; the credentials are of account %s", arn, account,
					c.Account),
				Hint: WhoAmI()}
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
		return &Refusal{Code: CodeNoRequestID, Unwritten: true,
			What: "KMS at " + endpoint + " answers without a request id, so no answer of it counts as one of AWS",
			Hint: Noted("see no-request-id in docs/runbook.md: it takes an endpoint that sends x-amzn-RequestId")}
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
	return waitUntil(d.r.Fence.Until, Reason{CodeFenced, FenceText(d.r)})
}

// waitUntil waits for a time that no other run brings forward.
func waitUntil(t time.Time, why Reason) *Decision {
	return &Decision{Act: Act{Kind: Wait, End: End{Until: t, Fenced: true}}, Reasons: []Reason{why}}
}

func (d decider) held() *Decision {
	h := d.r.Hold
	if h.Self {
		hint := d.fixAndRelease()
		if d.r.Active == 0 {
			hint = Try("keyturn", "adopt", d.p.Name, "--create").Noted(
				"correct spec and usage in the plan first; if the cause is another one, fix it and release the key")
		}
		return refuse(Refusal{Code: CodeHeldItself, Recorded: true,
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
	return Refusal{Code: CodeOverdue, About: Stamp(w.Start),
		What: fmt.Sprintf("window %s was not begun within start_within (%s) and is left out",
			Stamp(w.Start), FormatDuration(d.p.StartWithin)),
		Hint: d.hintRotate()}
}

func (d decider) tooManyDraining(n int) Refusal {
	return Refusal{Code: CodeMaxDraining, About: fmt.Sprint(n, " of ", d.p.MaxDraining),
		What: fmt.Sprintf("%s disabling, max_draining is %d", AwaitText(n), d.p.MaxDraining),
		Hint: Try("keyturn", "status", d.p.Name).Noted("shows which version is still in use")}
}

// AwaitText describes how many versions await something.
func AwaitText(n int) string {
	if n == 1 {
		return "1 version awaits"
	}
	return fmt.Sprintf("%d versions await", n)
}

func (d decider) gateStuck() Refusal {
	return Refusal{Code: CodeBeforeSwitch, About: VersionName(d.r.Target),
		What: fmt.Sprintf("before_switch has held back %s for over %s",
			VersionName(d.r.Target), FormatDuration(GatePatience)),
		Hint: d.hintRotate().Noted("switches without asking it; or fix the command of before_switch: " +
			Shell(d.p.BeforeSwitch...))}
}

func (d decider) policyChanged() Refusal {
	today := VersionName(d.r.Active)
	if d.p.PolicyPath != "" {
		today = d.p.PolicyPath
	}
	return Refusal{Code: CodePolicyChanged, About: VersionName(d.targetVersion()),
		What: fmt.Sprintf("%s was made with another key policy than %s has now", VersionName(d.targetVersion()), today),
		Hint: Try("keyturn", "rotate", d.p.Name, "--abandon", reasonFlag, "...").Noted(
			"makes a version with today's policy")}
}

func (d decider) aliasMissing() Refusal {
	if d.r == nil || d.r.Active == 0 {
		return *NeverMade(d.p, d.o.Caller)
	}
	return Refusal{Code: CodeAliasMissing, About: VersionName(d.r.Active),
		What: d.p.Alias + " does not exist any more; it named " + VersionName(d.r.Active),
		Hint: Try("aws", "kms", "create-alias", "--alias-name", d.p.Alias,
			"--target-key-id", d.r.Live().KeyID, "--region", d.p.Region)}
}

// NeverMade returns the refusal for a key that has neither a record nor an alias. The
// hint to make it comes only if the account is known.
func NeverMade(p Policy, c *Caller) *Refusal {
	ref := &Refusal{Code: CodeAliasMissing, Unwritten: true,
		What: "there is no " + p.Alias + " in " + p.Region + " of the account of these credentials, which is not known",
		Hint: WhoAmI()}
	if c != nil {
		ref.What = "there is no " + p.Alias + " in " + p.Region + " of account " + c.Account
		ref.Hint = Try("keyturn", "adopt", p.Name, "--create").Noted("with spec and usage in the plan")
	}
	return ref
}

func (d decider) aliasTaken() Refusal {
	return Refusal{Code: CodeAliasTaken, About: d.o.Alias.KeyID,
		What: fmt.Sprintf("%s was created by somebody else and names %s", d.p.Alias, d.o.Alias.KeyID),
		Hint: FromKMS(d.p.Name).Noted("keeps what is there")}
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
		Hint: d.hintDrift(*d.o.Alias)}
}

// hintDrift returns the hint for an alias that somebody has moved. To accept is the first
// command, because it changes nothing in KMS: somebody may have moved the alias away from a version
// that is broken. A key that is disabled, or may be at any moment, no adopt accepts.
func (d decider) hintDrift(a KeySeen) Hint {
	live := d.p.Name + "/" + VersionName(d.r.Active)
	const also = "if another alias names that key too, needs an IAM policy made with --also-alias"
	if a.Down() || d.markedKey(a.KeyID) {
		return Try("keyturn", "rollback", live, reasonFlag, "...").Noted("puts the alias back, and " + also +
			"; no adopt accepts a key that is disabled or is being disabled")
	}
	return Try("keyturn", "adopt", d.p.Name, reasonFlag, "...").Then("keyturn", "rollback", live, reasonFlag, "...").
		Noted("type one of them: the first accepts the move; the second undoes it, and " + also)
}

func (d decider) notManaged() Refusal {
	return Refusal{Code: CodeNotManaged, Unwritten: true,
		What: d.p.Alias + " has no record yet", Hint: Try("keyturn", "adopt", d.p.Name)}
}

func (d decider) recordLost(found []AliasListed) Refusal {
	names := make([]string, len(found))
	for i, a := range found {
		names[i] = a.Name
	}
	sort.Strings(names)
	var has []string
	if len(names) > 0 {
		has = append(has, "KMS has "+strings.Join(names, ", "))
	}
	if rev := d.o.LedgerRev; rev != nil && *rev > 0 {
		has = append(has, fmt.Sprintf("the ledger goes on to revision %d", *rev))
	}
	return Refusal{Code: CodeRecordLost, Unwritten: true,
		What: "there is no record of " + d.p.Alias + ", but " + strings.Join(has, ", and ") +
			": the record was lost, or the plan names another table",
		Hint: FromKMS(d.p.Name).Noted("check table: in the plan first")}
}

func (d decider) foreignVersion(seen VersionSeen) Refusal {
	name := VersionAlias(d.p.Alias, seen.Version)
	return Refusal{Code: CodeForeignVersion, About: VersionName(seen.Version) + " " + seen.KeyID,
		What: fmt.Sprintf("%s exists and names %s, which this record did not make: "+
			"the record was lost or restored from an older copy", name, seen.KeyID),
		Hint: FromKMS(d.p.Name).Noted("type it if the record is old; if a person made the alias " + name +
			", delete that alias instead")}
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
	return &Refusal{Code: CodeBadVersion, Unwritten: true,
		What: fmt.Sprintf("KMS has %s, which names %s: keyturn numbers versions v1, v2, … and never over v%d",
			a.Name, a.KeyID, MaxVersion),
		Hint: Try("aws", "kms", "delete-alias", "--alias-name", a.Name, "--region", d.p.Region).Noted(
			"the key itself stays; if a person needs that name, give it another one first")}
}

func (d decider) markedFound(a KeySeen) Refusal {
	v, _ := d.r.VersionOfKey(a.KeyID) // only a version of the record can have a mark
	return Refusal{Code: CodeMarked, About: a.KeyID,
		What: fmt.Sprintf("%s names %s (%s), which is being disabled or deleted", d.p.Alias, VersionName(v),
			a.KeyID),
		Version: v, Hint: d.hintMarked(v)}
}

// hintMarked returns the hint for a version against which a signed call may still arrive.
// A reinstate overrides the mark; once that is done, only waiting helps.
func (d decider) hintMarked(version int64) Hint {
	again := "type it again after "
	v := d.r.Entry(version)
	switch {
	case v != nil && d.now.Before(v.LookAfter):
		return Noted(again + Stamp(v.LookAfter) + ": what was signed against it can no longer take effect then")
	case v != nil && v.State == Draining && unexpired(d.now, v.Fence) != nil:
		return d.hintReinstate(VersionName(version)).Noted("keeps it enabled; " + again + Stamp(v.Fence.Until))
	}
	return d.hintReinstate(VersionName(version)).Noted("then type it again")
}

// unsupported refuses the kinds of keys that keyturn cannot rotate.
func (d decider) unsupported(k KeySeen) *Refusal {
	if k.Unsupported == "" {
		return nil
	}
	return &Refusal{Code: CodeUnsupportedKey, About: k.KeyID, Unwritten: d.r == nil,
		What: fmt.Sprintf("%s names %s: %s", d.p.Alias, k.KeyID, k.Unsupported),
		Hint: Noted("take " + d.p.Name + " out of the plan")}
}

// unlikePlan refuses a found key that is of another kind than the plan's, or not enabled.
func (d decider) unlikePlan(k KeySeen) *Refusal {
	if k.State != KeyEnabled {
		return d.unlike(k, "is "+k.State)
	}
	return d.otherKind(k)
}

func (d decider) unlike(k KeySeen, what string) *Refusal {
	return &Refusal{Code: CodeUnlikePlan, About: d.kindAndPlan(k), Unwritten: d.r == nil,
		What: fmt.Sprintf("%s names %s, which %s", d.p.Alias, k.KeyID, what),
		Hint: Noted("fix the key or the plan")}
}

// kindOf describes a key for the About of a refusal.
func kindOf(k KeySeen) string { return strings.Join([]string{k.KeyID, k.State, k.Spec, k.Usage}, " ") }

// kindAndPlan is what a key is and what the plan says it should be.
func (d decider) kindAndPlan(k KeySeen) string {
	return strings.Join([]string{kindOf(k), d.p.Spec, d.p.Usage}, " ")
}

// unfitTarget refuses a target that can never work. The key then holds itself, because
// no repetition would change that.
func (d decider) unfitTarget(t KeySeen) *Refusal {
	var what string
	holds := true
	switch c := d.r.Claim; {
	case t.State != KeyEnabled:
		what = "is " + t.State
	case t.Spec != c.Spec:
		what = "has spec " + t.Spec + ", wanted " + c.Spec
	case t.Usage != c.Usage:
		what = "has usage " + t.Usage + ", wanted " + c.Usage
	case t.Unsupported != "":
		what = "cannot be used: " + t.Unsupported
	case d.markedKey(t.KeyID) && d.r.EntryOf(t.KeyID).Fence == nil: // a run ends that by itself
		what, holds = "was reinstated, and is looked at once more", false
	case d.markedKey(t.KeyID):
		what = "is being disabled or deleted"
	default:
		return nil
	}
	what = fmt.Sprintf("%s (%s) %s", VersionName(d.targetVersion()), t.KeyID, what)
	ref := &Refusal{Code: CodeBadTarget, About: kindOf(t), What: what, Hint: d.fixAndRelease()}
	if holds {
		ref.SelfHold = what
	} else {
		ref.Hint = RunNow(d.p).Noted("does that")
	}
	return ref
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
