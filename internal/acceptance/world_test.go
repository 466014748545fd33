package acceptance

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

const (
	region = "eu-west-1"
	day    = 24 * time.Hour
)

// world is a cloud with one key in it, a table, a plan, and the gate before it.
type world struct {
	t      *testing.T
	cloud  cloud
	gate   *gate
	server *httptest.Server
	// conn does not go through the gate.
	conn  *awscall.Conn
	dir   string
	plan  string
	table string
	alias string
	// name is that of the key.
	name string
	// extra are lines of the plan under the key.
	extra []string

	mu sync.Mutex
	// started has the process of each pool.
	started map[string]*os.Process
	// background waits for processes while a case goes on.
	background sync.WaitGroup
}

// newWorld makes a key in a cloud, with an alias and a table that are its own.
// Nothing is adopted yet. Extra lines of the plan stand under the key.
func newWorld(t *testing.T, b backend, extra ...string) *world {
	t.Helper()
	w := emptyWorld(t, b, extra...)
	key, err := w.conn.KMS.CreateKey(t.Context(), symmetric)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.conn.KMS.CreateAlias(t.Context(), &awskms.CreateAliasInput{
		AliasName: &w.alias, TargetKeyId: key.KeyMetadata.KeyId}); err != nil {
		t.Fatal(err)
	}
	return w
}

// emptyWorld is newWorld without the key.
func emptyWorld(t *testing.T, b backend, extra ...string) *world {
	t.Helper()
	c := b.open(t)
	w := &world{t: t, cloud: c, gate: newGate(c.handler), dir: t.TempDir(), started: map[string]*os.Process{}}
	w.server = httptest.NewServer(w.gate)
	t.Cleanup(func() { // however the case ended; t.Context has ended the processes
		w.background.Wait()
		w.gate.end()
		w.server.Close()
	})
	var err error
	w.conn, err = awscall.Connect(t.Context(),
		awscall.Options{Region: region, Transport: c.transport, AccessKeyID: "ADMIN"})
	if err != nil {
		t.Fatal(err)
	}
	id := nonce()
	w.name, w.table = "orders-"+id, "keyturn-"+id
	w.alias = "alias/" + w.name
	w.plan = filepath.Join(w.dir, "keyturn.yaml")
	w.extra = extra
	w.writePlan("{every: 90d}")
	w.want(0, "init", "--table")
	return w
}

