package rotate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

const day = 24 * time.Hour

const retirePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: disable, unless_used_within: 7d}
`

// managed returns a world with one key adopted a moment ago, in a time when KMS has
// recorded uses for long.
func managed(t *testing.T, yaml string) (w *world, key plan.Policy, v1 string) {
	t.Helper()
	w = newWorld(t, yaml)
	defer w.setUp()()
	w.advance(27 * 365 * day)
	for _, k := range w.plan.Keys {
		v1 = w.makeKey(k.Alias)
	}
	w.pool("cron").mustRun()
	return w, w.plan.Keys[0], v1
}

// switched returns a managed world one rotation later: v1 drains.
func switched(t *testing.T, yaml string) (w *world, key plan.Policy, v1 string) {
	t.Helper()
	w, key, v1 = managed(t, yaml)
	defer w.setUp()()
	w.advance(31 * day)
	w.pool("cron").mustRun()
	if r := w.record(key); len(r.Draining()) != 1 || r.Draining()[0].KeyID != v1 {
		t.Fatalf("set-up: %+v", r.Draining())
	}
	return w, key, v1
}

// drained returns a switched world whose v1 has drained: the next run retires it.
func drained(t *testing.T, yaml string) (w *world, key plan.Policy, v1 string) {
	t.Helper()
	w, key, v1 = switched(t, yaml)
	w.advance(10*day + time.Minute)
	return w, key, v1
}

// retired returns a drained world whose v1 was disabled.
func retired(t *testing.T, yaml string) (w *world, key plan.Policy, v1 string) {
	t.Helper()
	w, key, v1 = drained(t, yaml)
	defer w.setUp()()
	w.pool("cron").mustRun()
	if r := w.record(key); len(r.Retired()) != 1 || w.state(v1) != "Disabled" {
		t.Fatalf("set-up: %+v, v1 is %s", r.Retired(), w.state(v1))
	}
	return w, key, v1
}

// asks makes a pool whose run is a person's verb.
func (w *world) asks(q plan.Request) *pool { return w.asksOn(nil, q) }

func (w *world) asksOn(transport *park, q plan.Request) *pool {
	p := w.pool("person")
	if transport != nil {
		p = w.poolOn("person", transport)
	}
	q.Reason = "incident 7"
	p.request = q
	return p
}

// runs begins a run and gives its report when it is over.
func (p *pool) begin() <-chan *rotate.Report {
	done := make(chan *rotate.Report, 1)
	go func() { done <- p.run(p.w.t.Context()) }()
	return done
}

func only(t *testing.T, r *rotate.Report) rotate.KeyReport {
	t.Helper()
	if len(r.Keys) != 1 {
		t.Fatalf("%d keys", len(r.Keys))
	}
	return r.Keys[0]
}

// draining returns the entry of a key that drains.
func draining(r *plan.Record, keyID string) (plan.Version, bool) {
	if v := r.EntryOf(keyID); v != nil && v.State == plan.Draining {
		return *v, true
	}
	return plan.Version{}, false
}

// wasRetired returns the entry of a key whose drain is over.
func wasRetired(r *plan.Record, keyID string) (plan.Version, bool) {
	if v := r.EntryOf(keyID); v != nil && v.State.Retired() {
		return *v, true
	}
	return plan.Version{}, false
}

// fault arms one fault for the calls of a pool, and for nobody else's.
func (w *world) fault(f ...sandbox.Fault) {
	w.t.Helper()
	if err := w.aws.SetSwitches(sandbox.Switches{Faults: f}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) noFaults() {
	w.t.Helper()
	if err := w.aws.SetSwitches(sandbox.Switches{}); err != nil {
		w.t.Fatal(err)
	}
}

// use encrypts with a key, as a consumer would.
func (w *world) use(keyID string) {
	w.t.Helper()
	in := &awskms.EncryptInput{KeyId: &keyID, Plaintext: []byte("order 1")}
	if _, err := w.admin.Encrypt(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// days lets cron come once a day.
func (w *world) days(n int) {
	w.t.Helper()
	for range n {
		w.advance(day)
		w.pool("cron").mustRun()
	}
}

func (w *world) grant(keyID string) {
	w.t.Helper()
	if _, err := w.admin.CreateGrant(w.t.Context(), &awskms.CreateGrantInput{KeyId: &keyID,
		GranteePrincipal: aws.String("arn:aws:iam::111122223333:role/volumes"),
		Operations:       []types.GrantOperation{types.GrantOperationDecrypt}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) revokeGrants(keyID string) {
	w.t.Helper()
	list, err := w.admin.ListGrants(w.t.Context(), &awskms.ListGrantsInput{KeyId: &keyID})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, g := range list.Grants {
		in := &awskms.RevokeGrantInput{KeyId: &keyID, GrantId: g.GrantId}
		if _, err := w.admin.RevokeGrant(w.t.Context(), in); err != nil {
			w.t.Fatal(err)
		}
	}
}

// moveByHand moves an alias as nobody should.
func (w *world) moveByHand(alias, keyID string) {
	w.t.Helper()
	w.watch.Excuse(alias)
	in := &awskms.UpdateAliasInput{AliasName: &alias, TargetKeyId: &keyID}
	if _, err := w.admin.UpdateAlias(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) aliasByHand(alias, keyID string) {
	w.t.Helper()
	in := &awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &keyID}
	if _, err := w.admin.CreateAlias(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) disableByHand(keyID string) {
	w.t.Helper()
	w.watch.Excuse(keyID)
	if _, err := w.admin.DisableKey(w.t.Context(), &awskms.DisableKeyInput{KeyId: &keyID}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enableByHand(keyID string) {
	w.t.Helper()
	if _, err := w.admin.EnableKey(w.t.Context(), &awskms.EnableKeyInput{KeyId: &keyID}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deleteByHand(keyID string) {
	w.t.Helper()
	w.watch.Excuse(keyID)
	in := &awskms.ScheduleKeyDeletionInput{KeyId: &keyID, PendingWindowInDays: aws.Int32(7)}
	if _, err := w.admin.ScheduleKeyDeletion(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// calls counts the calls of keyturn to one operation since an entry.
func (w *world) calls(seq int64, operation string) (n int) {
	for _, e := range w.aws.Journal() {
		if e.Seq > seq && e.Operation == operation && strings.Contains(e.UserAgent, "keyturn") &&
			!strings.Contains(e.UserAgent, "run/ADMIN") {
			n++
		}
	}
	return n
}

// dropAlias deletes an alias as a person would.
func (w *world) dropAlias(alias string) {
	w.t.Helper()
	if _, err := w.admin.DeleteAlias(w.t.Context(), &awskms.DeleteAliasInput{AliasName: &alias}); err != nil {
		w.t.Fatal(err)
	}
}

// lose refuses the n-th call of an operation with a code.
func (w *world) lose(operation string, n int, code string) {
	w.fault(sandbox.Fault{Operation: operation, Ordinal: n, Kind: sandbox.Refuse, Code: code})
}
