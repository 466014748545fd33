package cmd

import (
	"os"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
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
