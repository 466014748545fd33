package cmd

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func adoptCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "adopt", Usage: "take a key under management, or accept what its alias names now", ArgsUsage: "KEY",
		Description: "A key of the plan that has no record yet is taken as it is found; nothing changes\n" +
			"in KMS. (`run` does that too.) --create makes the alias and its first key. Run it\n" +
			"again after changing spec or usage in the plan, and it starts over with those.\n\n" +
			"If somebody moved the alias, adopt makes what it names now the active version,\n" +
			"and the version before drains. That wants a --reason, and the key's name once\n" +
			"more: typed at the prompt, or --confirm KEY. --from-kms wants both, too: it rebuilds\n" +
			"a record that was lost or restored, from the version aliases. That restarts every\n" +
			"drain and blocks rollbacks for 20m, so it refuses if the record is in order.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitBusy, plan.ExitPerson, plan.ExitUsage,
				plan.ExitInterrupted),
		Flags: append(awsFlags(),
			reasonFlag(), confirmFlag(),
			&cli.BoolFlag{Name: "create", Usage: "make the alias, which must not exist, and its first key"},
			&cli.BoolFlag{Name: "from-kms", Usage: "rebuild a record that was lost or restored, from the version " +
				"aliases"},
			dryRunFlag(), waitFlag(),
		),
		Action: func(c *cli.Context) error { return adopt(env, c) },
	}
}

func adopt(env *Env, c *cli.Context) error {
	if err := oneKey(c); err != nil {
		return err
	}
	reason, err := reasonOf(c, false) // whether one is wanted, a look ahead tells
	if err != nil {
		return err
	}
	wait, err := waitOf(c)
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	k, err := s.one(c.Context, c)
	if err != nil {
		return err
	}
	j := job{keys: []plan.Policy{k}, wait: wait, dry: c.Bool("dry-run"),
		request: plan.Request{Verb: plan.VerbAdopt, Reason: reason, Create: c.Bool("create"),
			FromKMS: c.Bool("from-kms")}}
	if !j.dry {
		if err := s.consent(c.Context, j, c.String("confirm")); err != nil {
			return err
		}
	}
	return s.carry(c.Context, j)
}

// consent asks a person to confirm an adopt that accepts drift or rebuilds a record.
// A dry-run shows whether it would. If that is not known, because another run has
// the key, consent asks too.
func (s *session) consent(ctx context.Context, j job, confirm string) error {
	ahead := j
	ahead.dry, ahead.quiet = true, true
	report, err := s.do(ctx, ahead)
	if err != nil {
		return err
	}
	k := report.Keys[0]
	what := screen.AcceptText(k)
	if what == "" {
		return nil
	}
	var flag []string
	if k.Did(plan.WriteRebuild) {
		flag = []string{"--from-kms"}
	}
	if j.request.Reason == "" {
		words := slices.Concat([]string{"keyturn", "adopt", k.Policy.Name}, flag, []string{"--reason", "..."})
		return usage("%s: %s", k.Policy.Name, what).hint(plan.Try(words...).Noted("accepts it"))
	}
	return s.confirm(ctx, k.Policy, confirm, what)
}
