package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// history is a drawn life of one key.
type history struct {
	*world
	*witness
	draw  *rand.Rand
	typed []string
	// found counts audits at rest and their findings.
	found map[string]int
	// plans are those of the two pools.
	plans [2]string
	// undelivered are requests that are still under way.
	undelivered []*http.Request
	// quiet is a history in which nothing is lost, nobody does what keyturn's own commands
	// do not, and persons see to what they have begun.
	quiet bool
	// keysOnly is a history in which nobody types a verb on one version to hold, release or
	// retire it.
	keysOnly bool
}

func newHistory(t *testing.T, seed uint64, quiet bool) *history {
	h := &history{draw: rand.New(rand.NewPCG(seed, 1)), found: map[string]int{}, quiet: quiet,
		keysOnly: slices.Contains(wrongOnce, int(seed))}
	first := h.drawTerms()
	h.world = newWorld(t, first.text())
	h.witness = &witness{w: h.world, terms: map[string]terms{}, hindered: map[string]bool{}}
	h.watch = h.sees
	h.plans = [2]string{h.plan, h.plan + ".2"}
	h.cron = true
	h.replan(h.drawTerms(), h.plans[:]...)
	return h
}

func pick[T any](h *history, of ...T) T { return of[h.draw.IntN(len(of))] }

// terms are those of a drawn plan.
type terms struct{ every, drain, retire, more string }

func (h *history) drawTerms() terms {
	return terms{every: pick(h, "30d", "30d", "45d"), drain: pick(h, "2d", "10d", "20d"),
		retire: pick(h, "keep", "keep", "{action: disable, unless_used_within: off}", "disable", deletes),
		more:   pick(h, "", "", "    prepublish: 2d\n", "    auto_rotation: 180d\n", "    auto_rotation: off\n")}
}

const deletes = "{action: delete, unless_used_within: off, delete_after: 7d, deletion_window: 7d}"

func (m terms) text() string {
	return fmt.Sprintf("region: eu-west-1\nschedule: {every: %s}\ndrain: %s\nkeys:\n  - alias: alias/orders-data\n"+
		"    spec: SYMMETRIC_DEFAULT\n    usage: ENCRYPT_DECRYPT\n    retire: %s\n%s",
		m.every, m.drain, m.retire, m.more)
}

// replan gives pools a plan.
func (h *history) replan(m terms, pools ...string) {
	for _, path := range pools {
		h.check(os.WriteFile(path, []byte(m.text()), 0o600))
	}
	h.rollsOut(m, slices.Contains(pools, h.plans[0]), slices.Contains(pools, h.plans[1]))
}

// does carries out a command line in one of the pools, whatever it ends with, and now and
// then types what it says.
func (h *history) does(line string) {
	h.doesIn(h.draw.IntN(2), line, h.draw.IntN(3) == 0)
}

func (h *history) doesIn(pool int, line string, follow bool) {
	h.pool, h.plan = fmt.Sprint("pool-", pool+1), h.plans[pool]
	before := h.box.Now()
	run := fmt.Sprintf("%08x", h.world.runs+1)
	h.terms[run] = h.planned[pool]
	exit, out, errs := h.run(append(words(line), "--output", "json")...)
	if line == "run" && exit == 0 {
		h.witness.runs = append(h.witness.runs, ran{run, before})
	}
	h.typed = append(h.typed, fmt.Sprintf("%s  %s  %s: %d", before.Format(time.RFC3339), h.pool, line, exit))
	if os.Getenv("KEYTURN_HISTORIES") != "" {
		h.typed = append(h.typed, out, errs)
	}
	var shown any
	if !follow || exit == 0 || json.Unmarshal([]byte(out), &shown) != nil {
		return
	}
	for _, hint := range shownIn(shown, hint{}) {
		for _, line := range hint.commands {
			h.follow(words(line))
		}
	}
}

// follows types commands, one after the other.
func (h *history) follows(commands [][]string) {
	for _, argv := range commands {
		h.follow(argv)
	}
}

