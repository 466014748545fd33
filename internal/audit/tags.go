package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// tags compares the tags of the versions that keyturn made with the claims that made
// them. Cron's role cannot tag a key that has a name; who can may make one version look
// like another, or like one that a rebuild passes over.
func (c *checker) tags() {
	for _, v := range c.all() {
		made, ok := c.told.made[v.Version]
		tags, read := c.s.Tags[v.KeyID]
		if !ok || !read || made.keyID != v.KeyID {
			continue
		}
		want := Tags{Alias: c.p.Alias, Version: fmt.Sprint(v.Version), Window: made.windowOf(tags), Claim: made.claim,
			Ledger: made.head, Policy: tags.Policy}
		if tags.Ledger != "" { // see seals
			want.Ledger = tags.Ledger
		}
		if tags == want {
			continue
		}
		restored := want
		if tags.Ledger != "" {
			restored.Ledger = "" // what a seal was is evidence
		}
		f := Finding{Code: plan.CodeVersionTags, Level: Person, Mode: Duplicate, Invariants: []int{8},
			KeyID: v.KeyID, Version: v.Version, Observed: tags.text(), Expected: want.text(),
			Evidence: Evidence{Revs: []int64{made.rev}},
			What: fmt.Sprintf("the tags of %s are %s, and it was made with %s: somebody has changed them",
				plan.VersionName(v.Version), tags.text(), want.text()),
			Hint: c.awskms("tag-resource", v.KeyID, append([]string{"--tags"}, restored.words()...)...)}
		c.after(&f, made.rev)
		c.add(f)
	}
}

// seals compares the tags with which versions were made with the events of their claims.
// A tag seals that event and all before it. One that was taken away is a finding of tags.
// Of several whose claims are missing the newest says it for all, and a gap says it too.
func (c *checker) seals() {
	if !c.s.Ledgered {
		return
	}
	var missing *plan.Seal
	var since time.Time
	for _, s := range plan.SealsOf(c.r, c.chain.Events) {
		tags, read := c.s.Tags[s.KeyID]
		if !read || tags.Alias != c.p.Alias {
			continue
		}
		switch s.Read(tags.Ledger, c.chain.Events); {
		case s.State == plan.SealBroken:
			c.sealBroken(s, c.s.Keys[s.KeyID].CreatedAt)
		case s.State == plan.SealUnknown:
			if made := c.s.Keys[s.KeyID].CreatedAt; since.IsZero() || made.Before(since) {
				since = made
			}
			if missing == nil || missing.Version < s.Version {
				missing = &s
			}
		}
	}
	gap := slices.ContainsFunc(c.chain.Findings, func(f plan.Finding) bool { return f.Kind == plan.Gap })
	if missing != nil && !gap {
		c.sealBroken(*missing, since)
	}
}

// sealBroken adds the finding of a seal that does not fit; made is when the first key with
// such a seal was made. What it seals, or the tag, was changed since.
func (c *checker) sealBroken(s plan.Seal, made time.Time) {
	f := Finding{Code: plan.CodeSealBroken, Level: Person, Mode: Partial, Invariants: []int{14}, KeyID: s.KeyID,
		Version: s.Version, Observed: s.Claim.Hash, Expected: s.Tag, What: s.Text(), Since: made,
		AtEarliest: !made.IsZero(),
		Hint: plan.Try("keyturn", "history", c.p.Name, "--verify").Noted(
			"CloudTrail shows the tag that the key was made with, in the event CreateKey")}
	if s.Claim.Rev > 0 {
		f.Evidence.Revs = []int64{s.Claim.Rev}
	}
	c.add(f)
}

// windowOf returns the window that the tags of a version should have: the one they have,
// if its claim may have been about that.
func (m toldMade) windowOf(t Tags) string {
	if m.window.IsZero() {
		return t.Window
	}
	has, err := time.Parse(time.RFC3339, t.Window)
	if err == nil && has.After(m.after) && !has.After(m.window) {
		return t.Window
	}
	return m.window.UTC().Format(time.RFC3339)
}

// words returns tags as the aws CLI has them.
func (t Tags) words() []string {
	var all []string
	for _, tag := range [][2]string{{"alias", t.Alias}, {"version", t.Version}, {"window", t.Window},
		{"claim", t.Claim}, {"ledger", t.Ledger}} {
		if tag[1] != "" {
			all = append(all, fmt.Sprintf("TagKey=keyturn:%s,TagValue=%s", tag[0], tag[1]))
		}
	}
	return all
}

// CopiedTags returns the finding of a key that has a name of its own and the tags of a
// version, and is none. Tags let the roles of keyturn reach a key.
func CopiedTags(region string, s Suspect) Finding {
	return Finding{Code: plan.CodeCopiedTags, Level: Person, Mode: Duplicate, Invariants: []int{8}, KeyID: s.Key.KeyID,
		Evidence: Evidence{KeyIDs: []string{s.Key.KeyID}}, Observed: s.Tags.text(), Expected: "none of keyturn's tags",
		What: fmt.Sprintf("%s (%s) has the tags of v%s of %s, and is not that version: somebody copied them, or "+
			"gave a key that a run left behind another name", s.Key.KeyID, s.Name, s.Tags.Version, s.Tags.Alias),
		Hint: plan.Try("aws", "kms", "untag-resource", "--region", region, "--key-id", s.Key.KeyID, "--tag-keys",
			"keyturn:alias", "keyturn:version", "keyturn:window", "keyturn:claim", "keyturn:ledger").Noted(
			"CloudTrail has TagResource, and who called it")}
}

func (t Tags) text() string {
	t.Policy = ""
	if t == (Tags{}) {
		return "none"
	}
	text := fmt.Sprintf("alias %q, version %q, window %q, claim %q", t.Alias, t.Version, t.Window, t.Claim)
	if t.Ledger == "" {
		text += ", no ledger"
	}
	return text
}
