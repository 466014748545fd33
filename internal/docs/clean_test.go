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
// version whose claim a rebuild had given up.
var wrongOnce = []int{343}

// Whatever keyturn's own commands do, in one pool or in two at a time, killed, paused,
// refused, unanswered or late, with lost records and tables and changed plans: at rest an
// audit asks a person for nothing but what the history left to a person. Then somebody
// types what the findings say, and the next audit asks for nothing at all.
func TestCleanHistories(t *testing.T) {
	n := *histories
	if testing.Short() {
		n = min(n, 4)
	}
	counts, audits := map[string]int{}, 0
	seeds := slices.DeleteFunc(slices.Clone(wrongOnce), func(seed int) bool { return seed < n })
	for seed := range n {
		seeds = append(seeds, seed)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHistory(t, uint64(seed))
				h.live()
				for what, n := range h.found {
					counts[what] += n
				}
				audits += h.audits
			})
		})
	}
	t.Logf("%d histories, %d audits at rest", n, audits)
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d %s", counts[what], what)
	}
}

// left is what a history leaves to a person: a finding at rest, and when it is one.
type left struct {
	why  string
	when func(h *history) bool
}

// business is what may need a person at rest, each until that person has typed what the
// finding says.
var business = map[plan.Code]left{
	plan.CodeHeldItself: {"calls were refused until the key held itself; or a part of the ledger was lost, " +
		"with the table, or with the record before it was copied",
		func(h *history) bool { return h.broken() || h.remade }},
	plan.CodeSealBroken: {"a claim that made a version was lost, with the table, or with the record before it was " +
		"copied",
		func(h *history) bool { return h.broken() || h.remade }},
	plan.CodeOrphan: {"a run made a key and could not name it, or not say so", (*history).broken},
	plan.CodeLateVersion: {"a run made a version, and its generation was given up before that was known",
		(*history).broken},
	plan.CodeHoldTooLong: {"somebody has held the key for longer than hold_max",
		func(h *history) bool { return h.held }},
	plan.CodeDeletionUnwanted: {"the plan deletes no more", func(h *history) bool { return h.replanned }},
	plan.CodeRecordRestored:   {"the record was put back", func(h *history) bool { return h.putback }},
	plan.CodeMaxDraining:      {"a person switched too often, and a window is due", (*history).switchedByHand},
	plan.CodePlansDiffer: {"the plan was changed in one pool before the other",
		func(h *history) bool { return h.replanned }},
	plan.CodeOverdue: {"and has been for two hours", (*history).switchedByHand},
}

// patient are those that no command ends, but time, or an entry of the plan's accept.
var patient = []plan.Code{plan.CodeMaxDraining, plan.CodeOverdue, plan.CodePlansDiffer, plan.CodeSealBroken}

// standing is what may stand at rest and needs nobody: a warning.
var standing = map[plan.Code]left{
	plan.CodeHeld: {"somebody holds the key", func(h *history) bool { return h.held }},
	plan.CodeDrainsOverlap: {"a person switched within a drain, or a rebuild began all drains again",
		(*history).switchedByHand},
	plan.CodeMaxDraining: {"a person switched within a drain, or no drain ends while the key is held",
		func(h *history) bool { return h.held || h.switchedByHand() }},
	plan.CodeOrphan:       {"a key without a name was disabled", (*history).broken},
	plan.CodeLedgerBehind: {"a run was killed before its copy, or could not make it", (*history).broken},
	plan.CodeDrainOver: {"the key is held, or its old versions are used: by a consumer, or by the probe of a rollback",
		func(h *history) bool { return h.held || h.used || h.switchedByHand() }},
	plan.CodeAutoRotation: {"the version was adopted as it was, or the plan has changed since it was made",
		func(h *history) bool { return h.adopted || h.replanned }},
	plan.CodePlansDiffer: {"the plan was changed in one pool before the other, and both worked on the key in turns",
		func(h *history) bool { return h.replanned }},
	plan.CodeWindowMissed: {"no run came for weeks", func(h *history) bool { return h.away }},
	// A generation stands still while the key is held.
	plan.CodeGenerationOpen: {"the key is held", func(h *history) bool { return h.held }},
}

// live takes the key under management, and lets drawn things happen to it.
func (h *history) live() {
	h.advance(200 * day) // KMS tells the last use of keys since the spring of 2026 only
	h.must(0, "init --table")
	if h.draw.IntN(3) == 0 {
		h.does("adopt orders-data --create --reason new --confirm orders-data")
	} else {
		h.createAlias(alias, h.newKey())
		h.adopted = true
	}
	h.does("run")
	for range 14 {
		h.step()
		h.audit(false) // throughout; what it says of work under way is not judged
		h.rest()
		h.judge()
		if h.t.Failed() {
			h.t.Logf("typed:\n%s", strings.Join(h.typed, "\n"))
			return
		}
	}
}

// rest lets cron's runs come, in each pool, until nothing is under way.
func (h *history) rest() {
	h.calm()
	for _, wait := range []time.Duration{31 * time.Minute, 15 * time.Minute, 61 * time.Minute, 25 * time.Hour} {
		h.advance(wait)
		h.doesIn(h.draw.IntN(2), "run", false)
	}
	h.advance(16 * time.Minute)
}

// judge audits at rest. What needs a person is typed as the finding says, and then nothing
// does any more.
func (h *history) judge() {
	first := h.audit(true)
	for _, f := range first {
		h.found[f.Level+" "+string(f.Code)]++
		list := standing
		if f.Level == string(audit.Person) {
			list = business
		}
		if l, known := list[f.Code]; !known || !l.when(h) {
			h.t.Errorf("%s %s at %s: %s", f.Level, f.ID, h.box.Now().Format(time.RFC3339), f.What)
		}
	}
	for round := 0; slices.ContainsFunc(first, settles) && !h.t.Failed(); round++ {
		if round == 3 {
			i := slices.IndexFunc(first, settles)
			h.t.Errorf("as it says was typed, and there still is %s: %s", first[i].ID, first[i].What)
		}
		for _, f := range first {
			if f.Level == string(audit.Person) && f.Next != nil {
				h.follows(f.Next.Commands)
			}
		}
		h.rest()
		first = h.audit(true)
	}
}

// settles reports whether a finding is for a person, and must be gone once that person has
// typed what it says.
func settles(f document.Finding) bool {
	return f.Level == string(audit.Person) && !slices.Contains(patient, f.Code)
}

// audit returns what an audit finds; one at rest looks for orphans now and then.
func (h *history) audit(rest bool) []document.Finding {
	args := []string{"audit", "--output", "json"}
	if rest {
		h.audits++
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
