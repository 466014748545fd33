package cmd

import (
	"fmt"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"

	"github.com/urfave/cli/v2"
)

func versionCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Description: exitHelp(plan.ExitDone, plan.ExitUsage),
		Flags:       []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			opts, err := commonOf(c)
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
		document.Write(env.Stdout, d)
		return nil
	}
	_, _ = fmt.Fprintf(env.Stdout, "keyturn %s (%s, %s)\n", d.Version, d.Go, d.Platform) // nobody may read it
	return nil
}
