package cmd

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func adoptCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "adopt", Usage: "take a key under management, or accept what its alias names now", ArgsUsage: "KEY…",
		Description: "A key of the plan that has no record yet is taken as it is found; nothing changes\n" +
			"in KMS. (`run` does that too.) --create makes the alias and its first key. Run it\n" +
			"again after changing spec or usage in the plan, and it starts over with those.\n\n" +
			"If somebody moved the alias, adopt makes what it names now the active version,\n" +
			"and the version before drains. That needs a --reason, and the key's name\n" +
			"again: typed at the prompt, or by --confirm KEY. --from-kms needs both, too: it rebuilds\n" +
			"a record that was lost or restored, from the version aliases. That restarts every\n" +
			"drain and blocks rollbacks for 20m, so it refuses if the record is in order.\n\n" +
			"After a table was lost, restored or made again, adopt --from-kms --all rebuilds every\n" +
			"record that was lost, and asks once. A record that was not lost is left as it is, and\n" +
			"does not make the exit code worse. For several keys, --confirm takes their number:\n" +
			"--confirm 3.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitBusy, plan.ExitPerson, plan.ExitUsage,
				plan.ExitInterrupted),
		Flags: append(awsFlags(), quietFlag(),
			reasonFlag(), confirmFlag(),
			&cli.BoolFlag{Name: "create", Usage: "make the alias, which must not exist, and its first key"},
			&cli.BoolFlag{Name: "from-kms", Usage: "rebuild a record that was lost or restored, from the version " +
				"aliases"},
			allFlag(),
			dryRunFlag(), waitFlag(),
		),
		Action: func(c *cli.Context) error { return adopt(env, c) },
	}
}

func adopt(env *Env, c *cli.Context) error {
	if err := namesKeys(c); err != nil {
		return err
	}
	if c.Bool("all") && !c.Bool("from-kms") {
		return usage("adopt --all is for --from-kms: a lost table is one cause for all keys, and drift is not").
			hint(plan.Try("keyturn", "run").Noted("takes every key that has no record yet"))
	}
	if c.Bool("create") && c.Bool("from-kms") {
		return usage("--create makes a key, and --from-kms rebuilds the record of one that is there").
			note("type one of them")
	}
	reason, err := reasonOf(c, false) // a look ahead shows whether one is needed
	if err != nil {
		return err
	}
	wait, err := waitOf(env, c)
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pickWhole(c)
	if err != nil {
		return err
	}
	j := job{wait: wait, dry: c.Bool("dry-run"),
		tasks: rotate.Tasks(keys, plan.Request{Verb: plan.VerbAdopt, Reason: reason, Create: c.Bool("create"),
			FromKMS: c.Bool("from-kms"), All: c.Bool("all"), Confirmed: c.IsSet("confirm")})}
	if j.dry {
		return s.carry(c.Context, j)
	}
	return s.carryAccepted(c.Context, j, c.String("confirm"))
}

// carryAccepted adopts, if a person confirms what that accepts: drift, or a record that is
// rebuilt. A dry-run shows whether it would. If that is not known, because another run
// has the key, it asks too. Where the dry-run could not look, nothing is carried out: nobody
// would have been shown what a run accepts that can look by then.
func (s *session) carryAccepted(ctx context.Context, j job, confirm string) error {
	ahead, err := s.lookAhead(ctx, j)
	if err != nil {
		return err
	}
	var ask []change
	meant := func(k rotate.KeyReport) bool {
		if k.Fenced { // else it would have to wait for longer than --wait
			return k.Until.Before(ahead.Finished.Add(j.wait))
		}
		looked := k.Exit(false) == plan.ExitDone || screen.AcceptText(k) != ""
		return k.Busy || k.Changed() && looked // else drift that comes up now would be accepted unseen
	}
	for _, k := range ahead.Keys {
		if what := screen.AcceptText(k); what != "" && meant(k) {
			ask = append(ask, change{*k.Policy, []string{what}})
		}
	}
	keys := j.keys()
	switch {
	case len(ask) == 0:
	case j.tasks[0].Request.Reason == "":
		return usage("%s", strings.Join(s.question(keys, ask), "; ")).
			hint(plan.Try(s.view().Again(ahead.Keys...)...).Noted("accepts it"))
	default:
		if err := s.confirm(ctx, keys, confirm, ask...); err != nil {
			return err
		}
	}
	return s.carryRest(ctx, shownTo(j, ahead), ahead, meant)
}
