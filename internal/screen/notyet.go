package screen

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// "Not yet" is what a person reads whose verb must wait: for another run's
// lease, or for an alias move that was signed and may still arrive. It says until
// when, which run has the key, whether encrypt and decrypt work, and what to type to
// wait; for a rollback also how to move the alias by hand, because only a person can
// judge whether that is worth it.

// notYet returns the error of a verb that did not get its turn within --wait. behind
// is the KMS key that the alias names, "" if that is not known.
func (v View) notYet(k rotate.KeyReport, now time.Time, behind string) Problem {
	p := Problem{Verb: v.Verb, Key: k.Policy.Name, Code: plan.CodeBusy}
	again := v.Again(k)
	if !k.Fenced() {
		p.What = "not yet: " + texts(k.Reasons)
		p.Details = []string{safety(k)}
		p.Todo = v.Next(plan.Try(append(again, "--wait", "5m")...).Noted("acts then"))
		return p
	}
	p.Code = plan.CodeFenced
	p.What = fmt.Sprintf("not yet, safe at %s UTC (in %s)", plan.Clock(k.Until), remaining(k.Until.Sub(now)))
	p.Details = append(p.Details, signerText(k.Record), behindText(k, behind))
	if k.Record.Step != plan.Steady && !k.Record.Held(now) {
		p.Details = append(p.Details, "first, so that no run finishes it meanwhile: "+
			v.Next(plan.Try("keyturn", "hold", k.Policy.Name, "--reason", "...")))
	}
	if v.Verb == string(plan.VerbRollback) {
		p.Details = append(p.Details, v.byHand(k, now)...)
	}
	p.Todo = v.Next(plan.Try(append(again, "--wait", patience(k.Until.Sub(now)))...).Noted("acts then"))
	return p
}

// Again returns the command that was typed, to type it again about these keys. It keeps
// the flags that change what the verb does.
func (v View) Again(keys ...rotate.KeyReport) []string {
	if v.Verb == "run" {
		return []string{"keyturn", "run"}
	}
	q := keys[0].Request
	words := []string{"keyturn", v.Verb}
	if q.All && len(keys) > 1 && len(keys) == len(v.Plan.Keys) {
		words = append(words, "--all")
	} else {
		words = append(words, names(keys)...)
	}
	for _, f := range []struct {
		given bool
		flag  string
	}{{q.Create, "create"}, {q.FromKMS, "from-kms"}, {q.Abandon, "abandon"}, {q.Again, "again"}} {
		if f.given {
			words = append(words, "--"+f.flag)
		}
	}
	if !q.Until.IsZero() {
		words = append(words, "--until", q.Until.UTC().Format(time.RFC3339))
	}
	if v.Verb == string(plan.VerbRelease) {
		return words
	}
	return append(words, "--reason", "...")
}

// names returns what keys were called on the command line: with their versions, where a
// verb is about one.
func names(keys []rotate.KeyReport) []string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.Policy.Name
		if k.Request.Version > 0 {
			all[i] += "/" + plan.VersionName(k.Request.Version)
		}
	}
	return all
}

// remaining writes a time left to the second: 6m02s.
func remaining(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
}

// patience returns a --wait that is long enough: as long as a whole fence, because
// another run may raise a new one during the wait.
func patience(left time.Duration) string {
	return plan.FormatDuration(max(plan.FenceFor, left.Truncate(time.Minute)+time.Minute))
}

// signerText returns which run's signature may still arrive.
func signerText(r *plan.Record) string {
	e, ok := plan.LastSigned(r)
	switch {
	case !ok:
		return "nobody knows what was signed before the record was rebuilt; AWS may still apply it"
	case r.Step == plan.Switching:
		return fmt.Sprintf("%s (run %s) crashed or lost its answer at %s after signing an alias move to %s; AWS may "+
			"still apply it",
			e.Who.Pool, e.Run, plan.Clock(e.At), plan.VersionName(r.Target))
	}
	return fmt.Sprintf("%s (run %s) signed an alias move at %s and never had its answer; AWS may still apply it",
		e.Who.Pool, e.Run, plan.Clock(e.At))
}

// behindText reports whether encrypt and decrypt work, by what the alias names.
func behindText(k rotate.KeyReport, behind string) string {
	r := k.Record
	v, ours := r.VersionOfKey(behind)
	switch {
	case !ours || r.Active == 0:
		return safety(k)
	case behind != r.Live().KeyID:
		return fmt.Sprintf("encrypt uses %s; %s is enabled, decrypt works", plan.VersionName(v),
			plan.VersionName(r.Active))
	case r.Target != 0 && r.Next().KeyID != behind:
		return fmt.Sprintf("encrypt uses %s; %s is enabled, decrypt works", plan.VersionName(v),
			plan.VersionName(r.Target))
	}
	return fmt.Sprintf("encrypt uses %s; decrypt works", plan.VersionName(v))
}

// byHand returns how to move the alias without keyturn. In the middle of a switch
// the next run would go on with it, so the person holds the key first, and later
// closes the switch by the rollback itself. Else an adopt corrects the record.
func (v View) byHand(k rotate.KeyReport, now time.Time) []string {
	to, ref := plan.BackTo(now, k.Policy, k.Record)
	if ref != nil {
		return nil
	}
	name, clock := k.Policy.Name, plan.Clock(k.Until)
	lines := []string{"if it cannot wait, by hand; the signed move may still undo that until " + clock +
		", so look again then:"}
	if k.Record.Step != plan.Steady {
		lines = append(lines, "  "+v.Next(plan.Try("keyturn", "hold", name, "--reason", "...")))
	}
	lines = append(lines, "  "+v.Next(plan.Try("aws", "kms", "update-alias", "--region", k.Policy.Region,
		"--alias-name", k.Policy.Alias, "--target-key-id", to.KeyID)))
	after := []string{"keyturn", "adopt", name, "--reason", "..."}
	if k.Record.Step == plan.Switching && to.KeyID == k.Record.Live().KeyID {
		after = v.Again(k)
	}
	return append(lines, "  "+v.Next(plan.Try(after...).Noted("after "+clock+": puts the record right")))
}
