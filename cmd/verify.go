package cmd

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/junit"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
)

func verifyCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "check that the next rotation can be made: credentials, table, permissions",
		ArgsUsage: "[KEY…]",
		Description: "Looks at the credentials, the account, the clock, the table and each key, and finds out\n" +
			"of each call that the next rotation makes whether it is allowed. It changes nothing:\n" +
			"calls that read are made, cryptographic ones are tried with KMS's DryRun, and of those\n" +
			"that change something IAM's policy simulator is asked (iam:SimulatePrincipalPolicy).\n" +
			"What only doing it could show is \"not known\".\n\n" +
			"Run it as the role of cron, or name that role: with --role only the simulator is asked\n" +
			"about permissions. It does not see key policies: keyturn reads those beside it.\n\n" +
			"A no is exit 13, something not known is 1, and 0 says that every answer which the next\n" +
			"rotation needs is yes. Warnings change no exit code.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(awsFlags(), quietFlag(),
			keyFlag(),
			&cli.StringFlag{Name: "role", Usage: "the `ARN` of cron's role or user, where that is not the caller"}),
		Action: func(c *cli.Context) error { return verify(env, c) },
	}
}

// checkPrincipal refuses a --role that is none.
func checkPrincipal(c *cli.Context) error {
	role := c.String("role")
	if role != "" && (!plan.PrincipalForm().MatchString(role) || strings.HasSuffix(role, "*")) {
		return usage("--role %s is not the ARN of a role or user", role).
			note("like arn:aws:iam::111122223333:role/keyturn-cron, with its path if it has one")
	}
	return nil
}

func verify(env *Env, c *cli.Context) error {
	if err := checkPrincipal(c); err != nil {
		return err
	}
	role := c.String("role")
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pickShown(c.Context, keysOf(c))
	if err != nil {
		return err
	}
	stop := s.looking(len(keys))
	found, err := s.aws.Verify(c.Context, survey.Verification{Keys: keys, Role: role, Sandboxed: s.box != nil})
	stop()
	if err != nil {
		return err
	}
	switch d := document.OfVerify(s.from(), found); {
	case s.opts.json():
		env.document(d)
	case s.opts.output == outputJUnit:
		if err := junit.Write(env.Stdout, junit.OfVerify(d)); err != nil {
			return err
		}
	default:
		s.con.Show(s.view().Verify(found))
	}
	env.job(func() any { return document.OfVerify(s.from(), found) })
	return end(found.Exit())
}
