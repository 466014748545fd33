// Command matrix makes docs/backends.md of the results of the acceptance suite:
//
//	go run ./internal/acceptance/matrix DIR
//
// DIR has one file of `go test ./internal/acceptance -results` for each
// backend, in the order of the columns. scripts/backends.sh matrix calls it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// report is what -results writes; see internal/acceptance.
type report struct {
	Backend string    `json:"backend"`
	Version string    `json:"version"`
	At      time.Time `json:"at"`
	Found   []struct {
		Ability string `json:"ability"`
		Has     bool   `json:"has"`
		Seen    string `json:"seen"`
	} `json:"found"`
	Outcomes []struct {
		Case   string `json:"case"`
		What   string `json:"what"`
		Result string `json:"result"`
		Why    string `json:"why"`
	} `json:"outcomes"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: matrix DIR")
	}
	files, err := filepath.Glob(filepath.Join(args[0], "*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no results in %s", args[0])
	}
	var reports []report
	for _, file := range files { // Glob sorts
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var r report
		if err := json.Unmarshal(data, &r); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if len(reports) > 0 && len(r.Outcomes) != len(reports[0].Outcomes) {
			return fmt.Errorf("%s has %d cases and %s %d: they are of different suites", file, len(r.Outcomes),
				files[0], len(reports[0].Outcomes))
		}
		reports = append(reports, r)
	}
	_, err = io.WriteString(out, page(reports))
	return err
}

const head = `# Backends

<!-- Made by scripts/backends.sh matrix; edit internal/acceptance, not this page. -->

This page says what holds for a user on other implementations of KMS, DynamoDB and STS than AWS's; only the embedded
one is ours. Each case starts the real program as processes, as cron does. Most cases then check KMS and the table with
their own clients. [internal/acceptance](../internal/acceptance) has the cases.

`

const tail = `
**cannot** is no failure of keyturn. Before the first case, the suite asks each backend for what some cases need; the
answers are below. A case that needs what is missing is skipped, with the answer as the reason. Where keyturn itself
asks for an answer that is missing, it goes on without it and says so.
Without ` + "`TableId`" + ` it warns in each run. Without ` + "`GetKeyLastUsage`" + ` a drained version is not retired,
unless the plan has ` + "`unless_used_within: off`" + `. The cases "adopt" and "last use" check both on every backend.

| asked | why |
|---|---|
| one winner | the lock is one conditional write. Twenty times 32 writers claim one item at once |
| whole updates | a record is one item, updated whole. Readers look for half of an update |
| TableId | whether a table was restored from the one the record was born in |
| deletion protection, backups | what ` + "`audit`" + ` says about the table |
| signature age | the fence: AWS refuses what was signed minutes ago. On emulators all but this holds |
| GetKeyLastUsage | whether an old version is still in use |
| KEY_AGREEMENT, ML-DSA | key specs that not every emulator has |

The suite's gate stands between keyturn and a backend. It passes requests and answers on and counts them. It kills
a process after a call, or holds the call back. It also adds to the ` + "`Date`" + ` of answers: keyturn takes the time
from there alone, so a lease runs out, or a drain ends, without a wait. To run one column:

` + "```sh" + `
scripts/backends.sh test moto+dynamodb-local
go test ./internal/acceptance -run TestBackend -v -endpoint http://127.0.0.1:4566   # one that you have running
` + "```" + `
`

// page is docs/backends.md.
func page(reports []report) string {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("| case | what |")
	for _, r := range reports {
		fmt.Fprintf(&b, " %s |", r.Backend)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(reports)) + "\n")
	for i, first := range reports[0].Outcomes {
		fmt.Fprintf(&b, "| %s | %s |", first.Case, first.What)
		for _, r := range reports {
			o := r.Outcomes[i]
			cell := o.Result
			switch o.Result {
			case "cannot":
				cell = "cannot: " + o.Why
			case "pass":
			default:
				cell = "**" + strings.ToUpper(cell) + "**"
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString(tail)
	for _, r := range reports {
		fmt.Fprintf(&b, "\n## %s\n\n%s, on %s.\n\n| asked | has | seen |\n|---|---|---|\n", r.Backend, r.Version,
			r.At.Format("2006-01-02"))
		for _, f := range r.Found {
			has := "yes"
			if !f.Has {
				has = "**no**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Ability, has, strings.ReplaceAll(f.Seen, "|", `\|`))
		}
	}
	return b.String()
}
