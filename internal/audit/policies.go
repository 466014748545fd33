package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Usable returns the versions that callers can use, the oldest first: the live one, and old
// ones that are enabled.
func Usable(r *plan.Record, keys map[string]plan.KeySeen) []plan.Version {
	var all []plan.Version
	for _, v := range r.Versions {
		if k := keys[v.KeyID]; k.State == plan.KeyEnabled && (v.Version == r.Active || v.State != "") {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b plan.Version) int { return cmp.Compare(a.Version, b.Version) })
	return all
}

// policies judges the key policies of the versions that callers can use. KMS shows a policy
// as it is now, and not since when.
func (c *checker) policies() {
	changed := map[int64]plan.PolicyOf{}
	for _, v := range Usable(c.r, c.s.Keys) {
		text, read := c.s.Policies[v.KeyID]
		if !read {
			continue
		}
		if open := plan.OpenStatements(text); len(open) > 0 {
			c.policyOpen(v, open)
			continue
		}
		c.policyDiffers(v, changed)
	}
}

// policyOpen reports a policy by which callers of any AWS account can use the key, if
// theirs allows it.
func (c *checker) policyOpen(v plan.Version, statements []string) {
	names := strings.Join(statements, ", ")
	c.add(Finding{Code: plan.CodeKeyPolicyOpen, Level: Person, KeyID: v.KeyID, Version: v.Version,
		Observed: names, Expected: "no statement for everyone",
		What: fmt.Sprintf("the key policy of %s lets everyone in, of any AWS account (%s)",
			plan.VersionName(v.Version), names),
		Hint: c.lookAtPolicy(v).Noted("CloudTrail has PutKeyPolicy, and who called it; put a policy in its place " +
			"that names who may use the key")})
}

// policyDiffers compares the policy of a version with the one that it should have: the
// plan's file, for the live one, or that of the version that it was copied from. changed
// has the policies that older versions should have and do not: a policy that was changed
// since it was copied is one finding, and not a second one of its copy.
func (c *checker) policyDiffers(v plan.Version, changed map[int64]plan.PolicyOf) {
	has := c.policyOf(v)
	wanted, of, before := c.policyWanted(v)
	if of == "" {
		return
	}
	d := plan.ComparePolicies(wanted, has)
	if d.Same() {
		return
	}
	changed[v.Version] = wanted
	if before != nil {
		if earlier, ok := changed[before.Version]; ok && plan.ComparePolicies(earlier, has).Same() {
			return
		}
	}
	name := plan.VersionName(v.Version)
	f := Finding{Code: plan.CodeKeyPolicyDiffers, Level: Warning, KeyID: v.KeyID, Version: v.Version,
		Observed: listed(d.Added), Expected: listed(d.Missing),
		What: fmt.Sprintf("the key policies of %s and of %s are not the same: %s", name, of,
			d.Text(name, of)),
		Hint: c.lookAtPolicy(v)}
	if d.Unclear {
		f.Observed, f.Expected = "another policy", "that of "+of
	}
	if before != nil {
		f.Evidence.KeyIDs = []string{v.KeyID, before.KeyID}
		f.Hint = f.Hint.Then(c.lookAtPolicy(*before).Commands[0]...)
	}
	owner := plan.OwnerOf(has.ARN)
	if plan.KeyPolicyLeaves(wanted.Text, owner) != plan.LeavesUnknown &&
		plan.KeyPolicyLeaves(has.Text, owner) == plan.LeavesUnknown {
		f.Level = Person
		f.What += "; it leaves the key provably to nobody: perhaps no one can change it any more"
	}
	c.add(f)
}

// policyWanted returns the policy that a version should have, and whose that is; of is ""
// if that is not known. before is the version whose it is.
func (c *checker) policyWanted(v plan.Version) (wanted plan.PolicyOf, of string, before *plan.Version) {
	switch {
	case v.Version == c.r.Active && c.p.PolicyPath != "":
		return plan.PolicyOf{Text: c.s.OwnPolicy, ARN: c.s.Keys[v.KeyID].ARN}, c.p.PolicyPath, nil
	case c.s.Tags[v.KeyID].Policy != "":
		return wanted, "", nil // a file of the plan of then
	}
	made, ok := c.told.made[v.Version]
	if !ok || made.keyID != v.KeyID {
		return wanted, "", nil
	}
	before = c.r.Entry(made.from)
	if before == nil {
		return wanted, "", nil
	}
	text, read := c.s.Policies[before.KeyID]
	if !read || len(plan.OpenStatements(text)) > 0 {
		return wanted, "", nil // it is a finding itself
	}
	return c.policyOf(*before), plan.VersionName(before.Version), before
}

func (c *checker) policyOf(v plan.Version) plan.PolicyOf {
	return plan.PolicyOf{Text: c.s.Policies[v.KeyID], ARN: c.s.Keys[v.KeyID].ARN,
		Name: plan.VersionAlias(c.p.Alias, v.Version)}
}

func (c *checker) lookAtPolicy(v plan.Version) plan.Hint {
	return c.awskms("get-key-policy", v.KeyID, "--policy-name", "default", "--query", "Policy", "--output", "text")
}

// listed returns names as a value.
func listed(names []string) string {
	if len(names) == 0 {
		return "no other statement"
	}
	return strings.Join(names, ", ")
}
