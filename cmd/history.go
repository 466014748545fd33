package cmd

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func historyCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "show who did what to a key, when, from where and why", ArgsUsage: "[KEY…]",
		Description: "Prints the ledger of keys, of all keys if none is named: every write of a record\n" +
			"since the key is under management, with pool and run, who AWS says it was, the\n" +
			"reason given, and the id of the KMS request whose answer was written down\n" +
			"(CloudTrail knows it too). Several keys are one list, oldest first.\n\n" +
			"--version, --key-id, --run, --by, --since and --until select events; all of those\n" +
			"given must hold. An event is about a version, or a KMS key, that it makes, moves\n" +
			"to, marks or has drain.\n\n" +
			"--verify recomputes the chain: each event names the one before it by its hash. It\n" +
			"compares the chain with the seals in the tags of the versions' keys, and says which\n" +
			"revisions they seal. It ends with 13 if a revision is missing, was rewritten, or is\n" +
			"told differently in two places, or if a seal does not fit. Where adopt --from-kms\n" +
			"rebuilt the record, the jump in revisions is reported, but not counted as a gap.\n\n" +
			"--export prints every event as it is stored, a line of JSON each, with its hash.\n" +
			"--against compares the ledger with such a file, kept where nobody who can write to\n" +
			"the table can: it finds what was changed since. It ends with 1 if a key is not in the\n" +
			"file: then nothing was compared.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(awsFlags(), quietFlag(),
			&cli.StringFlag{Name: "version", Usage: "only events about this `VERSION`: v6"},
			&cli.StringFlag{Name: "key-id", Usage: "only events about this `KMS-KEY`, by its id or ARN"},
			&cli.StringFlag{Name: "run", Usage: "only what the `RUN` with this id wrote"},
			&cli.StringFlag{Name: "by", Usage: "only what this `CALLER` wrote: an ARN, or a whole part of one: a " +
				"role, " +
				"a user"},
			&cli.StringFlag{Name: "since", Usage: "only since `WHEN`: a date, or so long ago: 2026-01-01, 30d"},
			&cli.StringFlag{Name: "until", Usage: "only until `WHEN`: a time, a date (its start), or so long ago"},
			&cli.BoolFlag{Name: "verify", Usage: "look for missing and rewritten revisions, in the whole ledger"},
			&cli.BoolFlag{Name: "export", Usage: "print all events as they are stored, a line each, with their hashes"},
			&cli.PathFlag{Name: "against", Usage: "with --verify: compare with an export in `FILE`"}),
		Action: func(c *cli.Context) error { return showHistory(env, c) },
	}
}

func showHistory(env *Env, c *cli.Context) error {
	version, err := versionOf(c.String("version"))
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pick(c.Context, c.Args().Slice())
	if err != nil {
		return err
	}
	if n := versionAmong(c.Args().Slice(), keys); n != nil {
		return n.refused("history").try("keyturn", "history", n.key, "--version", plan.VersionName(n.version))
	}
	filter := plan.EventFilter{Version: version, KeyID: keyIDOf(c.String("key-id")), Run: c.String("run"),
		By: c.String("by")}
	if filter.Since, err = s.momentOf(c.Context, c.String("since"), "since", false); err != nil {
		return err
	}
	if filter.Until, err = s.momentOf(c.Context, c.String("until"), "until", false); err != nil {
		return err
	}
	export, err := exportOf(env, c, filter)
	if err != nil {
		return err
	}
	all, unread, exit, err := s.histories(c.Context, keys)
	if err != nil {
		return err
	}
	if c.Bool("export") {
		if err := document.Export(env.Stdout, all); err != nil {
			return err
		}
		return end(exit)
	}
	verify := c.Bool("verify")
	if verify {
		stop := s.looking(len(all))
		err := s.aws.Seals(c.Context, all)
		stop()
		if err != nil {
			return err
		}
		if c.IsSet("against") {
			if lacks := s.compare(all, export); len(lacks) > 0 {
				unread, exit = append(unread, lacks...), worst(exit, plan.ExitFailed)
			}
		}
		exit = worst(exit, verdictOn(all))
	}
	if s.opts.json() {
		env.document(document.OfHistory(s.from(), all, filter, unread, verify, exit))
		return end(exit)
	}
	s.con.Show(s.view().History(all, filter))
	if verify {
		s.con.Show(screen.VerifyText(all))
	}
	return end(exit)
}

