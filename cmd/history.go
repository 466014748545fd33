package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func historyCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "who did what to a key, when, from where and why", ArgsUsage: "KEY",
		Description: "Prints the ledger of a key: every write of its record since it is under management,\n" +
			"with pool and run, who AWS says it was, the reason given, and the id of the KMS\n" +
			"request whose answer was written down (CloudTrail knows it too).\n\n" +
			"--verify ends with 13 if a revision is missing, or is told differently in two places.\n" +
			"Where adopt --from-kms rebuilt the record, the jump in revisions is reported, but\n" +
			"not counted as a gap.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(awsFlags(),
			&cli.StringFlag{Name: "since", Usage: "only `SINCE` a date, or so long ago: 2026-01-01, 30d"},
			&cli.BoolFlag{Name: "verify", Usage: "look for missing revisions, in the whole ledger"}),
		Action: func(c *cli.Context) error { return showHistory(env, c) },
	}
}

func showHistory(env *Env, c *cli.Context) error {
	if err := oneKey(c); err != nil {
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
	since, err := s.momentOf(c.Context, c.String("since"), "since", false)
	if err != nil {
		return err
	}
	h, r, err := s.aws.History(c.Context, k)
	if err != nil {
		return err
	}
	verify := c.Bool("verify")
	exit := plan.ExitDone
	if verify && !h.Whole() {
		exit = plan.ExitPerson
	}
	shown := h.Since(since)
	if s.opts.json() {
		document.Write(env.Stdout, document.OfHistory(s.from(), k, r, h, shown, verify, exit))
		return end(exit)
	}
	s.con.Show(s.view().History(k.Name, h, shown, since))
	if verify {
		s.con.Show(screen.VerifyText(k.Name, r, h))
	}
	return end(exit)
}
