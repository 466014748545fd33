package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// What `history` prints: a line for every write of a key's record, oldest
// first. The newest stand in the record itself, the older ones beside it. Only
// the end of a caller's ARN is shown; --output json has all of it. --verify
// says whether every revision has its event: who can write to the table can
// delete from it, and that must not go unseen.

func historyCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "who did what to a key, when, from where and why", ArgsUsage: "KEY",
		Description: "Prints the ledger of a key: every write of its record since it is under management,\n" +
			"with pool and run, who AWS says it was, the reason given, and the id of the KMS\n" +
			"request whose answer was written down (CloudTrail knows it too).\n\n" +
			"--verify ends with 13 if a revision is missing, or is told differently in two places.\n" +
			"Where adopt --from-kms made the record anew the jump in revisions is reported, but\n" +
			"not counted as a gap.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(awsFlags(),
			&cli.StringFlag{Name: "since", Usage: "only `SINCE` a date, or so long ago: 2026-01-01, 30d"},
			&cli.BoolFlag{Name: "verify", Usage: "look for missing revisions, in the whole ledger"}),
		Action: func(c *cli.Context) error { return showHistory(env, c) },
	}
}

func showHistory(env *Env, c *cli.Context) error {
	if err := oneKey(c); err != nil {
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
	since, err := s.momentOf(c.Context, c.String("since"), "since", false)
	if err != nil {
		return err
	}
	h, r, err := s.aws.History(c.Context, k)
	if err != nil {
		return err
	}
	verify := c.Bool("verify")
	exit := plan.ExitDone
	if verify && !h.Whole() {
		exit = plan.ExitPerson
	}
	shown := h.Since(since)
	if s.opts.json() {
		s.con.document(document.OfHistory(s.from(), k, r, h, shown, verify, exit))
		return end(exit)
	}
	s.out(historyText(shown))
	switch {
	case len(h.Events) == 0:
		s.out(k.Name + ": no record yet\n")
	case len(shown) == 0: // a person asked, so silence is no answer
		last := h.Events[len(h.Events)-1]
		s.out(fmt.Sprintf("%s: nothing since %s; what came last was %s: %s\n", k.Name, plan.Stamp(since),
			plan.Stamp(last.At), plan.Line(plan.EventText(last))))
	}
	if verify {
		s.out(verifyText(k.Name, r, h))
	}
	return end(exit)
}

func historyText(events []plan.Event) string {
	if len(events) == 0 {
		return ""
	}
	t := &table{}
	t.row("REV", "WHEN", "POOL/RUN", "BY", "WHAT", "REASON", "REQUEST")
	for _, e := range events {
		t.row(fmt.Sprint(e.Rev), e.At.UTC().Format(time.DateTime), e.Who.Pool+"/"+e.Run, shortARN(e.Who.By),
			plan.EventText(e), cmp.Or(e.Reason, "-"), requestText(e.Calls))
	}
	return t.String()
}

// requestText is the request id of the newest answer that has one.
func requestText(calls []plan.Answered) string {
	for _, c := range slices.Backward(calls) {
		if c.RequestID != "" {
			return c.RequestID
		}
	}
	return "-"
}

// shortARN is what tells callers of one account apart: assumed-role/rotator/i-1.
func shortARN(arn string) string {
	return cmp.Or(arn[strings.LastIndex(arn, ":")+1:], "-")
}

// verifyText is the verdict on a ledger.
func verifyText(name string, r *plan.Record, h plan.History) string {
	var b strings.Builder
	for _, f := range h.Findings {
		mark := "! "
		if f.Kind == plan.Jump {
			mark = "  "
		}
		b.WriteString(mark + plan.Line(f.Text) + "\n")
	}
	switch {
	case len(h.Events) == 0:
	case !h.Whole():
		fmt.Fprintf(&b, "%s: the ledger is NOT whole: somebody, or a restore, has changed the table; see CloudTrail for DeleteItem, PutItem and UpdateItem\n", name)
	default:
		fmt.Fprintf(&b, "%s: the ledger is whole, revisions %d to %d\n", name, h.Events[0].Rev, r.Rev)
	}
	return b.String()
}
