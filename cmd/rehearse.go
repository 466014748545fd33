package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func rehearseCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "rehearse", Usage: "run a plan for years in seconds, with crashes, and check every invariant",
		Description: "Pools run your plan on the AWS inside this program: no account, no network, no\n" +
			"waiting. Cron starts them all at the same instant; calls are lost, late, repeated\n" +
			"or refused, runs are killed and stopped, at places drawn from a seed. After every\n" +
			"change all invariants are checked. The same seed, plan and --from make the same\n" +
			"run again. Without a plan the quickstart is rehearsed.\n\n" +
			"With --naive script the same pools run the script that teams write for this: look,\n" +
			"make a key, move the alias, disable the old one. With --naive lock they run it\n" +
			"under a lease lock in DynamoDB with heartbeats, a fencing token, and a check of\n" +
			"the lock right before each change of KMS. What goes wrong is counted.\n\n" +
			"With --wave there is one night and no trouble: all keys of the plan are due, all\n" +
			"pools start, and KMS has AWS's quotas. It shows how long that takes, the first time\n" +
			"and later, and how long the quotas allow at best. 1,000 keys take about a minute.\n" +
			"If AWS has raised a quota of your account, say so: --quota CreateKey=50.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted) +
			"1 here, too: nothing changed, so nothing was checked. 13 here: an invariant did not\n" +
			"hold; please report what is printed.",
		Flags: []cli.Flag{planFlag(), outputFlag(), timeoutFlag(),
			&cli.IntFlag{Name: "pools", Value: 8, Usage: "`NUMBER` of pools that start at the same instant"},
			&cli.Float64Flag{Name: "years", Value: 1, Usage: "`NUMBER` of years to simulate"},
			&cli.StringFlag{Name: "every", Value: "6h", Usage: "the `INTERVAL` at which cron starts them"},
			&cli.StringFlag{Name: "crash", Value: "1%", Usage: "`SHARE` of calls, of runs that have changed " +
				"something, at which the run is killed"},
			&cli.StringFlag{Name: "lose", Value: "2%", Usage: "`SHARE` of calls that are lost, late, repeated, " +
				"refused or answered by a 500"},
			&cli.StringFlag{Name: "pause", Value: "1%", Usage: "`SHARE` of calls before which the run stands still, " +
				"for seconds or weeks"},
			&cli.Int64Flag{Name: "seed", Usage: "`NUMBER` from which all is drawn; else a new one, which is printed"},
			&cli.StringFlag{Name: "from", Usage: "the `DATE` on which the simulation begins, as 2026-11-27; else " +
				"today"},
			&cli.BoolFlag{Name: "wave", Usage: "play one night in which all keys are due, and time it"},
			&cli.StringSliceFlag{Name: "quota", Usage: "with --wave: a quota that AWS has raised, " +
				"`OPERATION=CALLS` a second; may be repeated"},
			&cli.StringFlag{Name: "naive", Usage: "`WHAT` does it instead, to count its harm: script, the old cron " +
				"script; lock, the same under a lease lock"},
		},
		Action: func(c *cli.Context) error { return rehearse(env, c) },
	}
}

func rehearse(env *Env, c *cli.Context) error {
	opts, err := commonOf(env, c)
	if err != nil {
		return err
	}
	if c.Bool("wave") {
		return rehearseWave(env, c, opts)
	}
	if c.IsSet("quota") {
		return usage("--quota is for --wave")
	}
	d, p, err := drawOf(env, c)
	if err != nil {
		return err
	}
	played, err := playOnScreen(c.Context, env, d)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return rehearsed(c.Context, env, opts, p, d, played, err)
}

// playOnScreen plays a rehearsal, and shows on a terminal how far it is.
func playOnScreen(ctx context.Context, env *Env, d rehearsal.Draw) (*rehearsal.Played, error) {
	if env.StderrTTY {
		line := func(format string, args ...any) {
			_, _ = fmt.Fprintf(screen.Raw(env.Stderr), "\r\x1b[K"+format, args...)
		}
		d.Progress = func(passed time.Duration) { line("day %d of %d ", days(passed), days(d.Span)) }
		d.Shortening = func(tried, most int) {
			line("an invariant is broken; looking for a shorter story: try %d of %d at most ", tried, most)
		}
		defer line("")
	}
	return d.Play(ctx, 200)
}

