package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/internal/survey"
)

// initIAM prints the policies of a role: on stdout nothing else, so that one can
// be given to IAM as it is. If the plan names its account, AWS is not asked,
// unless --read says so.
func initIAM(env *Env, c *cli.Context) error {
	role := iam.Role(c.String("iam"))
	if !slices.Contains(append(iam.Roles(), iam.Verify), role) {
		return usage("--iam %s is none of cron, readonly, break-glass, verify", role).
			try("keyturn", "init", "--iam", "cron")
	}
	if pool := env.setting(c, "pool"); pool.by == "--pool" {
		return usage("--pool is the pool of a run, and a policy is of none").note("leave it out")
	}
	if err := checkIAMFlags(c, role); err != nil {
		return err
	}
	opts, err := commonOf(env, c)
	if err != nil {
		return err
	}
	loaded, err := loadPlan(env, c)
	if err != nil {
		return err
	}
	q := requestIAM(c, role, loaded)
	if err := askForIAM(env, c, &q); err != nil {
		return err
	}
	parts, err := iam.Write(q)
	if err != nil {
		return err
	}
	d := document.OfInitIAM(env.RunID(), loaded.Plan, q, parts)
	if dir := c.String("out"); dir != "" {
		if err := writeIAM(&d, dir, c.Bool("dry-run")); err != nil {
			return err
		}
	}
	printIAM(d, env, opts)
	return nil
}

// requestIAM returns what the flags ask for, of a role.
func requestIAM(c *cli.Context, role iam.Role, l *loaded) iam.Request {
	q := survey.ForIAM(role, l.Plan)
	q.Account, q.Patterns, q.Also = l.Account, c.StringSlice("pattern"), c.StringSlice("also-alias")
	q.Principal = c.String("role")
	return q
}

// checkIAMFlags refuses flags that would say nothing about the policies of a role.
func checkIAMFlags(c *cli.Context, role iam.Role) error {
	if role != iam.Verify {
		if c.IsSet("role") {
			return usage("--role is for --iam verify").try("keyturn", "init", "--iam", "verify", "--role",
				c.String("role"))
		}
		return nil
	}
	for _, flag := range []string{"pattern", "also-alias", "read"} {
		if c.IsSet(flag) {
			return usage("--%s is about keys, and --iam verify is about a role", flag).
				try("keyturn", "init", "--iam", "verify")
		}
	}
	return checkPrincipal(c)
}

// printIAM prints the policies, or where they were written.
func printIAM(d document.InitIAM, env *Env, opts common) {
	if opts.json() {
		env.document(d)
		return
	}
	for _, p := range d.Parts {
		for i, policy := range p.Policies {
			if len(p.Files) > 0 {
				_, _ = fmt.Fprintf(env.Stdout, "%s: %d characters\n", p.Files[i], iam.Size(policy))
				continue
			}
			document.Write(env.Stdout, policy)
		}
	}
	env.notes(opts, d.Notes)
}

// notes prints what is to be known about files and policies.
func (e *Env) notes(opts common, notes []string) {
	con := cmp.Or(e.con, e.console(opts.log == outputJSON, screen.Same{}))
	con.Labels.Verb = "init"
	for _, n := range notes {
		if opts.log == outputJSON {
			con.Note(n)
		} else {
			_, _ = fmt.Fprintln(e.Stderr, "note: "+n)
		}
	}
}

// writeIAM writes each policy to a file of its own. What an earlier plan left in the
// directory would look like a policy of this one: then nothing is written.
func writeIAM(d *document.InitIAM, dir string, dry bool) error {
	if old, _ := filepath.Glob(filepath.Join(dir, d.Role+"*.json")); len(old) > 0 {
		return taken(old[0])
	}
	if dry {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return usage("%s cannot be made: %v", dir, err)
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		for j, policy := range p.Policies {
			text, err := json.MarshalIndent(policy, "", "  ")
			if err != nil {
				return err
			}
			path := filepath.Join(dir, iamFile(d, i, j))
			if err := create(path, string(text)+"\n"); err != nil {
				return err
			}
			p.Files = append(p.Files, path)
		}
	}
	return nil
}

// iamFile is cron.json, or with several cron-2.json, or with several roles
// cron-part1-2.json.
func iamFile(d *document.InitIAM, part, policy int) string {
	name := d.Role
	if len(d.Parts) > 1 {
		name += fmt.Sprintf("-part%d", part+1)
	}
	if len(d.Parts[part].Policies) > 1 {
		name += fmt.Sprintf("-%d", policy+1)
	}
	return name + ".json"
}

// askForIAM fills in what only AWS knows.
func askForIAM(env *Env, c *cli.Context, q *iam.Request) error {
	if q.Account != "" && !c.Bool("read") {
		return nil
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	caller, err := s.aws.Caller(c.Context)
	if err != nil {
		return err
	}
	if q.Account == "" {
		q.Account = caller.Account
	}
	if !c.Bool("read") {
		return nil
	}
	if caller.Account != q.Account {
		return usage("the plan is for account %s, and these are credentials of %s: its keys cannot be read", q.Account,
			caller.Account).try("keyturn", "init", "--iam", string(q.Role))
	}
	q.Read, err = s.aws.ReadForIAM(c.Context)
	return err
}
