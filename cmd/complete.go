package cmd

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/kit"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan/planfile"
)

// What may follow on a command line, for the shells' completions. AWS is never
// asked, and no action is ever reached: pressing a key must cost nothing. So
// nothing of urfave/cli's own completion is used, which runs the action if there
// is a -- in the line.

// completionFlag asks for completions. The shells' scripts put it at the end;
// wherever it stands, nothing but completions comes of the line.
const completionFlag = "--generate-bash-completion"

// suggestion is a word that may follow, and what it is about.
type suggestion struct{ word, about string }

// suggest returns what may follow these words. The last one is the word under the
// cursor if it begins with a dash. The scripts put "" for any other, which shows
// that a -- before it has ended; of the answers the shell takes those that fit.
func suggest(env *Env, app *cli.App, words []string) []suggestion {
	words, current := underCursor(joined(words))
	if name, ok := strings.CutSuffix(current, "="); ok || strings.Contains(current, "=") {
		if !ok {
			name, _, _ = strings.Cut(current, "=")
		}
		return prefixed(name+"=", valuesOf(env, app, words, name))
	}
	flags := everyFlag(app, words...)
	if takesValue(flagNamed(flags, current)) { // it is whole, and its value follows
		return valuesOf(env, app, words, current)
	}
	if n := len(words); n > 0 && isFlag(words[n-1]) && takesValue(flagNamed(flags, words[n-1])) {
		return valuesOf(env, app, words[:n-1], words[n-1])
	}
	line, err := arrange(app, words)
	ended := slices.Contains(words, "--")
	switch {
	case err != nil, ended && (current != "" || line.command == "sandbox"): // the words of another command
		return nil
	case current != "":
		return flagsFor(app, line, current)
	case line.command == "":
		return commandsOf(app)
	}
	return argumentsFor(env, app, line)
}

// joined puts together what bash takes apart: --output = json.
func joined(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		if n := len(out); words[i] == "=" && n > 0 && isFlag(out[n-1]) && !strings.Contains(out[n-1], "=") {
			out[n-1] += "="
			if i+1 < len(words) {
				i++
				out[n-1] += words[i]
			}
			continue
		}
		out = append(out, words[i])
	}
	return out
}

// underCursor takes the word under the cursor off a line.
func underCursor(words []string) (before []string, current string) {
	n := len(words)
	if n == 0 || words[n-1] != "" && words[n-1][0] != '-' {
		return words, ""
	}
	return words[:n-1], words[n-1]
}

// everyFlag returns the flags of all commands, those of the first command among the words first.
func everyFlag(app *cli.App, words ...string) []cli.Flag {
	var all []cli.Flag
	for _, w := range words {
		if c := app.Command(w); c != nil {
			all = slices.Clone(c.Flags)
			break
		}
	}
	all = append(all, app.Flags...)
	for _, c := range app.Commands {
		all = append(all, c.Flags...)
	}
	return all
}

func commandsOf(app *cli.App) []suggestion {
	var all []suggestion
	for _, c := range app.VisibleCommands() {
		all = append(all, suggestion{c.Name, c.Usage})
	}
	return all
}

// flagsFor returns the flags that begin so, and may still be given.
func flagsFor(app *cli.App, line arranged, begins string) []suggestion {
	flags := app.Flags
	if line.command != "" {
		flags = app.Command(line.command).Flags
	}
	if !slices.Contains(flags, cli.HelpFlag) {
		flags = append(slices.Clone(flags), cli.HelpFlag)
	}
	var all []suggestion
	for _, f := range flags {
		_, many := f.(cli.DocGenerationSliceFlag)
		for _, name := range f.Names() {
			word := dashed(name)
			if strings.HasPrefix(word, begins) && (many || !line.has(f.Names()...)) {
				all = append(all, suggestion{word, about(f)})
			}
		}
	}
	return all
}

func about(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	return strings.ReplaceAll(d.GetUsage(), "`", "")
}

// valuesOf returns the values of a flag, where there are few; none if nobody can say
// which.
func valuesOf(env *Env, app *cli.App, before []string, flag string) []suggestion {
	switch strings.TrimLeft(flag, "-") {
	case "iam":
		var roles []string
		for _, r := range append(iam.Roles(), iam.Verify) {
			roles = append(roles, string(r))
		}
		return plain(roles...)
	case "kit":
		var kinds []string
		for _, k := range kit.Kinds() {
			kinds = append(kinds, string(k))
		}
		return plain(kinds...)
	case "identity":
		return plain(identities()...)
	case "output":
		line, _ := arrange(app, before)
		return plain(formsOf(line.command)...)
	case "log":
		return plain(outputText, outputJSON)
	case "color":
		return plain(colorAuto, colorAlways, colorNever)
	case "naive":
		return plain(string(rehearsal.NaiveScript), string(rehearsal.NaiveLock))
	case "key", "confirm":
		line, _ := arrange(app, before)
		return keyNames(env, line)
	}
	return nil
}

// argumentsFor returns the arguments of a command that may follow.
func argumentsFor(env *Env, app *cli.App, line arranged) []suggestion {
	switch takes := app.Command(line.command).ArgsUsage; {
	case line.command == "completion" && len(line.rest) == 0:
		return plain(strings.Split(takes, "|")...)
	case line.has("cloudtrail"), !strings.Contains(takes, "KEY"), takes == "KEY" && len(line.rest) > 0:
		return nil
	}
	return keyNames(env, line)
}

// keyNames returns those of the plan that the line would use; none if it has none
// that can be read.
func keyNames(env *Env, line arranged) []suggestion {
	path := env.settingOf(line, "plan").value
	text, err := os.ReadFile(cmp.Or(path, "keyturn.yaml"))
	if err != nil && path == "" && slices.Contains(line.flags, "--sandbox") {
		text = env.Quickstart
	}
	p, err := planfile.Parse("keyturn.yaml", text)
	if err != nil {
		return nil
	}
	var names []string
	for _, k := range p.Keys {
		names = append(names, k.Name)
	}
	return plain(names...)
}

func plain(words ...string) []suggestion {
	var all []suggestion
	for _, w := range words {
		all = append(all, suggestion{word: w})
	}
	return all
}

func prefixed(with string, all []suggestion) []suggestion {
	for i := range all {
		all[i].word = with + all[i].word
	}
	return all
}

// printSuggestions prints a word a line. With KEYTURN_COMPLETION=described, as
// the scripts of zsh and fish set it, a tab and what it is about follow.
func printSuggestions(env *Env, all []suggestion) {
	described := env.get("KEYTURN_COMPLETION") == "described"
	for _, s := range all {
		line := s.word
		if described && s.about != "" {
			line += "\t" + s.about
		}
		_, _ = fmt.Fprintln(env.Stdout, line) // the shell is not there any more
	}
}
