//go:build unix

package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/golden"
)

// tableOf returns the table of docs/peers.md.
func tableOf(results []result) string {
	var b strings.Builder
	b.WriteString("| case | | keys made | alias moves | the alias names | keys never used | old keys nothing knows | " +
		"exits | the others go on after | the longest other run | CPU | memory | calls |\n" +
		strings.Repeat("|---", 13) + "|\n")
	fault := ""
	for _, r := range results {
		first := ""
		if r.fault != fault {
			first, fault = r.fault, r.fault
		}
		names := "the newest key"
		if r.back {
			names = "**an older key**"
		}
		exits := exitsOf(r.exits)
		if r.victim != "–" {
			exits += "; it: " + r.victim
		}
		goOn := "–"
		if r.goOn > 0 {
			goOn = fmt.Sprintf("%.0f s", r.goOn.Seconds())
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s | %d | %d | %s | %s | %.0f s | %.1f s | %d MB | %d |\n",
			first, r.peer, r.made, r.moves, names, r.orphans, r.lost, exits, goOn,
			r.waited.Seconds(), r.cpu.Seconds(), r.memory>>20, r.calls)
	}
	return b.String()
}

// exitsOf counts exits, which are in order: "7 × 0".
func exitsOf(exits []int) string {
	var parts []string
	for i := 0; i < len(exits); {
		n := 1
		for i+n < len(exits) && exits[i+n] == exits[i] {
			n++
		}
		parts = append(parts, fmt.Sprintf("%d × %d", n, exits[i]))
		i += n
	}
	return strings.Join(parts, ", ")
}

// write puts the table into the page.
func write(t *testing.T, table string) {
	t.Helper()
	path := filepath.Join(top, "docs", "peers.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?s)(<!-- made by scripts/peers.sh -->\n).*?(<!-- end -->)`)
	if !block.Match(page) {
		t.Fatalf("%s has no place for the table", path)
	}
	golden.Compare(t, path, string(block.ReplaceAll(page, []byte("${1}\n"+table+"\n${2}"))))
}
