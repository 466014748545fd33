package cmd

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/kit"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
)

// kitFlags returns the flags of --kit.
func kitFlags() []cli.Flag {
	with := func(flag string) string { return "with --kit " + kitsThatRead(flag) + ": the " }
	return []cli.Flag{
		&cli.StringFlag{Name: "kit", Usage: "write the files of a `KIND`: " + kindsOfKit()},
		&cli.StringFlag{Name: "pools", Usage: with("pools") + "`NAMES` of the pools: web,batch"},
		&cli.StringFlag{Name: "image", Usage: with("image") + "container `IMAGE` (default: " + kit.Images +
			" of this release)"},
		&cli.StringFlag{Name: "identity", Usage: with("identity") + "`SOURCE` of credentials: " +
			strings.Join(identities(), ", ") + " (default: " + string(kit.PodIdentity) + ")"},
		&cli.StringFlag{Name: "page", Usage: with("page") + "shell `COMMAND` that pages a person, with the message " +
			"as its last argument"},
	}
}

// initKit writes the files that run keyturn for a plan.
func initKit(env *Env, c *cli.Context) error {
	opts, err := commonOf(env, c)
	if err != nil {
		return err
	}
	q, err := kitOf(env, c)
	if err != nil {
		return err
	}
	k, err := kit.Write(q)
	if err != nil {
		return err
	}
	dry := c.Bool("dry-run")
	if err := freeKit(q.Dir, k.Files); err != nil {
		return err
	}
	if !dry {
		if err := writeKit(q.Dir, k.Files); err != nil {
			return err
		}
	}
	if opts.json() {
		env.document(document.OfInitKit(env.RunID(), q, k, dry))
		return nil
	}
	printKit(env, opts, q.Dir, k, dry)
	return nil
}

// kitOf returns what the flags ask for.
func kitOf(env *Env, c *cli.Context) (q kit.Request, err error) {
	q = kit.Request{Kind: kit.Kind(c.String("kit")), Dir: c.String("out"), Pager: c.String("page"),
		Image: c.String("image"), Identity: kit.Identity(c.String("identity")), Version: releaseOf(env)}
	if !slices.Contains(kit.Kinds(), q.Kind) {
		return q, usage("--kit %s is none of %s", q.Kind, kindsOfKit()).try("keyturn", "init", "--kit", "cron", "--out",
			"kit")
	}
	for _, flag := range []string{"pools", "image", "identity", "page", "pattern", "also-alias", "read"} {
		if c.IsSet(flag) && !q.Kind.Reads(flag) {
			return q, usage("--%s goes with --kit %s", flag, kitsThatRead(flag)).try("keyturn", "init", "--help")
		}
	}
	if pool := env.setting(c, "pool"); pool.by == "--pool" {
		wrong := usage("--pool is the pool of a run, and a kit is of none")
		if q.Kind.Reads("pools") {
			return q, wrong.note("write --pools %s for the pools of the kit", pool.value)
		}
		return q, wrong.note("leave it out")
	}
	if q.Dir == "" {
		return q, usage("into which directory?").try("keyturn", "init", "--kit", string(q.Kind), "--out", "kit")
	}
	if c.IsSet("pools") {
		q.Pools = strings.Split(c.String("pools"), ",")
	}
	loaded, err := loadPlan(env, c)
	if err != nil {
		return q, err
	}
	q.Plan, q.Account, q.Partition = loaded.Plan, loaded.Account, survey.ForIAM(iam.Cron, loaded.Plan).Partition
	if q.Source, err = sourceOf(loaded, q.Dir); err != nil || !q.Kind.Reads("read") {
		return q, err
	}
	return q, kitPolicies(env, c, loaded, &q)
}

