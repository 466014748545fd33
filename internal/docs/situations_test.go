package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/golden"
)

// situation is what can be wrong with a key, and what somebody types then.
type situation struct {
	plan string
	// given brings it about.
	given func(*world)
	// types are the command lines, in their order; nil is [looks].
	types []string
}

// looks are the commands that say how a key is.
var looks = []string{"run", "run -v", "status", "audit"}

// situations returns all of them by name: those of the tables in this package, and
// every world of the runbook that has a refusal.
func situations() map[string]situation {
	all := map[string]situation{}
	for _, table := range []map[string]situation{unrecorded, interruptions, troubled, elsewhere, waits, audited,
		trailed,
		orphans, outside} {
		for name, s := range table {
			all[name] = s
		}
	}
	for title, list := range scenes {
		for i, sc := range list {
			if len(sc.shows) == 0 || i > 0 && sc.plan == list[0].plan && sc.as == "" {
				continue // the same world for another block of the section
			}
			s := situation{plan: sc.plan, given: sc.given, types: looks}
			if line := spoken(sc.shows); line != looks[0] && line != looks[2] {
				s.types = append([]string{line}, looks...)
			}
			name := "refused " + title
			if i > 0 {
				name += fmt.Sprint(" ", i+1)
			}
			all[name] = s
		}
	}
	return all
}

// spoken returns a command as it is typed where there is no terminal to confirm at.
func spoken(args []string) string {
	line := strings.Join(args, " ")
	if slices.Contains(args, "--reason") && args[0] != "hold" && !slices.Contains(args, "--confirm") {
		line += " --confirm orders-data"
	}
	return line
}

// Every situation is brought about on the embedded AWS, with calls that keyturn, an
// operator or an accident makes. What the commands then print, as text and as JSON,
// and their exit codes are as in testdata/situations.
func TestSituations(t *testing.T) {
	folder, err := filepath.Abs("testdata/situations")
	if err != nil {
		t.Fatal(err)
	}
	all := situations()
	if len(all) < 170 {
		t.Errorf("%d situations", len(all))
	}
	for i, name := range slices.Sorted(maps.Keys(all)) {
		if testing.Short() && i%3 > 0 {
			continue
		}
		s := all[name]
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir()) // hints name the plan and the state
			path := filepath.Join(folder, fileOf(name))
			synctest.Test(t, func(t *testing.T) {
				golden.Compare(t, path+".txt", stable(s.text(newWorldIn(t, ".", s.plan))))
			})
			if !testing.Short() {
				t.Chdir(t.TempDir())
				synctest.Test(t, func(t *testing.T) {
					golden.Compare(t, path+".json", stable(s.json(newWorldIn(t, ".", s.plan))))
				})
			}
		})
	}
}

// random matches what AWS and keyturn draw: ids of keys, tables and requests, ids of
// claims, and hashes over all of these; and digests of terms, which change with each new term.
var random = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|` +
	`\b[0-9a-f]{16}…|\b[0-9a-f]{8}…|\b[0-9a-f]{16}\b`)

// stable numbers what is random by its first appearance, so that one call more does not
// change every page.
func stable(text string) string {
	known := map[string]string{}
	return random.ReplaceAllStringFunc(text, func(id string) string {
		kind := map[int]string{36: "ID", 64: "HASH", 32: "CLAIM", 16: "TERMS"}[len(id)]
		switch {
		case len(id) == 16+len("…"):
			return "HASH…"
		case kind == "":
			return "ID…"
		}
		if known[id] == "" {
			known[id] = fmt.Sprint(kind, "-", len(known)+1)
		}
		return known[id]
	})
}

// fileOf returns the name of a situation's files.
func fileOf(name string) string {
	return regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-")
}

func (s situation) lines() []string {
	if s.types == nil {
		return looks
	}
	return s.types
}

// text returns what the commands print.
func (s situation) text(w *world) string {
	s.given(w)
	w.cron = true
	var b strings.Builder
	for _, line := range s.lines() {
		exit, out, errs := w.run(words(line)...)
		fmt.Fprintf(&b, "$ keyturn %s\n%s", line, out)
		if errs != "" {
			fmt.Fprintf(&b, "stderr:\n%s", errs)
		}
		fmt.Fprintf(&b, "exit %d\n\n", exit)
	}
	return b.String()
}

// json returns the documents that the commands write.
func (s situation) json(w *world) string {
	s.given(w)
	w.cron = true
	type typed struct {
		Typed    string          `json:"typed"`
		Exit     int             `json:"exit"`
		Document json.RawMessage `json:"document,omitempty"`
	}
	var all []typed
	for _, line := range s.lines() {
		if strings.HasSuffix(line, " -v") {
			continue // it changes the text alone
		}
		exit, out, _ := w.run(append(words(line), "--output", "json")...)
		all = append(all, typed{line, exit, json.RawMessage(out)})
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	w.check(encoder.Encode(all))
	return flat.ReplaceAllStringFunc(b.String(), func(list string) string {
		return regexp.MustCompile(`\n\s+`).ReplaceAllString(strings.ReplaceAll(list, ",\n", ", \n"), "")
	})
}

// flat matches a list or an object of JSON that has no other in it, and is printed on a
// line of its own.
var flat = regexp.MustCompile(`[\[{]\n[^\[\]{}]{1,400}\n\s+[\]}]`)