// follow types a command of a hint as it stands, but for the reason, which it leaves to
// the person; the person's terminal asks for the key's name.
func (h *history) follow(argv []string) {
	if i := slices.Index(argv, "--"); i > 0 && argv[1] == "sandbox" {
		h.typed = append(h.typed, "    as it says: "+strings.Join(argv[i+1:], " "))
		if err := h.aws(argv[i+2:]); err != nil {
			h.typed = append(h.typed, "      "+err.Error())
		}
		return
	}
	var line []string
	for i := 1; i < len(argv); i++ {
		switch argv[i] {
		case "--plan", "--sandbox-state":
			i++
		case "--sandbox":
		case "...":
			line = append(line, "told-so")
		default:
			line = append(line, argv[i])
		}
	}
	h.typed = append(h.typed, "    as it says:")
	h.cron = false
	h.doesIn(h.draw.IntN(2), strings.Join(line, " "), false)
	h.cron = true
}

// verb draws what a person or cron types. In a quiet history persons do not switch while
// versions wait to be disabled.
func (h *history) verb() string {
	line := h.drawVerb()
	if verb, _, _ := strings.Cut(line, " "); h.quiet && verb != "run" && verb != "hold" && h.awaits() {
		return "run"
	}
	return line
}

func (h *history) drawVerb() string {
	n := 1 + h.draw.IntN(6)
	if !h.keysOnly && h.draw.IntN(4) == 0 {
		version := fmt.Sprintf(" orders-data/v%d", n)
		if old := h.old(); len(old) > 0 && h.draw.IntN(4) > 0 {
			version = fmt.Sprintf(" orders-data/v%d", pick(h, old...).Version)
		}
		return pick(h, "retire"+version+" --reason leak --confirm orders-data", "hold"+version+" --reason look",
			"hold"+version+" --reason look --until 2d", "release"+version)
	}
	return pick(h, "run", "run", "run", "rotate orders-data --reason leak --confirm orders-data",
		"rotate orders-data --reason leak --again --confirm orders-data",
		"rollback orders-data --reason bad --confirm orders-data",
		fmt.Sprintf("rollback orders-data/v%d --reason bad --confirm orders-data", n),
		"rotate orders-data --abandon --reason look --confirm orders-data",
		"reinstate orders-data", fmt.Sprintf("reinstate orders-data/v%d", n), "hold --all --reason look",
		"hold orders-data --reason look", "hold orders-data --reason look --until 2d", "release orders-data",
		"release --all", "adopt orders-data --reason look --confirm orders-data",
		"adopt orders-data --from-kms --reason look --confirm orders-data")
}

// step lets something happen.
func (h *history) step() {
	wait := pick(h, time.Minute, time.Hour, day, 5*day, 11*day, 25*day, 31*day)
	if h.quiet && wait > day && h.held() {
		h.doesIn(0, "release --all", false)
	}
	h.advance(wait)
	operation := pick(h, "CreateKey", "CreateAlias", "UpdateAlias", "UpdateItem", "DescribeKey", "DisableKey",
		"ListAliases", "EnableKey", "Query", "PutItem", "GetKeyPolicy", "ScheduleKeyDeletion", "CancelKeyDeletion")
	nth := 1 + h.draw.IntN(3)
	says := func(format string, args ...any) { h.typed = append(h.typed, "  "+fmt.Sprintf(format, args...)) }
	what := h.draw.IntN(13)
	if h.quiet {
		what = pick(h, 0, 1, 2, 2, 5, 6, 8, 9, 9, 9)
	}
	switch what {
	case 0: // it is killed after a call
		h.at(operation, nth, func() {
			says("killed after %s", operation)
			h.dies()
		})
		h.does(h.verb())
	case 1: // or before
		h.before(operation, nth, func(*http.Request) error {
			says("killed before %s", operation)
			h.dies()
			return errors.New("killed")
		})
		h.does(h.verb())
	case 2: // it is paused, and other runs and persons come in between
		h.at(operation, nth, func() {
			wait := pick(h, 0, time.Minute, 10*time.Minute, 25*time.Minute)
			says("at %s, %s later:", operation, wait)
			h.advance(wait)
			h.does(pick(h, "run", "run", h.verb()))
		})
		h.does(h.verb())
	case 3: // AWS does not answer, or says no
		f := sandbox.Fault{Operation: operation, Kind: pick(h, sandbox.Drop, sandbox.Lose, sandbox.Refuse)}
		if f.Kind == sandbox.Refuse {
			f.Code = pick(h, "ThrottlingException", "AccessDeniedException", "InternalServerError")
			f.Message = "slow down"
		}
		says("%s %s %s", f.Kind, operation, f.Code)
		h.fault(f)
		h.does(h.verb())
	case 4: // a call gets no answer, and arrives minutes later
		h.before(operation, nth, func(r *http.Request) error {
			says("%s is under way", operation)
			body, err := io.ReadAll(r.Body)
			h.check(err)
			late := r.Clone(h.t.Context())
			late.Body = io.NopCloser(bytes.NewReader(body))
			h.undelivered = append(h.undelivered, late)
			return errors.New("connection reset")
		})
		h.does(h.verb())
		h.advance(pick(h, time.Second, 2*time.Minute, 4*time.Minute, 10*time.Minute))
		h.does("run")
	case 5: // KMS lags
		h.check(h.box.SetSwitches(sandbox.Switches{Lag: sandbox.Duration(2 * time.Minute)}))
		h.does(h.verb())
	case 6: // the plan changes, in one pool before the other
		m := h.drawTerms()
		if h.quiet && h.planned[0].retire == deletes { // a person decides about what is scheduled already
			m.retire = deletes
		}
		if h.quiet {
			h.replan(m, h.plans[:]...)
		}
		h.replan(m, h.plans[0])
		for range h.draw.IntN(3) {
			h.does(h.verb())
		}
		h.replan(m, h.plans[:]...)
		h.does("run")
	case 7:
		h.disaster(says)
	case 8: // a consumer reads old data
		list, err := h.kms().ListAliases(h.t.Context(), &awskms.ListAliasesInput{})
		h.check(err)
		for _, a := range list.Aliases {
			if a.TargetKeyId != nil && h.draw.IntN(2) == 0 {
				h.decrypts(*a.TargetKeyId)
			}
		}
		h.does("run")
	default:
		h.does(h.verb())
	}
}

