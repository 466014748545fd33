package cmd

import (
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/cost"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func costCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "cost", Usage: "estimate what a plan costs on AWS in a month, offline",
		Description: "By the formula of docs/cost.md: the calls of all pools, DynamoDB's read and write\n" +
			"units, KMS keys, and dollars. Each rotation leaves a KMS key behind that costs as\n" +
			"much as the live one until its deletion is scheduled, so it says what the last\n" +
			"month of --years costs.\n\n" +
			"The prices are those of us-east-1, with the date of their source. For another\n" +
			"Region write them into a file: --prices FILE; docs/cost.md shows one.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitUsage),
		Flags: []cli.Flag{planFlag(), outputFlag(),
			&cli.IntFlag{Name: "pools", Value: 8, Usage: "`NUMBER` of pools that start at the same instant"},
			&cli.StringFlag{Name: "every", Value: "15m", Usage: "the `INTERVAL` at which cron starts them"},
			&cli.Float64Flag{Name: "years", Value: 1, Usage: "`NUMBER` of years for which the keys have been rotated"},
			&cli.StringFlag{Name: "prices", Usage: "a YAML `FILE` with other prices"},
		},
		Action: func(c *cli.Context) error { return costs(env, c) },
	}
}

func costs(env *Env, c *cli.Context) error {
	opts, err := commonOf(env, c)
	if err != nil {
		return err
	}
	l, err := loadOf(c)
	if err != nil {
		return err
	}
	prices := cost.Known()
	if file := c.String("prices"); file != "" {
		data, err := readPlan(env, file)
		if err != nil {
			return usage("the prices cannot be read: %v", err)
		}
		if prices, err = cost.Parse(data); err != nil {
			return usage("%s: %v", file, err).note("docs/cost.md shows such a file")
		}
	}
	p, err := loadPlanOr(env, c, true)
	if err != nil {
		return err
	}
	e := cost.Of(p.Keys, l, prices)
	if opts.json() {
		env.document(document.OfCost(p.Plan, e))
		return nil
	}
	_, err = io.WriteString(env.Stdout, screen.Cost(p.Plan, e))
	return err
}

// loadOf returns how the plan is run.
func loadOf(c *cli.Context) (l cost.Load, err error) {
	l = cost.Load{Pools: c.Int("pools"), Years: c.Float64("years")}
	if l.Every, err = plan.ParseDuration(c.String("every")); err != nil || l.Every < time.Minute {
		return l, usage("--every %s is not a duration of a minute or more, as 15m", c.String("every"))
	}
	if l.Pools < 1 || l.Pools > 10_000 {
		return l, usage("--pools %d is not a number from 1 to 10000", l.Pools)
	}
	if !(l.Years >= 0 && l.Years <= 100) {
		return l, usage("--years %v is not a number from 0 to 100", l.Years)
	}
	return l, nil
}
