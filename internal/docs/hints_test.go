//go:build linux

package docs

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
)

var everyHint = flag.Bool("hints.all", false, "type every hint of every situation, not each kind of them once")

// What a hint leads to.
const (
	gone   = "gone"    // what it was shown for is not shown any more
	next   = "next"    // another hint is shown
	notYet = "not yet" // exit 11, and when to type it again
	shows  = "a look"  // it only shows something
	stays  = "stays"   // nothing has changed, which helps nobody
)

// staying are the hints after which nothing has changed, by what they are shown for, and
// what they are good for.
var staying = map[string]string{
	"generation-behind":  "the hold keeps runs away while a person looks",
	"duplicate-window":   "the hold keeps runs away while a person looks",
	"held-itself":        "its note says to fix the cause first",
	"unexplained-change": "CloudTrail keeps what it has recorded",
	"unexplained-write":  "CloudTrail keeps what it has recorded",
	"not-in-trail":       "CloudTrail keeps what it has recorded",
	"drain-over":         "what stops the run is a finding of its own, or it has checked the version today",
}

// typedHint is a hint that was typed.
type typedHint struct {
	hint
	name, said string
	exit       int
	// state is that of its AWS afterwards.
	state []byte
}

// Every hint of every refusal and finding can be pasted: bash takes it for what was
// meant, and afterwards what it was shown for is gone, or the next step is named.
// testdata/hints.txt has what each leads to. With -short it is a few of them, without the
// aws CLI.
func TestHints(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "keyturn"), "github.com/keyturn/keyturn")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pages, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var all []*typedHint
	aws := awsCLI(t)
	kinds := map[string]bool{}
	situations := situations()
	names := slices.Sorted(maps.Keys(situations))
	if testing.Short() {
		names = []string{"hold is not recorded", "held today", "drift, seen at once",
			"the table was made again, with three keys"}
	}
	for _, name := range names {
		for _, h := range hintsOf(t, situations[name]) {
			if kind := h.kind(); *everyHint || !kinds[kind] {
				kinds[kind] = true
				all = append(all, &typedHint{hint: h, name: name})
			}
		}
	}
	all = slices.DeleteFunc(all, func(h *typedHint) bool { return aws == "" && h.isAWS() })
	var working errgroup.Group
	working.SetLimit(6) // most of the time they wait for processes
	for i, h := range all {
		working.Go(func() error {
			t.Run(fmt.Sprint("typed/", h.name, "/", i), func(t *testing.T) {
				h.said, h.exit, h.state = h.types(t, bin, aws)
			})
			return nil
		})
	}
	_ = working.Wait()
	var led strings.Builder
	for i, h := range all {
		t.Run(fmt.Sprint(h.name, "/", i), func(t *testing.T) {
			got := h.check(t, filepath.Join(pages, "situations", fileOf(h.name)+".txt"))
			fmt.Fprintf(&led, "%s: %s of %s, by %s: %s\n", h.name, cmp.Or(h.code, "error"), cmp.Or(h.key, "all"),
				h.shown, got)
			for _, line := range h.commands {
				fmt.Fprintln(&led, "  "+stable(line))
			}
		})
	}
	if aws != "" && !*everyHint {
		golden.Compare(t, filepath.Join(pages, "hints.txt"), led.String())
	}
}

// kind is the hint without what differs from one key to the next.
func (h hint) kind() string {
	return h.code + "\n" + random.ReplaceAllString(strings.Join(h.commands, "\n"), "ID")
}

func (h hint) isAWS() bool { return strings.Contains(strings.Join(h.commands, "\n"), " -- aws ") }

// look matches commands that only show something.
var look = regexp.MustCompile(` (history|status|audit|validate|run --dry-run|init --iam \S+|` +
	`sts get-caller-identity|kms (?:list|get)-\S+)\b`)

// outcome returns what the hint led to.
func (h *typedHint) outcome(t *testing.T) (got, out string) {
	if h.code == string(plan.CodeUsage) { // the line that was wrong stays wrong: what is right is the hint
		if h.exit == 0 {
			return gone, ""
		}
		return stays, ""
	}
	shown, out := h.again(t, h.state)
	if got = shows; slices.ContainsFunc(h.commands, func(line string) bool { return !look.MatchString(line) }) {
		got = gone
	}
	for _, other := range shown {
		switch {
		case other.key != h.key || other.code != h.code:
		case got == shows:
		case strings.HasPrefix(other.note, "not yet"):
			got = notYet
		case slices.Equal(other.commands, h.commands):
			got = stays
		case got == gone:
			got = next
		}
	}
	switch {
	case got != stays:
	case h.exit == int(plan.ExitBusy):
		got = notYet
	case h.names():
		got = next
	}
	return got, out
}

// saysNext matches a hint on the terminal.
var saysNext = regexp.MustCompile(`(?m)^ +(?:hint|next|note): (.*)$`)

// names reports whether what was typed has named another step.
func (h *typedHint) names() bool {
	return slices.ContainsFunc(saysNext.FindAllStringSubmatch(h.said, -1), func(m []string) bool {
		return !slices.Contains(append(h.commands, h.note), m[1])
	})
}

// drawn matches what is random, and what [stable] makes of it.
var drawn = regexp.MustCompile(random.String() + `|\b(ID|HASH|CLAIM)(-\d+|…)`)

// check returns what the hint led to. What was typed is what the page of the situation
// has, to the end of a line.
func (h *typedHint) check(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	printed := drawn.ReplaceAllString(string(text), "ID")
	for _, line := range h.commands {
		if situations()[h.name].plan == three {
			break // what is the same for all keys is printed once
		}
		if !strings.Contains(printed, ": "+drawn.ReplaceAllString(line, "ID")+"\n") {
			t.Errorf("%s is typed, and not printed so", line)
		}
	}
	got, out := h.outcome(t)
	if got == stays && staying[h.code] == "" {
		t.Errorf("%s of %s, shown by keyturn %s, stays as it was:\n%s\n%s", h.code, h.key, h.shown, h.said, out)
	}
	return got
}

// awsCLI returns the folder of the aws CLI that scripts/aws-cli.sh installs.
func awsCLI(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		return ""
	}
	dir, err := filepath.Abs(filepath.Join(root, ".tools", "awscli", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "aws")); err == nil {
		return dir
	}
	if os.Getenv("KEYTURN_SKIP_AWS_CLI") != "" {
		t.Log("SKIPPED, as KEYTURN_SKIP_AWS_CLI says: hints that are commands of the aws CLI")
		return ""
	}
	t.Error("hints that are commands of the aws CLI were not typed; hint: scripts/aws-cli.sh install, " +
		"or KEYTURN_SKIP_AWS_CLI=yes leaves them out")
	return ""
}
