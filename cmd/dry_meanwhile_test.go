package cmd

import "testing"

// Another pool rotates between a dry-run's read of the record and its look at v<n>: nothing is
// wrong, and nothing is left to do.
func TestDryRunMeanwhile(t *testing.T) {
	c := newCloud(t)
	c.meanwhile("ListAliases", func() { c.must("run") })
	if p, exit := c.run("run", "--dry-run"); exit != 0 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}
