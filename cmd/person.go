package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// What a person's verbs have in common: rotate, rollback, hold, release, retire and
// reinstate.
//
//   - The reason stands in the record, with who, when and which run: see
//     `history`.
//   - rotate, rollback and retire want a yes: see confirm.go.
//   - They print the same as `run`. Silence is no answer to a person: what was not
//     done is said, too, and why.
//   - --dry-run wants neither a reason nor a name.

// personCommands are these verbs, and the one that shows what they did.
func personCommands(env *Env) []*cli.Command {
	verbs := []*cli.Command{rotateCommand(env), rollbackCommand(env), holdCommand(env), releaseCommand(env),
		retireCommand(env), reinstateCommand(env)}
	for _, c := range verbs {
		c.Category = "By hand, at any hour"
	}
	return append(verbs, historyCommand(env))
}

func reasonFlag() cli.Flag {
	return &cli.StringFlag{Name: "reason", Usage: "why, a `TEXT` that the record keeps"}
}

func confirmFlag() cli.Flag {
	return &cli.StringFlag{Name: "confirm", Usage: "the `KEY` once more, or how many keys, where there is no " +
		"terminal to ask at"}
}

// reasonOf reads --reason. Only a dry-run, and a verb that need not be
// explained, goes without.
func reasonOf(c *cli.Context, wanted bool) (string, error) {
	given := c.String("reason")
	reason := strings.Join(strings.Fields(given), " ")
	if what := plan.FirstMisleading(given); what != "" { // it stands in tables, logs and the record
		return "", usage("the --reason has %s, which a terminal acts on or does not show",
			what).note("write it as one line of plain text")
	}
	switch {
	case reason == "" && wanted && !c.Bool("dry-run"):
		return "", usage("%s wants a --reason; it stands in the record", c.Command.Name).
			try(append(retyped(c, typed(c)...), "--reason", "...")...)
	case len(reason) > plan.MaxReason:
		return "", usage("the --reason has %d bytes; at most %d stand in the record", len(reason), plan.MaxReason)
	}
	return reason, nil
}

// sameFlags are those that every hint of a command repeats by itself.
var sameFlags = []string{"plan", "sandbox", "sandbox-state", "pool", "log", "output", "color", "timeout", "quiet",
	"verbose", "all"}

// retyped returns the command as it was typed, but about these keys: with every flag that
// changes what it does, and the person's own reason.
func retyped(c *cli.Context, keys ...string) []string {
	words := append([]string{"keyturn", c.Command.Name}, keys...)
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		blank := name == "reason" && strings.TrimSpace(c.String(name)) == ""
		if !c.IsSet(name) || slices.Contains(sameFlags, name) || blank {
			continue
		}
		switch f.(type) {
		case *cli.BoolFlag:
			words = append(words, "--"+name)
		case *cli.StringSliceFlag:
			for _, value := range c.StringSlice(name) {
				words = append(words, "--"+name, value)
			}
		default:
			words = append(words, "--"+name, c.String(name))
		}
	}
	return words
}

// asDry returns the command as it was typed, as a dry-run.
func asDry(c *cli.Context) []string {
	words := retyped(c)
	if i := slices.Index(words, "--wait"); i >= 0 {
		words = slices.Delete(words, i, i+2)
	}
	return append(words, "--dry-run")
}

// typed returns the key as it was named on the command line, for hints.
func typed(c *cli.Context) []string {
	switch {
	case c.Bool("all"):
		return []string{"--all"}
	case c.NArg() == 0:
		return []string{"KEY"}
	}
	return c.Args().Slice()
}

// namesVersion means that KEY names a version where the verb is about the whole key: who types
// it means something else than what would be done. The id or ARN of a KMS key is no such name.
type namesVersion struct {
	text, key string
	version   int64
}

// versionAmong returns the first name of a version of one of the keys; nil if there is none.
func versionAmong(named []string, keys []plan.Policy) *namesVersion {
	for _, text := range named {
		for _, k := range keys {
			if n, ok := versionIn(k, withoutARN(text)); ok {
				return &namesVersion{text, k.Name, n}
			}
		}
	}
	return nil
}

// refused returns the error of a verb.
func (n namesVersion) refused(verb string) *usageError {
	return usage("%s is about the whole key, and %s names a version of it", verb, n.text)
}

// pickWhole returns the keys that the arguments name. One that names a version is refused: the
// verb is about the whole key.
func (s *session) pickWhole(c *cli.Context) ([]plan.Policy, error) {
	named := c.Args().Slice()
	keys, err := s.pick(c.Context, named)
	if err != nil {
		return nil, err
	}
	if n := versionAmong(named, keys); n != nil {
		named[slices.Index(named, n.text)] = n.key
		return nil, n.refused(c.Command.Name).try(retyped(c, named...)...)
	}
	return keys, nil
}

// namesKeys refuses a command line that names no key; or, with --all where a command has
// that, both. A forgotten name must not hold every key.
func namesKeys(c *cli.Context) error {
	name, hasAll := c.Command.Name, slices.Contains(flagNames(c.Command.Flags), "all")
	none := plan.Try("keyturn", "status").Noted("lists the keys")
	switch {
	case c.NArg() > 0 && c.Bool("all"):
		return usage("%s takes KEY or --all, not both", name)
	case c.NArg() > 0 || c.Bool("all"):
		return nil
	case hasAll:
		return usage("%s wants a KEY, or --all", name).hint(none)
	}
	return usage("%s wants a KEY", name).hint(none)
}

// oneKey refuses a command line that names no key, or several.
func oneKey(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage("%s takes one KEY, not %d", c.Command.Name, c.NArg()).
			hint(plan.Try("keyturn", "status").Noted("lists the keys"))
	}
	return nil
}

// carry does what a person asked for, and prints the result.
func (s *session) carry(ctx context.Context, j job) error {
	report, err := s.do(ctx, j)
	if err != nil {
		return err
	}
	return s.tell(report)
}

func (s *session) tell(report *rotate.Report) error {
	s.report(report, report.Exit(false))
	if !s.opts.json() && !report.Dry {
		s.view().Unchanged(report)
	}
	return end(report.Exit(false))
}
