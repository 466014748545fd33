package rotate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// world is an embedded AWS, a plan, and pools that run keyturn on it: real SDK
// clients, no network, and in a synctest bubble no waiting.
type world struct {
	t     *testing.T
	aws   *sandbox.Sandbox
	plan  *planfile.Plan
	admin *awskms.Client
	seed  uint64
	table *ddblock.Table // as nobody's run
	watch *watch
}

const onePlan = `
region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
`

// newWorld starts an AWS with the lock table and nothing else.
func newWorld(t *testing.T, yaml string) *world {
	t.Helper()
	p, err := planfile.Parse("keyturn.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, aws: box, plan: p, admin: awskms.NewFromConfig(box.AWSConfig(p.Region, "ADMIN"))}
	w.watch = newWatch(w)
	conn := w.connect("ADMIN", nil)
	w.table = ddblock.New(conn.DynamoDB, p.Table)
	if _, err := w.table.Create(t.Context(), ddblock.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// makeKey makes a key as a person would have, and puts an alias on it.
func (w *world) makeKey(alias string) string {
	w.t.Helper()
	k, err := w.admin.CreateKey(w.t.Context(), &awskms.CreateKeyInput{
		Description: aws.String("orders at rest"),
		Tags:        []kmstypes.Tag{{TagKey: aws.String("team"), TagValue: aws.String("payments")}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	id := aws.ToString(k.KeyMetadata.KeyId)
	in := &awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &id}
	if _, err := w.admin.CreateAlias(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// due returns a world with every key of its plan adopted, and due a rotation.
func due(t *testing.T, yaml string) *world {
	t.Helper()
	w := newWorld(t, yaml)
	for _, k := range w.plan.Keys {
		w.makeKey(k.Alias)
	}
	w.pool("first").mustRun()
	w.advance(91 * 24 * time.Hour)
	return w
}

func (w *world) advance(d time.Duration) {
	w.t.Helper()
	if err := w.aws.Advance(d); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) connect(caller string, transport http.RoundTripper) *awscall.Conn {
	w.t.Helper()
	if transport == nil {
		transport = w.aws.RoundTripper()
	}
	conn, err := awscall.Connect(w.t.Context(), awscall.Options{Region: w.plan.Region, Transport: transport,
		AccessKeyID: caller, RunID: caller})
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// wire returns the way to the AWS, with the watch on it. A transport that parks or
// breaks calls goes around it.
func (w *world) wire() http.RoundTripper { return watched{w.aws.RoundTripper(), w.watch} }

// pool is one run of one pool.
type pool struct {
	w *world
	*rotate.Runner
	request plan.Request
}

func (w *world) pool(name string) *pool { return w.poolOn(name, nil) }

func (w *world) poolOn(name string, transport http.RoundTripper) *pool {
	if transport == nil {
		transport = w.wire()
	}
	conn := w.connect(strings.ToUpper(name), transport)
	w.seed++
	return &pool{w: w, request: plan.Request{Verb: plan.VerbSchedule}, Runner: &rotate.Runner{
		Records:  ddblock.New(conn.DynamoDB, w.plan.Table),
		KMS:      kms.New(conn.KMS),
		Identity: conn,
		Now:      conn.Clock.Now, Sleep: rotate.Sleep,
		Rand: rand.New(rand.NewPCG(w.seed, 1)),
		Run:  fmt.Sprintf("%s-%d", name, w.seed), Pool: name, Host: "host-" + name,
		Wait: 2 * time.Minute, Gate: rotate.AskGate,
	}}
}

func (p *pool) run(ctx context.Context) *rotate.Report {
	p.w.t.Helper()
	report, err := p.Do(ctx, p.w.plan.Keys, p.request)
	if err != nil {
		p.w.t.Fatalf("%s: %v", p.Pool, err)
	}
	return report
}

// mustRun runs and fails the test if anything was left undone.
func (p *pool) mustRun() *rotate.Report {
	p.w.t.Helper()
	report := p.run(p.w.t.Context())
	for _, k := range report.Keys {
		if k.Outcome == plan.Refused || k.Outcome == plan.Failed || k.Busy {
			p.w.t.Fatalf("%s: %s %s: %v %v %+v", p.Pool, k.Policy.Name, k.Outcome, k.Err, k.Reasons, k.Refusal)
		}
	}
	return report
}

// record reads a key's record as it stands.
func (w *world) record(key plan.Policy) *plan.Record {
	w.t.Helper()
	records, err := w.table.Read(w.t.Context(), []string{key.Key()})
	if err != nil {
		w.t.Fatal(err)
	}
	return records[key.Key()]
}

// names returns the key behind an alias.
func (w *world) names(alias string) string {
	w.t.Helper()
	k, err := w.admin.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: &alias})
	if err != nil {
		w.t.Fatal(err)
	}
	return aws.ToString(k.KeyMetadata.KeyId)
}

// since returns what the journal counted from an entry on, as "Operation×n".
func (w *world) since(seq int64) string {
	counts := map[string]int{}
	for _, e := range w.aws.Journal() {
		if e.Seq > seq && !strings.Contains(e.UserAgent, "run/ADMIN") && strings.Contains(e.UserAgent, "keyturn") {
			counts[e.Operation]++
		}
	}
	var list []string
	for op, n := range counts {
		list = append(list, fmt.Sprintf("%s×%d", op, n))
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

func (w *world) seq() int64 {
	j := w.aws.Journal()
	if len(j) == 0 {
		return 0
	}
	return j[len(j)-1].Seq
}

// park is a transport that stops at one call: held is closed when it got
// there, and it goes on when release is closed.
type park struct {
	next      http.RoundTripper
	operation string
	held      chan struct{}
	release   chan struct{}
	once      sync.Once
}

func newPark(next http.RoundTripper, operation string) *park {
	return &park{next: next, operation: operation, held: make(chan struct{}), release: make(chan struct{})}
}

func (p *park) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+p.operation) {
		p.once.Do(func() {
			close(p.held)
			<-p.release
		})
	}
	return p.next.RoundTrip(r)
}

// state returns the state of a key.
func (w *world) state(keyID string) string {
	w.t.Helper()
	k, err := w.admin.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: &keyID})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(k.KeyMetadata.KeyState)
}

// putRecord puts a record where there is none.
func (w *world) putRecord(r *plan.Record) {
	w.t.Helper()
	if err := w.table.Write(w.t.Context(), nil, r); err != nil {
		w.t.Fatal(err)
	}
}
