package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

func rollbackCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "rollback", Usage: "put the alias back onto the version before", ArgsUsage: "KEY",
		Description: "For when a new version breaks its callers. The alias goes back onto the version\n" +
			"that was live before, or onto the one that KEY names: orders-data/v6, its key id\n" +
			"or its ARN. It makes nothing in KMS; the version left behind drains like any other.\n" +
			"If a rotation is open, rollback abandons it, and still moves the alias to the version\n" +
			"before the live one. To abandon the open rotation and stay where you are, name the\n" +
			"live version: orders-data/v8. That also puts the alias back where somebody else has\n" +
			"moved it, from the key that the question shows and from no other. If the key was\n" +
			"rolled back within the last hour, it says so, and does it again only with --again.\n\n" +
			"It needs a --reason, and the key's name again: typed at the prompt, or by\n" +
			"--confirm KEY. While a signed alias move may still arrive it says until when, and\n" +
			"ends with 11; --wait 20m waits for that. Hold the key first; otherwise cron's next run\n" +
			"may finish the open rotation.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitBusy, plan.ExitPerson, plan.ExitUsage,
				plan.ExitInterrupted),
		Flags:  append(awsFlags(), quietFlag(), reasonFlag(), confirmFlag(), againFlag(), dryRunFlag(), waitFlag()),
		Action: func(c *cli.Context) error { return rollback(env, c) },
	}
}

func rollback(env *Env, c *cli.Context) error {
	return onVersion(env, c, idIsNotLive, func(_ plan.Policy, version int64) (plan.Request, error) {
		return plan.Request{Verb: plan.VerbRollback, Version: version, Again: c.Bool("again")}, nil
	})
}
