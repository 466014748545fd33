package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Cron makes v2 and may not try it, so no write says that there is a v2. A
// person moves the alias onto it by hand and types adopt: it stays v2, has one
// version alias, and a record that is lost later can be made again.
func TestAdoptOfTheOpenGenerationsVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.fault(sandbox.Fault{Operation: "Encrypt", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		w.pool("cron").run(t.Context())
		w.noFaults()
		if r := w.record(key); r.Step != plan.Claimed || r.Target != 0 {
			t.Fatalf("set-up: %s", r)
		}
		v2 := w.names(plan.VersionAlias(key.Alias, 2))
		w.moveByHand(key.Alias, v2)
		w.advance(time.Hour)
		w.asks(plan.Request{Verb: plan.VerbAdopt}).mustRun()
		if r := w.record(key); r.Active != 2 || r.Live().KeyID != v2 || r.Generation != 3 {
			t.Errorf("%s, active %+v", r, r.Live())
		}
		w.advance(91 * day)
		w.pool("cron").mustRun()
		r := w.record(key)
		if e, ok := draining(r, v2); r.Active != 4 || !ok || e.Version != 2 {
			t.Errorf("%s, draining %+v", r, r.Draining())
		}
		w.loseRecord(key)
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
	})
}

// A role that may not list aliases is told of a moved one all the same, only
// not since when; and that counts against no generation that is open.
func TestDriftWithoutListAliases(t *testing.T) {
	for _, open := range []bool{false, true} {
		t.Run(map[bool]string{true: "a generation is open", false: "steady"}[open], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				foreign := w.makeKey("alias/other")
				if open {
					w.fault(sandbox.Fault{Operation: "CreateKey", Kind: sandbox.Refuse, Code: "ThrottlingException"})
					w.pool("cron").run(t.Context())
				}
				w.moveByHand(key.Alias, foreign)
				w.fault(sandbox.Fault{Operation: "ListAliases", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
				for range 7 {
					w.advance(2 * time.Hour)
					if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused ||
						k.Refusal.Code != "drift" {
						t.Fatalf("%s %+v: %v", k.Outcome, k.Refusal, k.Err)
					}
				}
				if r := w.record(key); r.Attempts != nil || r.Hold != nil || r.LastError.Code != "drift" ||
					(r.Step != plan.Steady) != open {
					t.Errorf("%s, attempts %+v, hold %+v, last error %+v", r, r.Attempts, r.Hold, r.LastError)
				}
			})
		})
	}
}

// The plan asks for a key that KMS does not make. Nobody can finish that claim;
// with another spec in the plan, adopt --create makes the key. What was made on
// the first terms, if anything was, drains.
func TestAdoptCreateOnOtherTerms(t *testing.T) {
	for operation, drains := range map[string]int{"CreateKey": 0, "GenerateMac": 1} {
		t.Run(operation+" refused", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, onePlan+"    spec: HMAC_256\n    usage: GENERATE_VERIFY_MAC\n    max_attempts: 2\n")
				create := plan.Request{Verb: plan.VerbAdopt, Create: true}
				w.fault(sandbox.Fault{Operation: operation, Kind: sandbox.Refuse,
					Code: "UnsupportedOperationException"})
				w.asks(create).run(t.Context())
				w.advance(61 * time.Minute)
				w.pool("cron").run(t.Context())
				w.noFaults()
				key := w.plan.Keys[0]
				if r := w.record(key); r.Step != plan.Claimed || r.Hold == nil || !r.Hold.Self {
					t.Fatalf("set-up: %s, hold %+v", r, r.Hold)
				}
				w.plan.Keys[0].Spec, w.plan.Keys[0].Usage = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"
				w.asks(create).mustRun()
				r := w.record(key)
				if r.Generation != 2 || r.Step != plan.Steady || r.Active != 2 ||
					w.names(key.Alias) != r.Live().KeyID || len(r.Draining()) != drains {
					t.Errorf("%s, active %+v, draining %+v", r, r.Live(), r.Draining())
				}
				w.advance(91 * day)
				w.pool("cron").mustRun()
				if r = w.record(key); r.Active != 3 {
					t.Errorf("the next rotation: %s", r)
				}
			})
		})
	}
}

// What a person's adopt has found is tried as what it is, also while a
// generation of another kind is open.
func TestAdoptTriesWhatItFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    prepublish: 2d\n")
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		if r := w.record(key); r.Step != plan.Created {
			t.Fatalf("set-up: %s", r)
		}
		found, err := w.admin.CreateKey(t.Context(), &awskms.CreateKeyInput{
			KeySpec: kmstypes.KeySpecEccNistP256, KeyUsage: kmstypes.KeyUsageTypeSignVerify})
		if err != nil {
			t.Fatal(err)
		}
		// UpdateAlias itself refuses another usage.
		if _, err := w.admin.DeleteAlias(t.Context(), &awskms.DeleteAliasInput{AliasName: &key.Alias}); err != nil {
			t.Fatal(err)
		}
		in := &awskms.CreateAliasInput{AliasName: &key.Alias, TargetKeyId: found.KeyMetadata.KeyId}
		if _, err := w.admin.CreateAlias(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		w.advance(time.Hour)
		w.asks(plan.Request{Verb: plan.VerbAdopt}).mustRun()
		if r := w.record(key); r.Step != plan.Steady || r.Live().KeyID != *found.KeyMetadata.KeyId {
			t.Errorf("%s, active %+v", r, r.Live())
		}
	})
}
