package docs

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

var histories = flag.Int("histories", 12, "how many clean histories TestCleanHistories draws")

// expected are the findings that a clean history has at rest: they say what stands or
// waits, and the history made it so. Every other one is a false alarm.
var expected = map[plan.Code]string{
	plan.CodeHeld:             "somebody holds the key",
	plan.CodeHoldTooLong:      "and for longer than hold_max",
	plan.CodeHeldItself:       "refusals were drawn until the key held itself",
	plan.CodeDrainsOverlap:    "a person rotated in a drain",
	plan.CodeMaxDraining:      "and did it often",
	plan.CodeDrainOver:        "no run came for a day, or the key is held",
	plan.CodeOverdue:          "no run came in time, or the key is held",
	plan.CodeWindowMissed:     "no run came in time",
	plan.CodeFence:            "a rebuild begins with one",
	plan.CodeOrphan:           "a run was killed after CreateKey",
	plan.CodeLateVersion:      "a run was killed after CreateAlias, and its generation given up",
	plan.CodeAutoRotation:     "the plan has changed since the version was made or adopted",
	plan.CodeDeletionUnwanted: "the plan has changed since",
	// A generation stands still while the key is held.
	plan.CodeGenerationOpen: "the key is held",
}

// Whatever keyturn's own commands do, killed, paused, refused or unanswered, in one pool
// or in two at a time: at rest an audit never says that somebody else has done something.
func TestCleanHistories(t *testing.T) {
	n := *histories
	if testing.Short() {
		n = min(n, 4)
	}
	counts, audits := map[plan.Code]int{}, 0
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHistory(t, uint64(seed))
				h.live()
				for code, n := range h.found {
					counts[code] += n
				}
				audits += h.audits
			})
		})
	}
	t.Logf("%d histories, %d audits at rest", n, audits)
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d %s: %s", counts[code], code, expected[code])
	}
}

// history is a drawn life of one key.
type history struct {
	*world
	draw   *rand.Rand
	typed  []string
	found  map[plan.Code]int
	audits int
	// lost reports whether the record was lost once.
	lost bool
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{draw: rand.New(rand.NewPCG(seed, 1)), found: map[plan.Code]int{}}
	h.world = newWorld(t, h.plans())
	h.cron = true
	return h
}

func pick[T any](h *history, of ...T) T { return of[h.draw.IntN(len(of))] }

// plans draws a plan.
func (h *history) plans() string {
	return fmt.Sprintf("region: eu-west-1\nschedule: {every: %s}\ndrain: %s\nkeys:\n  - alias: alias/orders-data\n"+
		"    spec: SYMMETRIC_DEFAULT\n    usage: ENCRYPT_DECRYPT\n    retire: %s\n%s",
		pick(h, "30d", "30d", "45d"), pick(h, "2d", "10d", "20d"),
		pick(h, "keep", "keep", "{action: disable, unless_used_within: off}", "disable",
			"{action: delete, unless_used_within: off, delete_after: 7d, deletion_window: 7d}"),
		pick(h, "", "", "    prepublish: 2d\n", "    auto_rotation: 180d\n", "    auto_rotation: off\n"))
}

// live takes the key under management, and lets drawn things happen to it.
func (h *history) live() {
	h.must(0, "init --table")
	if h.draw.IntN(3) == 0 {
		h.does("adopt orders-data --create --reason new --confirm orders-data")
	} else {
		h.createAlias(alias, h.newKey())
	}
	h.does("run")
	for range 14 {
		h.step()
		h.rest()
		if h.t.Failed() {
			h.t.Logf("typed:\n%s", strings.Join(h.typed, "\n"))
			return
		}
	}
}

// does carries out a command line, whatever it ends with.
func (h *history) does(line string) {
	exit, out := h.keyturn(words(line)...)
	h.typed = append(h.typed, fmt.Sprintf("%s  %s: %d", h.box.Now().Format(time.RFC3339), line, exit))
	if os.Getenv("KEYTURN_HISTORIES") != "" {
		h.typed = append(h.typed, out)
	}
}

// verbs are what a person types.
func (h *history) verbs() string {
	n := 1 + h.draw.IntN(6)
	return pick(h, "run", "run", "run", "rotate orders-data --reason leak --confirm orders-data",
		"rollback orders-data --reason bad --confirm orders-data",
		fmt.Sprintf("rollback orders-data/v%d --reason bad --confirm orders-data", n),
		"rotate orders-data --abandon --reason look --confirm orders-data",
		fmt.Sprintf("reinstate orders-data/v%d", n), "hold orders-data --reason look",
		"hold orders-data --reason look --until 2d", "release orders-data", "release orders-data")
}