func nonce() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (w *world) writePlan(schedule string) {
	w.t.Helper()
	text := fmt.Sprintf("region: %s\ntable: %s\nschedule: %s\nmin_interval: 1s\ndrain: 30d\nkeys:\n  - alias: %s\n",
		region, w.table, schedule, w.alias)
	for _, line := range w.extra {
		text += "    " + line + "\n"
	}
	if err := os.WriteFile(w.plan, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// adopted lets a run adopt the key.
func (w *world) adopted() *world {
	w.t.Helper()
	w.want(0, "run")
	return w
}

// due gives the plan a window that opens now. The version that is live is a few
// seconds old then, which is enough for the plan's min_interval; to let 90 days
// pass instead would put keyturn's clock so far from its host's that the SDK
// has to find that out, with a refusal and a pause, in each process.
func (w *world) due() *world {
	w.t.Helper()
	if err := w.cloud.jump(3 * time.Second); err != nil {
		w.t.Fatal(err)
	}
	w.writePlan(fmt.Sprintf("{every: 90d, anchor: %s}", w.now().Format(time.RFC3339)))
	w.gate.reset()
	return w
}

// now returns the cloud's time, as an answer gives it.
func (w *world) now() time.Time {
	w.t.Helper()
	if _, err := w.conn.Caller(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w.conn.Clock.Now().UTC().Truncate(time.Second)
}

func (w *world) advance(d time.Duration) {
	w.t.Helper()
	if err := w.cloud.advance(d); err != nil {
		w.t.Fatal(err)
	}
}

// command makes a process of a pool, with an environment of its own as cron
// would give it one. It has so long to end.
func (w *world) command(pool string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(w.t.Context(), *processTime)
	w.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error {
		if w.t.Context().Err() == nil {
			w.t.Errorf("%s: keyturn %s was killed: it did not end within %s",
				pool, strings.Join(args, " "), *processTime)
		}
		return cmd.Process.Kill()
	}
	cmd.Dir = w.dir
	cmd.Env = append(sandbox.Env(strings.TrimPrefix(w.server.URL, "http://"), region),
		"PATH="+os.Getenv("PATH"), "HOME="+w.dir, "KEYTURN_PLAN="+w.plan, "KEYTURN_POOL="+pool,
		"AWS_ACCESS_KEY_ID="+strings.ToUpper(pool))
	return cmd
}

// result is how a process ended.
type result struct {
	pool string
	// exit is -1 for a killed process.
	exit int
	out  string
	err  string
}

// said returns all that it printed.
func (r result) said() string { return r.out + r.err }

// run runs keyturn to its end.
func (w *world) run(pool string, args ...string) result {
	w.t.Helper()
	for _, r := range w.start(map[string]*exec.Cmd{pool: w.command(pool, args...)}, func(string) {}) {
		return r
	}
	w.t.FailNow() // it could not be started
	return result{}
}

// want runs keyturn, which must end with an exit code.
func (w *world) want(exit int, args ...string) result {
	w.t.Helper()
	r := w.run("admin", args...)
	if r.exit != exit {
		w.t.Fatalf("keyturn %s: exit %d, want %d\n%s", strings.Join(args, " "), r.exit, exit, r.said())
	}
	return r
}

// document is want with --output json; it reads stdout into what.
func (w *world) document(exit int, what any, args ...string) {
	w.t.Helper()
	r := w.want(exit, append(args, "--output", "json")...)
	if err := json.Unmarshal([]byte(r.out), what); err != nil {
		w.t.Fatalf("keyturn %s: %v\n%s", strings.Join(args, " "), err, r.said())
	}
}

// confirmed returns the arguments that a person's verb wants.
func (w *world) confirmed(verb, reason string) []string {
	return []string{verb, w.name, "--reason", reason, "--confirm", w.name}
}

// start runs processes and returns how each ended, once all have. exited is
// called as each of them ends.
func (w *world) start(commands map[string]*exec.Cmd, exited func(pool string)) []result {
	w.t.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	var results []result
	for pool, cmd := range commands {
		var out, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &stderr
		if err := w.startOne(pool, cmd); err != nil {
			w.t.Errorf("%s: %v", pool, err)
			continue
		}
		wait.Go(func() {
			err := cmd.Wait()
			exited(pool)
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				w.t.Errorf("%s: %v", pool, err)
			}
			mu.Lock()
			defer mu.Unlock()
			results = append(results, result{pool, cmd.ProcessState.ExitCode(), out.String(), stderr.String()})
		})
	}
	wait.Wait()
	return results
}

func (w *world) startOne(pool string, cmd *exec.Cmd) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	w.started[pool] = cmd.Process
	return nil
}

// runKilled runs keyturn, which is killed when the first call of which last is
// true has been carried out. Nobody else is kept waiting for one that ended before.
func (w *world) runKilled(pool string, last func(operation string) bool, args ...string) result {
	w.t.Helper()
	w.gate.kills(pool, last, func() { w.kill(pool) })
	defer w.gate.open()
	return w.run(pool, args...)
}

// runHeld starts keyturn run, and returns once its call of an operation is held
// back. One that ends without that call fails the test.
func (w *world) runHeld(pool, operation string) (*held, <-chan result) {
	w.t.Helper()
	h := w.gate.hold(operation)
	ended := make(chan result, 1)
	w.background.Go(func() {
		for _, r := range w.start(map[string]*exec.Cmd{pool: w.command(pool, "run")}, func(string) {}) {
			ended <- r
		}
		close(ended)
	})
	select {
	case <-h.came:
	case r := <-ended:
		w.t.Fatalf("keyturn run ended without %s: exit %d\n%s", operation, r.exit, r.said())
	}
	return h, ended
}

// kill ends a pool's process as kill -9 does.
func (w *world) kill(pool string) { _ = w.signal(pool, os.Kill) }

func (w *world) signal(pool string, s os.Signal) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started[pool].Signal(s)
}

// runs lets as many pools start keyturn run at the same instant.
func (w *world) runs(pools int, args ...string) map[string]*exec.Cmd {
	commands := map[string]*exec.Cmd{}
	for i := range pools {
		pool := fmt.Sprintf("pool%d", i)
		commands[pool] = w.command(pool, append([]string{"run"}, args...)...)
	}
	return commands
}

// record reads the record as it stands in the table.
func (w *world) record() *plan.Record {
	w.t.Helper()
	key := region + "/" + w.alias
	records, err := ddblock.New(w.conn.DynamoDB, w.table).Read(w.t.Context(), []string{key})
	if err != nil {
		w.t.Fatal(err)
	}
	if records[key] == nil {
		w.t.Fatal("there is no record")
	}
	return records[key]
}

// behind returns the id of the key that an alias names.
func (w *world) behind(alias string) string {
	w.t.Helper()
	return aws.ToString(w.describe(alias).KeyId)
}

// settled checks what must be true when no generation is open: the record says
// that version is live, the alias and the version's own name it in KMS, and
// the ledger has no gap.
func (w *world) settled(generation, version int64) *plan.Record {
	w.t.Helper()
	r := w.record()
	if r.Generation != generation || r.Step != plan.Steady || r.Active != version || r.Lease != nil || r.Target != 0 {
		w.t.Errorf("want generation %d and v%d live: %s, lease %+v, draining %+v", generation, version, r, r.Lease,
			r.Draining())
	}
	for i, e := range r.Events {
		if want := r.Rev - int64(len(r.Events)-1-i); e.Rev != want {
			w.t.Errorf("event %d has rev %d, want %d", i, e.Rev, want)
		}
	}
	names := []string{w.alias}
	if !r.Live().Adopted {
		names = append(names, fmt.Sprintf("%s/v%d", w.alias, version))
	}
	for _, alias := range names {
		if got := w.behind(alias); got != r.Live().KeyID {
			w.t.Errorf("%s names %s, the record says %s", alias, got, r.Live().KeyID)
		}
	}
	return r
}

// symmetric is a key as `aws kms create-key` makes it: all of it by default.
var symmetric = &awskms.CreateKeyInput{}
