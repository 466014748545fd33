package docs

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

var histories = flag.Int("histories", 12, "how many clean histories TestCleanHistories draws")

// wrongOnce are histories in which an audit once had a false alarm: a person rolled back to a
// version whose claim a rebuild had given up. They are drawn as they were then.
var wrongOnce = []int{343}

// Whatever keyturn's own commands do, in one pool or in two at a time, killed, paused,
// refused, unanswered or late, with lost records and tables and changed plans: each finding
// of an audit at rest is of something that is so at that moment, as the test knows from
// looking at AWS and from each write and use that there was; and what is so, it finds. Then
// somebody types what the findings for a person say, and the next audit has none but those
// that time alone ends.
func TestCleanHistories(t *testing.T) {
	found := drawHistories(t, false)
	if found["false"]+found["missing"] > 0 {
		t.Errorf("%d findings are false, %d are missing", found["false"], found["missing"])
	}
}

// Where nothing is lost, nobody does what keyturn does not do, and persons see to what they
// have begun, no audit at rest asks a person for anything. Only a key that a killed run has
// made and not named stays, which --orphans finds.
func TestQuietHistories(t *testing.T) {
	found := drawHistories(t, true)
	if n := found["exit 13"]; n > 0 {
		t.Errorf("%d audits ended with 13", n)
	}
}

func drawHistories(t *testing.T, quiet bool) map[string]int {
	n := *histories
	if testing.Short() {
		n = min(n, 4)
	}
	found := map[string]int{}
	seeds := slices.DeleteFunc(slices.Clone(wrongOnce), func(seed int) bool { return seed < n })
	for seed := range n {
		seeds = append(seeds, seed)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHistory(t, uint64(seed), quiet)
				h.live()
				for what, n := range h.found {
					found[what] += n
				}
			})
		})
	}
	t.Logf("%d histories", len(seeds))
	for _, what := range slices.Sorted(maps.Keys(found)) {
		t.Logf("%6d %s", found[what], what)
	}
	return found
}

// live takes the key under management, and lets drawn things happen to it.
func (h *history) live() {
	h.advance(200 * day) // KMS tells the last use of keys since the spring of 2026 only
	h.must(0, "init --table")
	if h.draw.IntN(3) == 0 {
		h.does("adopt orders-data --create --reason new --confirm orders-data")
	} else {
		h.createAlias(alias, h.newKey())
	}
	h.does("run")
	for range 14 {
		h.step()
		h.audit(false) // while calls fail or lag: nothing is said of what it finds then
		h.calm()
		h.judge(false)
		h.rest()
		h.settle()
		if h.t.Failed() {
			h.t.Logf("typed:\n%s", strings.Join(h.typed, "\n"))
			return
		}
	}
}

// rest lets cron's runs come, in either pool, until nothing is under way.
func (h *history) rest() {
	for _, wait := range []time.Duration{31 * time.Minute, 15 * time.Minute, 61 * time.Minute, 25 * time.Hour} {
		h.advance(wait)
		h.doesIn(h.draw.IntN(2), "run", false)
	}
	h.advance(16 * time.Minute)
}

// settle audits at rest, and types what the findings for a person say until there are none.
func (h *history) settle() {
	found := h.judge(true)
	for round := 0; slices.ContainsFunc(found, settles) && !h.t.Failed(); round++ {
		if round == 3 {
			i := slices.IndexFunc(found, settles)
			h.t.Errorf("as it says was typed, and there still is %s: %s", found[i].ID, found[i].What)
		}
		for _, f := range found {
			if f.Level == string(audit.Person) && f.Next != nil {
				h.follows(f.Next.Commands)
			}
		}
		h.rest()
		found = h.judge(true)
	}
}

// patient are the codes of findings that no command ends, but time, or an entry of the
// plan's accept.
var patient = []plan.Code{plan.CodeMaxDraining, plan.CodeOverdue, plan.CodePlansDiffer, plan.CodeSealBroken}

// settles reports whether a finding is for a person, and must be gone once that person has
// typed what it says.
func settles(f document.Finding) bool {
	return f.Level == string(audit.Person) && !slices.Contains(patient, f.Code)
}

// judge audits, and compares what it finds with what is. Before cron's next run only the
// findings for a person are judged: they page.
func (h *history) judge(rest bool) []document.Finding {
	found, is := h.audit(rest), h.look()
	wrong := func(kind, format string, args ...any) {
		h.found[kind]++
		h.t.Errorf("%s at %s: %s", kind, h.now().Format(time.RFC3339), fmt.Sprintf(format, args...))
	}
	when := "before the next run: "
	if rest {
		when = ""
		for _, what := range is.missing(found) {
			wrong("missing", "%s", what)
		}
	}
	h.found[when+"audits"]++
	for _, f := range found {
		person := f.Level == string(audit.Person)
		if !rest && !person {
			continue
		}
		h.found[when+f.Level+" "+string(f.Code)]++
		if why := is.falsely(f); why != "" {
			wrong("false", "%s %s: %s\n  %s", f.Level, f.ID, f.What, why)
		}
		if rest && person && h.quiet && f.Code != plan.CodeOrphan {
			wrong("exit 13", "%s: %s", f.ID, f.What)
		}
	}
	return found
}

// audit returns what an audit finds; one at rest looks for orphans now and then.
func (h *history) audit(rest bool) []document.Finding {
	args := []string{"audit", "--output", "json"}
	if rest {
		args = append(args, "--orphans")
	}
	exit, out, errs := h.run(args...)
	var d document.Audit
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		if rest {
			h.t.Errorf("audit: exit %d: %v\n%s%s", exit, err, out, errs)
		}
		return nil
	}
	for _, u := range d.Unread {
		if rest {
			h.t.Errorf("not checked: %s", u)
		}
	}
	return d.Findings
}
