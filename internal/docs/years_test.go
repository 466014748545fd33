package docs

import (
	"encoding/json"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
)

var (
	figures = flag.Bool("readme.figures", false,
		"rehearse the year of which README.md has a table: half a minute; scripts/check.sh does")
	years = flag.Bool("peers.years", false,
		"rehearse the years of which docs/peers.md has a table: minutes; scripts/nightly.sh does")
)

// The year in README.md goes as its table says: with the script, with the lock, and
// with keyturn.
func TestReadmeFigures(t *testing.T) {
	if *figures { // they change only with what a run calls
		goesAsTold(t, "README.md", "--naive script", "--naive lock", "")
	}
}

// So do the three years in docs/peers.md.
func TestPeersYears(t *testing.T) {
	if *years {
		goesAsTold(t, "docs/peers.md", "--naive script", "--naive lock", "")
	}
}

// goesAsTold runs the rehearsal of a page in each of these ways, and compares the table
// of the page. With -update it is written.
func goesAsTold(t *testing.T, name string, ways ...string) {
	t.Helper()
	page := read(t, name)
	line := regexp.MustCompile(`(?m)^(?:go run \.|keyturn) (rehearse .*) --naive script$`).FindStringSubmatch(page)
	if line == nil {
		t.Fatalf("%s has no such command", name)
	}
	binary := built(t)
	went := make([]document.Rehearse, len(ways))
	var all sync.WaitGroup
	for i, way := range ways {
		all.Go(func() {
			c := exec.Command(binary, append(words(line[1]+" "+way), "--output", "json")...)
			c.Dir = root
			out, err := c.Output()
			if err != nil || json.Unmarshal(out, &went[i]) != nil {
				t.Errorf("%q: %v\n%s", way, err, out)
			}
		})
	}
	all.Wait()
	for i, d := range went {
		if d.Exit != plan.ExitDone || len(d.Violations) > 0 || d.Harm.Early+d.Harm.Dead != 0 {
			t.Errorf("%q: exit %d, %+v; harm of which %s says nothing: %+v",
				ways[i], d.Exit, d.Violations, name, d.Harm)
		}
	}
	table := harmTable(went)
	shown := regexp.MustCompile(`(?m)^\| \| the script \|.*\n(?:\|.*\n)+`)
	if !shown.MatchString(page) {
		t.Fatalf("%s has no table of the rehearsal:\n%s", name, table)
	}
	golden.Compare(t, filepath.Join(root, name), shown.ReplaceAllLiteralString(page, table))
}

// harmTable returns the table of rehearsals: the script, the lock and, if it is there,
// keyturn.
func harmTable(went []document.Rehearse) string {
	var b strings.Builder
	row := func(what string, n func(document.Rehearse) int, note string) {
		b.WriteString("| " + what)
		for i, d := range went {
			fmt.Fprintf(&b, " | %d", n(d))
			if i == 2 {
				b.WriteString(note)
			}
		}
		b.WriteString(" |\n")
	}
	heads := []string{"the script", "`--naive lock`", "keyturn, without `--naive`"}
	b.WriteString("| | " + strings.Join(heads[:len(went)], " | ") + " |\n")
	b.WriteString(strings.Repeat("|---", len(went)+1) + "|\n")
	row("F1 windows rotated a second time", func(d document.Rehearse) int { return d.Harm.Duplicate }, "")
	row("F2 old keys never disabled because nothing tracked them",
		func(d document.Rehearse) int { return d.Harm.Forgotten }, "")
	row("F3 windows rotated again after a crash", func(d document.Rehearse) int { return d.Harm.Repeated }, "")
	row("F3 keys made and never used", func(d document.Rehearse) int { return d.Harm.Orphans },
		"; `audit --orphans` finds them")
	row("F4 alias moved back to an older key", func(d document.Rehearse) int { return d.Harm.Backwards }, "")
	row("runs killed", func(d document.Rehearse) int { return d.Happened.Crashes },
		fmt.Sprintf("; every invariant checked %d times", went[len(went)-1].Checks))
	return b.String()
}

// README.md says that a late move moves the alias back with the script and with the
// lock. So does the table of docs/peers.md, which scripts/peers.sh has made, and with
// keyturn it does not.
func TestReadmeProcesses(t *testing.T) {
	_, rows, found := strings.Cut(read(t, "docs/peers.md"), "| stopped until others are done")
	if !found {
		t.Fatal("docs/peers.md does not have the case")
	}
	for peer, names := range map[string]string{"script": "**an older key**", "lock": "**an older key**",
		"keyturn": "the newest key"} {
		row := regexp.MustCompile(`\| ` + peer + ` \| \d+ \| \d+ \| (.*?) \|`).FindStringSubmatch(rows)
		if row == nil || row[1] != names {
			t.Errorf("%s: %q, want %s", peer, row, names)
		}
	}
}
