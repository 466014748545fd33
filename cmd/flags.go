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
	// outputSARIF is of audit alone, and outputCSV of audit --evidence.
	outputSARIF = "sarif"
	outputCSV   = "csv"
)

// formsOf returns what --output takes of a command.
func formsOf(command string) []string {
	if command == "audit" {
		return []string{outputText, outputJSON, outputSARIF, outputCSV}
	}
	return []string{outputText, outputJSON}
}

// planFlag, and the other functions here, make a flag that several commands
// have. Defaults are filled in where a flag is read, so that `completion` and
// the help do not differ from one host to the next.
func planFlag() cli.Flag {
	return &cli.StringFlag{Name: "plan", Usage: "the plan `FILE`; else $KEYTURN_PLAN, else ./keyturn.yaml"}
}

func outputFlag() cli.Flag {
	return &cli.StringFlag{Name: "output", Value: outputText, Usage: "`FORM` of the result: text or json; of audit, " +
		"sarif, and with --evidence csv"}
}

// awsFlags returns those of every command that calls AWS.
func awsFlags() []cli.Flag {
	return []cli.Flag{
		planFlag(),
		&cli.StringFlag{Name: "pool", Usage: "the `NAME` of this pool in records and messages; else $KEYTURN_POOL, " +
			"else the host's"},
		outputFlag(),
		&cli.StringFlag{Name: "log", Value: outputText, Usage: "`FORM` of what goes to stderr: text or json"},
		verboseFlag(),
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
	return &cli.StringFlag{Name: "wait", Value: "2m", Usage: "how `LONG` to stand by without progress, on any key, " +
		"while another run or a fence has one; also for a window that opens: 90s, 20m"}
}

// common is what the flags of awsFlags say.
type common struct {
	output, log string
	verbose     bool
}

func commonOf(c *cli.Context) (common, error) {
	o := common{output: c.String("output"), log: c.String("log"), verbose: c.Bool("verbose")}
	if forms := formsOf(c.Command.Name); o.output != "" && !slices.Contains(forms, o.output) {
		return o, usage("--output %s is none of %s", o.output, strings.Join(forms, ", "))
	}
	if o.log != "" && o.log != outputText && o.log != outputJSON {
		return o, usage("--log %s is none of text, json", o.log)
	}
	return o, nil
}

func (o common) json() bool { return o.output == outputJSON }

func waitOf(c *cli.Context) (time.Duration, error) {
	d, err := plan.ParseDuration(c.String("wait"))
	if err != nil {
		return 0, usage("--wait %s", err)
	}
	return d, nil
}
