package rotate_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/plan"
)

// loseRecord deletes the item of a key, as nobody should.
func (w *world) loseRecord(key plan.Policy) {
	w.t.Helper()
	_, err := awsddb.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "ADMIN")).DeleteItem(w.t.Context(),
		&awsddb.DeleteItemInput{
			TableName: &w.plan.Table, Key: map[string]types.AttributeValue{
				"key":  &types.AttributeValueMemberS{Value: key.Key()},
				"item": &types.AttributeValueMemberS{Value: "record"}}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A lost record is refused by cron and rebuilt by a person: the version behind
// the alias is active, the others drain, nothing is claimed for 20 minutes, and
// no run that still holds the old record can write.
func TestRebuildFromKMS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.advance(91 * day)
		w.pool("a").mustRun()
		before := w.record(key)
		w.loseLedger()
		w.loseRecord(key)

		if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused || k.Refusal.Code != "record-lost" {
			t.Fatalf("cron: %s %+v", k.Outcome, k.Refusal)
		}
		seq := w.seq()
		dry := w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true})
		dry.Dry = true
		dry.mustRun()
		for _, e := range w.aws.Journal() {
			if e.Seq > seq && e.Mutates {
				t.Errorf("the dry-run called %s", e.Operation)
			}
		}
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		r := w.record(key)
		if r.Live().KeyID != before.Live().KeyID || r.Active != 3 || r.Generation != 4 || r.Step != plan.Steady {
			t.Errorf("%s, active %+v", r, r.Live())
		}
		if len(r.Draining()) != 2 || r.Draining()[0].DrainUntil.Before(w.aws.Now().Add(29*day)) {
			t.Errorf("draining: %+v", r.Draining())
		}
		if !r.Fenced(w.aws.Now().Add(19 * time.Minute)) {
			t.Errorf("fence: %+v", r.Fence)
		}
		if r.Rev < plan.RevGap {
			t.Errorf("rev %d", r.Rev)
		}
		w.advance(time.Hour) // the record does not know whether v2 has ever been live
		q := plan.Request{Verb: plan.VerbRollback}
		if k := only(t, w.asks(q).run(t.Context())); k.Refusal == nil || k.Refusal.Code != "no-version" {
			t.Errorf("rollback: %s %+v", k.Outcome, k.Refusal)
		}
		w.advance(91 * day)
		// Nothing tells how v2 and v3 came about, nor whether the key was held then.
		if k := only(t, w.pool("cron").run(t.Context())); k.Refusal == nil || k.Refusal.Code != "held-itself" {
			t.Errorf("cron after the rebuild: %s %+v", k.Outcome, k.Refusal)
		}
		w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
		w.pool("cron").mustRun()
		if r = w.record(key); r.Generation != 5 || r.Active != 5 {
			t.Errorf("the next rotation: %s", r)
		}
	})
}

// What does not tell one story is shown and refused.
func TestRebuildRefusesWhatIsAmbiguous(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		r := w.record(key)
		if _, err := w.admin.CreateAlias(t.Context(), &awskms.CreateAliasInput{
			AliasName: aws.String(plan.VersionAlias(key.Alias, 7)), TargetKeyId: &r.Live().KeyID}); err != nil {
			t.Fatal(err)
		}
		w.loseRecord(key)
		k := only(t, w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).run(t.Context()))
		if k.Outcome != plan.Refused || k.Refusal.Code != "ambiguous" {
			t.Errorf("%s %+v", k.Outcome, k.Refusal)
		}
		if w.record(key) != nil {
			t.Error("a record was made")
		}
	})
}

// A table that was created again with an older copy of the record is refused, and
// rebuilt over that copy.
func TestRestoredTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		old := w.record(key)
		w.pool("a").mustRun()
		w.loseRecord(key)
		stale := old.Clone()
		stale.TableID = "another"
		w.putRecord(stale)
		w.advance(91 * day)
		if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused || k.Refusal.Code != "other-table" {
			t.Fatalf("cron: %s %+v", k.Outcome, k.Refusal)
		}
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		if r := w.record(key); r.Active != 2 || r.TableID == "another" || r.Rev < stale.Rev+plan.RevGap {
			t.Errorf("%s rev %d, active v%d, table %s", r, r.Rev, r.Active, r.TableID)
		}
	})
}

