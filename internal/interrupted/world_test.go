//go:build unix

package interrupted

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

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
	t       *testing.T
	box     *sandbox.Sandbox
	proxy   *proxy
	address string // of the proxy
	dir     string
	plan    string // path

	table *ddblock.Table // not through the proxy
	story story
}

// open makes a world with the state of an embedded AWS; nil is an empty one.
func open(t *testing.T, state []byte) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.plan = filepath.Join(w.dir, "keyturn.yaml")
	if err := os.WriteFile(w.plan, []byte(planYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if state == nil {
		w.box, err = sandbox.New(sandbox.Options{})
	} else {
		w.box, err = sandbox.Restore(state, sandbox.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.table = ddblock.New(awsddb.NewFromConfig(w.admin()), "keyturn")
	w.proxy = newProxy(w.box, w.see)
	server := httptest.NewServer(w.proxy)
	w.address = strings.TrimPrefix(server.URL, "http://")
	t.Cleanup(func() {
		w.proxy.cutAll()
		server.Close()
	})
	return w
}

// admin is a way to AWS that is not through the proxy.
func (w *world) admin() aws.Config { return w.box.AWSConfig(region, "ADMIN") }

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

// stages are states of the embedded AWS in the life of one key.
type stages struct {
	due      []byte // adopted, and a window has opened
	rotated  []byte // v2 is live, v1 drains
	drained  []byte // v1's drain is over
	disabled []byte // v1 was disabled, longer than delete_after ago
}

var once struct {
	sync.Once
	stages
}

// life makes the stages, once, by undisturbed runs of the binary.
func life(t *testing.T) stages {
	t.Helper()
	once.Do(func() {
		w := open(t, nil)
		kms := awskms.NewFromConfig(w.admin())
		key, err := kms.CreateKey(t.Context(), &awskms.CreateKeyInput{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = kms.CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: aws.String(alias), TargetKeyId: key.KeyMetadata.KeyId})
		if err != nil {
			t.Fatal(err)
		}
		state := func() []byte {
			state, err := w.box.State()
			if err != nil {
				t.Fatal(err)
			}
			return state
		}
		w.start("setup1", "init", "--table").ends(0)
		w.start("setup2", "run").ends(0)
		w.advance(91 * day)
		once.due = state()
		w.start("setup3", "run").ends(0)
		w.advance(2 * time.Hour)
		once.rotated = state()
		w.advance(30 * day)
		once.drained = state()
		w.start("setup4", "run").ends(0)
		w.advance(21 * day)
		once.disabled = state()
	})
	if t.Failed() || once.disabled == nil {
		t.Fatal("the set-up failed")
	}
	return once.stages
}
