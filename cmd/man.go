package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

// manDate is when the text of the page's fixed parts was last changed.
const manDate = "2026-11-29"

// commonFrom is by how many commands a flag is described once for all of them.
const commonFrom = 6

func manCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page",
		Description: "To read it:  keyturn man > /tmp/keyturn.1; man /tmp/keyturn.1\n\n" +
			exitHelp(plan.ExitDone, plan.ExitUsage),
		Action: func(c *cli.Context) error {
			_, err := fmt.Fprint(env.Stdout, manual(c.App, env.Version))
			return err
		},
	}
}

// manual returns the manual page, in the macros of man(7).
func manual(app *cli.App, version string) string {
	p := &manPage{}
	p.line(".TH KEYTURN 1 %s %q \"User Commands\"", manDate, strings.TrimSpace("keyturn "+version))
	p.section("NAME")
	p.line(`keyturn \- %s`, roff(app.Usage))
	p.section("SYNOPSIS")
	p.line(".B keyturn\n.I COMMAND\n[OPTIONS] [ARGUMENTS]\n.br\n.B keyturn\n.I COMMAND\n.B \\-\\-help")
	p.section("DESCRIPTION")
	p.prose(app.Description)
	p.prose("Flags may stand before and after arguments. After -- everything is an argument.")
	common := commonFlags(app)
	p.section("COMMANDS")
	for _, c := range app.VisibleCommands() {
		p.command(c, common)
	}
	p.section("COMMON OPTIONS")
	for _, f := range common {
		p.flag(f)
	}
	p.section("EXIT STATUS")
	p.prose(strings.TrimPrefix(exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitChanged, plan.ExitBusy,
		plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted), "Exit status:\n"))
	p.prose("Page on 13, and on a 1 that stays.")
	p.section("ENVIRONMENT")
	for _, e := range manEnvironment() {
		p.item(e.name, e.about)
	}
	p.section("FILES")
	for _, e := range manFiles() {
		p.item(e.name, e.about)
	}
	p.section("EXAMPLES")
	for _, e := range manExamples() {
		p.prose(e.about + ":")
		p.prose("  " + e.name)
	}
	p.section("SEE ALSO")
	p.line(".BR crontab (5),\n.BR systemd.timer (5)")
	p.prose("The pages in /usr/share/doc/keyturn of a package, or https://github.com/keyturn/keyturn/tree/main/docs: " +
		"index.md is the way in, runbook.md says for every exit code and refusal what to type.")
	return p.String()
}

// entry is a name in a list, and what it is about.
type entry struct{ name, about string }

func manEnvironment() []entry {
	var all []entry
	for _, name := range settings {
		all = append(all, entry{variableOf(name), "what --" + name + " says, where that is not given"})
	}
	return append(all, []entry{
		{"KEYTURN_COMPLETION", "set by completion scripts: \"described\" adds what each word is about"},
		{"AWS_PROFILE, AWS_ACCESS_KEY_ID and others", "credentials, endpoints and proxies, as of every AWS client: " +
			"see aws.md. The Region is that of the plan"},
		{"AWS_REGION, AWS_DEFAULT_REGION", "only for init --match, if there is no --region"},
		{"TRACEPARENT", "the trace that the command is part of, in W3C form; --log json has its trace_id"},
		{"GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, GITHUB_OUTPUT, GITHUB_WORKSPACE", "in a job of GitHub Actions: " +
			"annotations, a summary and outputs, where no --output is given; see ci.md"},
		{"NO_COLOR, TERM=dumb", "no colours, unless --color says always"},
		{"CLICOLOR_FORCE", "colours where there is no terminal, too, unless NO_COLOR is set"},
		{"XDG_STATE_HOME", "where the state of --sandbox is kept; else ~/.local/state"},
	}...)
}

func manFiles() []entry {
	return []entry{
		{"./keyturn.yaml", "the plan, if neither --plan nor KEYTURN_PLAN names one"},
		{"/etc/keyturn.yaml", "the plan of the systemd units of a package"},
		{"$XDG_STATE_HOME/keyturn/sandbox.json", "the state of --sandbox"},
		{"~/.aws/config, ~/.aws/credentials", "profiles, as of every AWS client"},
	}
}

func manExamples() []entry {
	return []entry{
		{"keyturn run --sandbox", "A rotation on the AWS inside the program, without an account"},
		{"keyturn run --dry-run --plan /etc/keyturn.yaml", "What a run would do now, call by call"},
		{"*/15 * * * * /usr/bin/keyturn run --plan /etc/keyturn.yaml", "The line in the crontab of every pool"},
		{"keyturn init --kit kubernetes --pools web,batch --out deploy", "CronJobs of a plan"},
		{"keyturn hold --all --reason 'INC-4711: look first'", "Stop automation at once"},
		{"keyturn rollback orders-data --reason 'INC-4711: callers fail' --wait 20m", "Put the version before back"},
		{"keyturn audit --evidence --since 2026-01-01 --html evidence.html", "A report for an assessor"},
	}
}

