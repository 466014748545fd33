package plan

import (
	"fmt"
	"strings"
)

// newKeyReady makes sure that a version can be made: its key policy means for it what it
// means for the live one, and KMS can be expected to accept it. It comes before a claim
// that makes a version, and again before CreateKey, because a policy may have changed.
func (d decider) newKeyReady() *Decision {
	if d.r != nil && d.r.Active != 0 && d.o.Source == nil {
		return &Decision{Act: Act{Kind: LookSource, Version: d.r.Active, KeyID: d.r.Live().KeyID}}
	}
	n := VersionTerms(d.p, d.r, d.o)
	if n.Trouble != "" {
		return refuse(d.policyOfOneKey(n))
	}
	if !n.Checked() {
		return nil
	}
	if d.o.Caller == nil {
		return look(LookCaller)
	}
	if n.MayPut == MayPutNo {
		return refuse(d.policyLocksOut(n))
	}
	return nil
}

// createKey decides on CreateKey. It waives the lockout check if the policy provably
// leaves the key manageable, unless KMS has answered that this is forbidden.
func (d decider) createKey(version int64) *Decision {
	n := VersionTerms(d.p, d.r, d.o)
	return &Decision{Act: Act{Kind: CreateKey, Version: version, Try: d.o.Tries[CreateKey],
		Terms: Terms{Waive: n.Policy != "" && n.Leaves != LeavesUnknown && d.o.WaiverDenied == nil}}}
}

// explicitDeny reports whether AWS refused a call because of a Deny in a policy: then
// nothing was done. AWS does not say which condition was met.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func explicitDeny(a Answer) bool {
	return a.Verdict == No && !a.Soft && strings.HasPrefix(a.Code, "AccessDenied") &&
		strings.Contains(a.Message, "explicit deny")
}

// locksOut reports whether KMS refused to make a key by its lockout check.
func locksOut(a Answer) bool {
	return a.Verdict == No && a.Code == "MalformedPolicyDocumentException" &&
		strings.Contains(a.Message, "update the key policy in the future")
}

// refusalOf returns the refusal that reports a failure; nil if there is none for it.
func (d decider) refusalOf(f Failure) *Refusal {
	if f.Kind != CreateKey || !locksOut(f.Answer) {
		return nil
	}
	ref := d.lockoutAnswered()
	if no := d.o.WaiverDenied; no != nil {
		ref = d.waiverDenied(*no)
	}
	return &ref
}

// ownPolicyHint says how a plan names a policy file.
const ownPolicyHint = "write the policy that the new version is to have into a file beside the plan " +
	"and name it under the key: policy: FILE"

func (d decider) policyOfOneKey(n NewVersion) Refusal {
	ref := Refusal{Code: CodePolicyOfOneKey, About: d.liveName() + " " + n.Trouble,
		Hint: Noted(ownPolicyHint),
		What: fmt.Sprintf("the key policy of %s cannot be copied onto another key: %s", d.liveName(), n.Trouble)}
	if n.FromFile {
		ref.What = fmt.Sprintf("%s is about %s alone: %s", d.p.PolicyPath, d.liveName(), n.Trouble)
		ref.Hint = Noted(`in ` + d.p.PolicyPath +
			` write "Resource": "*", which in a key policy is the key that has it`)
	}
	return ref
}

func (d decider) policyLocksOut(n NewVersion) Refusal {
	return d.lockout(fmt.Sprintf("KMS would not make %s: its key policy, %s, does not let %s change it",
		VersionName(d.nextVersion()), d.policyFrom(), d.o.Caller.ARN))
}

func (d decider) lockoutAnswered() Refusal {
	return d.lockout(fmt.Sprintf("KMS did not make %s: under its key policy, %s, this caller could not change it",
		VersionName(d.nextVersion()), d.policyFrom()))
}

func (d decider) lockout(what string) Refusal {
	ref := Refusal{Code: CodePolicyLockout, About: VersionName(d.nextVersion()) + " " + d.p.PolicyPath,
		What: what,
		Hint: Noted("let the account change the key policy (kms:PutKeyPolicy for its root, on no condition), " +
			"or this caller; or " + ownPolicyHint)}
	if d.r == nil {
		ref.Unwritten = true
	}
	return ref
}

// waiverDenied refuses after KMS has denied to waive the check; AWS's message names the
// policy.
func (d decider) waiverDenied(no Answer) Refusal {
	return Refusal{Code: CodeWaiverDenied, About: VersionName(d.nextVersion()),
		What: fmt.Sprintf("CreateKey of %s with kms:BypassPolicyLockoutSafetyCheck was denied (%s), "+
			"and without it KMS wants that this caller may change the key policy",
			VersionName(d.nextVersion()), no.Text()),
		Hint: Noted("except this role from the policy that denies it " +
			"(Control Tower's CT.KMS.PV.3: ExemptedPrincipalArns), or allow this role kms:PutKeyPolicy")}
}

func (d decider) liveName() string {
	if like := d.o.Like(); like != nil {
		if v, ours := d.r.VersionOfKey(like.KeyID); ours {
			return VersionName(v)
		}
	}
	return "the live version"
}

func (d decider) policyFrom() string {
	if d.p.PolicyPath != "" {
		return d.p.PolicyPath
	}
	return "a copy of that of " + d.liveName()
}

// nextVersion returns the version that would be made now.
func (d decider) nextVersion() int64 {
	switch {
	case d.r == nil:
		return 1
	case d.r.Step == Steady:
		return d.r.Generation + 1
	}
	return d.r.Generation
}
