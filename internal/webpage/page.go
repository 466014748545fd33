package webpage

import (
	"embed"
	"html/template"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

//go:embed page.html style.css
var files embed.FS

// About describes the page.
type About struct {
	// Plan, Region, Account and Table are what the keys are of.
	Plan, Region, Account, Table string
	// Release is keyturn's, and Run the execution that made the page.
	Release, Run string
}

// Evidence returns the page of a report.
func Evidence(about About, r evidence.Report) (string, error) {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return "", err
	}
	t, err := template.New("page.html").Funcs(functions(r.At)).ParseFS(files, "page.html")
	if err != nil {
		return "", err
	}
	p := view{About: about, Report: r, Style: template.CSS(style)} //nolint:gosec // it is a file of this package
	for i, k := range r.Keys {
		p.Sections = append(p.Sections, section{Key: k, N: i + 1, Chart: chartOf(k, i+1, r.Since, r.At)})
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return "", err
	}
	return plan.Visible(b.String()), nil
}

// view is what the template shows.
type view struct {
	About    About
	Report   evidence.Report
	Style    template.CSS
	Sections []section
}

// section is the part of one key.
type section struct {
	evidence.Key
	N     int
	Chart chart
}

// functions are what the template calls.
func functions(now time.Time) template.FuncMap {
	return template.FuncMap{
		"day":     func(t time.Time) string { return t.UTC().Format("2006-01-02") },
		"stamp":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"clock":   func(t time.Time) string { return t.UTC().Format("15:04:05") },
		"version": plan.VersionName,
		"holdEnd": func(h evidence.Hold) string { return h.EndText(now) },
		"times":   func(v evidence.Version) string { return v.Times(now) },
		"cell":    func(name string, f evidence.Fact) cell { return cell{name, f} },
	}
}

// cell is a fact in a table, below its column's name.
type cell struct {
	Name string
	evidence.Fact
}
