package docs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Every command of docs/runbook.md is typed, in its order, in a world in which
// what the section is about has happened. It has to end with 0, or with what a
// comment beside it says: `keyturn status   # exit 13`. A comment line as
// `# 25 minutes later` lets that time pass. For a refusal it is seen first that
// the world really has it, under that code, and that the command it hints at
// exists.
func TestRunbook(t *testing.T) {
	page, verbs := read(t, "docs/runbook.md"), verbs(t)
	scenes := maps.Clone(scenes)
	preamble, _, _ := strings.Cut(page, "\n## ")
	all := append([]section{{"", preamble}}, sections(page, 3)...)
	ran, shown := 0, 0
	for _, b := range blocks(page) {
		shown += len(typed(b))
	}
	for _, s := range all {
		list := scenes[s.title]
		if list == nil {
			t.Errorf("%s: the test knows no world for it", s.title)
			continue
		}
		delete(scenes, s.title)
		parts := blocks(s.text)
		if len(parts) == 0 {
			t.Errorf("%s: nothing to type", s.title)
		}
		if len(list) > 1 && len(list) != len(parts) {
			t.Errorf("%s: %d worlds for %d blocks", s.title, len(list), len(parts))
			continue
		}
		for i, sc := range list {
			mine := parts
			if len(list) > 1 {
				mine = parts[i : i+1]
			}
			for _, b := range mine {
				ran += len(typed(b))
			}
			t.Run(s.title+"/"+strconv.Itoa(i+1), func(t *testing.T) {
				t.Chdir(t.TempDir()) // for what --out writes
				synctest.Test(t, func(t *testing.T) { sc.play(newWorld(t, sc.plan), s.title, mine, verbs) })
			})
		}
	}
	for title := range scenes {
		t.Errorf("the runbook has no section %q", title)
	}
	if ran != shown {
		t.Errorf("%d of %d commands were typed: some stand outside of sections", ran, shown)
	}
}

// typed returns the lines of a block that somebody types, or waits for.
func typed(b block) []string {
	var all []string
	for _, line := range b.lines {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

var (
	wantExit = regexp.MustCompile(`# exit (\d+)`)
	later    = regexp.MustCompile(`^# (\d+) minutes later$`)
)

func (sc scene) play(w *world, title string, parts []block, verbs map[string]verb) {
	sc.given(w)
	if len(sc.shows) > 0 {
		w.shows(cmp.Or(sc.as, title), sc.shows, verbs)
	}
	if sc.repair != nil {
		sc.repair(w)
	}
	var rev int64
	for _, e := range w.events() {
		rev = max(rev, e.Rev)
	}
	for _, b := range parts {
		for _, line := range typed(b) {
			if m := later.FindStringSubmatch(line); m != nil {
				minutes, _ := strconv.Atoi(m[1])
				w.advance(time.Duration(minutes) * time.Minute)
				continue
			}
			want := 0
			if m := wantExit.FindStringSubmatch(line); m != nil {
				want, _ = strconv.Atoi(m[1])
			}
			if got, out := w.types(line); got != want {
				w.t.Errorf("%s\nexit %d, want %d\n%s", line, got, want, out)
			}
		}
	}
	w.led(rev, sc.leads)
}

// led reports whether the record's ledger has these events, in this order, among
// those written since rev.
func (w *world) led(rev int64, want []string) {
	w.t.Helper()
	var all []string
	i := 0
	for _, e := range w.events() {
		if e.Rev <= rev {
			continue
		}
		words := strings.Fields(fmt.Sprint(strings.Trim(fmt.Sprint(e.Kind), "[]"), " ", plan.VersionName(e.Version)))
		all = append(all, strings.Join(words, " "))
		if i < len(want) && !slices.ContainsFunc(strings.Fields(want[i]), func(word string) bool {
			return !slices.Contains(words, word)
		}) {
			i++
		}
	}
	if i < len(want) {
		w.t.Errorf("the ledger has no %q after %q: %q", want[i], want[:i], all)
	}
}

// shows checks that a command is refused with a code, and that the commands in
// the refusal's hint can be typed.
func (w *world) shows(code string, args []string, verbs map[string]verb) {
	w.t.Helper()
	exit, out := w.keyturn(append(args, "--output", "json")...)
	if exit != 13 {
		w.t.Fatalf("keyturn %v: exit %d, want 13\n%s", args, exit, out)
	}
	hint, found := hintOf([]byte(out), code)
	if !found {
		w.t.Fatalf("keyturn %v does not show %s:\n%s", args, code, out)
	}
	hint, _, _ = strings.Cut(hint, "   (")
	// A command of the aws CLI is none of keyturn's.
	hint = regexp.MustCompile(`keyturn sandbox --state \S+ -- `).ReplaceAllString(hint, "")
	hint = regexp.MustCompile(` --(plan|sandbox-state) \S+| --sandbox`).ReplaceAllString(hint, "")
	commands := regexp.MustCompile(`(?:^|then |; )keyturn ([a-z]+(?: --?[a-z-]+| "[^"]*"| orders-data(?:/v\d+)?)*)`)
	for _, m := range commands.FindAllStringSubmatch(hint, -1) {
		command := "keyturn " + m[1]
		if why := wrong(verbs, words(command)[1:]); why != "" {
			w.t.Errorf("%s: the hint %q: %s: %s", code, hint, command, why)
		}
	}
}

// hintOf finds a refusal by its code in the first document of an output.
func hintOf(out []byte, code string) (hint string, found bool) {
	var document any
	if json.NewDecoder(strings.NewReader(string(out))).Decode(&document) != nil {
		return "", false
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if v["code"] == code {
				found = true
				if text, ok := v["hint"].(string); ok && hint == "" {
					hint = text
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(document)
	return hint, found
}
