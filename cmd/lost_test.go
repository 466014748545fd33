package cmd

import (
	"errors"
	"strings"
	"testing"
)

// full is a stream that nothing can be written to, such as /dev/full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Output that did not get to its reader is exit 1, whatever the command, and the run
// it tells of is carried out all the same.
func TestLostOutput(t *testing.T) {
	for _, args := range [][]string{
		{"run"}, {"run", "--output", "json"}, {"run", "--dry-run"}, {"status"}, {"status", "--output", "json"},
		{"history", "orders-data"}, {"validate"}, {"validate", "--schema"}, {"version"}, {"--version"},
		{"init", "--match", "alias/*", "--region", "eu-west-1"}, {"init", "--iam", "cron"}, {"completion", "bash"},
		{"hold", "orders-data", "--reason", "x"}, {"rehearse", "--years", "0.1"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			c := newCloud(t)
			if args[0] == "status" { // which ends with 13 for a key that is overdue
				c.must("run")
			}
			p := newProcess()
			p.Stdout = full{}
			_, exit := c.runIn(t.Context(), p, args...)
			if exit != 1 || !strings.Contains(p.err.String(), "no space left on device") {
				t.Errorf("exit %d\n%s", exit, p.err.String())
			}
		})
	}
	t.Run("the run is carried out", func(t *testing.T) {
		c := newCloud(t)
		p := newProcess()
		p.Stdout = full{}
		c.runIn(t.Context(), p, "run")
		if out := c.must("history", "orders-data"); !strings.Contains(out, "switched to v2") || c.leased() {
			t.Error(out)
		}
	})
}

// leased reports whether a run has left its lease behind.
func (c *cloud) leased() bool { return strings.Contains(c.state(), `"lease"`) }
