package cmd

import (
	"context"
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rehearsal/wave"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// rehearseWave plays the night in which all keys of the plan are due.
func rehearseWave(env *Env, c *cli.Context, opts common) error {
	for _, other := range []string{"years", "every", "crash", "lose", "pause", "naive"} {
		if c.IsSet(other) {
			return usage("--wave is one night without trouble; --%s is for a rehearsal without it", other)
		}
	}
	d, p, err := drawOf(env, c)
	if err != nil {
		return err
	}
	v := wave.Wave{Seed: d.Seed, Plan: d.Plan, Policies: d.Policies, Pools: d.Pools, Begin: d.Begin,
		Wait: wave.DefaultWait}
	both, err := v.Both(c.Context)
	switch {
	case errors.Is(err, context.Canceled):
		exit, how := broke(c.Context)
		env.console(false, screen.Same{}).Warn("interrupted", "%s, so nothing is known of the wave", how)
		return end(exit)
	case err != nil:
		return err
	}
	exit := plan.ExitDone
	for _, r := range both {
		if r.Duplicates > 0 {
			exit = plan.ExitPerson
		}
	}
	if opts.json() {
		env.document(document.OfWave(p.Plan, v, both, exit))
	} else if _, err := io.WriteString(env.Stdout, screen.Wave(p.Plan, v, both)); err != nil {
		return err
	}
	return end(exit)
}