// step lets something happen.
func (h *history) step() {
	h.advance(pick(h, time.Minute, time.Hour, day, 5*day, 11*day, 25*day, 31*day))
	operation := pick(h, "CreateKey", "CreateAlias", "UpdateAlias", "UpdateItem", "DescribeKey", "DisableKey",
		"ListAliases", "EnableKey", "Query", "PutItem", "GetKeyPolicy", "ScheduleKeyDeletion")
	nth := 1 + h.draw.IntN(3)
	switch h.draw.IntN(10) {
	case 0: // it is killed
		h.at(operation, nth, func() {
			h.typed = append(h.typed, "  killed at "+operation)
			h.answers = func(*http.Request) (*http.Response, error) { return nil, errors.New("killed") }
			h.cancel()
		})
		h.does(h.verbs())
		h.answers = nil
	case 1: // it is paused, or another pool's run comes in between
		h.at(operation, nth, func() {
			wait := pick(h, 0, time.Minute, 10*time.Minute, 25*time.Minute)
			h.typed = append(h.typed, fmt.Sprint("  at ", operation, ", ", wait, " later:"))
			h.advance(wait)
			h.does("run")
		})
		h.does(h.verbs())
		h.answers = nil
	case 2: // AWS does not answer, or says no
		f := sandbox.Fault{Operation: operation, Kind: pick(h, sandbox.Drop, sandbox.Lose, sandbox.Refuse),
			Code: "ThrottlingException", Message: "slow down"}
		if f.Kind == sandbox.Refuse {
			f.Code = pick(h, "ThrottlingException", "AccessDeniedException", "InternalServerError")
		}
		h.typed = append(h.typed, fmt.Sprint("  ", f.Kind, " ", operation, " ", f.Code))
		h.fault(f)
		h.does(h.verbs())
		h.fault()
	case 3: // KMS lags
		h.check(h.box.SetSwitches(sandbox.Switches{Lag: sandbox.Duration(2 * time.Minute)}))
		h.does(h.verbs())
		h.fault()
	case 4: // the plan changes
		h.writePlan(h.plans())
		h.does("run")
	case 5:
		h.disaster()
	default:
		h.does(h.verbs())
	}
}

// disaster has somebody move the alias, or lose the record, and then do as the runbook
// says.
func (h *history) disaster() {
	switch h.draw.IntN(4) {
	case 0:
		h.typed = append(h.typed, "  the alias moved")
		h.moveAlias(alias, h.newKey())
		h.advance(time.Hour)
		h.does("adopt orders-data --reason ours --confirm orders-data")
	case 1:
		h.typed = append(h.typed, "  the record is lost")
		h.deleteItems("record")
		h.lost = true
		h.does("adopt orders-data --from-kms --reason lost --confirm orders-data")
	case 2:
		h.typed = append(h.typed, "  the table is restored")
		h.restoreTable()
		h.does("adopt orders-data --from-kms --reason lost --confirm orders-data")
	}
}

// rest lets cron's runs come until nothing is under way, and audits.
func (h *history) rest() {
	for _, wait := range []time.Duration{31 * time.Minute, 15 * time.Minute, 61 * time.Minute, 25 * time.Hour} {
		h.advance(wait)
		h.does("run")
	}
	h.advance(16 * time.Minute)
	h.audits++
	args := []string{"audit", "--output", "json"}
	if h.draw.IntN(3) == 0 {
		args = append(args, "--orphans")
	}
	exit, out, errs := h.run(args...)
	var d document.Audit
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		h.t.Fatalf("audit: exit %d: %v\n%s%s", exit, err, out, errs)
	}
	for _, u := range d.Unread {
		h.t.Errorf("not checked: %s", u)
	}
	for _, f := range d.Findings {
		h.found[f.Code]++
		if f.Code == plan.CodeVersionGone && h.lost {
			continue // that it was retired stood in the record alone
		}
		if expected[f.Code] == "" {
			h.t.Errorf("%s at %s: %s", f.Code, h.box.Now().Format(time.RFC3339), f.What)
		}
	}
}
