package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// urfave/cli stops reading flags at the first argument: of `adopt orders-data
// --dry-run` it would read no --dry-run and really adopt. So before it parses,
// arguments are put into the one order it understands: the command, its flags,
// `--`, the rest. Flags may then stand anywhere, before the command too.

// arranged is a command line in that order.
type arranged struct {
	// command is "" if there is none.
	command string
	flags   []string
	rest    []string
}

// line returns what urfave/cli is given.
func (a arranged) line() []string {
	var out []string
	if a.command != "" {
		out = append(out, a.command)
	}
	out = append(out, a.flags...)
	// Help is about the command. urfave/cli would look for a topic by KEY's name.
	help := slices.ContainsFunc(a.flags, func(f string) bool { return f == "--help" || f == "-help" || f == "-h" })
	if len(a.rest) > 0 && !help {
		out = append(append(out, "--"), a.rest...)
	}
	return out
}

// value returns what a flag was given, for when the line could not be parsed.
func (a arranged) value(name string) string {
	for i, f := range a.flags {
		is, v, inline := strings.Cut(strings.TrimLeft(f, "-"), "=")
		switch {
		case is != name || !strings.HasPrefix(f, "-"):
		case inline:
			return v
		case i+1 < len(a.flags):
			return a.flags[i+1]
		}
	}
	return ""
}

// has reports whether a flag was given, by any of its names.
func (a arranged) has(names ...string) bool {
	return slices.ContainsFunc(a.flags, func(given string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(given, "-"), "=")
		return strings.HasPrefix(given, "-") && slices.Contains(names, name)
	})
}

func (a arranged) same() screen.Same {
	return sameAs(a.value("plan"), a.has("sandbox"), a.value("sandbox-state"))
}

// arrange sorts the arguments of an app that has been set up.
func arrange(app *cli.App, args []string) (arranged, error) {
	out, err := sorted(app, args)
	if err != nil {
		return out, err
	}
	return out, out.switchOff(everyFlag(app, out.command))
}

// switchOff removes --dry-run=false, and makes --dry-run of --dry-run=true: what reads the line
// then asks only whether a flag is there.
func (a *arranged) switchOff(known []cli.Flag) error {
	var left []string
	state := map[string]bool{}
	for _, arg := range a.flags {
		name, value, inline := strings.Cut(arg, "=")
		f := flagNamed(known, name)
		if !isFlag(arg) || f == nil || takesValue(f) {
			left = append(left, arg)
			continue
		}
		on, err := true, error(nil)
		if inline {
			on, err = strconv.ParseBool(value)
		}
		if err != nil {
			return usage("%s is neither on nor off", arg).note("%s alone is on", name)
		}
		if was, twice := state[f.Names()[0]]; twice && was != on {
			return usage("%s is given twice, on and off", name).note("type one of them")
		}
		if state[f.Names()[0]] = on; on {
			left = append(left, name)
		}
	}
	a.flags = left
	return nil
}

// sorted sorts the arguments, and leaves flags as they are.
func sorted(app *cli.App, args []string) (arranged, error) {
	var out arranged
	known := everyFlag(app) // those before the command, too: a flag is the same in nearly all commands
	var given []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			out.rest = append(out.rest, args[i+1:]...)
			return out, nil
		case !isFlag(arg) && out.command == "":
			if app.Command(arg) == nil {
				return out, unknownCommand(app, arg)
			}
			out.command = arg
			known = everyFlag(app, arg) // history --version has a value
		case !isFlag(arg):
			out.rest = append(out.rest, arg)
		default:
			// Without this check the first of two plans would silently be ignored.
			name, value, inline := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			f := flagNamed(known, name)
			if slices.Contains(given, name) && holdsOne(f) {
				return out, usage("--%s is given twice, and only the last would count", name).note("one --%s a command",
					name)
			}
			given = append(given, name)
			out.flags = append(out.flags, arg)
			if !takesValue(f) {
				continue
			}
			// A flag in place of a value means that the value was forgotten:
			// `--reason --dry-run` must not adopt with the reason "--dry-run".
			missing := !inline && (i+1 == len(args) || isFlag(args[i+1]))
			if !inline && !missing {
				i++
				value = args[i]
				out.flags = append(out.flags, value)
			}
			// Of --plan "$PLAN" without that variable, ./keyturn.yaml would be the plan.
			if missing || value == "" {
				flag, _, _ := strings.Cut(arg, "=")
				return out, usage("%s needs a value", flag).note("%s", wants(f, flag))
			}
		}
	}
	return out, nil
}

// isFlag reports whether an argument is a flag: -1m is a wrong duration, and no flag.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' && (arg[1] < '0' || arg[1] > '9') }

// flagNamed returns the first flag that an argument names, with or without dashes; nil if
// there is none.
func flagNamed(flags []cli.Flag, arg string) cli.Flag {
	name := strings.TrimLeft(arg, "-")
	i := slices.IndexFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return flags[i]
}

// takesValue reports whether a flag is followed by a value. No flag is not: parsing refuses it.
func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

// holdsOne reports whether a flag has one value, so that a second one would replace the first.
func holdsOne(f cli.Flag) bool {
	_, many := f.(cli.DocGenerationSliceFlag)
	return takesValue(f) && !many
}

// valueName returns the name of a flag's value, which backquotes mark in its help; "" without.
func valueName(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	_, rest, _ := strings.Cut(d.GetUsage(), "`")
	name, _, _ := strings.Cut(rest, "`")
	return name
}

// wants describes the value of a flag as its help does.
func wants(f cli.Flag, arg string) string {
	if name := valueName(f); name != "" {
		return fmt.Sprintf("%s %s: %s", arg, name, about(f))
	}
	return fmt.Sprintf("write %s=VALUE", arg)
}

// dashed returns the name of a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func unknownCommand(app *cli.App, name string) error {
	err := usage("there is no command %q", name)
	var names []string
	for _, c := range app.VisibleCommands() {
		names = append(names, c.Name)
	}
	if near, ok := planfile.Nearest(name, names); ok {
		return err.note("did you mean: keyturn %s", near)
	}
	return err.hint(plan.Try("keyturn", "--help").Noted("lists the commands"))
}