// kitPolicies puts the policies of each role into a request. AWS is asked only with --read.
func kitPolicies(env *Env, c *cli.Context, l *loaded, q *kit.Request) error {
	asked := requestIAM(c, iam.Cron, l)
	if c.Bool("read") {
		if err := askForIAM(env, c, &asked); err != nil {
			return err
		}
	}
	q.Account, q.Policies = asked.Account, map[iam.Role][]iam.Document{}
	asked.Account = cmp.Or(asked.Account, kit.AccountBlank)
	for _, asked.Role = range iam.Roles() {
		parts, err := iam.Write(asked)
		if err != nil {
			return err
		}
		if len(parts) > 1 {
			return usage("the plan has too many keys for one role").note("--pattern 'alias/payments-*' stands for " +
				"many; or one plan and one kit for each part of them: keyturn init --iam says which")
		}
		q.Policies[asked.Role] = parts[0].Documents
	}
	q.Notes = iam.OpenNotes(asked)
	return nil
}

// sourceOf returns the plan as the kit's folder has it: where it is, if that is below the
// folder, and else as a copy of the same name.
func sourceOf(l *loaded, dir string) (kit.Source, error) {
	s := kit.Source{Path: filepath.Base(l.path), Copy: true, Text: string(l.text), Policies: l.policies}
	if l.path == "" || l.path == "-" {
		s.Path = "keyturn.yaml"
		return s, nil
	}
	from, err := filepath.Abs(dir)
	if err != nil {
		return s, err
	}
	to, err := filepath.Abs(l.path)
	if err != nil {
		return s, err
	}
	if below, err := filepath.Rel(from, to); err == nil && filepath.IsLocal(below) {
		s.Path, s.Copy = filepath.ToSlash(below), false
	}
	return s, nil
}

// releaseOf returns the version of this program; "" if it is no release.
func releaseOf(env *Env) string {
	version := strings.TrimPrefix(document.OfProgram(env.Version).Version, "v")
	if !regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`).MatchString(version) {
		return ""
	}
	return version
}

// freeKit refuses to write any file if one is there already.
func freeKit(dir string, files []kit.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if _, err := os.Lstat(path); err == nil {
			return taken(path)
		}
	}
	return nil
}

func writeKit(dir string, files []kit.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return usage("%s cannot be made: %v", filepath.Dir(path), err)
		}
		if err := create(path, f.Text); err != nil {
			return err
		}
	}
	return nil
}

// printKit prints which files there are, what to fill in and what comes next.
func printKit(env *Env, opts common, dir string, k kit.Kit, dry bool) {
	var b strings.Builder
	if dry {
		b.WriteString("DRY RUN, nothing written\n")
	}
	for _, f := range k.Files {
		fmt.Fprintln(&b, plan.Line(filepath.Join(dir, filepath.FromSlash(f.Path))))
	}
	for _, blank := range k.Blanks {
		fmt.Fprintf(&b, "%s in %s: %s\n", blank.Name, strings.Join(blank.Files, ", "), blank.About)
	}
	for _, words := range k.Next.Commands {
		fmt.Fprintf(&b, "next: %s\n", plan.Shell(words...))
	}
	if k.Next.Note != "" {
		fmt.Fprintf(&b, "next: %s\n", k.Next.Note)
	}
	_, _ = fmt.Fprint(env.Stdout, b.String())
	env.notes(opts, k.Notes)
}

// kindsOfKit returns the values of --kit, for people.
func kindsOfKit() string {
	var names []string
	for _, k := range kit.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// kitsThatRead returns the kinds that a flag goes with, for people.
func kitsThatRead(flag string) string {
	var names []string
	for _, k := range kit.Kinds() {
		if k.Reads(flag) {
			names = append(names, string(k))
		}
	}
	return cmp.Or(strings.Join(names, " or "), "none")
}

// identities returns the values of --identity.
func identities() []string {
	var names []string
	for _, k := range kit.Kinds() {
		for _, i := range k.Identities() {
			if !slices.Contains(names, string(i)) {
				names = append(names, string(i))
			}
		}
	}
	return names
}
