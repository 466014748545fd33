package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

func reinstateCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "reinstate", Usage: "make a disabled version work again, at once", ArgsUsage: "KEY",
		Description: "For when something still needs an old version: decrypt is down. The version that was\n" +
			"retired last, or the one that KEY names (session-mac/v3, its key id or ARN), is\n" +
			"enabled, its deletion is cancelled, and it drains again. The alias does not move.\n" +
			"It asks nothing. Should a disabling that was signed before still arrive, the next\n" +
			"runs see to it, also under a hold.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags:  append(awsFlags(), reasonFlag(), dryRunFlag()),
		Action: func(c *cli.Context) error { return reinstate(env, c) },
	}
}

func reinstate(env *Env, c *cli.Context) error {
	if err := oneKey(c); err != nil {
		return err
	}
	reason, err := reasonOf(c, false)
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	k, err := s.one(c.Context, c)
	if err != nil {
		return err
	}
	version, err := s.versionNamed(c.Context, k, c.Args().First(), true)
	if err != nil {
		return err
	}
	return s.carry(c.Context, job{keys: []plan.Policy{k}, dry: c.Bool("dry-run"),
		request: plan.Request{Verb: plan.VerbReinstate, Reason: reason, Version: version}})
}