// dies is the end of the process that runs.
func (h *history) dies() {
	h.hindered[fmt.Sprintf("%08x", h.world.runs)] = true
	h.answers = func(*http.Request) (*http.Response, error) { return nil, errors.New("killed") }
	h.cancel()
}

// before does something instead of the n-th call of an operation.
func (h *history) before(operation string, n int, instead func(*http.Request) error) {
	h.answers = func(r *http.Request) (*http.Response, error) {
		if operationOf(r) != operation {
			return nil, nil
		}
		if n--; n != 0 {
			return nil, nil
		}
		h.answers = nil
		return nil, instead(r)
	}
}

// calm ends what is wrong, and delivers what is under way.
func (h *history) calm() {
	h.answers = nil
	h.fault()
	for _, r := range h.undelivered {
		answer, err := h.sees(r, h.box.RoundTripper().RoundTrip)
		h.check(err)
		h.typed = append(h.typed, fmt.Sprint("  ", operationOf(r), " arrives: ", answer.StatusCode))
		_ = answer.Body.Close()
	}
	h.undelivered = nil
}

// decrypts uses a key as a consumer does that reads old data.
func (h *history) decrypts(keyID string) {
	made, err := h.kms().Encrypt(h.t.Context(), &awskms.EncryptInput{KeyId: &keyID, Plaintext: []byte("x")})
	if err != nil {
		return
	}
	_, err = h.kms().Decrypt(h.t.Context(), &awskms.DecryptInput{KeyId: &keyID, CiphertextBlob: made.CiphertextBlob})
	h.check(err)
	h.uses = append(h.uses, use{keyID, h.box.Now()})
}

// disaster has somebody move the alias, or lose the record, and then do as the runbook or
// the next run says.
func (h *history) disaster(says func(string, ...any)) {
	runbook := "adopt orders-data --from-kms --reason lost --confirm orders-data"
	switch h.draw.IntN(5) {
	case 0:
		says("the alias moved")
		h.moveAlias(alias, h.newKey())
		h.advance(time.Hour)
		runbook = "adopt orders-data --reason ours --confirm orders-data"
	case 1:
		says("the record is lost")
		h.deleteItems("record")
	case 2:
		says("the table is restored")
		h.restoreTable()
	case 3:
		says("the record is put back")
		h.putBack(func() {
			h.does("hold orders-data --reason look")
			h.does("release orders-data")
			h.does("run")
		})
	case 4:
		says("the table is made again")
		h.dropTable()
		h.doesIn(0, "init --table", false)
		runbook = "adopt --from-kms --all --reason lost --confirm orders-data"
	}
	if h.draw.IntN(2) == 0 {
		h.doesIn(0, runbook, false)
		return
	}
	for range 3 {
		h.doesIn(0, "status", true)
		h.advance(25 * time.Minute)
		h.doesIn(0, "run", true)
	}
}
