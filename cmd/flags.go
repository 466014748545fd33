package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

// What --output takes.
const (
	outputText = "text"
	outputJSON = "json"
	// outputJSONL is the same document in one line.
	outputJSONL = "jsonl"
	// outputSARIF is of audit alone, and outputCSV of audit --evidence.
	outputSARIF = "sarif"
	outputCSV   = "csv"
	// outputGitHub is text, and what a job of GitHub Actions is told besides.
	outputGitHub = "github"
	// outputJUnit is of validate and verify.
	outputJUnit = "junit"
)

// formsOf returns what --output takes of a command.
func formsOf(command string) []string {
	forms := []string{outputText, outputJSON, outputJSONL, outputGitHub}
	switch command {
	case "audit":
		forms = append(forms, outputSARIF, outputCSV)
	case "validate", "verify":
		forms = append(forms, outputJUnit)
	}
	return forms
}

// isText reports whether a form is for people.
func isText(form string) bool { return form == outputText || form == outputGitHub }

func isJSON(form string) bool { return form == outputJSON || form == outputJSONL }

// planFlag, and the other functions here, make a flag that several commands
// have. Defaults are filled in where a flag is read, so that `completion` and
// the help do not differ from one host to the next.
func planFlag() cli.Flag {
	return setting{&cli.StringFlag{Name: "plan", Usage: "the plan `FILE`; else ./keyturn.yaml"}}
}

func outputFlag() cli.Flag {
	return setting{&cli.StringFlag{Name: "output", Value: outputText, Usage: "`FORM` of the result: text, json, " +
		"jsonl (json in one line) or github; of audit, sarif, and with --evidence csv; of validate and verify, junit"}}
}

// awsFlags returns those of every command that calls AWS.
func awsFlags() []cli.Flag {
	return []cli.Flag{
		planFlag(),
		setting{&cli.StringFlag{Name: "pool", Usage: "the `NAME` of this pool in records and messages; else the " +
			"host's"}},
		outputFlag(),
		setting{&cli.StringFlag{Name: "log", Value: outputText, Usage: "`FORM` of what goes to stderr: text or json"}},
		colorFlag(), timeoutFlag(), verboseFlag(),
		&cli.BoolFlag{Name: "sandbox", Usage: "use the AWS inside this program, with its state in a local file"},
		sandboxStateFlag(),
	}
}

func verboseFlag() cli.Flag {
	return &cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say why, for every key"}
}

func sandboxStateFlag() cli.Flag {
	return &cli.StringFlag{Name: "sandbox-state", Usage: "the `FILE` with the state of --sandbox; else " +
		"keyturn/sandbox.json in the XDG state folder"}
}

func dryRunFlag() cli.Flag {
	return &cli.BoolFlag{Name: "dry-run", Usage: "print the exact steps and API calls ahead; write nothing"}
}

func waitFlag() cli.Flag {
	return setting{&cli.StringFlag{Name: "wait", Value: "2m", Usage: "wait this `DURATION`, such as 20m, for " +
		"another run, a fence or a window that opens; progress on any key restarts it"}}
}

// common is what the flags of awsFlags say.
type common struct {
	output, log string
	verbose     bool
}

func commonOf(env *Env, c *cli.Context) (common, error) {
	output, log := env.setting(c, "output"), env.setting(c, "log")
	o := common{output: output.value, log: log.value, verbose: c.Bool("verbose")}
	if forms := formsOf(c.Command.Name); o.output != "" && !slices.Contains(forms, o.output) {
		return o, usage("%s %s is none of %s", output.by, o.output, strings.Join(forms, ", "))
	}
	if o.log != "" && o.log != outputText && o.log != outputJSON {
		return o, usage("%s %s is none of text, json", log.by, o.log)
	}
	return o, nil
}

func (o common) json() bool { return isJSON(o.output) }

func waitOf(env *Env, c *cli.Context) (time.Duration, error) {
	wait := env.setting(c, "wait")
	d, err := plan.ParseDuration(wait.value)
	if err != nil {
		return 0, usage("%s %s", wait.by, err)
	}
	if wait.by == "--wait" && c.Bool("dry-run") { // the variable sets a host up, and asks for nothing
		return 0, usage("a dry-run does not wait").note("leave --wait out")
	}
	return d, nil
}
