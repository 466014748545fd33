package cmd

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Main carries out one command line, without the program's name, and returns
// its exit code. Cancelling the context interrupts it safely.
func Main(ctx context.Context, args []string, env Env) int {
	env.RunID = sync.OnceValue(env.RunID) // one id in the record, in logs and in documents
	begun := time.Now()
	env.elapsed = func() time.Duration { return time.Since(begun) }
	env.Stdout, env.Stderr = screen.Clean(env.Stdout), screen.Clean(env.Stderr)
	app := newApp(&env)
	app.Setup()
	if i := slices.Index(args, completionFlag); i >= 0 {
		printSuggestions(&env, suggest(&env, app, args[:i]))
		return int(plan.ExitDone)
	}
	line, err := arrange(app, args)
	limit, bad := env.process(app, line)
	ctx, stop := limited(ctx, limit)
	defer stop()
	if err = cmp.Or(err, bad); err == nil {
		err = app.RunContext(ctx, append([]string{"keyturn"}, line.line()...))
	}
	_, printed := err.(ended)
	_, documented := errors.AsType[inDocument](err)
	if err != nil && !printed {
		err = env.told(ctx, err)
	}
	con := env.con
	if con == nil { // it was not understood, or calls no AWS
		con = env.console(env.settingOf(line, "log").value == outputJSON, line.same())
		con.Verbose, con.Labels.Verb, con.Labels.Dry = line.has("v", "verbose"), line.command, line.has("dry-run")
	}
	fault := faultOf(ctx, err)
	if err != nil && !printed {
		failed := func() any { return document.OfError(document.From{Run: env.RunID(), With: con.With}, err, fault) }
		if isJSON(env.settingOf(line, "output").value) && !documented {
			env.document(failed())
		}
		con.Fail(line.command, err, fault)
		env.job(failed)
	}
	screen.Release(env.Stdout, fault.Exit != plan.ExitDone && fault.Exit != plan.ExitChanged)
	exit := reached(&env, con, fault.Exit)
	for _, do := range env.ends {
		do(con, exit)
	}
	con.Rest()
	con.End(exit, env.elapsed())
	return int(exit)
}

// reached returns the exit code of a command, which is no success if its output was
// lost: a script must not act on half a document, nor a job on outputs that it does not
// get. Lost output does not end a run.
func reached(env *Env, con *screen.Console, exit plan.Exit) plan.Exit {
	if !env.endJob(con) {
		exit = worst(exit, plan.ExitFailed)
	}
	lost := screen.Lost(env.Stdout)
	if lost == nil {
		return exit
	}
	con.Warn("output-lost", "the output could not be written: %v", lost)
	return worst(exit, plan.ExitFailed)
}

// newApp wires the commands. What urfave/cli would do by itself and must not:
// end the process inside Run, which would skip freeing a lease; print usage to
// stdout; take a help command for the name of a key.
func newApp(env *Env) *cli.App {
	app := &cli.App{
		Name:  "keyturn",
		Usage: "rotates AWS KMS keys from many pools at once, safely",
		Description: "Put `*/15 * * * * keyturn run` into the crontab of every pool. Each run asks the\n" +
			"plan what is due; exactly one of them rotates, the others are no-ops.\n\n" +
			"Try it without AWS:  keyturn run --sandbox",
		Writer: env.Stdout, ErrWriter: env.Stderr,
		HideVersion:    true,
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   onUsageError,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the version",
			DisableDefaultText: true}},
		Commands: []*cli.Command{
			runCommand(env), statusCommand(env), validateCommand(env), adoptCommand(env), initCommand(env),
			auditCommand(env), verifyCommand(env),
			sandboxCommand(env), rehearseCommand(env), costCommand(env), versionCommand(env), completionCommand(env),
			manCommand(env),
		},
	}
	app.Commands = append(app.Commands, personCommands(env)...)
	app.Action = func(c *cli.Context) error {
		if c.Bool("version") {
			return printVersion(env, false)
		}
		app.Writer = env.Stderr
		if err := cli.ShowAppHelp(c); err != nil {
			return err
		}
		return end(plan.ExitUsage)
	}
	for _, c := range app.Commands {
		for _, f := range c.Flags {
			if b, ok := f.(*cli.BoolFlag); ok {
				b.DisableDefaultText = true
			}
		}
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true
		c.Action = strict(c)
	}
	return app
}

// strict refuses, before anything is done, arguments that look like a flag, and any
// argument of a command that takes none.
func strict(c *cli.Command) cli.ActionFunc {
	action := c.Action
	return func(ctx *cli.Context) error {
		rest := ctx.Args().Slice()
		if c.Name == "sandbox" { // what follows is a command of its own
			return action(ctx)
		}
		if ctx.IsSet("sandbox-state") && !ctx.Bool("sandbox") {
			return usage("--sandbox-state without --sandbox would be ignored, and AWS itself be used").note("add " +
				"--sandbox")
		}
		if i := slices.IndexFunc(rest, func(s string) bool { return strings.HasPrefix(s, "-") && s != "-" }); i >= 0 {
			return usage("%q looks like a flag and would be ignored", rest[i]).hint(plan.Try("keyturn", c.Name,
				"--help").Noted("or put it before --"))
		}
		if c.ArgsUsage == "" && len(rest) > 0 {
			wrong := usage("keyturn %s takes no argument: %q", c.Name, rest[0])
			switch named := slices.Contains(flagNames(c.Flags), "key"); {
			case named && ctx.NumFlags() > 0: // it may be a dry-run
				return wrong.note("put --key before it: --key %s", rest[0])
			case named:
				return wrong.try("keyturn", c.Name, "--key", rest[0])
			}
			return wrong.try("keyturn", c.Name, "--help")
		}
		return action(ctx)
	}
}

// onUsageError handles flags that cannot be parsed.
func onUsageError(c *cli.Context, err error, _ bool) error {
	wrong := usage("%s", err)
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		wrong = usage("there is no flag %s", dashed(name))
		if near, ok := planfile.Nearest(name, flagNames(c.Command.Flags)); ok {
			return wrong.note("did you mean --%s?", near)
		}
	}
	return wrong.try(append(strings.Fields(c.Command.HelpName), "--help")...)
}

func flagNames(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()[0])
	}
	return names
}
