package cmd

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// process is a process that Main runs in, without being one.
type process struct {
	Env
	out, err bytes.Buffer
	vars     map[string]string
}

// hasty is a host on which nobody waits for a turn to change KMS.
type hasty struct{}

func (hasty) Now() time.Time                                   { return time.Now() }
func (hasty) Pause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func newProcess() *process {
	p := &process{vars: map[string]string{"KEYTURN_POOL": "pool-1"}}
	p.Env = Env{
		Stdin: strings.NewReader(""), Stdout: &p.out, Stderr: &p.err,
		LookupEnv: func(name string) (string, bool) { v, ok := p.vars[name]; return v, ok },
		Hostname:  func() (string, error) { return "ip-10-2-3-4", nil },
		RunID:     newRunID, Host: hasty{},
	}
	return p
}

func (p *process) keyturn(ctx context.Context, args ...string) int {
	p.out.Reset()
	p.err.Reset()
	return Main(ctx, args, p.Env)
}

const day = 24 * time.Hour

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

const onePlan = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
`

// cloud is an embedded AWS, and a plan with one key that is due.
type cloud struct {
	t    *testing.T
	box  *sandbox.Sandbox
	plan string
	gate *gate
	// transport leads to the AWS; nil if the environment does.
	transport http.RoundTripper
}

// newCloud makes an AWS in the process.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := emptyCloud(t)
	c.gate.next = c.box.RoundTripper()
	c.transport = c.gate
	c.furnish()
	return c
}

// newServedCloud makes an AWS on loopback, and the environment for it.
func newServedCloud(t *testing.T) *cloud {
	t.Helper()
	return newCloudAt(t, "")
}

// newCloudAt is newServedCloud by a URL with a user.
func newCloudAt(t *testing.T, user string) *cloud {
	t.Helper()
	c := emptyCloud(t)
	server := httptest.NewServer(c.box)
	t.Cleanup(server.Close)
	for _, v := range sandbox.Env(user+strings.TrimPrefix(server.URL, "http://"), "eu-west-1") {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	c.furnish()
	return c
}

func emptyCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t, gate: &gate{}, plan: filepath.Join(t.TempDir(), "keyturn.yaml")}
	var err error
	if c.box, err = sandbox.New(sandbox.Options{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// furnish makes the plan, its key and the table, adopts, and lets a rotation fall due.
func (c *cloud) furnish() {
	c.t.Helper()
	c.adopt()
	c.advance(91 * 24 * time.Hour)
}

// adopt makes the plan, its key and the table, and adopts.
func (c *cloud) adopt() {
	t := c.t
	t.Helper()
	if err := os.WriteFile(c.plan, []byte(onePlan), 0o600); err != nil {
		t.Fatal(err)
	}
	c.alias(c.key())
	for _, args := range [][]string{{"init", "--table"}, {"run"}} {
		if p, exit := c.run(args...); exit != 0 {
			t.Fatalf("%v: exit %d\n%s", args, exit, p.err.String())
		}
	}
}

func (c *cloud) admin() *awskms.Client {
	return awskms.NewFromConfig(c.box.AWSConfig("eu-west-1", "ADMIN"))
}

// key makes a key that is none of keyturn's.
func (c *cloud) key() string {
	c.t.Helper()
	k, err := c.admin().CreateKey(c.t.Context(), &awskms.CreateKeyInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	return *k.KeyMetadata.KeyId
}

func (c *cloud) alias(keyID string) {
	c.t.Helper()
	_, err := c.admin().CreateAlias(c.t.Context(), &awskms.CreateAliasInput{AliasName: aws.String("alias/orders-data"),
		TargetKeyId: &keyID})
	if err != nil {
		c.t.Fatal(err)
	}
}

// drift moves the alias behind keyturn's back.
func (c *cloud) drift() {
	c.t.Helper()
	_, err := c.admin().UpdateAlias(c.t.Context(), &awskms.UpdateAliasInput{AliasName: aws.String("alias/orders-data"),
		TargetKeyId: aws.String(c.key())})
	if err != nil {
		c.t.Fatal(err)
	}
}

// behind returns the key behind the alias.
func (c *cloud) behind() string {
	c.t.Helper()
	return c.keyOf("alias/orders-data")
}

// advance puts AWS's clock forward while no command runs.
func (c *cloud) advance(d time.Duration) {
	c.t.Helper()
	if err := c.box.Jump(d); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) run(args ...string) (*process, int) {
	return c.runIn(c.t.Context(), newProcess(), args...)
}

func (c *cloud) runIn(ctx context.Context, p *process, args ...string) (*process, int) {
	p.vars["KEYTURN_PLAN"], p.Transport = c.plan, c.transport
	return p, p.keyturn(ctx, args...)
}

// gate stands before the embedded AWS, counts the calls and holds those of one
// operation.
type gate struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen map[string]int // by operation
	hold string
	came chan struct{}
	open chan struct{}
}

// close holds the next call of an operation. came is closed when it has come,
// and it goes on once open is called.
func (g *gate) close(operation string) (came <-chan struct{}, open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold, g.came, g.open = operation, make(chan struct{}), make(chan struct{})
	opened := g.open
	return g.came, sync.OnceFunc(func() { close(opened) })
}

func (g *gate) count(operation string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen[operation]
}

// RoundTrip sends a call on.
func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	if g.seen == nil {
		g.seen = map[string]int{}
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	g.seen[operation]++
	hold, came, open := g.hold, g.came, g.open
	if hold != "" && operation == hold {
		g.hold = ""
		close(came)
	} else {
		open = nil
	}
	g.mu.Unlock()
	if open != nil {
		<-open
	}
	return g.next.RoundTrip(r)
}
