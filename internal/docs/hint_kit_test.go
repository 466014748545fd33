//go:build linux

package docs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// hint is what a command says to type, in a situation.
type hint struct {
	// shown is the command line that shows it, and key and code what it is shown for.
	shown, key, code string
	// commands are what is to be typed, in their order, as they are printed.
	commands []string
	note     string
	// files are the folder at that moment: the plan, and the sandbox's state.
	files map[string][]byte
	// now is the time of its AWS.
	now time.Time
}

// hintsOf brings a situation about and returns the hints that its commands show.
func hintsOf(t *testing.T, s situation) []hint {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	var all []hint
	seen := map[string]bool{}
	synctest.Test(t, func(t *testing.T) {
		w := newWorldIn(t, ".", s.plan)
		s.given(w)
		w.cron = true
		for _, line := range s.lines() {
			if strings.HasSuffix(line, " -v") || w.outside || w.stdout != nil {
				continue
			}
			_, out, _ := w.run(append(words(line), "--output", "json")...)
			var document any
			if json.Unmarshal([]byte(out), &document) != nil {
				continue // nothing was said, or it got lost
			}
			for _, h := range shownIn(document, hint{}) {
				if len(h.commands) == 0 {
					continue // there is nothing to type
				}
				if id := h.key + h.code + strings.Join(h.commands, "\n"); !seen[id] {
					seen[id] = true
					h.shown, h.files, h.now = line, w.files(), w.box.Now()
					all = append(all, h)
				}
			}
		}
	})
	return all
}

// files returns what is in the folder of the world, with the state of its AWS.
func (w *world) files() map[string][]byte {
	w.t.Helper()
	state, err := w.box.State()
	w.check(err)
	files := map[string][]byte{w.state: state}
	found, err := os.ReadDir(filepath.Dir(w.plan))
	w.check(err)
	for _, f := range found {
		files[f.Name()], err = os.ReadFile(filepath.Join(filepath.Dir(w.plan), f.Name()))
		w.check(err)
	}
	return files
}

// shownIn finds the hints in a document: what stands at, or below, a key and a code.
func shownIn(v any, at hint) []hint {
	var all []hint
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			all = append(all, shownIn(inner, at)...)
		}
	case map[string]any:
		at = at.within(v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner, _ := v[name].(map[string]any)
			if inner["commands"] == nil && inner["note"] == nil {
				all = append(all, shownIn(v[name], at)...)
				continue
			}
			h := at.of(inner)
			if name != "next" {
				h.code = name // what it does stands for what it is shown for
			}
			all = append(all, h)
		}
	}
	return all
}

// of returns the hint of a document.
func (h hint) of(next map[string]any) hint {
	h.note, _ = next["note"].(string)
	argvs, _ := next["commands"].([]any)
	for _, argv := range argvs {
		var words []string
		for _, word := range argv.([]any) {
			words = append(words, word.(string))
		}
		h.commands = append(h.commands, plan.Shell(words...))
	}
	return h
}

// within returns what a part of a document is about.
func (h hint) within(v map[string]any) hint {
	text := func(v any) string { s, _ := v.(string); return s }
	refusal, _ := v["refusal"].(map[string]any)
	h.code = cmp.Or(text(v["code"]), text(refusal["code"]), text(v["state"]), h.code)
	h.key = cmp.Or(text(v["key"]), h.key)
	if keys, ok := v["keys"].([]any); ok && text(v["code"]) != "" {
		h.key = strings.Trim(fmt.Sprint(keys), "[]")
	}
	if v["alias"] != nil {
		h.key = cmp.Or(text(v["name"]), h.key)
	}
	return h
}

