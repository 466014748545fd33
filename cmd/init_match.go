package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/firstplan"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// everyAlias is the pattern that every alias matches.
const everyAlias = "alias/*"

// initMatch writes a first plan from the account's aliases.
func initMatch(env *Env, c *cli.Context) error {
	pattern, out := c.String("match"), c.String("out")
	if typedPlan(c) != "" {
		return usage("--match makes a plan, and reads none").note("--out FILE is where it goes; leave --plan out")
	}
	if out != "" {
		if _, err := os.Lstat(out); err == nil { // before AWS is asked at all
			return taken(out)
		}
	}
	s, err := openWithoutPlan(env, c)
	if err != nil {
		return err
	}
	caller, err := s.aws.Caller(c.Context)
	if err != nil {
		return err
	}
	found, err := s.aws.Matching(c.Context, pattern)
	if err != nil {
		return err
	}
	p := firstplan.Write(firstplan.Account{Region: s.plan.Region, ID: caller.Account, Pattern: pattern, Found: found})
	if p.Text == "" {
		for _, l := range p.LeftOut {
			s.con.Warn("left-out", "%s: %s", l.Alias, l.Reason)
		}
		none := usage("no alias in %s of account %s matches %q and can be rotated", s.plan.Region, caller.Account,
			pattern)
		if pattern == everyAlias {
			return none.note("every alias matches; look at another --region, or with other credentials")
		}
		return none.
			hint(plan.Try("keyturn", "init", "--match", everyAlias, "--region", s.plan.Region).
				Noted("* stands for anything; quote it from the shell"))
	}
	notes, err := s.aws.PolicyNotes(c.Context, p.Keys)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		out = ""
	}
	if out != "" {
		if err := create(out, p.Text); err != nil {
			return err
		}
	}
	switch {
	case s.opts.json():
		env.document(document.OfInitPlan(s.run, s.plan.Region, caller.Account, out, p))
	case out != "":
		s.con.Print(fmt.Sprintf("%s: %s; read it, then: %s\n", plan.Line(out), plan.Counted(len(p.Keys), "key"),
			plan.Shell("keyturn", "validate", out)))
	default:
		s.con.Print(p.Text)
	}
	for _, l := range p.LeftOut {
		s.con.Warn("left-out", "%s is not in it: %s", l.Alias, l.Reason)
	}
	for i, note := range notes {
		if note != "" {
			s.con.Warn("key-policy", "%s: %s", p.Keys[i].Alias, note)
		}
	}
	return nil
}

// create writes a file that must not exist: it never overwrites what somebody has edited, not
// even a file that was created after this run started.
func create(path, text string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return taken(path)
	}
	if err != nil {
		return notWritten(path, err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func taken(path string) error {
	return usage("%s exists and is not overwritten; nothing was written",
		path).note("write to another --out FILE, and compare")
}

// openWithoutPlan is open for a command that makes the plan. There is no other
// place to take a Region from than --region and the environment.
func openWithoutPlan(env *Env, c *cli.Context) (*session, error) {
	opts, err := commonOf(env, c)
	if err != nil {
		return nil, err
	}
	region := cmp.Or(c.String("region"), env.get("AWS_REGION"), env.get("AWS_DEFAULT_REGION"))
	s := &session{env: env, opts: opts, verb: c.Command.Name, run: env.RunID(), role: roleOf(c)}
	s.openConsole(c)
	if c.Bool("sandbox") {
		p, err := planfile.Parse(quickstartName, env.Quickstart)
		if err != nil {
			return nil, err
		}
		region = cmp.Or(region, p.Region)
		if s.box, err = openSandbox(c, p); err != nil {
			return nil, err
		}
	}
	if region == "" {
		return nil, usage("in which Region?").
			try("keyturn", "init", "--match", c.String("match"), "--region", "eu-west-1")
	}
	s.plan = &loaded{Plan: &planfile.Plan{Region: region}}
	s.con.Labels.Region = region
	s.con.Start()
	return s, s.connect(c.Context)
}
