//go:build unix

package interrupted

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/sandbox"
)

const (
	region = "eu-west-1"
	alias  = "alias/orders-data"
	name   = "orders-data"
	day    = 24 * time.Hour
)

const planYAML = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: off, delete_after: 20d, deletion_window: 7d}
`

// world is an embedded AWS with one key, the proxy before it, and what happened
// there.
type world struct {
	t     *testing.T
	box   *sandbox.Sandbox
	proxy *proxy
	// address is that of the proxy.
	address string
	dir     string
	// plan is the path of the plan.
	plan string
	// env is added to the environment of processes.
	env []string

	// table does not go through the proxy.
	table *ddblock.Table
	story story
}

// open makes a world with the state of an embedded AWS.
func open(t *testing.T, state []byte) *world {
	t.Helper()
	box, err := sandbox.Restore(state, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return around(t, box)
}

// around makes a world of an embedded AWS.
func around(t *testing.T, box *sandbox.Sandbox) *world {
	t.Helper()
	w := &world{t: t, box: box, dir: t.TempDir()}
	w.plan = filepath.Join(w.dir, "keyturn.yaml")
	if err := os.WriteFile(w.plan, []byte(planYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	w.table = ddblock.New(awsddb.NewFromConfig(w.admin()), "keyturn")
	w.proxy = newProxy(box, w.see)
	server := httptest.NewServer(w.proxy)
	w.address = strings.TrimPrefix(server.URL, "http://")
	t.Cleanup(func() {
		w.proxy.cutAll()
		server.Close()
	})
	return w
}

// admin returns a way to AWS that is not through the proxy.
func (w *world) admin() aws.Config { return w.box.AWSConfig(region, "ADMIN") }

// jump moves the clock of AWS while no process runs.
func (w *world) jump(d time.Duration) {
	w.t.Helper()
	if err := w.box.Jump(d); err != nil {
		w.t.Fatal(err)
	}
}

// advance moves the clock of AWS, and of nobody else.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	if d == 0 {
		return
	}
	if err := w.box.Advance(d); err != nil {
		w.t.Fatal(err)
	}
}
