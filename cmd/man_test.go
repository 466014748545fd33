package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The manual page describes every command with its help's words, every flag once where it
// belongs, and every environment variable that this package reads.
func TestManualIsWhole(t *testing.T) {
	p := newProcess()
	if exit := p.keyturn(t.Context(), "man"); exit != 0 {
		t.Fatal(p.err.String())
	}
	text := unfilled(p.out.String())
	for _, c := range newApp(&Env{}).VisibleCommands() {
		_, rest, found := strings.Cut(text, `.SS "keyturn `+c.Name+`" `)
		if !found {
			t.Errorf("no %s", c.Name)
			continue
		}
		own, _, _ := strings.Cut(rest, ".SS ")
		for _, part := range strings.Split(strings.TrimSpace(c.Description), "\n\n") {
			if !strings.Contains(squeezed(own), squeezed(part)) {
				t.Errorf("%s: its help has, and the page has not: %s", c.Name, part)
			}
		}
		for _, f := range c.Flags {
			if !strings.Contains(own, "--"+f.Names()[0]) {
				t.Errorf("%s: no --%s", c.Name, f.Names()[0])
			}
		}
	}
	_, environment, _ := strings.Cut(text, ".SH ENVIRONMENT")
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`\bget\("([A-Z_]+)"\)`).FindAllStringSubmatch(string(source), -1) {
			read++
			if !strings.Contains(environment, m[1]) {
				t.Errorf("%s reads %s, which ENVIRONMENT does not have", file, m[1])
			}
		}
	}
	if read < 5 {
		t.Errorf("the test sees %d variables", read)
	}
}

// unfilled undoes what the page does to text.
func unfilled(page string) string {
	return strings.NewReplacer(`\-`, "-", `\(ga`, "`", `\(aq`, "'", `\(ha`, "^", `\(ti`, "~", `\e`, `\`,
		"\n", " ").Replace(page)
}

func squeezed(text string) string {
	text = regexp.MustCompile(`\.(PP|EX|EE)\b`).ReplaceAllString(text, "")
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "…", "...")), " ")
}

// No text of a plan or of a flag can become a request of roff.
func TestRoff(t *testing.T) {
	p := &manPage{}
	p.prose(".so /etc/passwd\n\n'so x\n\n  .so y\n.so  v\n\na \\fB b " + strings.Repeat("x", 75) + " .so z")
	for line := range strings.Lines(p.String()) {
		if strings.HasPrefix(line, ".") && !regexp.MustCompile(`^\.(PP|EX|EE)\n$`).MatchString(line) ||
			strings.HasPrefix(line, "'") || strings.Contains(line, `\f`) {
			t.Errorf("%q", line)
		}
	}
}
