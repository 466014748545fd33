package cmd

import (
	"os"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// A table that is not there needs a person, and says which command makes it,
// also if the plan's keys are in two Regions.
func TestMissingTableOfTwoRegions(t *testing.T) {
	c := newCloud(t)
	two := "table: elsewhere\n" + onePlan + "  - alias: alias/far-away\n    region: eu-central-1\n"
	if err := os.WriteFile(c.plan, []byte(two), 0o600); err != nil {
		t.Fatal(err)
	}
	p, exit := c.run("run")
	said := p.err.String()
	if exit != int(plan.ExitPerson) || !strings.Contains(said, "there is no table elsewhere") ||
		!strings.Contains(said, "init --table") {
		t.Errorf("exit %d:\n%s", exit, said)
	}
	p, exit = c.run("run", "--output", "json")
	if doc := p.out.String(); exit != int(plan.ExitPerson) || !strings.Contains(doc, `"code": "table-missing"`) {
		t.Errorf("exit %d:\n%s", exit, doc)
	}
}

// A run is one run in all Regions: it waits for as long as a key in any of them gets on.
func TestRegionsShareProgress(t *testing.T) {
	s := &session{env: &Env{}, con: &screen.Console{}, plan: &loaded{Plan: &planfile.Plan{}}, aws: &survey.AWS{}}
	one, other := s.runner(nil, nil, job{quiet: true}), s.runner(nil, nil, job{quiet: true})
	if one.Progress == nil || one.Progress != other.Progress {
		t.Error("the Regions of a run each have a progress of their own")
	}
}
