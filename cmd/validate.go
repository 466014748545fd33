package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/junit"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

func validateCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check plans, offline", ArgsUsage: "[FILE…]",
		Description: "For CI and editors. Everything that is wrong is printed in one go, one problem a\n" +
			"line, as file:line:column: what is wrong (what would be right). The files with key\n" +
			"policies that a plan names are read too, once the plan itself is right.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitUsage),
		Flags: []cli.Flag{planFlag(), outputFlag(), quietFlag(),
			&cli.BoolFlag{Name: "schema", Usage: "print the JSON Schema of plans instead"}},
		Action: func(c *cli.Context) error { return validate(env, c) },
	}
}

func validate(env *Env, c *cli.Context) error {
	opts, err := commonOf(env, c)
	if err != nil {
		return err
	}
	if c.Bool("schema") {
		return printSchema(env, c)
	}
	files := c.Args().Slice()
	if len(files) > 0 && typedPlan(c) != "" {
		return usage("validate takes FILE or --plan, not both").note("FILE may be several")
	}
	if len(files) == 0 {
		files = []string{planPath(env, c)}
	}
	d := document.OfValidate()
	var text, wrong strings.Builder
	for _, file := range files {
		p, problems := check(env, file)
		if len(problems) > 0 {
			d.Add(file, nil, problems)
			wrong.WriteString(problems.Error() + "\n")
			continue
		}
		d.Add(file, p.Plan, nil)
		fmt.Fprintf(&text, "%s: valid, %s\n", file, plan.Counted(len(p.Keys), "key"))
	}
	env.job(func() any { return d })
	switch {
	case opts.json():
		env.document(d)
	case opts.output == outputJUnit:
		err = junit.Write(env.Stdout, junit.OfValidate(d))
	default:
		_, err = io.WriteString(env.Stdout, text.String()+wrong.String())
	}
	if !d.Valid {
		return end(plan.ExitUsage)
	}
	return err
}

// printSchema prints the schema, which is one text in JSON. What the environment sets for every
// command does not stop it.
func printSchema(env *Env, c *cli.Context) error {
	output := env.setting(c, "output")
	switch {
	case c.Args().Present() || typedPlan(c) != "":
		return usage("--schema prints the schema, and checks no plan: not FILE, not that of --plan").
			note("leave one of them out")
	case env.quiet:
		return usage("--schema prints the schema, and --quiet prints nothing").note("leave one of them out")
	case output.by == "--output" && !isText(output.value) && output.value != outputJSON:
		return usage("--schema prints the schema, which has no form --output %s", output.value).
			note("leave one of them out")
	}
	_, err := env.Stdout.Write(planfile.Schema())
	return err
}

// check reads one plan and the files it names.
func check(env *Env, file string) (*loaded, planfile.Problems) {
	data, err := readPlan(env, file)
	if err != nil {
		return nil, planfile.Problems{{File: file, Line: 1, Column: 1,
			Message: fmt.Sprintf("the plan cannot be read: %v", err)}}
	}
	p, err := parsePlan(file, data)
	var problems planfile.Problems
	errors.As(err, &problems)
	return p, problems
}
