package cmd

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// evidenceFlags are those of audit about the report for an assessor.
func evidenceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "evidence", Usage: "make the report for an assessor: text, or --output json or csv"},
	}
}

// checkEvidence refuses flags that do not go together, before AWS is asked.
func checkEvidence(c *cli.Context) error {
	made, form := c.Bool("evidence"), c.String("output")
	switch {
	case made && len(c.StringSlice("cloudtrail")) > 0:
		return usage("--evidence and --cloudtrail are two reports").note("run audit once for each")
	case made && form == outputSARIF:
		return usage("--output sarif is of findings, and not of --evidence").note("--output text, json or csv")
	case !made && form == outputCSV:
		return usage("--output csv wants --evidence").note("--evidence --output csv")
	}
	return nil
}

// showEvidence prints the report, made beside an audit.
func (s *session) showEvidence(c *cli.Context, keys []plan.Policy, since time.Time, found audit.Result) error {
	if since.IsZero() {
		since = found.At.Add(-365 * plan.Day)
	}
	r, err := s.aws.Evidence(c.Context, keys, since, found)
	if err != nil {
		return err
	}
	exit := found.Exit()
	if !r.Whole() && plan.ExitFailed.Worse(exit) {
		exit = plan.ExitFailed
	}
	s.unread(found.Unread)
	switch s.opts.output {
	case outputJSON:
		document.Write(s.env.Stdout, document.OfEvidence(s.from(), r, exit))
	case outputCSV:
		return errors.Join(document.WriteEvidenceCSV(s.env.Stdout, r), end(exit))
	default:
		s.con.Show(s.view().Evidence(r))
	}
	return end(exit)
}
