package cmd

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func initCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "set up: a first plan, the lock table, IAM policies, where keyturn runs",
		Description: "--match writes a first plan, from the aliases there are. It goes to stdout, or with\n" +
			"--out to a file, which must not exist yet.\n\n" +
			"--table makes the plan's DynamoDB table unless it is there: on demand, with\n" +
			"deletion protection and point-in-time recovery. A table that is there is looked\n" +
			"at, and not changed but for point-in-time recovery. One table serves one account:\n" +
			"that of the credentials, which must be the plan's.\n\n" +
			"--iam prints the minimal IAM policies of a role for the plan's keys:\n" +
			"cron for `run`; readonly for dry-runs, status, audit, history; break-glass for the\n" +
			"verbs of a person. verify is what whoever runs verify needs besides: to ask IAM's\n" +
			"policy simulator about the role of --role. Where they do not fit into one policy,\n" +
			"there are several; --out writes each into a file of a directory. AWS is asked for\n" +
			"the account if the plan does not name it, and with --read what the\n" +
			"keys are for and what else names them.\n\n" +
			"--kit writes the files that run keyturn from a plan, into the directory of --out:\n\n" +
			"  keyturn init --kit cron --pools web,batch --page 'page-oncall' --out kit\n" +
			"  keyturn init --kit systemd --pools web,batch --out kit\n" +
			"  keyturn init --kit kubernetes --pools web,batch --identity irsa --out kit\n" +
			"  keyturn init --kit terraform --identity ec2 --out kit\n" +
			"  keyturn init --kit github --out .\n\n" +
			"Those of terraform and cloudformation make the table, an alarm, and the roles with the\n" +
			"policies of --iam. No file is overwritten. What keyturn cannot know stands as\n" +
			"FILL-IN-... in the files, and the output lists it. AWS is asked only with --read.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(append(awsFlags(), kitFlags()...),
			&cli.StringFlag{Name: "match", Usage: "write a first plan of the aliases like `PATTERN`: 'alias/orders-*'"},
			&cli.StringFlag{Name: "region", Usage: "with --match: the `REGION`; else $AWS_REGION"},
			&cli.StringFlag{Name: "out",
				Usage: "with --match: write to the file `PATH`, which must not exist; with --iam and --kit: to a " +
					"directory"},
			&cli.BoolFlag{Name: "table", Usage: "make the table"},
			&cli.StringFlag{Name: "iam", Usage: "print the policies of a `ROLE`: cron, readonly, break-glass or " +
				"verify"},
			&cli.StringFlag{Name: "role", Usage: "with --iam verify: the `ARN` of cron's role; else " +
				"role/keyturn-cron"},
			&cli.StringSliceFlag{Name: "pattern",
				Usage: "with --iam, or a kit of roles: let a `PATTERN` stand for the plan's aliases: " +
					"'alias/payments-*'"},
			&cli.StringSliceFlag{Name: "also-alias",
				Usage: "with --iam, or a kit of roles: an `ALIAS` that a key of the plan bears in addition to its own"},
			&cli.BoolFlag{Name: "read", Usage: "with --iam, or a kit of roles: look at the keys: what they are for, " +
				"what else names them"},
			dryRunFlag(),
		),
		Action: func(c *cli.Context) error { return initialise(env, c) },
	}
}

// made are what init makes, by the flag that asks for it.
var made = []struct {
	flag string
	make func(*Env, *cli.Context) error
	// with are the flags that go with it, besides those of every command.
	with []string
}{
	{"match", initMatch, []string{"region", "out"}},
	{"table", initTables, nil},
	{"iam", initIAM, []string{"out", "pattern", "also-alias", "read", "role"}},
	{"kit", initKit, []string{"out", "pools", "image", "identity", "page", "pattern", "also-alias", "read"}},
}

// initialise makes one thing at a time.
func initialise(env *Env, c *cli.Context) error {
	var wanted []int
	goesWith := map[string][]string{}
	for i, m := range made {
		if c.IsSet(m.flag) {
			wanted = append(wanted, i)
		}
		for _, flag := range m.with {
			goesWith[flag] = append(goesWith[flag], "--"+m.flag)
		}
	}
	switch {
	case len(wanted) > 1:
		return usage("only one of --match, --table, --iam, --kit at a time").try("keyturn", "init", "--help")
	case len(wanted) == 0 && typedPlan(c) != "": // --match takes none
		return usage("say what to make: one of --table, --iam, --kit").try("keyturn", "init", "--help")
	case len(wanted) == 0:
		return usage("say what to make: one of --match, --table, --iam, --kit").try("keyturn", "init", "--match",
			"alias/orders-*", "--region", "eu-west-1")
	}
	m := made[wanted[0]]
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if with := goesWith[name]; c.IsSet(name) && len(with) > 0 && !slices.Contains(m.with, name) {
			return usage("--%s goes with %s", name, strings.Join(with, " and ")).try("keyturn", "init", "--help")
		}
	}
	return m.make(env, c)
}

func initTables(env *Env, c *cli.Context) error {
	s, err := open(env, c)
	if err != nil {
		return err
	}
	caller, err := s.aws.Caller(c.Context)
	if err != nil {
		return err
	}
	names := s.plan.Tables()
	for _, name := range names { // a table in the wrong account is one that somebody has to find and unprotect
		if err := s.aws.RightAccount(caller, name); err != nil {
			return err
		}
	}
	d := document.OfInit(s.run, s.plan.Plan, caller.Account, c.Bool("dry-run"))
	var tables []screen.TableMade
	var hints []plan.Hint
	var failed error
	table := s.aws.MakeTable
	if d.DryRun {
		table = s.aws.LookAtTable
	}
	for _, name := range names {
		made, err := table(c.Context, name)
		if err != nil && !made.Created && !made.Unsure && len(tables) == 0 {
			return err
		}
		t := document.OfTable(s.from(), name, made.Table)
		t.Created, t.Recovery, t.Note = made.Created, made.PITR, made.Note
		if err != nil { // what was made is told all the same
			failed, t.Failed = err, env.told(c.Context, err).Error()
			if made.Unsure {
				t.Failed += "; whether it was created is not known"
			}
		}
		d.Tables, hints = append(d.Tables, t), append(hints, made.Table.Hint)
		tables = append(tables, screen.TableMade{Name: name, Created: made.Created, Recovery: made.PITR,
			Unsafe: t.Unsafe, Failed: failed != nil, Unsure: made.Unsure})
		if failed != nil {
			break
		}
	}
	exit := plan.ExitDone
	for i, t := range d.Tables {
		if t.Unsafe != "" {
			exit = plan.ExitPerson
			s.con.Problem(screen.Problem{Verb: s.verb, Code: plan.CodeUnsafeTable,
				What:    "table " + t.Table + ": " + t.Unsafe,
				Details: []string{"nothing was written to it"}, Next: hints[i]})
		}
		if t.Note != "" {
			s.con.Warn("no-recovery", "table %s: %s", t.Table, t.Note)
		}
	}
	if s.opts.json() {
		env.document(d)
	} else {
		s.con.Print(screen.Tables(s.plan.Region, caller.Account, d.DryRun, tables))
	}
	if failed != nil {
		return inDocument{failed}
	}
	return end(exit)
}
