package cmd

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
)

// What may follow on a command line, for the shells' completions, is commands
// and flags, which urfave/cli knows, and these values, which it does not. AWS is
// never asked: pressing a key must cost nothing.

// valuesAfter are the values that may follow these arguments; none if it is not
// a value that follows, or nobody can say which.
func valuesAfter(env *Env, app *cli.App, args []string) []string {
	if n := len(args); n > 0 && isFlag(args[n-1]) {
		line, _ := arrange(app, args[:n-1])
		switch strings.TrimLeft(args[n-1], "-") {
		case "iam":
			var roles []string
			for _, r := range iam.Roles() {
				roles = append(roles, string(r))
			}
			return roles
		case "output", "log":
			return []string{outputText, outputJSON}
		case "key", "confirm":
			return keyNames(env, line)
		}
		return nil
	}
	line, err := arrange(app, args)
	if err != nil || line.command == "" {
		return nil
	}
	takes := app.Command(line.command).ArgsUsage
	if !strings.Contains(takes, "KEY") || takes == "KEY" && len(line.rest) > 0 {
		return nil
	}
	return keyNames(env, line)
}

// keyNames are those of the plan that the line would use; none if it has none
// that can be read.
func keyNames(env *Env, line arranged) []string {
	path := cmp.Or(line.value("plan"), env.get("KEYTURN_PLAN"))
	text, err := os.ReadFile(cmp.Or(path, "keyturn.yaml"))
	if err != nil && path == "" && slices.Contains(line.flags, "--sandbox") {
		text = env.Quickstart
	}
	p, err := plan.ParseFile("keyturn.yaml", text)
	if err != nil {
		return nil
	}
	var names []string
	for _, k := range p.Keys {
		names = append(names, k.Name)
	}
	return names
}
