package cmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/internal/webpage"
	"github.com/keyturn/keyturn/plan"
)

// evidenceFlags are those of audit about the report for an assessor.
func evidenceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "evidence", Usage: "make the report for an assessor: text, or --output json or csv"},
		&cli.StringFlag{Name: "html", Usage: "with --evidence: write it as one HTML page to `FILE`; - is stdout"},
	}
}

// checkEvidence refuses flags that do not go together, before AWS is asked.
func checkEvidence(env *Env, c *cli.Context) error {
	made, output := c.Bool("evidence"), env.setting(c, "output")
	form := output.value
	switch {
	case made && len(c.StringSlice("cloudtrail")) > 0:
		return usage("--evidence and --cloudtrail are two reports").note("run audit once for each")
	case made && form == outputSARIF:
		return usage("%s sarif is of findings, and not of --evidence", output.by).note("--output text, json or csv")
	case form == outputSARIF && len(c.StringSlice("users")) > 0:
		return usage("%s sarif is of findings, and --users asks for a list", output.by).note("--output text or json")
	case !made && c.String("html") != "":
		return usage("--html wants --evidence").note("--evidence --html FILE")
	case c.String("html") == "-" && !isText(form):
		return usage("--html - and %s %s would both go to stdout", output.by, form).note("--html FILE")
	case c.String("html") == "-" && c.Bool("quiet"):
		return usage("--html - is the page on stdout, and --quiet keeps stdout empty").note("--html FILE")
	case !made && form == outputCSV:
		return usage("%s csv wants --evidence", output.by).note("--evidence --output csv")
	}
	return mayReplace(env, c, "--html", c.String("html"))
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
	if !r.Whole() {
		exit = worst(exit, plan.ExitFailed)
	}
	s.unread(found.Unread)
	s.env.job(func() any { return document.OfAudit(s.from(), found, nil) })
	file := c.String("html")
	html, err := s.page(file, r)
	if err != nil {
		return err
	}
	switch {
	case s.opts.json():
		s.env.document(document.OfEvidence(s.from(), r, exit))
	case s.opts.output == outputCSV:
		if err := document.WriteEvidenceCSV(s.env.Stdout, r); err != nil {
			return err
		}
	case file == "-":
		s.con.Print(html)
	case file != "":
		s.con.Print(fmt.Sprintf("%s: evidence on %s, %s to %s\n", plan.Line(file), plan.Counted(len(r.Keys), "key"),
			r.Since.Format(time.DateOnly), screen.Stamp(r.At)))
	default:
		s.con.Show(s.view().Evidence(r))
	}
	return end(exit)
}

// page makes the page of a report, and writes it to a file unless that is - or "".
func (s *session) page(file string, r evidence.Report) (string, error) {
	if file == "" {
		return "", nil
	}
	about := webpage.About{Plan: s.plan.Name, Region: s.plan.Region, Account: s.plan.Account, Table: s.plan.Table,
		Release: s.env.Version, Run: s.run}
	if r.Caller != nil {
		about.Account = r.Caller.Account
	}
	html, err := webpage.Evidence(about, r)
	if err == nil && file != "-" {
		err = replaceFile(file, html)
	}
	return html, err
}
