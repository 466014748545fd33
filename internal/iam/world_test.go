package iam_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

const day = 24 * time.Hour

// world is an embedded AWS on which roles run what they are for: IAM is asked
// about every call, and the User-Agent in the journal shows who made it.
type world struct {
	*testing.T
	aws   *sandbox.Sandbox
	plan  *planfile.Plan
	admin *awskms.Client
	runs  uint64

	// mu guards judged.
	mu sync.Mutex
	// judged is by role and query.
	judged map[string]verdict
}

func newWorld(t *testing.T) *world {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, aws: box, plan: parse(t, manyPlan), judged: map[string]verdict{},
		admin: awskms.NewFromConfig(box.AWSConfig("eu-west-1", "ADMIN"))}
	if err := box.Advance(27 * 365 * day); err != nil { // past the day from which KMS records uses
		t.Fatal(err)
	}
	if _, err := ddblock.New(w.connect("ADMIN", nil).DynamoDB, "keyturn").Create(t.Context(),
		ddblock.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// connect returns clients of a role, which IAM has to allow every call.
func (w *world) connect(role string, transport http.RoundTripper) *awscall.Conn {
	w.Helper()
	if transport == nil {
		transport = w.aws.RoundTripper()
	}
	if slices.Contains(iam.Roles(), iam.Role(role)) {
		transport = gate{world: w, role: iam.Role(role), next: transport}
	}
	conn, err := awscall.Connect(w.Context(),
		awscall.Options{Region: "eu-west-1", Transport: transport, AccessKeyID: role, RunID: role})
	if err != nil {
		w.Fatal(err)
	}
	return conn
}

// do runs a request as a role, on all keys or on those named.
func (w *world) do(role iam.Role, q plan.Request, names ...string) *rotate.Report {
	return w.on(nil, role, q, names...)
}

func (w *world) on(transport http.RoundTripper, role iam.Role, q plan.Request, names ...string) *rotate.Report {
	w.Helper()
	conn := w.connect(string(role), transport)
	w.runs++
	r := &rotate.Runner{Records: ddblock.New(conn.DynamoDB, "keyturn"), KMS: kms.New(conn.KMS), Identity: conn,
		Now: conn.Clock.Now, Sleep: rotate.Sleep,
		Rand: rand.New(rand.NewPCG(w.runs, 1)), Run: fmt.Sprint(role, w.runs), Pool: string(role), Host: "host",
		Wait: 30 * time.Minute, Gate: rotate.AskGate}
	var keys []plan.Policy
	for _, k := range w.plan.Keys {
		if len(names) == 0 || slices.Contains(names, k.Name) {
			keys = append(keys, k)
		}
	}
	q.Reason = "because"
	report, err := r.Do(context.WithoutCancel(w.Context()), keys, q)
	if err != nil {
		w.Fatal(err)
	}
	for _, k := range report.Keys {
		if k.Outcome == plan.Failed || k.Outcome == plan.Refused {
			w.Errorf("%s %s %s: %s: %v %+v", role, q.Verb, k.Policy.Name, k.Outcome, k.Err, k.Refusal)
		}
	}
	return report
}

func (w *world) advance(d time.Duration) {
	w.Helper()
	if err := w.aws.Advance(d); err != nil {
		w.Fatal(err)
	}
}

// must fails the test if what an administrator does is refused.
func must[T any](w *world) func(T, error) T {
	return func(v T, err error) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return v
	}
}

func (w *world) makeKey(k plan.Policy) string {
	w.Helper()
	out := must[*awskms.CreateKeyOutput](w)(w.admin.CreateKey(w.Context(),
		&awskms.CreateKeyInput{KeySpec: types.KeySpec(k.Spec), KeyUsage: types.KeyUsageType(k.Usage)}))
	if plan.RotatesItself(k.Spec, k.Usage) {
		must[*awskms.EnableKeyRotationOutput](w)(w.admin.EnableKeyRotation(w.Context(),
			&awskms.EnableKeyRotationInput{KeyId: out.KeyMetadata.KeyId}))
	}
	return *out.KeyMetadata.KeyId
}

func (w *world) alias(name, keyID string) {
	w.Helper()
	must[*awskms.CreateAliasOutput](w)(w.admin.CreateAlias(w.Context(),
		&awskms.CreateAliasInput{AliasName: &name, TargetKeyId: &keyID}))
}

func (w *world) record(i int) *plan.Record {
	w.Helper()
	key := w.plan.Keys[i].Key()
	records := ddblock.New(w.connect("ADMIN", nil).DynamoDB, "keyturn")
	return must[map[string]*plan.Record](w)(records.Read(w.Context(), []string{key}))[key]
}

func (w *world) loseRecord(i int) {
	w.Helper()
	api := w.connect("ADMIN", nil).DynamoDB
	must[*awsddb.DeleteItemOutput](w)(api.DeleteItem(w.Context(),
		&awsddb.DeleteItemInput{TableName: aws.String("keyturn"), Key: map[string]ddbtypes.AttributeValue{
			"key":  &ddbtypes.AttributeValueMemberS{Value: w.plan.Keys[i].Key()},
			"item": &ddbtypes.AttributeValueMemberS{Value: "record"}}}))
}

// called returns the operations that a role has called, as IAM names them.
func (w *world) called(role iam.Role) []string {
	var ops []string
	for _, e := range w.aws.Journal() {
		if strings.Contains(e.UserAgent, "run/"+string(role)) {
			ops = append(ops, e.Service+":"+e.Operation)
		}
	}
	slices.Sort(ops)
	return slices.Compact(ops)
}

// pause is a transport that stops before the first call of an operation.
type pause struct {
	next          http.RoundTripper
	operation     string
	held, release chan struct{}
	once          sync.Once
}

func (p *pause) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+p.operation) {
		first := false
		p.once.Do(func() { first = true })
		if first {
			close(p.held)
			<-p.release
		}
	}
	return p.next.RoundTrip(r)
}
