package plan

import (
	"fmt"
	"strings"
)

// NewVersion is what a version is created with.
type NewVersion struct {
	Description string
	// Tags are those without keyturn's own.
	Tags map[string]string
	// Policy is JSON; "" is KMS's default policy.
	Policy string
	// FromFile reports whether Policy is the plan's own and not a copy.
	FromFile bool
	// Translated are the statements of the copied policy that named the old key.
	Translated []string
	// Leaves says who provably controls the key under this policy. Where that is
	// unknown, KMS checks whether the caller could change the policy.
	Leaves LeavesKeyTo
	// MayPut is what the policy says about that right of the caller.
	MayPut MayPut
	// Trouble says why a key with this policy would differ from the live one.
	Trouble string
}

// Checked reports whether KMS makes the lockout check.
func (n NewVersion) Checked() bool { return n.Policy != "" && n.Leaves == LeavesUnknown }

// VersionTerms returns what a new version is created with: the plan's terms, and for
// the rest those of the active version. To describe the policy it needs o.Caller or
// the key that the version is made like.
func VersionTerms(p Policy, r *Record, o Observed) NewVersion {
	n := NewVersion{Tags: map[string]string{}}
	if s := o.Source; s != nil {
		n.Description = s.Description
		for k, v := range s.Tags {
			n.Tags[k] = v
		}
	}
	if p.Description != nil {
		n.Description = *p.Description
	}
	for k, v := range p.Tags {
		n.Tags[k] = v
	}
	n.setPolicy(p, r, o)
	return n
}

func (n *NewVersion) setPolicy(p Policy, r *Record, o Observed) {
	var arn, name string
	if like := o.Like(); like != nil {
		arn = like.ARN
		if r != nil {
			if v, ours := r.VersionOfKey(like.KeyID); ours {
				name = VersionAlias(p.Alias, v)
			}
		}
	}
	switch {
	case p.PolicyPath != "":
		n.Policy, n.FromFile = o.OwnPolicy, true
		if arn != "" && n.Policy != "" {
			n.Trouble = FileNamesKey(n.Policy, arn, name)
		}
	case o.Source != nil && o.Source.Policy != "":
		c := CopyPolicy(o.Source.Policy, arn, name)
		n.Policy, n.Translated, n.Trouble = c.Text, c.Translated, c.Trouble
	}
	owner, caller := OwnerOf(arn), Caller{}
	if o.Caller != nil {
		caller = *o.Caller
	}
	if owner.Account == "" {
		owner = OwnerOf(caller.ARN)
	}
	n.Leaves = KeyPolicyLeaves(n.Policy, owner)
	if n.FromFile && n.Leaves != LeavesToAccount {
		n.Leaves = LeavesUnknown // it names principals, which need not be those of before
	}
	n.MayPut = CallerMayPut(n.Policy, caller)
}

// Notes returns what a person should know about the policy of a version that is made
// like the version named from.
func (n NewVersion) Notes(from string) []string {
	var notes []string
	if len(n.Translated) > 0 {
		notes = append(notes,
			fmt.Sprintf("the key policy of %s names its own ARN in Resource (%s); "+
				"the new key's says * there, which means itself",
				from, strings.Join(n.Translated, ", ")))
	}
	if n.Checked() && n.MayPut == MayPutUnknown {
		notes = append(notes,
			"the key policy does not provably leave the new key to this account, "+
				"so KMS checks that the caller may kms:PutKeyPolicy; "+
				"that hangs on IAM or on a condition and is not known")
	}
	return notes
}