// commonFlags returns those that many commands have with the same words, and help.
func commonFlags(app *cli.App) []cli.Flag {
	uses := map[string]int{}
	var common []cli.Flag
	for _, c := range app.VisibleCommands() {
		for _, f := range c.Flags {
			if uses[heading(f)+about(f)]++; uses[heading(f)+about(f)] == commonFrom {
				common = append(common, f)
			}
		}
	}
	if !slices.ContainsFunc(common, func(f cli.Flag) bool { return slices.Contains(f.Names(), "help") }) {
		common = append(common, cli.HelpFlag)
	}
	return common
}

// heading returns a flag as it is typed.
func heading(f cli.Flag) string {
	var all []string
	for _, name := range f.Names() {
		all = append(all, dashed(name))
	}
	head := strings.Join(all, ", ")
	if takesValue(f) {
		head += " " + cmp.Or(valueName(f), "VALUE")
	}
	return head
}

// manPage is a manual page under construction.
type manPage struct {
	strings.Builder
	// headed reports that a heading was printed last, after which a paragraph begins by
	// itself.
	headed bool
}

func (p *manPage) line(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
	p.headed = false
}

func (p *manPage) section(title string) {
	p.line(".SH %s", title)
	p.headed = true
}

func (p *manPage) paragraph() {
	if !p.headed {
		p.line(".PP")
	}
}

// text prints a paragraph's text.
func (p *manPage) text(text string) {
	for _, part := range folded(roff(text)) {
		p.line("%s", noRequest(part))
	}
}

func (p *manPage) command(c *cli.Command, common []cli.Flag) {
	p.line(".SS \"keyturn %s\"", roff(c.Name))
	p.text(c.Usage + ".")
	p.line(".PP\n.B keyturn %s", roff(c.Name))
	p.text(strings.TrimSpace("[OPTIONS] " + c.ArgsUsage))
	p.prose(c.Description)
	var shared []string
	for _, f := range c.Flags {
		if slices.ContainsFunc(common, func(o cli.Flag) bool {
			return heading(o) == heading(f) && about(o) == about(f)
		}) {
			shared = append(shared, "--"+f.Names()[0])
			continue
		}
		p.flag(f)
	}
	if len(shared) > 0 {
		p.prose("Also these common options: " + strings.Join(shared, ", ") + ".")
	}
}

func (p *manPage) flag(f cli.Flag) {
	text := about(f)
	d, ok := f.(cli.DocGenerationFlag)
	if ok {
		if value := d.GetDefaultText(); value != "" && d.TakesValue() && d.GetValue() != "" {
			text += " (default: " + strings.Trim(value, `"`) + ")"
		}
		if names := d.GetEnvVars(); len(names) > 0 {
			text += " [$" + strings.Join(names, ", $") + "]"
		}
	}
	p.item(heading(f), text)
}

func (p *manPage) item(name, text string) {
	p.line(".TP\n.B %s", roff(name))
	p.text(text)
}

// shown are the lines of a help text that are shown as they are: indented ones, and those
// with columns.
var shown = plan.Pattern(`^ |\S {2,}\S`)

// prose prints a help text: paragraphs are filled, and lines of columns are not.
func (p *manPage) prose(help string) {
	var lines []string
	columns := false
	flush := func() {
		switch {
		case len(lines) == 0:
		case columns:
			p.paragraph()
			p.line(".EX")
			for _, line := range lines {
				p.line("%s", noRequest(roff(line)))
			}
			p.line(".EE")
		default:
			p.paragraph()
			p.text(strings.Join(lines, " "))
		}
		lines = nil
	}
	for line := range strings.SplitSeq(help, "\n") {
		if line == "" || shown().MatchString(line) != columns {
			flush()
		}
		if line != "" {
			columns = shown().MatchString(line)
			lines = append(lines, line)
		}
	}
	flush()
}

// noRequest returns a line that does not begin as a request of roff does.
func noRequest(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

// folded cuts text between words, for a source that a person reads.
func folded(text string) []string {
	const width = 80
	var all []string
	for len(text) > width {
		at := strings.LastIndex(text[:width+1], " ")
		if at <= 0 {
			break
		}
		all, text = append(all, text[:at]), text[at+1:]
	}
	return append(all, text)
}

// roff returns text in which nothing is an escape, a quote or a hyphen that may be cut.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...", "^", `\(ha`, "~", `\(ti`, "`", `\(ga`,
		"'", `\(aq`).Replace(text)
}
