package document

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// An audit as SARIF 2.1.0, for what collects findings of many tools.

const (
	home = "https://github.com/keyturn/keyturn"
	// helpPage has an anchor for each code.
	helpPage = home + "/blob/main/docs/runbook.md#"
	// fingerprint is the name of the form of a finding's id.
	fingerprint = "keyturnFindingId/v1"
)

// WriteSARIF writes an audit. file is the plan's, as it was named; "" if it is none.
func WriteSARIF(w io.Writer, c From, release, file string, r audit.Result) {
	run := sarifRun{
		Tool:              sarifTool{sarifDriver{Name: "keyturn", Version: release, InformationURI: home}},
		AutomationDetails: sarifID{"keyturn-audit/" + c.Plan.Name + "/"},
		Invocations:       []sarifInvocation{invocationOf(r)},
		Results:           []sarifResult{},
		Properties: bagOf("run", c.Run, "plan", c.Plan.Name, "keys", r.Keys, "older", len(r.Older), "since",
			moment(r.Since)),
	}
	index := map[plan.Code]int{}
	for i, code := range plan.AuditCodes() {
		index[code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(code))
	}
	for _, f := range r.Findings {
		run.Results = append(run.Results, c.resultOf(f, index[f.Code], file))
	}
	Write(w, sarifLog{sarifSchema, sarifVersion, []sarifRun{run}})
}

// ruleOf returns the rule that a code of findings is.
func ruleOf(code plan.Code) sarifRule {
	about, _ := plan.AuditCodeOf(code)
	page := helpPage + string(code)
	tags := []string{"security", "kms"}
	if about.Needs != "" {
		tags = append(tags, strings.TrimPrefix(about.Needs, "--"))
	}
	return sarifRule{ID: string(code), Name: string(code), ShortDescription: sarifText{about.What},
		Help: sarifText{about.What + ". What to do: " + page}, HelpURI: page, Properties: bagOf("tags", tags)}
}

// resultOf returns a finding as a result.
func (c From) resultOf(f audit.Finding, rule int, file string) sarifResult {
	level := levelWarning
	if f.Level == audit.Person {
		level = levelError
	}
	next := c.next(f.Hint)
	prints := map[string]string{fingerprint: f.ID()}
	result := sarifResult{
		RuleID: string(f.Code), RuleIndex: rule, Level: level, Message: sarifText{messageOf(f, next)},
		Fingerprints: prints, PartialFingerprints: prints,
		Locations: []sarifLocation{c.locationOf(f, file)},
		Properties: bagOf("id", f.ID(), "since", moment(f.Since), "observed", f.Observed, "expected", f.Expected,
			"keyId", f.KeyID, "needsOrphans", f.NeedsOrphans(), "atEarliest", f.AtEarliest),
	}
	if e := ofEvidence(f.Evidence); e != nil {
		result.Properties["evidence"] = e
	}
	if len(f.Invariants) > 0 {
		result.Properties["invariants"] = f.Invariants
	}
	if next != nil {
		result.Properties["next"] = next
	}
	if f.Mode != "" {
		result.Properties["tags"] = []string{string(f.Mode)}
	}
	if f.InForce() {
		a := f.Accepted
		result.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted",
			Justification: fmt.Sprintf("%s (by the plan, until %s)", a.Reason, a.Until.UTC().Format(time.RFC3339))}}
	}
	return result
}

// messageOf returns what was seen, whether the key works, and what to do.
func messageOf(f audit.Finding, next *Next) string {
	lines := []string{f.What}
	if works := f.Works.Text(); works != "" {
		lines = append(lines, works)
	}
	if a := f.Accepted; a != nil && a.Ended {
		lines = append(lines, "was accepted until "+plan.Stamp(a.Until)+", which is over: "+a.Reason)
	}
	if next != nil {
		for _, words := range next.Commands {
			lines = append(lines, "next: "+plan.Shell(words...))
		}
		if next.Note != "" {
			lines = append(lines, next.Note)
		}
	}
	return strings.Join(lines, "\n")
}

// locationOf returns where a finding is: the keys by their aliases, or the table. A
// collector of code wants a file, too: that is the plan.
func (c From) locationOf(f audit.Finding, file string) (location sarifLocation) {
	add := func(name, full string) {
		location.LogicalLocations = append(location.LogicalLocations, sarifName{name, full, "resource"})
	}
	for _, k := range c.Plan.Keys {
		for _, name := range f.Keys {
			if k.Name != name {
				continue
			}
			full := k.Key()
			if f.Version > 0 {
				full += "/" + plan.VersionName(f.Version)
			}
			add(k.Name, full)
		}
	}
	switch o := f.Orphan; {
	case o != nil:
		add(o.KeyID, o.Region+"/"+o.KeyID)
	case f.Table != "":
		add(f.Table, c.Plan.Region+"/"+f.Table)
	}
	if file != "" {
		location.PhysicalLocation = &sarifPlace{sarifURI{file}, sarifRegion{StartLine: 1}}
	}
	return location
}

// invocationOf returns how the audit went: what could not be read, and entries of accept that
// match no finding.
func invocationOf(r audit.Result) sarifInvocation {
	i := sarifInvocation{ExecutionSuccessful: len(r.Unread) == 0, ExitCode: int(r.Exit()),
		EndTimeUTC: r.At.UTC().Format(time.RFC3339)}
	if r.Caller != nil {
		i.Account = r.Caller.ARN
	}
	note := func(level, text string) {
		i.ToolExecutionNotifications = append(i.ToolExecutionNotifications, sarifNotification{level, sarifText{text}})
	}
	for _, what := range slices.Concat(r.Unread, r.Lacking) {
		note(levelError, "not checked: "+what)
	}
	for _, o := range r.Others {
		note(levelNote, plan.Counted(len(o.Records), "record")+" of plan "+o.Plan+" in table "+o.Table+
			": not checked here")
	}
	for _, e := range r.Unused() {
		note(levelNote, e.Unmatched())
	}
	return i
}

// bag is what SARIF has no field for. Its field tags is the standard's: a list of words.
type bag map[string]any

// bagOf returns a bag, without texts and times that are empty.
func bagOf(pairs ...any) bag {
	b := bag{}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case string:
			if v == "" {
				continue
			}
		case *time.Time:
			if v == nil {
				continue
			}
		}
		b[pairs[i].(string)] = pairs[i+1]
	}
	return b
}
