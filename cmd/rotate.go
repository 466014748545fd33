package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

func rotateCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "rotate", Usage: "make a new version of a key now, and put the alias on it", ArgsUsage: "KEY…",
		Description: "For when a key must not wait for its window: it may have leaked, or a window was\n" +
			"missed. Holds, freezes and before_switch do not stop it; the version before stays\n" +
			"enabled for its drain, as ever. A rotation that is open already is finished, and\n" +
			"no other is begun. If the key was rotated within the last hour, it says so, and\n" +
			"rotates again only with --again. --abandon gives up an open rollback, or a version\n" +
			"that waits.\n\n" +
			"It needs a --reason, and the key's name again: typed at the prompt, or by\n" +
			"--confirm KEY. For several keys it asks once, for their number: --confirm 3.\n" +
			"There is no --all: nothing takes a rotation of every key back.\n\n" +
			"While a signed alias move may still arrive it says until when, and ends with 11;\n" +
			"--wait 20m waits for that.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitBusy, plan.ExitPerson, plan.ExitUsage,
				plan.ExitInterrupted),
		Flags: append(awsFlags(), quietFlag(), reasonFlag(), confirmFlag(),
			&cli.BoolFlag{Name: "abandon", Usage: "give up what is open, and make a new version instead"},
			againFlag(), dryRunFlag(), waitFlag(),
		),
		Action: func(c *cli.Context) error { return rotateNow(env, c) },
	}
}

func againFlag() cli.Flag {
	return &cli.BoolFlag{Name: "again", Usage: "once more, although there was one within the hour"}
}

func rotateNow(env *Env, c *cli.Context) error {
	if err := namesKeys(c); err != nil {
		return err
	}
	reason, err := reasonOf(c, true)
	if err != nil {
		return err
	}
	wait, err := waitOf(env, c)
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pickWhole(c)
	if err != nil {
		return err
	}
	j := job{wait: wait, dry: c.Bool("dry-run"),
		tasks: rotate.Tasks(keys, plan.Request{Verb: plan.VerbRotate, Reason: reason, Abandon: c.Bool("abandon"),
			Again: c.Bool("again"), Confirmed: c.IsSet("confirm")})}
	return s.carryMeant(c.Context, j, c.String("confirm"))
}
