package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

func runCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name:  "run",
		Usage: "do everything that is due: adopt, rotate, resume",
		Description: "For cron and CI: run it often, in every pool; the plan decides when something\n" +
			"happens. Where nothing is due it is silent. What needs a person is printed in\n" +
			"full once, and as one line by later runs. Without a record to remember that, every\n" +
			"run prints it in full.\n\n" +
			"--dry-run starts no command of the plan: before_switch is named, and its yes is\n" +
			"assumed. --ask has it asked, with the rights of who types that.\n\n" +
			"For a reviewed change, --dry-run --out FILE saves what would be done, and --expect\n" +
			"FILE carries out exactly that. If by now something else would be done, to any key of\n" +
			"the file, it begins nothing and says what differs. If another run did it, that is\n" +
			"said, and the exit status is 0.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitChanged, plan.ExitBusy, plan.ExitPerson, plan.ExitUsage,
				plan.ExitInterrupted),
		Flags: append(awsFlags(),
			quietFlag(), dryRunFlag(), outFlag(), expectFlag(),
			&cli.BoolFlag{Name: "ask", Usage: "with --dry-run: start the plan's before_switch and ask it, too"},
			keyFlag(),
			waitFlag(),
			metricsFlag(),
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 10 if this run changed something, or with " +
				"--dry-run would"},
		),
		Action: func(c *cli.Context) error { return run(env, c) },
	}
}

func run(env *Env, c *cli.Context) error {
	measured, err := measure(env, c)
	if err != nil {
		return err
	}
	wait, err := waitOf(env, c)
	if err != nil {
		return err
	}
	if c.Bool("ask") && !c.Bool("dry-run") {
		return usage("--ask is for --dry-run; without it a run asks before_switch when it is due").
			try(asDry(c)...)
	}
	if err := checkSaved(env, c); err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	measured.session, s.measured = s, measured.file != ""
	keys, err := s.pick(c.Context, c.StringSlice("key"))
	if err != nil {
		return err
	}
	if n := versionAmong(c.StringSlice("key"), keys); n != nil {
		return n.refused("run").note("--key %s", n.key)
	}
	j := job{wait: wait, dry: c.Bool("dry-run"), ask: c.Bool("ask"), foresee: c.IsSet("out"),
		tasks: rotate.Tasks(keys, plan.Request{Verb: plan.VerbSchedule, Picked: c.IsSet("key")})}
	var report *rotate.Report
	if file := c.String("expect"); file != "" {
		report, err = s.expect(c.Context, file, j)
	} else {
		report, err = s.do(c.Context, j)
	}
	if err != nil {
		return err
	}
	s.ran = report
	if file := c.String("out"); file != "" { // first: there is one document, and a failure has its own
		if err := s.save(file, report); err != nil {
			return err
		}
	}
	exit := report.Exit(c.Bool("detailed-exitcode"))
	s.report(report, exit)
	return end(exit)
}