// settle writes the folder of a hint. The clock of its AWS goes on by this host's clock
// from where it was, or from later.
func (h hint) settle(t *testing.T, dir string, later time.Duration) {
	t.Helper()
	for name, content := range h.files {
		if name == "sandbox.json" {
			content = h.onThisHost(t, content, later)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (h hint) onThisHost(t *testing.T, state []byte, later time.Duration) []byte {
	t.Helper()
	type move struct {
		From   time.Time `json:"from"`
		Offset string    `json:"offset"`
	}
	var document struct { // in the order of the file
		Schema   int             `json:"schema"`
		Write    string          `json:"write"`
		Account  string          `json:"account"`
		Clock    []move          `json:"clock"`
		Services json.RawMessage `json:"services"`
	}
	if err := json.Unmarshal(state, &document); err != nil {
		t.Fatal(err)
	}
	from := time.Now().UTC().Truncate(time.Second)
	document.Clock = []move{{from, h.now.Add(later).Sub(from).String()}}
	state, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// types has a person type the hint at a terminal, and returns what was said, the exit
// code of the last command, and the state of the AWS after it.
func (h hint) types(t *testing.T, path ...string) (said string, exit int, state []byte) {
	t.Helper()
	for _, line := range h.commands {
		parse := exec.Command("bash", "-n")
		parse.Stdin = strings.NewReader(line + "\n")
		if out, err := parse.CombinedOutput(); err != nil {
			t.Errorf("bash -n: %s\n%s", line, out)
		}
	}
	later := time.Duration(0)
	if m := waiting.FindStringSubmatch(strings.Join(h.commands, " ")); m != nil {
		wait, err := plan.ParseDuration(m[1])
		if err != nil {
			t.Fatal(err)
		}
		later = wait - time.Second // most of it is over, and the rest is waited for
	}
	dir := t.TempDir()
	h.settle(t, dir, later)
	defer impatient(t, filepath.Join(dir, "sandbox.json"))()
	sh := startShell(t, dir, path...)
	for _, line := range h.commands {
		var out string
		exit, out = sh.types(line, func(asked string) string { return answerTo(asked, line) })
		said += strings.ReplaceAll(out, "\r", "")
	}
	state, err := os.ReadFile(filepath.Join(dir, "sandbox.json"))
	if err != nil {
		t.Fatal(err)
	}
	return said, exit, state
}

// impatient lets the time of an AWS pass quickly while something waits at it, and not so
// quickly that a lease ends between two calls.
func impatient(t *testing.T, state string) (stop func()) {
	t.Helper()
	box, err := sandbox.Open(state, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(2 * time.Second):
				if err := box.Advance(15 * time.Second); err != nil {
					t.Error(err)
				}
			}
		}
	})
	return func() {
		cancel()
		ended.Wait()
	}
}

// waiting matches how long a command waits.
var waiting = regexp.MustCompile(` --wait (\S+)`)

// answerTo answers a question of a command line.
func answerTo(asked, line string) string {
	if asked == "number of keys" {
		return "3"
	}
	for _, key := range []string{"orders-data", "orders-index", "billing"} {
		if slices.ContainsFunc(words(line), func(w string) bool { return w == key || strings.HasPrefix(w, key+"/") }) {
			return key
		}
	}
	return "?"
}

// again types the command that showed the hint once more, and returns what it shows now.
func (h hint) again(t *testing.T, state []byte) (shown []hint, out string) {
	t.Helper()
	t.Chdir(t.TempDir())
	h.settle(t, ".", 0)
	host := time.Now()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(host.Round(0).Sub(time.Now().Round(0))) // so that the state's clock goes on
		w := newWorldIn(t, ".", string(h.files["keyturn.yaml"]))
		var err error
		w.box, err = sandbox.Restore(state, sandbox.Options{Rand: w.random})
		w.check(err)
		w.cron = true
		exit, document, errs := w.run(append(words(h.shown), "--output", "json")...)
		out = fmt.Sprintf("$ keyturn %s\n%s%sexit %d", h.shown, document, errs, exit)
		var d any
		if json.Unmarshal([]byte(document), &d) == nil {
			shown = shownIn(d, hint{})
		}
	})
	return shown, out
}
