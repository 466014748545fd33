package cmd

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func holdCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "hold", Usage: "stop automation on keys, or on versions, at once", ArgsUsage: "KEY…",
		Description: "A held key is not rotated, and none of its versions is disabled or deleted. It takes\n" +
			"effect at any step, also of a run that is under way; what has happened is still\n" +
			"written down. A person's verbs work on a held key, and what they begin is finished.\n" +
			"Of KEY/v1 (orders-data/v1) only that version is held, live or old: no run disables or\n" +
			"deletes it, and the key is rotated all the same. The hold outlives a rollback to it.\n" +
			"It asks nothing. --until ends it by itself; release ends it now.\n" +
			"On what is held it adds to that hold: the later end stays, and both reasons.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(awsFlags(), quietFlag(), reasonFlag(), allFlag(),
			&cli.StringFlag{Name: "until", Usage: "`WHEN` it ends by itself: 2h, 3d, or 2026-12-24T08:00:00Z"},
			dryRunFlag()),
		Action: func(c *cli.Context) error { return onNamed(env, c, plan.VerbHold, idIsKey) },
	}
}

func releaseCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "release", Usage: "start automation on keys, or on versions, again", ArgsUsage: "KEY…",
		Description: "Ends a hold, a person's or one that keyturn set itself. Of KEY/v1 it ends the hold on\n" +
			"that version alone: holds on a key and on its versions are independent. On a key it\n" +
			"also resets the count of refusals. The next run carries out what is due.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags:  append(awsFlags(), quietFlag(), reasonFlag(), allFlag(), dryRunFlag()),
		Action: func(c *cli.Context) error { return onNamed(env, c, plan.VerbRelease, idIsKey) },
	}
}

func allFlag() cli.Flag { return &cli.BoolFlag{Name: "all", Usage: "every key of the plan"} }

// momentOf parses a moment: a time, a date, or a distance from now by AWS's clock,
// into the future if ahead is true. "" is none.
func (s *session) momentOf(ctx context.Context, text, flag string, ahead bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if _, err := s.aws.Records(ctx, s.plan.Keys); err != nil { // any answer tells AWS's time
		return time.Time{}, err
	}
	now := s.aws.Now()
	if d, err := plan.ParseDuration(text); err == nil {
		switch {
		case ahead && d == 0:
			return now, usage("--%s %s is over at once", flag, text)
		case !ahead:
			d = -d
		}
		return now.Add(d).Truncate(time.Second), nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		t, err := time.Parse(form, text)
		switch {
		case err != nil:
		case ahead && !t.After(now):
			return t, usage("--%s %s is over: it is %s", flag, text, screen.Stamp(now))
		default:
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("--%s %q is not a time", flag, text).note("--%s 2h, 30d, 2026-12-24 or "+
		"2026-12-24T08:00:00Z", flag)
}
