package audit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// LiveBefore returns the version that was live last before the live one, if callers can
// still use both.
func LiveBefore(r *plan.Record, keys map[string]plan.KeySeen) (before plan.Version, ok bool) {
	live := false
	for _, v := range Usable(r, keys) {
		switch {
		case v.Version == r.Active:
			live = true
		case !v.LeftUnknown && v.Left.After(before.Left):
			before, ok = v, true
		}
	}
	return before, live && ok
}

// grants looks for grants on the version before that the live one lacks. Whoever has one
// can decrypt what the version before encrypted, and nothing that is encrypted since.
func (c *checker) grants() {
	before, ok := LiveBefore(c.r, c.s.Keys)
	if !ok {
		return
	}
	live := c.r.Live()
	had, read := c.s.Grants[before.KeyID]
	has, readLive := c.s.Grants[live.KeyID]
	if !read || !readLive {
		return
	}
	var lacks []string
	f := Finding{Code: plan.CodeGrantsNotFollowed, Level: Warning, KeyID: before.KeyID, Version: before.Version,
		Since: before.Left, Evidence: Evidence{KeyIDs: []string{before.KeyID, live.KeyID}}}
	for _, g := range plan.GrantsLacking(had, has) {
		text := strings.Join(g.Operations, "+") + " for " + g.Grantee
		switch {
		case g.ByService():
			text += " (by an AWS service, which makes its own on the key that a resource is given)"
		case plan.GoneRole(g.Grantee):
			text += " (a role or user that was deleted)"
		default:
			f.Hint = f.Hint.Then(c.createGrant(g, live.KeyID)...)
		}
		lacks = append(lacks, text)
	}
	if len(lacks) == 0 {
		return
	}
	if len(f.Hint.Commands) > 0 {
		f.Hint.Note = "if it is still wanted: what is encrypted since the switch needs it on " +
			plan.VersionName(live.Version)
	}
	f.Observed, f.Expected = "no such grant on "+plan.VersionName(live.Version), strings.Join(lacks, ", ")
	f.What = fmt.Sprintf("%s lacks grants that %s has, and a grant does not follow the alias: %s",
		plan.VersionName(live.Version), plan.VersionName(before.Version), strings.Join(lacks, ", "))
	c.add(f)
}

// createGrant returns the command that gives the grant on another key.
func (c *checker) createGrant(g plan.Grant, keyID string) []string {
	words := append([]string{"aws", "kms", "create-grant", "--region", c.p.Region, "--key-id", keyID,
		"--grantee-principal", g.Grantee, "--operations"}, g.Operations...)
	if g.Retiring != "" && !plan.GoneRole(g.Retiring) {
		words = append(words, "--retiring-principal", g.Retiring)
	}
	constraints := struct {
		EncryptionContextEquals map[string]string `json:",omitempty"`
		EncryptionContextSubset map[string]string `json:",omitempty"`
		SourceArn               string            `json:",omitempty"`
	}{g.ContextEquals, g.ContextSubset, g.SourceARN}
	if text, _ := json.Marshal(constraints); string(text) != "{}" {
		words = append(words, "--constraints", string(text))
	}
	if g.Name != "" {
		words = append(words, "--name", g.Name)
	}
	return words
}
