package document

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// An audit as SARIF 2.1.0, for what collects findings of many tools:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

const (
	home = "https://github.com/keyturn/keyturn"
	// helpPage has an anchor for each code.
	helpPage = home + "/blob/main/docs/runbook.md#"
	// fingerprint is the name of the form of a finding's id.
	fingerprint = "keyturnFindingId/v1"
)

// WriteSARIF writes an audit. file is the plan's, as it was named; "" if it is none.
func WriteSARIF(w io.Writer, c From, release, file string, r audit.Result) {
	run := sarif.NewRunWithInformationURI("keyturn", home)
	run.Tool.Driver.WithVersion(release)
	run.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("keyturn-audit/" + c.Plan.Name + "/"))
	index := map[plan.Code]int{}
	for i, code := range plan.AuditCodes() {
		index[code] = i
		run.Tool.Driver.AddRule(ruleOf(code))
	}
	for _, f := range r.Findings {
		run.AddResult(c.resultOf(f, index[f.Code], file))
	}
	run.AddInvocation(invocationOf(r))
	run.WithProperties(bagOf("run", c.Run, "plan", c.Plan.Name, "keys", r.Keys, "older", len(r.Older), "since",
		moment(r.Since)))
	Write(w, sarif.NewReport().AddRun(run))
}

// ruleOf returns the rule that a code of findings is.
func ruleOf(code plan.Code) *sarif.ReportingDescriptor {
	about, _ := plan.AuditCodeOf(code)
	help := about.What + ". What to do: " + helpPage + string(code)
	rule := sarif.NewReportingDescriptor().WithID(string(code)).WithName(string(code)).
		WithHelpURI(helpPage + string(code)).
		WithShortDescription(sarif.NewMultiformatMessageString().WithText(about.What)).
		WithHelp(sarif.NewMultiformatMessageString().WithText(help))
	tags := []string{"security", "kms"}
	if about.Needs != "" {
		tags = append(tags, strings.TrimPrefix(about.Needs, "--"))
	}
	return rule.WithProperties(sarif.NewPropertyBag().WithTags(tags))
}

// resultOf returns a finding as a result.
func (c From) resultOf(f audit.Finding, rule int, file string) *sarif.Result {
	level := sarif.LevelWarning
	if f.Level == audit.Person {
		level = sarif.LevelError
	}
	next := c.next(f.Hint)
	result := sarif.NewRuleResult(string(f.Code)).WithRuleIndex(rule).WithLevel(level).
		WithMessage(sarif.NewTextMessage(messageOf(f, next))).
		WithFingerprints(map[string]string{fingerprint: f.ID()}).
		WithPartialFingerprints(map[string]string{fingerprint: f.ID()}).
		AddLocation(c.locationOf(f, file))
	bag := bagOf("id", f.ID(), "since", moment(f.Since), "observed", f.Observed, "expected", f.Expected, "keyId",
		f.KeyID, "needsOrphans", f.NeedsOrphans(), "atEarliest", f.AtEarliest)
	if e := ofEvidence(f.Evidence); e != nil {
		bag.Add("evidence", e)
	}
	if len(f.Invariants) > 0 {
		bag.Add("invariants", f.Invariants)
	}
	if next != nil {
		bag.Add("next", next)
	}
	if f.Mode != "" {
		bag.AddTag(string(f.Mode))
	}
	if f.InForce() {
		a := f.Accepted
		result.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").
			WithJustification(fmt.Sprintf("%s (by the plan, until %s)", a.Reason, a.Until.UTC().Format(time.RFC3339))))
	}
	return result.WithProperties(bag)
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
func (c From) locationOf(f audit.Finding, file string) *sarif.Location {
	location := sarif.NewLocation()
	add := func(name, full string) {
		location.AddLogicalLocation(sarif.NewLogicalLocation().WithName(name).WithFullyQualifiedName(full).
			WithKind("resource"))
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
		location.WithPhysicalLocation(sarif.NewPhysicalLocation().
			WithArtifactLocation(sarif.NewArtifactLocation().WithURI(file)).
			WithRegion(sarif.NewRegion().WithStartLine(1)))
	}
	return location
}

// invocationOf returns how the audit went: what could not be read, and entries of accept that
// match no finding.
func invocationOf(r audit.Result) *sarif.Invocation {
	at := r.At.UTC().Format(time.RFC3339)
	invocation := sarif.NewInvocation().WithExecutionSuccessful(len(r.Unread) == 0).WithExitCode(int(r.Exit())).
		WithEndTimeUtc(at)
	if r.Caller != nil {
		invocation.WithAccount(r.Caller.ARN)
	}
	tell := func(level, text string) {
		invocation.AddToolExecutionNotification(sarif.NewNotification().WithLevel(level).
			WithMessage(sarif.NewTextMessage(text)))
	}
	for _, what := range slices.Concat(r.Unread, r.Lacking) {
		tell(sarif.LevelError, "not checked: "+what)
	}
	for _, o := range r.Others {
		tell(sarif.LevelNote, plan.Counted(len(o.Records), "record")+" of plan "+o.Plan+" in table "+o.Table+
			": not checked here")
	}
	for _, e := range r.Unused() {
		under := "at the top of the plan"
		if e.Key != "" {
			under = "under " + e.Key
		}
		tell(sarif.LevelNote, "accept "+under+": "+e.About()+" matches no finding")
	}
	return invocation
}

// bagOf returns properties, without texts and times that are empty.
func bagOf(pairs ...any) *sarif.PropertyBag {
	bag := sarif.NewPropertyBag()
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
		bag.Add(pairs[i].(string), pairs[i+1])
	}
	return bag
}
