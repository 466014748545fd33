package rotate_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// wrongUsage is another pool's plan, or the next one: it takes an ENCRYPT_DECRYPT key
// for one that signs, so its default for all keys may be to disable.
const wrongUsage = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
retire: {action: disable, unless_used_within: off}
keys:
  - alias: alias/orders-data
    usage: SIGN_VERIFY
`

var deleteSoon = strings.Replace(retirePlan, "{action: disable,",
	"{action: delete, delete_after: 7d, deletion_window: 7d,", 1)

// planIs sets the plan of the pools from now on.
func (w *world) planIs(yaml string) {
	w.t.Helper()
	p, err := planfile.Parse("keyturn.yaml", []byte(yaml))
	if err != nil {
		w.t.Fatal(err)
	}
	w.plan = p
}

// refuses runs and wants the refusal of a plan that is about another kind of key.
func (p *pool) refuses(what string) {
	p.w.t.Helper()
	k := only(p.w.t, p.run(p.w.t.Context()))
	if k.Refusal == nil || k.Refusal.Code != "unlike-plan" || !strings.Contains(k.Refusal.What, what) {
		p.w.t.Fatalf("%s: %s %+v %v, want unlike-plan: %s", p.Pool, k.Outcome, k.Refusal, k.Err, what)
	}
}

// No version is disabled or deleted by a plan that is about another kind of key.
func TestWrongPlanRetiresNothing(t *testing.T) {
	for name, c := range map[string]struct {
		wrong, right string
		begin        func(*testing.T, string) (*world, plan.Policy, string)
		was, then    string
	}{
		"disabled": {wrongUsage, retirePlan, drained, "Enabled", "Disabled"},
		"by its spec": {strings.Replace(wrongUsage, "usage: SIGN_VERIFY", "spec: HMAC_256", 1),
			retirePlan, drained, "Enabled", "Disabled"},
		"deleted": {deleteSoon + "    spec: HMAC_256\n", deleteSoon, deletable, "Disabled", "PendingDeletion"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := c.begin(t, c.right)
				w.planIs(c.wrong)
				w.pool("cron").refuses("v1 (" + v1 + ") has")
				if s := w.state(v1); s != c.was {
					t.Fatalf("v1 is %s", s)
				}
				if e := w.record(key).LastError; e == nil || e.Code != "unlike-plan" {
					t.Errorf("not written down: %+v", e)
				}
				w.pool("cron").mustRun() // it is asked about once a day
				w.planIs(c.right)
				w.advance(day + time.Minute)
				w.pool("cron").mustRun()
				if s := w.state(v1); s != c.then {
					t.Errorf("with the right plan v1 is %s", s)
				}
				w.sound()
			})
		})
	}
}

// deletable returns a world whose v1 may be deleted.
func deletable(t *testing.T, yaml string) (*world, plan.Policy, string) {
	t.Helper()
	w, key, v1 := retired(t, yaml)
	w.advance(8 * day)
	return w, key, v1
}

// A generation is neither claimed nor made nor confirmed by a plan of another kind,
// whoever asks for it. The right plan goes on where it stood.
func TestWrongPlanMakesNothing(t *testing.T) {
	due := func(*world) {}
	claimed := func(w *world) {
		w.fault(sandbox.Fault{Operation: "CreateKey", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		w.pool("cron").run(t.Context())
		w.noFaults()
	}
	made := func(w *world) { w.pool("cron").mustRun() }
	cron := plan.Request{Verb: plan.VerbSchedule}
	rotate := plan.Request{Verb: plan.VerbRotate}
	abandon := plan.Request{Verb: plan.VerbRotate, Abandon: true}
	const waits = retirePlan + "    prepublish: 2d\n"
	for name, c := range map[string]struct {
		right string
		begin func(w *world)
		by    plan.Request
	}{
		"due":                    {retirePlan, due, cron},
		"a person's rotate":      {retirePlan, due, rotate},
		"claimed, and not made":  {retirePlan, claimed, cron},
		"claimed, and a person":  {retirePlan, claimed, rotate},
		"claimed, and abandoned": {retirePlan, claimed, abandon},
		"made, and it waits":     {waits, made, cron},
		"made, and a person":     {waits, made, rotate},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := managed(t, c.right)
				w.advance(31 * day)
				c.begin(w)
				was := w.record(key)
				seq := w.seq()
				w.planIs(wrongUsage)
				p := w.pool("cron")
				if c.by.Verb != plan.VerbSchedule {
					p = w.asks(c.by)
				}
				p.refuses("has usage ENCRYPT_DECRYPT, the plan says SIGN_VERIFY")
				if n := w.changes(seq); n != "" {
					t.Errorf("changed in KMS: %s", n)
				}
				if r := w.record(key); r.Generation != was.Generation || r.Step != was.Step || r.Live().KeyID != v1 {
					t.Errorf("%s, was %s", r, was)
				}
				w.planIs(c.right)
				w.advance(3 * day)
				w.pool("cron").mustRun()
				if r := w.record(key); r.Active != 2 || r.Draining()[0].Retire.Action != plan.RetireDisable {
					t.Errorf("with the right plan: %s %+v", r, r.Draining())
				}
				w.sound()
			})
		})
	}
}

// changes lists what has changed in KMS since.
func (w *world) changes(seq int64) string {
	var all []string
	for _, e := range w.aws.Journal() {
		switch e.Operation {
		case "CreateKey", "CreateAlias", "UpdateAlias", "DisableKey":
			if e.Seq > seq {
				all = append(all, e.Operation)
			}
		}
	}
	return strings.Join(all, " ")
}

// Once a move was confirmed the claim counts, and no rollback is refused; but what
// leaves the alias by such a plan is kept, and so is what a person reinstates by it.
func TestWrongPlanKeepsWhatLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		begin func(*testing.T) (*world, plan.Policy, string) // the key that leaves, or comes back
		do    func(w *world)
	}{
		"an open switch": {func(t *testing.T) (*world, plan.Policy, string) {
			w, key, v1 := managed(t, retirePlan)
			w.advance(31 * day)
			w.fault(sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Drop})
			w.pool("cron").run(t.Context())
			w.noFaults()
			w.advance(plan.FenceFor + time.Minute)
			return w, key, v1
		}, func(w *world) { w.pool("cron").mustRun() }},
		"a rollback": {func(t *testing.T) (*world, plan.Policy, string) {
			w, key, _ := switched(t, retirePlan)
			w.advance(2 * time.Hour)
			return w, key, w.record(key).Live().KeyID
		}, func(w *world) { w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun() }},
		"a version given up": {func(t *testing.T) (*world, plan.Policy, string) {
			w, key, _ := managed(t, retirePlan+"    prepublish: 2d\n")
			w.advance(31 * day)
			w.pool("cron").mustRun()
			return w, key, w.record(key).Next().KeyID
		}, func(w *world) { w.asks(plan.Request{Verb: plan.VerbRollback, Version: 1}).mustRun() }},
		"a reinstate": {func(t *testing.T) (*world, plan.Policy, string) { return retired(t, retirePlan) },
			func(w *world) { w.asks(plan.Request{Verb: plan.VerbReinstate}).mustRun() }},
		"a rebuild": {func(t *testing.T) (*world, plan.Policy, string) {
			w, key, v1 := switched(t, retirePlan)
			other := w.makeSigner("alias/signer") // the alias was moved to one that signs
			w.putByHand(key.Alias, other)
			w.advance(time.Hour)
			return w, key, v1
		}, func(w *world) { w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun() }},
		"an adopt": {func(t *testing.T) (*world, plan.Policy, string) {
			w, key, v1 := managed(t, retirePlan)
			w.putByHand(key.Alias, w.makeSigner("alias/signer"))
			w.advance(time.Hour)
			return w, key, v1
		}, func(w *world) { w.asks(plan.Request{Verb: plan.VerbAdopt}).mustRun() }},
		"an adopt after a switch": {func(t *testing.T) (*world, plan.Policy, string) {
			w, key, _ := switched(t, retirePlan)
			w.putByHand(key.Alias, w.makeSigner("alias/signer"))
			w.advance(time.Hour)
			return w, key, w.record(key).Live().KeyID
		}, func(w *world) { w.asks(plan.Request{Verb: plan.VerbAdopt}).mustRun() }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, id := c.begin(t)
				w.planIs(wrongUsage)
				c.do(w)
				if e, ok := draining(w.record(key), id); !ok || e.Retire.Action != plan.RetireKeep {
					t.Errorf("its terms are %+v (in the list: %v)", e.Retire, ok)
				}
			})
		})
	}
}

// What adopt --create has claimed is not made by another plan. The verb itself begins
// again, and ends what exists already.
func TestWrongPlanAndCreate(t *testing.T) {
	const signs = onePlan + "    spec: RSA_2048\n    usage: SIGN_VERIFY\n"
	const encrypts = onePlan + "    spec: RSA_2048\n    usage: ENCRYPT_DECRYPT\n"
	noKey := sandbox.Fault{Operation: "CreateKey", Kind: sandbox.Refuse, Code: "AccessDeniedException"}
	noAlias := noKey
	noAlias.Operation, noAlias.Resource = "CreateAlias", `"alias/orders-data"`
	lost := sandbox.Fault{Operation: "CreateAlias", Resource: `"alias/orders-data"`, Kind: sandbox.Lose}
	for name, c := range map[string]struct {
		fault      sandbox.Fault
		generation int64
	}{
		"nothing is made":     {noKey, 2},
		"the version is made": {noAlias, 2},
		"the alias was made":  {lost, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, encrypts)
				key, create := w.plan.Keys[0], plan.Request{Verb: plan.VerbAdopt, Create: true}
				w.fault(c.fault)
				w.asks(create).run(t.Context())
				w.noFaults()
				if r := w.record(key); r.Step != plan.Claimed {
					t.Fatalf("set-up: %s", r)
				}
				w.advance(time.Hour)
				w.planIs(signs)
				seq := w.seq()
				w.pool("cron").refuses("v1, as it was claimed, has usage ENCRYPT_DECRYPT")
				if n := w.changes(seq); n != "" {
					t.Errorf("changed in KMS: %s", n)
				}
				w.asks(create).mustRun()
				r := w.record(key)
				if r.Generation != c.generation || r.Step != plan.Steady || w.names(key.Alias) != r.Live().KeyID {
					t.Errorf("%s, active %+v", r, r.Live())
				}
				for _, e := range r.Draining() {
					if e.Retire.Action != plan.RetireKeep {
						t.Errorf("what was given up: %+v", e)
					}
				}
			})
		})
	}
}

// makeSigner makes a key of another usage, and puts an alias of its own on it.
func (w *world) makeSigner(alias string) string {
	w.t.Helper()
	in := &awskms.CreateKeyInput{KeySpec: types.KeySpecRsa2048, KeyUsage: types.KeyUsageTypeSignVerify}
	k, err := w.admin.CreateKey(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	id := aws.ToString(k.KeyMetadata.KeyId)
	w.aliasByHand(alias, id)
	return id
}

// putByHand deletes the alias and makes it again: KMS moves none to another usage.
func (w *world) putByHand(alias, keyID string) {
	w.t.Helper()
	w.watch.Excuse(alias)
	w.dropAlias(alias)
	w.aliasByHand(alias, keyID)
}
