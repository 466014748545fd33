package cmd

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rehearsal/wave"
	"github.com/keyturn/keyturn/internal/sandbox"
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
		Wait: wave.DefaultWait, Progress: new(wave.Progress)}
	if v.Raised, err = quotasOf(c.StringSlice("quota")); err != nil {
		return err
	}
	both, err := waveOnScreen(c.Context, env, opts, v)
	switch {
	case err != nil && c.Context.Err() != nil: // whatever it broke off
		_, how := broke(c.Context)
		return interrupted{c.Context.Err(), how + ", so nothing is known of the wave"}
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

// waveOnScreen plays both waves, and shows on a terminal how far they are.
func waveOnScreen(ctx context.Context, env *Env, opts common, v wave.Wave) ([]*wave.Result, error) {
	if isText(opts.output) {
		defer env.console(false, screen.Same{}).Progress(func() screen.Counts {
			finished, inWork, waiting := v.Progress.Keys()
			return screen.Counts{Finished: finished, InWork: inWork, Waiting: waiting}
		})()
	}
	return v.Both(ctx)
}

// quotasOf reads what --quota says: OPERATION=N, of operations of KMS that have a quota of
// their own.
func quotasOf(flags []string) (map[string]int, error) {
	raised, known := map[string]int{}, sandbox.KMSQuotas()
	for _, text := range flags {
		operation, number, _ := strings.Cut(text, "=")
		perSecond, err := strconv.Atoi(number)
		if _, has := known[operation]; !has || err != nil || perSecond < 1 {
			return nil, usage("--quota %q is not an operation of KMS that has a quota, and how many calls of it "+
				"a second are allowed, such as CreateKey=50", text)
		}
		if _, twice := raised[operation]; twice {
			return nil, usage("--quota says twice how often %s may be called", operation)
		}
		raised[operation] = perSecond
	}
	return raised, nil
}
