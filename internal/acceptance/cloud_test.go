package acceptance

import (
	"bytes"
	"context"
	"errors"
	"net/http"
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

const planYAML = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
`

// cloud is an embedded AWS on loopback with one key that is due a rotation. A
// gate sees each request before it is applied and after.
type cloud struct {
	t      *testing.T
	box    *sandbox.Sandbox
	server *httptest.Server
	plan   string
	dir    string
	gate   *gate

	mu      sync.Mutex
	started map[string]*os.Process // of pools
}

// kill ends a pool's process as kill -9 does.
func (c *cloud) kill(pool string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.started[pool].Kill()
}

func (c *cloud) startOne(pool string, cmd *exec.Cmd) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	c.started[pool] = cmd.Process
	return nil
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{t: t, box: box, dir: t.TempDir(), gate: &gate{next: box}, started: map[string]*os.Process{}}
	c.server = httptest.NewServer(c.gate)
	t.Cleanup(c.server.Close)
	c.plan = filepath.Join(c.dir, "keyturn.yaml")
	if err := os.WriteFile(c.plan, []byte(planYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	admin := awskms.NewFromConfig(box.AWSConfig("eu-west-1", "ADMIN"))
	key, err := admin.CreateKey(t.Context(), &awskms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateAlias(t.Context(), &awskms.CreateAliasInput{
		AliasName: aws.String("alias/orders-data"), TargetKeyId: key.KeyMetadata.KeyId}); err != nil {
		t.Fatal(err)
	}
	c.must("init", "--table")
	c.must("run")
	c.advance(91 * 24 * time.Hour)
	return c
}

func (c *cloud) advance(d time.Duration) {
	c.t.Helper()
	if err := c.box.Advance(d); err != nil {
		c.t.Fatal(err)
	}
}

// command makes a process of a pool, with an environment of its own as cron
// would give it one.
func (c *cloud) command(pool string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(c.t.Context(), binary, args...)
	cmd.Dir = c.dir
	cmd.Env = append(sandbox.Env(strings.TrimPrefix(c.server.URL, "http://"), "eu-west-1"),
		"PATH="+os.Getenv("PATH"), "HOME="+c.dir, "KEYTURN_PLAN="+c.plan, "KEYTURN_POOL="+pool,
		"AWS_ACCESS_KEY_ID="+strings.ToUpper(pool))
	return cmd
}

func (c *cloud) must(args ...string) {
	c.t.Helper()
	if out, err := c.command("admin", args...).CombinedOutput(); err != nil {
		c.t.Fatalf("keyturn %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// result is how a process ended.
type result struct {
	pool string
	exit int
	out  string
}

// start runs processes and returns how each ended, once all have. exited is
// called as each of them ends.
func (c *cloud) start(commands map[string]*exec.Cmd, exited func(pool string)) []result {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var results []result
	for pool, cmd := range commands {
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := c.startOne(pool, cmd); err != nil {
			c.t.Fatal(err)
		}
		wait.Go(func() {
			err := cmd.Wait()
			exited(pool)
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				c.t.Errorf("%s: %v", pool, err)
			}
			mu.Lock()
			defer mu.Unlock()
			results = append(results, result{pool, cmd.ProcessState.ExitCode(), out.String()})
		})
	}
	wait.Wait()
	return results
}

// rotatedOnce checks what must be true after the one rotation that was due.
func (c *cloud) rotatedOnce(t *testing.T) {
	t.Helper()
	conn, err := awscall.Connect(t.Context(), awscall.Options{Region: "eu-west-1", Transport: c.box.RoundTripper(), AccessKeyID: "ADMIN"})
	if err != nil {
		t.Fatal(err)
	}
	const key = "eu-west-1/alias/orders-data"
	records, err := ddblock.New(conn.DynamoDB, "keyturn").Read(t.Context(), []string{key})
	if err != nil {
		t.Fatal(err)
	}
	r := records[key]
	if r.Generation != 2 || r.Step != plan.Steady || r.Active.Version != 2 || len(r.Draining) != 1 || r.Lease != nil {
		t.Errorf("%s, lease %+v, draining %+v", r, r.Lease, r.Draining)
	}
	for i, e := range r.Events {
		if e.Rev != int64(i)+1 {
			t.Errorf("event %d has rev %d", i, e.Rev)
		}
	}
	for _, alias := range []string{"alias/orders-data", "alias/orders-data/v2"} {
		k, err := conn.KMS.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &alias})
		if err != nil {
			t.Fatal(err)
		}
		if got := aws.ToString(k.KeyMetadata.KeyId); got != r.Active.KeyID {
			t.Errorf("%s names %s, the record says %s", alias, got, r.Active.KeyID)
		}
	}
}

// changes counts the KMS mutations in the journal after seq, by operation.
func (c *cloud) changes(seq int64) map[string]int {
	counts := map[string]int{}
	for _, e := range c.box.Journal() {
		if e.Seq > seq && e.Service == "kms" && e.Mutates {
			counts[e.Operation]++
		}
	}
	return counts
}

func (c *cloud) seq() int64 {
	j := c.box.Journal()
	return j[len(j)-1].Seq
}

// gate stands before the sandbox. While victim is set, everybody else waits at
// the gate; the victim is killed when its n-th call has been applied, before
// it is answered.
type gate struct {
	next http.Handler

	mu     sync.Mutex
	victim string
	kill   func()
	after  int // calls of the victim until it is killed
	opened chan struct{}
}

// arm makes pool the victim: it alone may call, and after n calls kill is
// called. The gate opens when that has happened, or by open.
func (g *gate) arm(pool string, n int, kill func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.victim, g.after, g.kill, g.opened = strings.ToUpper(pool), n, kill, make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.victim != "" {
		g.victim = ""
		close(g.opened)
	}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	victim, opened := g.victim, g.opened
	mine := victim != "" && strings.Contains(r.Header.Get("Authorization"), "Credential="+victim+"/")
	last := false
	if mine {
		g.after--
		last = g.after == 0
	}
	g.mu.Unlock()
	if victim != "" && !mine {
		select {
		case <-opened:
		case <-r.Context().Done():
			return
		}
	}
	if !last {
		g.next.ServeHTTP(w, r)
		return
	}
	g.next.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
	g.kill()
	g.open()
}
