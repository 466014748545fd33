package cmd

import (
	"fmt"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"

	"github.com/urfave/cli/v2"
)

func versionCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version, the commit, and those of Go and the AWS SDK",
		Description: exitHelp(plan.ExitDone, plan.ExitUsage),
		Flags:       []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			opts, err := commonOf(env, c)
			if err != nil {
				return err
			}
			return printVersion(env, opts.json())
		},
	}
}

func printVersion(env *Env, json bool) error {
	d := document.OfProgram(env.Version)
	if json {
		env.document(d)
		return nil
	}
	_, _ = fmt.Fprintln(env.Stdout, d.Text()) // nobody may read it
	return nil
}
