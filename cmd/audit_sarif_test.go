package cmd

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// The SARIF of an audit is valid by the schema of SARIF 2.1.0, has the findings of its JSON,
// and the exit code is the same.
func TestAuditSARIF(t *testing.T) { synctest.Test(t, auditSARIF) }

func auditSARIF(t *testing.T) {
	c := rotatedCloud(t)
	if run := c.sarif(0); len(run.Results) != 0 || len(run.Tool.Driver.Rules) < 50 {
		t.Errorf("%d results, %d rules", len(run.Results), len(run.Tool.Driver.Rules))
	}
	c.advance(day)
	c.disable("alias/orders-data/v1")
	c.must("hold", "orders-data", "--reason", "incident 42")
	c.write(accepts("{finding: version-disabled, reason: INC-4711, until: 2000-04-09}"))

	run := c.sarif(0, "--orphans")
	want := map[string]string{"version-disabled/orders-data/v1": "error", "held/orders-data": "warning"}
	c.same(run, want)
	for _, r := range run.Results {
		switch *r.RuleID {
		case "version-disabled":
			if len(r.Suppressions) != 1 || *r.Suppressions[0].Kind != "external" ||
				*r.Suppressions[0].Status != "accepted" ||
				*r.Suppressions[0].Justification != "INC-4711 (by the plan, until 2000-04-09T00:00:00Z)" {
				t.Errorf("%+v", r.Suppressions)
			}
			is := r.Locations[0].LogicalLocations[0]
			if *is.FullyQualifiedName != "eu-west-1/alias/orders-data/v1" {
				t.Error(*is.FullyQualifiedName)
			}
			if uri := *r.Locations[0].PhysicalLocation.ArtifactLocation.URI; !strings.HasPrefix(uri, "file:///") {
				t.Error(uri)
			}
		default:
			if len(r.Suppressions) > 0 {
				t.Errorf("%s: %+v", *r.RuleID, r.Suppressions)
			}
		}
	}

	// An acceptance that is over suppresses nothing.
	c.advance(8 * day)
	run = c.sarif(13)
	c.same(run, want)
	for _, r := range run.Results {
		if len(r.Suppressions) > 0 {
			t.Errorf("%s: %+v", *r.RuleID, r.Suppressions)
		}
	}

	// What could not be read is told, too.
	c.faults(refused("ListAliases", "AccessDeniedException", "not you"))
	if p, exit := c.run("audit", "--output", "sarif"); exit != 1 || p.out.Len() != 0 {
		t.Errorf("exit %d: %s", exit, p.out.String())
	}
	c.faults(refused("GetCallerIdentity", "AccessDeniedException", "not you"))
	run = c.sarif(13)
	if i := run.Invocations[0]; *i.ExecutionSuccessful || *i.ExitCode != 13 || len(i.ToolExecutionNotifications) != 1 ||
		i.ToolExecutionNotifications[0].Level != "error" {
		t.Errorf("%+v", i)
	}
	for _, verb := range []string{"status", "run"} {
		if p, exit := c.run(verb, "--output", "sarif"); exit != 64 {
			t.Errorf("%s: exit %d %s", verb, exit, p.err.String())
		}
	}
}

// sarif runs an audit, and returns the one run of its log.
func (c *cloud) sarif(want int, args ...string) *sarif.Run {
	c.t.Helper()
	p, exit := c.run(append([]string{"audit", "--output", "sarif"}, args...)...)
	log, err := sarif.FromBytes(p.out.Bytes())
	if err != nil || exit != want || log.Version != "2.1.0" || len(log.Runs) != 1 {
		c.t.Fatalf("exit %d, want %d: %v\n%s%s", exit, want, err, p.out.String(), p.err.String())
	}
	var ours, read any
	again, err := json.Marshal(log)
	c.check(err)
	c.check(json.Unmarshal(p.out.Bytes(), &ours))
	c.check(json.Unmarshal(again, &read))
	if got := lost("", ours, read); got != "" {
		c.t.Errorf("%s is not of the standard", got)
	}
	run := log.Runs[0]
	// What is absent has the standard's default, for which the library validates "" instead.
	run.Language, run.Tool.Driver.Language = "en-US", "en-US"
	run.NewlineSequences = []string{"\n"}
	if err := log.Validate(); err != nil {
		c.t.Errorf("%v\n%s", err, p.out.String())
	}
	return run
}

// lost returns where a document has a field that was not read; "" if all were. A field of the
// standard has exactly its name.
func lost(at string, document, read any) string {
	switch d := document.(type) {
	case map[string]any:
		r, _ := read.(map[string]any)
		for name, v := range d {
			if got, ok := r[name]; !ok {
				return at + "/" + name
			} else if found := lost(at+"/"+name, v, got); found != "" {
				return found
			}
		}
	case []any:
		r, _ := read.([]any)
		for i, v := range d {
			if i >= len(r) {
				return at
			} else if found := lost(at, v, r[i]); found != "" {
				return found
			}
		}
	}
	return ""
}

// same compares results with levels by the id of their findings.
func (c *cloud) same(run *sarif.Run, want map[string]string) {
	c.t.Helper()
	got := map[string]bool{}
	for _, r := range run.Results {
		id := r.Fingerprints["keyturnFindingId/v1"]
		if r.Level != want[id] || got[id] {
			c.t.Errorf("%q has level %s, want %q", id, r.Level, want[id])
		}
		got[id] = true
		if rule := run.Tool.Driver.Rules[r.RuleIndex]; *rule.ID != *r.RuleID ||
			!strings.HasSuffix(*rule.HelpURI, "/docs/runbook.md#"+*r.RuleID) {
			c.t.Errorf("%s: rule %s, %s", id, *rule.ID, *rule.HelpURI)
		}
	}
	if len(got) != len(want) {
		c.t.Errorf("got %v, want %v", got, want)
	}
}