// The table was created again before the key's first rotation: no version alias
// exists, and apart from the alias there is only the older record.
func TestRestoredBeforeTheFirstRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		stale := w.record(key).Clone()
		w.loseRecord(key)
		stale.TableID = "another"
		w.putRecord(stale)
		if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused || k.Refusal.Code != "other-table" {
			t.Fatalf("cron: %s %+v", k.Outcome, k.Refusal)
		}
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		w.advance(91 * day)
		w.pool("cron").mustRun()
		r := w.record(key)
		if r.Step != plan.Steady || r.Active != 3 || len(r.Draining()) != 1 || r.Draining()[0].Version != 1 {
			t.Errorf("%s on v%d, draining %+v", r, r.Active, r.Draining())
		}
		if got := w.names(plan.VersionAlias(key.Alias, 1)); got != r.Draining()[0].KeyID {
			t.Errorf("v1 names %s", got)
		}
	})
}

// A person who stands by for another run, and types ^C, is let go, and nothing
// is written.
func TestRebuildInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		parked := newPark(w.wire(), "CreateKey")
		done := w.poolOn("a", parked).begin()
		<-parked.held
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(plan.LeaseFor/2, stop)
		before := w.record(key)
		q := plan.Request{Verb: plan.VerbAdopt, FromKMS: true}
		if k := only(t, w.asks(q).run(ctx)); k.Outcome != plan.Interrupted {
			t.Errorf("%s: %v %v", k.Outcome, k.Reasons, k.Err)
		}
		if r := w.record(key); r.Rev != before.Rev {
			t.Errorf("it wrote: %s", r)
		}
		close(parked.release)
		<-done
	})
}

// A record is rebuilt however many versions there are, adopted ones that carry
// no tag among them: a look at each is no repetition of the one before.
func TestRebuildOfManyVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		active := w.makeKey(key.Alias)
		const versions = 450
		for n := int64(1); n < versions; n++ {
			w.makeKey(plan.VersionAlias(key.Alias, n))
		}
		last := plan.VersionAlias(key.Alias, versions)
		in := &awskms.CreateAliasInput{AliasName: &last, TargetKeyId: &active}
		if _, err := w.admin.CreateAlias(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		start := w.aws.Now()
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		if r := w.record(key); r.Active != versions || len(r.Draining()) != versions-1 {
			t.Errorf("%s, %d drain", r, len(r.Draining()))
		}
		if took := w.aws.Now().Sub(start); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// The ledger tells which versions keyturn has deleted: a rebuilt record does not say that
// they were disabled only, and no audit misses them.
func TestRebuildKnowsWhatWasDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := deleted(t)
		w.loseRecord(key)
		w.asks(byLost).mustRun()
		if e := w.record(key).Entry(1); e == nil || e.State != plan.Deleting || !e.DeleteAt.After(w.aws.Now()) {
			t.Fatalf("before the deletion: %+v", e)
		}
		w.advance(8 * day) // KMS deletes the key, and its alias with it
		w.pool("cron").mustRun()
		w.loseRecord(key)
		w.asks(byLost).mustRun()
		e := w.record(key).Entry(1)
		if e == nil || e.KeyID != v1 || e.State != plan.Gone || e.DeleteAt.IsZero() || e.DeleteAt.Equal(e.DisabledAt) {
			t.Errorf("after the deletion: %+v", e)
		}
	})
}

// A record that was put back from before a switch is made again, and lost, and made again:
// that its version left with the switch stays so.
func TestRebuildKnowsWhenAVersionLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		older := w.record(key)
		w.pool("cron").mustRun()
		left := w.record(key).SwitchedAt
		w.loseRecord(key)
		w.putRecord(older)
		for i := range 2 {
			w.advance(time.Hour)
			w.asks(byLost).mustRun()
			if e := w.record(key).Old()[0]; !e.Left.Equal(left) || e.LeftUnknown {
				t.Errorf("rebuild %d: v%d left at %s (not known: %t), want %s", i+1, e.Version, e.Left,
					e.LeftUnknown, left)
			}
			w.loseRecord(key)
		}
	})
}

// The ledger tells of a version that waits for its switch, too: a rebuild that gives it up
// has no gap to be careful about.
func TestRebuildKnowsAVersionThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan+"    prepublish: 2d\n")
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		w.advance(89 * day)
		w.pool("cron").mustRun()
		if r := w.record(key); r.Step != plan.Created {
			t.Fatalf("set-up: %s", r)
		}
		w.loseRecord(key)
		w.asks(byLost).mustRun()
		if r := w.record(key); r.Hold != nil || len(r.Draining()) != 1 {
			t.Errorf("hold %+v, draining %+v", r.Hold, r.Draining())
		}
	})
}
