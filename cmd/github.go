package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/keyturn/keyturn/internal/github"
	"github.com/keyturn/keyturn/internal/screen"
)

// In a job of GitHub Actions, or with --output github, a command prints what it prints
// anywhere. Its documents then become annotations, the summary of the step and its outputs.

// onGitHub reports whether a job of GitHub Actions runs keyturn.
func (e *Env) onGitHub() bool { return e.get("GITHUB_ACTIONS") == "true" }

// job takes in a document that a job is to be told of.
func (e *Env) job(document func() any) {
	if e.github {
		e.documents = append(e.documents, document())
	}
}

// endJob tells the job what the documents say, and reports whether it has its outputs. The
// summary is for people alone.
func (e *Env) endJob(con *screen.Console) (told bool) {
	var summary, outputs strings.Builder
	for _, d := range e.documents {
		r := github.Of(d, e.place)
		for _, a := range r.Annotations {
			a.File = e.inWorkspace(a.File)
			_, _ = fmt.Fprintln(screen.Bare(e.Stdout), a) // as with all printing
		}
		summary.WriteString(r.Summary)
		for _, o := range r.Outputs {
			outputs.WriteString(o.Name + "=" + o.Value + "\n")
		}
	}
	give := func(name, text string) bool {
		err := appendTo(e.get(name), text)
		if err != nil {
			con.Warn("job", "%s: %v", name, err)
		}
		return err == nil
	}
	give("GITHUB_STEP_SUMMARY", summary.String())
	return give("GITHUB_OUTPUT", outputs.String())
}

// appendTo appends text to a file; "" is none.
func appendTo(file, text string) (err error) {
	if file == "" || text == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// place returns where the plan has a key.
func (e *Env) place(key string) (file string, line int) {
	p := e.plan
	if p == nil || p.path == "" || p.path == "-" {
		return "", 0
	}
	for _, k := range p.Keys {
		if k.Name == key {
			return p.path, lineOf(p.text, k.Alias)
		}
	}
	return p.path, 1
}

// lineOf returns the line, from 1, on which a plan has an alias.
func lineOf(text []byte, alias string) int {
	is := regexp.MustCompile(`\balias:\s*["']?` + regexp.QuoteMeta(alias) + `["']?\s*([,}#]|$)`)
	for i, line := range strings.Split(string(text), "\n") {
		if is.MatchString(strings.TrimSuffix(line, "\r")) {
			return i + 1
		}
	}
	return 1
}

// inWorkspace returns the path of a file as annotations have it: below the workspace.
func (e *Env) inWorkspace(file string) string {
	root := e.get("GITHUB_WORKSPACE")
	path, err := filepath.Abs(file)
	if file == "" || root == "" || err != nil {
		return file
	}
	below, err := filepath.Rel(root, path)
	if err != nil || below == ".." || strings.HasPrefix(below, "../") {
		return file
	}
	return filepath.ToSlash(below)
}
