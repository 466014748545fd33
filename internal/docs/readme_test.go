package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The session that README.md begins with, typed on a fresh machine, shows what
// stands there, but for what differs from one day and run to the next.
func TestReadmeSession(t *testing.T) {
	binary := built(t)
	dir := filepath.Dir(binary)
	var shown, real strings.Builder
	commands := 0
	for _, b := range blocks(read(t, "README.md")) {
		if b.language != "console" {
			continue
		}
		for _, line := range b.lines {
			shown.WriteString(line + "\n")
			typed, ok := strings.CutPrefix(line, "$ go run . ")
			if !ok {
				if strings.HasPrefix(line, "$ ") {
					t.Errorf("the test cannot run %q", line)
				}
				continue
			}
			commands++
			real.WriteString(line + "\n")
			c := exec.Command(binary, words(typed)...)
			c.Dir = dir
			c.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "HOME="+dir, "KEYTURN_PLAN=",
				"GITHUB_ACTIONS=")
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", line, err, out)
			}
			real.Write(out)
		}
	}
	if commands < 4 {
		t.Errorf("%d commands in the session", commands)
	}
	if got, want := masked(real.String()), masked(shown.String()); got != want {
		t.Errorf("the session is\n%s\nand README.md shows\n%s", real.String(), shown.String())
	}
}

func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "keyturn")
	if out, err := exec.Command("go", "build", "-o", binary,
		"github.com/keyturn/keyturn").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// masked leaves out of a screen what no two runs have in common.
func masked(screen string) string {
	for _, m := range []struct{ what, with string }{
		{`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`, "KEY"},
		{`\b[0-9a-f]{8}…`, "KEY"},
		{`\d{4}-\d\d-\d\d`, "DATE"},
		{`\d\d:\d\d(:\d\d)?`, "TIME"},
		{`\b(\d+[smhdw])+\b`, "LONG"},
		{`\d+`, "N"},
		{` +`, " "},
		{` \n`, "\n"},
	} {
		screen = regexp.MustCompile(m.what).ReplaceAllString(screen, m.with)
	}
	return screen
}

// The crontab has the run and the audit that the text relies on, both by a path
// that needs no PATH of cron's.
func TestCrontab(t *testing.T) {
	var verbs []string
	for _, b := range blocks(read(t, "README.md")) {
		for _, line := range b.lines {
			if m := regexp.MustCompile(
				`^(?:[*/\d]+ +){5}/\S+/keyturn (\S+) --plan /\S+$`).FindStringSubmatch(line); m != nil {
				verbs = append(verbs, m[1])
			}
		}
	}
	if fmt.Sprint(verbs) != "[run audit]" {
		t.Errorf("the crontab has %v", verbs)
	}
}

// README's table of exit codes has the codes of `keyturn run`, no more and no
// fewer, and the runbook has a section on each.
func TestExitCodes(t *testing.T) {
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^ +(\d+) {2,}\S`).FindAllStringSubmatch(help(t, "run"), -1) {
		want = append(want, m[1])
	}
	if len(want) < 6 {
		t.Fatalf("run --help lists %v", want)
	}
	var table []string
	for _, s := range sections(read(t, "README.md"), 3) {
		if s.title == "Exit codes" {
			for _, row := range rows(s.text)[1:] {
				table = append(table, row[0])
			}
		}
	}
	if fmt.Sprint(table) != fmt.Sprint(want) {
		t.Errorf("README.md: %v, run --help: %v", table, want)
	}
	var run []string
	for _, s := range sections(read(t, "docs/runbook.md"), 3) {
		if code, ok := strings.CutPrefix(s.title, "Exit "); ok {
			run = append(run, code)
		}
	}
	if fmt.Sprint(run) != fmt.Sprint(want) {
		t.Errorf("runbook.md: %v, run --help: %v", run, want)
	}
}

// Links within the pages lead somewhere.
func TestLinks(t *testing.T) {
	all := pages(t)
	for name, page := range all {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(page, -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := name
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: %s: %v", name, m[1], err)
				continue
			}
			if anchor != "" && !anchors(all[target])[anchor] {
				t.Errorf("%s: %s: there is no such heading in %s", name, m[1], target)
			}
		}
	}
}

// docs/index.md leads to every page.
func TestIndex(t *testing.T) {
	index := read(t, "docs/index.md")
	for name := range pages(t) {
		link := "../" + name
		if page, ok := strings.CutPrefix(name, "docs/"); ok {
			link = page
		}
		linked := strings.Contains(index, "]("+link+")") || strings.Contains(index, "]("+link+"#")
		if name != "docs/index.md" && !linked {
			t.Errorf("docs/index.md does not lead to %s", name)
		}
	}
}

// anchors returns the names that GitHub gives to the headings of a page.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#{1,4} (.*)$`).FindAllStringSubmatch(page, -1) {
		name := strings.ToLower(m[1])
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}