// histories reads the ledgers of keys. What cannot be read of several is warned of and makes
// the exit code; of one key it is the error.
func (s *session) histories(ctx context.Context, keys []plan.Policy) (all []plan.KeyHistory, unread []string,
	exit plan.Exit, err error) {
	var failure error
	stop := s.looking(len(keys))
	all, err = s.aws.Histories(ctx, keys, func(k plan.Policy, err error) {
		failure, unread = err, append(unread, k.Name+": "+err.Error())
		exit = worst(exit, faultOf(ctx, err).Exit)
	})
	stop()
	if err == nil && len(keys) == 1 {
		err = failure
	}
	if err != nil {
		return nil, nil, exit, err
	}
	for _, u := range unread {
		s.con.Warn("unread", "not read: %s", u)
	}
	return all, unread, exit, nil
}

// verdictOn returns the exit code of ledgers that were verified.
func verdictOn(all []plan.KeyHistory) plan.Exit {
	exit := plan.ExitDone
	for _, h := range all {
		if !h.Verified() {
			exit = worst(exit, plan.ExitPerson)
		}
		if h.Unread() {
			exit = worst(exit, plan.ExitFailed)
		}
	}
	return exit
}

// exportOf reads the export to compare with, and refuses flags that do not go together.
func exportOf(env *Env, c *cli.Context, filter plan.EventFilter) ([]plan.Exported, error) {
	path, export, verify := c.String("against"), c.Bool("export"), c.Bool("verify")
	output := env.setting(c, "output")
	switch {
	case c.Bool("quiet") && !verify:
		return nil, usage("--quiet is for --verify, and the history is what is printed").
			try("keyturn", "history", "--verify", "--quiet")
	case export && (verify || path != "" || filter != (plan.EventFilter{})):
		return nil, usage("--export prints all events as they are stored, and goes with no other choice of them").
			try("keyturn", "history", "--export")
	case export && !isText(output.value):
		return nil, usage("--export has a form of its own, and %s asks for %s", output.by, output.value).
			try("keyturn", "history", "--export", "--output", "text")
	case path != "" && !verify:
		return nil, usage("--against is for --verify").try("keyturn", "history", "--verify", "--against", path)
	case path == "":
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usage("%v", err)
	}
	defer file.Close()
	lines, err := document.ReadExport(file)
	if err != nil {
		return nil, usage("%s: %v", path, err)
	}
	return lines, nil
}

// compare compares ledgers with an export, and names those of its keys that it does not compare.
// It returns which ledgers the export has nothing of: to compare them with it shows nothing.
func (s *session) compare(all []plan.KeyHistory, export []plan.Exported) (lacks []string) {
	known := map[string]bool{}
	for i := range all {
		key := all[i].Key.Key()
		all[i].Against(export)
		known[key] = true
		if has := func(line plan.Exported) bool { return line.Key == key }; len(all[i].Events) > 0 &&
			!slices.ContainsFunc(export, has) {
			lacks = append(lacks, all[i].Key.Name+": the export has no event of it")
		}
	}
	for _, l := range lacks {
		s.con.Warn("unread", "not compared: %s", l)
	}
	for _, line := range export {
		if !known[line.Key] {
			known[line.Key] = true
			s.con.Warn("unread", "not compared: %s is in the export, and not among the keys read", line.Key)
		}
	}
	return lacks
}

// versionOf returns the number of a version: 6 for v6, and 0 for none.
func versionOf(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "v"), 10, 64)
	if err != nil || n < 1 || n > plan.MaxVersion {
		return 0, usage("--version %q is no version", text).note("--version v6")
	}
	return n, nil
}

// keyIDOf returns the id of a KMS key, of which the ARN may be given.
func keyIDOf(text string) string { return strings.TrimPrefix(withoutARN(text), "key/") }
