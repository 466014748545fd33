package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// A setting is a flag that says how keyturn works, and not what it does: an environment
// variable can set it, too. A flag that asks for something has no variable. What stands
// in the environment of a crontab must not confirm, create, give up, or turn every run
// into a dry-run.

// settings are their names. The variable of a setting is KEYTURN_ and its name.
var settings = []string{"plan", "pool", "output", "log", "color", "timeout", "wait", "metrics"}

// setting is the flag of a setting, whose help names the variable. Env.LookupEnv looks
// it up, not urfave/cli.
type setting struct{ *cli.StringFlag }

// Names returns the names, which urfave/cli asks for at every look at a flag, and searches each
// for what its first version allowed.
func (s setting) Names() []string { return append([]string{s.Name}, s.Aliases...) }

// GetEnvVars returns the variable, for the help and the manual page.
func (s setting) GetEnvVars() []string { return []string{variableOf(s.Name)} }

func (s setting) String() string { return cli.FlagStringer(s) }

func variableOf(name string) string { return "KEYTURN_" + strings.ToUpper(name) }

// chosen is what a setting was given. By is the flag or the variable, for errors; "" if
// neither was given.
type chosen struct{ value, by string }

// setting returns what a setting was given, or else the flag's own default.
func (e *Env) setting(c *cli.Context, name string) chosen {
	if c.IsSet(name) {
		return chosen{c.String(name), "--" + name}
	}
	if v := e.setOutside(name); v.by != "" && slices.Contains(flagNames(c.Command.Flags), name) {
		return v
	}
	return chosen{value: c.String(name)}
}

// typedPlan returns what --plan was given; "" if it was not. Hints repeat the flag alone: that
// the variable is set where they are typed, too, is assumed.
func typedPlan(c *cli.Context) string { return c.String("plan") }

// settingOf is Env.setting for a line that is not parsed yet, or cannot be.
func (e *Env) settingOf(line arranged, name string) chosen {
	if line.has(name) {
		return chosen{line.value(name), "--" + name}
	}
	return e.setOutside(name)
}

// setOutside returns what the environment says of a setting.
func (e *Env) setOutside(name string) chosen {
	if v := e.get(variableOf(name)); v != "" {
		return chosen{v, variableOf(name)}
	}
	if name == "output" && e.onGitHub() {
		return chosen{outputGitHub, "GITHUB_ACTIONS"}
	}
	return chosen{}
}

// What --color takes.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

func colorFlag() cli.Flag {
	return setting{&cli.StringFlag{Name: "color", Value: colorAuto, Usage: "`WHEN` to use colours: auto, on a " +
		"terminal; always; never"}}
}

func quietFlag() cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print no text on stdout if all went well, " +
		"and no progress"}
}

func timeoutFlag() cli.Flag {
	return setting{&cli.StringFlag{Name: "timeout", Usage: "end after this `DURATION`, such as 10m, as on a signal, " +
		"with exit status 1"}}
}

// process is what a line sets for the whole process: colours, silence, the form of
// documents, and until when.
func (e *Env) process(app *cli.App, line arranged) (limit time.Duration, err error) {
	form := e.settingOf(line, "output").value
	e.compact, e.github = form == outputJSONL, form == outputGitHub
	if e.github || e.onGitHub() {
		screen.Defuse(e.Stderr)
		if form != outputCSV && line.value("html") != "-" { // a file, whose text stays as it is
			screen.Defuse(e.Stdout)
		}
	}
	c := app.Command(line.command)
	if c == nil {
		return 0, nil
	}
	names := flagNames(c.Flags)
	color := e.settingOf(line, "color")
	switch {
	case color.by == "" || !slices.Contains(names, "color"):
	case slices.Contains([]string{colorAuto, colorAlways, colorNever}, color.value):
		e.color = color.value
	default:
		return 0, usage("%s %s is none of auto, always, never", color.by, color.value)
	}
	if e.quiet = line.has("quiet", "q") && slices.Contains(names, "quiet"); e.quiet && !e.documented(line) {
		screen.Hold(e.Stdout)
	}
	if t := e.settingOf(line, "timeout"); t.by != "" && slices.Contains(names, "timeout") {
		if limit, err = plan.ParseDuration(t.value); err != nil {
			return 0, usage("%s %s", t.by, err)
		}
		if limit == 0 {
			return 0, usage("%s %s is no time to end after", t.by, t.value).note("leave it out for no limit")
		}
	}
	return limit, nil
}

// documented reports whether stdout is for another program.
func (e *Env) documented(line arranged) bool {
	form := e.settingOf(line, "output").value
	return form != "" && !isText(form)
}

// document writes a document in the form of the line: with indentation, or as one line.
func (e *Env) document(d any) {
	if e.compact {
		document.WriteLine(e.Stdout, d)
		return
	}
	document.Write(e.Stdout, d)
}

// limited returns a context that ends after a while as a signal ends it, with
// plan.ErrTimeout as its cause. Without a limit nothing but the first context ends it.
func limited(ctx context.Context, limit time.Duration) (context.Context, func()) {
	if limit == 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(plan.ErrTimeout) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// broke returns the exit code of a command that a context has ended, and how it is said.
func broke(ctx context.Context) (plan.Exit, string) {
	if errors.Is(context.Cause(ctx), plan.ErrTimeout) {
		return plan.ExitFailed, "stopped by --timeout"
	}
	return plan.ExitInterrupted, "interrupted"
}
