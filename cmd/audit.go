package cmd

import (
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
)

func auditCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "audit", Usage: "compare record, KMS and plan; name what does not agree", ArgsUsage: "[KEY…]",
		Description: "For security, and for a cron job every day. Writes nothing. Each finding says what\n" +
			"was seen, whether encrypt and decrypt work, and what to type. It belongs to one of\n" +
			"the ways in which rotation by cron goes wrong:\n\n" +
			"  F1  two versions for one window          F3  something begun and not finished\n" +
			"  F2  drains that overlap or end early     F4  alias, status and record disagree\n\n" +
			"--orphans also looks for keys that a killed run left behind. It says what\n" +
			"shows that one never served, and gives a command only then. It asks KMS about every\n" +
			"key of the account that is no version, says first how many calls that takes, and\n" +
			"changes none of them.\n\n" +
			"--cloudtrail compares the ledgers with CloudTrail: log files, gzipped or not, folders\n" +
			"of them, and what aws cloudtrail lookup-events prints. It names every change that no\n" +
			"run of a ledger made, and by whom; what a ledger tells and the trail does not have;\n" +
			"and with --users who used a version. It prints one timeline, and what is covered.\n\n" +
			"--since leaves out what certainly began before, and counts it. Nothing shows when a\n" +
			"ledger was edited, or a key was disabled; such a finding is told, and says so.\n\n" +
			"--output sarif is SARIF 2.1.0: a rule for each code, a result for each finding, and\n" +
			"what the plan accepts as suppressions. The exit codes are the same.\n\n" +
			"--evidence makes a report for an assessor: for each key the cryptoperiod that the\n" +
			"plan defines, its versions, who did what and why, windows, late use, holds, and\n" +
			"what cannot be shown. --output csv has a row for each version, --html FILE is one\n" +
			"page with a timeline.\n\n" +
			"A finding that needs a person is exit 13, a warning alone is 0. Exit 1 says that\n" +
			"something could not be read, and what.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(slices.Concat(awsFlags(), trailFlags(), evidenceFlags()),
			quietFlag(),
			keyFlag(),
			&cli.StringFlag{Name: "since", Usage: "only what began since `WHEN`: a time, a date (its start), or so " +
				"long ago; with --evidence what the report is about (default: 365d)"},
			&cli.BoolFlag{Name: "orphans", Usage: "search the account for keys that killed runs left behind"},
		),
		Action: func(c *cli.Context) error { return showAudit(env, c) },
	}
}

func showAudit(env *Env, c *cli.Context) error {
	files, named, err := trailFiles(c)
	if err != nil {
		return err
	}
	if err := checkEvidence(env, c); err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pickShown(c.Context, named)
	if err != nil {
		return err
	}
	since, err := s.auditedSince(c)
	if err != nil {
		return err
	}
	var announce func(survey.Announcement)
	if c.Bool("orphans") {
		announce = func(a survey.Announcement) {
			s.con.Note(screen.SearchText(a.Region, a.Keys, a.Unnamed, a.Calls))
		}
	}
	stop := s.looking(len(keys))
	result, err := s.aws.Audit(c.Context, keys, announce)
	stop()
	if err != nil {
		return err
	}
	if c.Bool("evidence") {
		return s.showEvidence(c, keys, since, result)
	}
	report, err := s.addTrail(c, keys, files, &result)
	if err != nil {
		return err
	}
	if !since.IsZero() {
		result.OnlySince(since)
	}
	s.unread(slices.Concat(result.Unread, result.Lacking))
	switch {
	case s.opts.output == outputSARIF:
		document.WriteSARIF(env.Stdout, s.from(), env.Version, s.plan.uri(), result)
	case s.opts.json():
		env.document(document.OfAudit(s.from(), result, report))
	default:
		if report != nil {
			s.con.Show(s.view().Trail(*report, len(c.StringSlice("users")) > 0) + "\n")
		}
		s.con.Show(s.view().Audit(result))
	}
	s.env.job(func() any { return document.OfAudit(s.from(), result, report) })
	return end(result.Exit())
}

// auditedSince returns the moment of --since. One that is ahead would leave every finding out.
func (s *session) auditedSince(c *cli.Context) (time.Time, error) {
	text := c.String("since")
	since, err := s.momentOf(c.Context, text, "since", false)
	if now := s.aws.Now(); err == nil && since.After(now) {
		return since, usage("--since %s is ahead: it is %s", text, screen.Stamp(now))
	}
	return since, err
}
