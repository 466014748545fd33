package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

func retireCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "retire", Usage: "disable one old version now", ArgsUsage: "KEY",
		Description: "For when an old version is compromised: orders-data/v6, its key id or its ARN, is\n" +
			"disabled before its drain is over, or although the plan keeps it, whoever uses or\n" +
			"holds it, and in a freeze. What it encrypted cannot be decrypted until somebody\n" +
			"reinstates it. It is not deleted any earlier. The live version is refused, and one\n" +
			"that is on its way there, or that another alias names: rotate first.\n\n" +
			"It needs a --reason, and the key's name again: typed at the prompt, or by\n" +
			"--confirm KEY. For ten minutes after a switch, and while a signed alias move may\n" +
			"still arrive, it says until when, and ends with 11; --wait 20m waits for that.\n" +
			"No other run goes on with it: if it fails, type it again.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitBusy, plan.ExitPerson, plan.ExitUsage,
				plan.ExitInterrupted),
		Flags:  append(awsFlags(), quietFlag(), reasonFlag(), confirmFlag(), dryRunFlag(), waitFlag()),
		Action: func(c *cli.Context) error { return retire(env, c) },
	}
}

func retire(env *Env, c *cli.Context) error {
	return onVersion(env, c, idIsVersion, func(k plan.Policy, version int64) (plan.Request, error) {
		if version == 0 {
			return plan.Request{}, usage("retire is about one version: %s/v1", k.Name).
				hint(plan.Try("keyturn", "status", k.Name).Noted("shows the versions there are"))
		}
		return plan.Request{Verb: plan.VerbRetire, Version: version}, nil
	})
}