// rehearsed returns the result of a rehearsal. What one found that broke off counts.
func rehearsed(ctx context.Context, env *Env, opts common, p *loaded, d rehearsal.Draw, played *rehearsal.Played,
	broken error) error {
	_, how := broke(ctx)
	switch found := len(played.Watch.Broken) > 0; {
	case broken != nil && !found:
		return interrupted{broken, fmt.Sprintf("%s after %d of %d days; until then no invariant was broken",
			how, days(played.Passed()), days(d.Span))}
	case broken != nil:
		env.console(false, screen.Same{}).Warn("interrupted", "%s while a shorter story was looked for, so none is "+
			"told; the same plan and flags with --seed %d --from %s make it again", how, d.Seed,
			d.Begin.Format(time.DateOnly))
	}
	doc := document.OfRehearse(p.Plan, d, played)
	if opts.json() {
		env.document(doc)
	} else if _, err := io.WriteString(env.Stdout, screen.Rehearsal(p.Plan, d, played)); err != nil {
		return err
	}
	env.job(func() any { return doc })
	return end(doc.Exit)
}

func days(d time.Duration) int { return int(d.Hours() / 24) }

// The years of --from. With the 20 of --years a simulation ends by 2251: no instant after April 2262
// has a number of nanoseconds since 1970, by which the simulation counts.
const earliest, latest = 2000, 2230

// drawOf returns the rehearsal that the flags describe.
func drawOf(env *Env, c *cli.Context) (d rehearsal.Draw, p *loaded, err error) {
	if p, err = loadPlanOr(env, c, true); err != nil {
		return d, nil, err
	}
	d = rehearsal.Draw{Plan: string(p.text), Policies: p.policies, Pools: c.Int("pools"),
		Naive: rehearsal.Naive(c.String("naive")), Seed: uint64(c.Int64("seed")),
		Begin: time.Now().UTC().Truncate(24 * time.Hour),
		Span:  time.Duration(c.Float64("years") * 365 * 24 * float64(time.Hour))}
	d.Trouble.Switch, d.Trouble.Use = 0.1, 0.2
	if !c.IsSet("seed") {
		d.Seed = rand.Uint64N(1_000_000)
	}
	if seed := c.Int64("seed"); seed < 0 {
		return d, nil, usage("--seed %d is less than 0", seed)
	}
	if d.Naive != rehearsal.NaiveScript && d.Naive != rehearsal.NaiveLock && c.IsSet("naive") {
		return d, nil, usage("--naive %q is neither script nor lock", string(d.Naive))
	}
	if d.Pools < 1 || d.Pools > 64 {
		return d, nil, usage("--pools %d is not from 1 to 64", d.Pools)
	}
	if d.Span <= 0 || d.Span > 20*365*24*time.Hour {
		return d, nil, usage("--years %g is not more than 0 and at most 20", c.Float64("years"))
	}
	if from := c.String("from"); from != "" {
		if d.Begin, err = time.Parse(time.DateOnly, from); err != nil {
			return d, nil, usage("--from %q is not a day such as 2026-11-27", from)
		}
		if d.Begin.Year() < earliest || d.Begin.Year() > latest {
			return d, nil, usage("--from %s is too far away: it may be of the years %d to %d", from, earliest, latest)
		}
	}
	if d.Every, err = plan.ParseDuration(c.String("every")); err != nil || d.Every < time.Minute {
		return d, nil, usage("--every %q is not a duration of a minute or more, such as 15m", c.String("every"))
	}
	for name, share := range map[string]*float64{"crash": &d.Trouble.Crash, "lose": &d.Trouble.CallFault,
		"pause": &d.Trouble.Pause} {
		if *share, err = percent(c.String(name)); err != nil {
			return d, nil, usage("--%s %q is not a share from 0%% to 50%%", name, c.String(name))
		}
	}
	return d, p, nil
}

// percent reads "5%".
func percent(s string) (float64, error) {
	digits, ok := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || !ok || !(f >= 0 && f <= 50) { // NaN is neither less nor more
		return 0, fmt.Errorf("%q is no share", s)
	}
	return f / 100, nil
}
