package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

func reinstateCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "reinstate", Usage: "make a disabled version work again, at once", ArgsUsage: "KEY…",
		Description: "For when something still needs an old version: decrypt is down. The version that was\n" +
			"retired last, or the one that KEY names (session-mac/v3, its key id or ARN), is\n" +
			"enabled, its deletion is cancelled, and it drains again. The alias does not move.\n" +
			"Several may be named, of one key too. It asks nothing. Should a disabling that was\n" +
			"signed before still arrive, the next runs see to it, also under a hold.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags:  append(awsFlags(), quietFlag(), reasonFlag(), dryRunFlag()),
		Action: func(c *cli.Context) error { return onNamed(env, c, plan.VerbReinstate, idIsVersion) },
	}
}
