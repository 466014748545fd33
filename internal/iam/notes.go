package iam

import (
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Notes returns what else a person has to know about the policies.
func Notes(q Request, parts []Part) []string {
	if q.Role == Verify {
		return []string{"for whoever runs verify, beside the policies of cron, or of readonly for a person who " +
			"names cron's role by --role", "Resource is " + q.Asked() + ": name another one, with its path, by --role"}
	}
	notes := partNotes(q, parts)
	add := func(sentences ...string) { notes = append(notes, strings.Join(sentences, "")) }
	add("each key's own policy must let IAM policies of this account count, or name the role")
	notes = append(notes, patternNotes(q)...)
	if q.Role == ReadOnly {
		return notes
	}
	add("tags and aliases take up to 5 minutes to affect authorisation: a probe denied on a key just made, ",
		"or a version not disabled just after a switch, is tried again by the next run")
	add("a key without any alias cannot be told from a new version, and this role reaches it: give it an alias, ",
		"or a key policy that shuts the role out (docs/iam.md has the statement)")
	add("the Denies hold for the whole role: cron and break-glass on one role, or two plans, deny each other's keys")
	add("this role may not kms:PutKeyPolicy: of a key whose policy does not provably leave the next version ",
		"to the account, KMS makes no copy for it; run --dry-run, as this role, says of which")
	notes = append(notes, keyNotes(q)...)
	if q.Role == BreakGlass {
		add("status, audit and history want the readonly policy beside it")
	}
	return notes
}

// OpenNotes returns what the plan and the request leave open, for somebody who gets the
// roles with the policies.
func OpenNotes(q Request) []string { return append(patternNotes(q), keyNotes(q)...) }

func patternNotes(q Request) []string {
	if len(q.Patterns) == 0 {
		return nil
	}
	return []string{strings.Join(q.Patterns, ", ") + " stands for the plan's aliases: " +
		"a key outside the plan whose alias is like that is in reach of this role; " +
		"what may be disabled and deleted stands by name"}
}

// partNotes say how many policies there are, and for what.
func partNotes(q Request, parts []Part) []string {
	if len(parts) == 1 {
		n := len(parts[0].Documents)
		if n == 1 {
			return nil
		}
		return []string{fmt.Sprintf("these are %d policies for one role, each of %d characters at most: "+
			"attach all of them; --out DIR writes one file for each", n, MostCharacters)}
	}
	what := fmt.Sprintf("this plan is too long for one role: these are the policies of %d roles, "+
		"each for a part of the keys; run each with its own role and its own keys", len(parts))
	if len(q.Patterns) == 0 {
		what += ", or let --pattern stand for the list"
	}
	notes := []string{what}
	for i, p := range parts {
		notes = append(notes, fmt.Sprintf("role %d, policies: %d, keys: %s", i+1, len(p.Documents), names(p.Keys)))
	}
	return notes
}

// keyNotes say what the plan leaves open, of which keys.
func keyNotes(q Request) []string {
	var unsaid, own, unread []plan.Policy
	for _, k := range q.Plan.Keys {
		if k.PolicyPath != "" {
			own = append(own, k)
		}
		if k.Probe && len(q.usages(k)) > 1 {
			unsaid = append(unsaid, k)
		}
		if _, ok := q.Read[k.Key()]; !ok {
			unread = append(unread, k)
		}
	}
	notes := likeVersions(q)
	add := func(sentences ...string) { notes = append(notes, strings.Join(sentences, "")) }
	if len(unsaid) > 0 {
		add("what these keys are for is not known: ", names(unsaid), "; ",
			"the calls that try a key of every usage are allowed, but for Encapsulate and Decapsulate: ",
			"write usage: into the plan, or read the keys with --read")
	}
	if len(unread) > 0 {
		add("which other aliases these keys have was not looked at: ", names(unread), "; ",
			"one that bears a second alias before keyturn has named its version cannot be adopted and is not probed: ",
			"--read, or --also-alias ALIAS")
	}
	if len(own) > 0 {
		add("unless the policy: of ", names(own), " gives the account kms:PutKeyPolicy on no condition, ",
			"KMS makes no key with it for a role that may not kms:PutKeyPolicy, as this one")
	}
	return notes
}

// likeVersions say which aliases IAM cannot tell from those of versions.
func likeVersions(q Request) []string {
	var notes []string
	for _, k := range q.Plan.Keys {
		seen := q.Read[k.Key()]
		if seen.Missing {
			notes = append(notes, k.Alias+" names no key yet: nothing of it could be read")
		}
		for _, a := range seen.LikeVersions {
			notes = append(
				notes,
				a+" is taken for a version of "+k.Name+" by these policies: its key is in reach of this role",
			)
		}
	}
	return notes
}

func names(keys []plan.Policy) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Name
	}
	return strings.Join(list, ", ")
}
