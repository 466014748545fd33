package rotate_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// How a person's verb ends whose run stood still while others went on.
const (
	isDone      = "done"
	isOvertaken = "overtaken"
	isUnknown   = "not known"
)

func endOf(k rotate.KeyReport) string {
	switch {
	case k.Outcome == plan.Settled, k.Outcome == plan.Adopted:
		return isDone
	case k.Refusal != nil:
		return string(k.Refusal.Code)
	case k.Outcome == plan.Failed && len(k.Reasons) == 1 && k.Reasons[0].Code == plan.CodeNotKnown:
		return isUnknown
	}
	return string(k.Outcome)
}

// textOf is all that a person is told of a key.
func textOf(k rotate.KeyReport) string {
	var all []string
	for _, r := range k.Reasons {
		all = append(all, r.Text)
	}
	if k.Refusal != nil {
		all = append(all, k.Refusal.What)
	}
	return strings.Join(all, "; ")
}

// A person's run stands still before a call, past its lease. Others go on. When it
// wakes up, it says that it is done only if its own claim was finished, or the
// open one that it joined; and it names who did what instead.
func TestOvertaken(t *testing.T) {
	rollback := plan.Request{Verb: plan.VerbRollback, Version: 1}
	rotates := plan.Request{Verb: plan.VerbRotate, Again: true}
	gives := plan.Request{Verb: plan.VerbRotate, Abandon: true}
	rebuilds := plan.Request{Verb: plan.VerbAdopt, FromKMS: true}
	does := func(list ...plan.Request) func(*world) {
		return func(w *world) {
			for _, q := range list {
				w.advance(plan.FenceFor + time.Minute)
				w.asks(q).mustRun()
			}
		}
	}
	cron := func(w *world) { w.pool("cron").mustRun() }
	for _, c := range []struct {
		name  string
		open  bool // a scheduled generation is open and its run is dead
		types plan.Request
		at    string // the call that A stands still before
		then  func(*world)
		want  string
		told  string
		live  int64
	}{
		{"a rollback is given up for a new version", false, rollback, "Encrypt", does(gives), isOvertaken,
			"v4 has been live", 4},
		{"and that one is rolled back, to the very version", false, rollback, "Encrypt", does(gives, rollback),
			isOvertaken, "gave it up", 1},
		{"a rollback is finished by another run", false, rollback, "Encrypt", cron, isDone, "v1 has been live since",
			1},
		{"and the key goes on from there", false, rollback, "Encrypt", func(w *world) { cron(w); does(rotates)(w) },
			isDone, "since then v4 has been live", 4},
		{"a rotation is given up by a rollback", false, rotates, "Encrypt", does(rollback), isOvertaken, "gave it up",
			1},
		{"a rotation is given up by a rollback to what is live", false, rotates, "Encrypt",
			does(plan.Request{Verb: plan.VerbRollback, Version: 2}), isOvertaken, "nothing in its place", 2},
		{"a rotation is finished by another run", false, rotates, "Encrypt", cron, isDone, "v3 has been live since", 3},
		{"what a rotation has joined is given up", true, plan.Request{Verb: plan.VerbRotate}, "Encrypt", does(gives),
			isOvertaken, "gave it up", 4},
		{"what a rotation has joined is finished by another run", true, plan.Request{Verb: plan.VerbRotate},
			"Encrypt", cron, isDone, "v3 has been live since", 3},
		{"the record is rebuilt", false, rollback, "Encrypt", does(rebuilds), isOvertaken, "rebuilt the record", 2},
		{"the alias is moved by hand, and adopted", false, rollback, "Encrypt", func(w *world) {
			w.advance(time.Minute)
			w.moveByHand(w.plan.Keys[0].Alias, w.makeKey("alias/other"))
			does(plan.Request{Verb: plan.VerbAdopt})(w)
		}, isOvertaken, "adopted what the alias names", 4},
		{"what should be given up is finished", true, gives, "DescribeKey", cron, isOvertaken, "nothing to give up", 3},
		{"another version became live before a rollback that names none", false,
			plan.Request{Verb: plan.VerbRollback}, "DescribeKey",
			does(rotates), isOvertaken, "it was one to v1; by now it would be one to v2", 3},
		{"somebody else rolled back to the same one", false, plan.Request{Verb: plan.VerbRollback}, "DescribeKey",
			does(rollback), isDone, "v1 has been live since", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.pool("cron").mustRun() // v2
				w.advance(2 * time.Hour)
				if c.open {
					w.advance(91 * day)
					w.poolOn("dead", &answerLost{w.wire(), "CreateKey"}).run(t.Context())
					w.advance(plan.FenceFor)
				}
				parked := newPark(w.wire(), c.at)
				done := w.asksOn(parked, c.types).begin()
				<-parked.held
				w.advance(plan.LeaseFor + time.Second)
				c.then(w)
				before := w.record(key)
				close(parked.release)
				k := only(t, <-done)
				if end := endOf(k); end != c.want || !strings.Contains(textOf(k), c.told) {
					t.Errorf("%s: %s", end, textOf(k))
				}
				after := w.record(key)
				if after.Active != c.live || after.Generation != before.Generation ||
					w.names(key.Alias) != after.Live().KeyID {
					t.Errorf("%s on v%d, before %s on v%d", after, after.Active, before, before.Active)
				}
				if c.name != "the record is rebuilt" { // there the ledger jumps
					w.sound()
				}
			})
		})
	}
}

// What became of a claim stands in the ledger once the record's own events have
// rolled on. Where neither tells, it is not known, and that is no success.
func TestOvertakenLongAgo(t *testing.T) {
	rollback := plan.Request{Verb: plan.VerbRollback, Version: 1}
	rotates := plan.Request{Verb: plan.VerbRotate, Again: true}
	gives := plan.Request{Verb: plan.VerbRotate, Abandon: true}
	denied := func(w *world) {
		err := w.aws.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{
			{Operation: "Query", Kind: sandbox.Refuse, Code: "AccessDeniedException", Message: "no dynamodb:Query"}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		then []plan.Request
		also func(*world)
		want string
		told string
	}{
		{"given up", []plan.Request{gives}, nil, isOvertaken, "gave it up"},
		{"finished, and rotated since", []plan.Request{{Verb: plan.VerbSchedule}, rotates}, nil, isDone,
			"it was carried out at"},
		{"given up, and the ledger cannot be read", []plan.Request{gives}, denied, isUnknown,
			"the ledger could not be read: DynamoDB denied dynamodb:Query"},
		{"given up, and the ledger has lost it", []plan.Request{gives}, (*world).loseLedger, isUnknown,
			"neither the record nor the ledger says"},
		{"the last one that was done: the record itself says so", []plan.Request{{Verb: plan.VerbSchedule}},
			(*world).loseLedger, isDone, "v1 has been live since"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.pool("cron").mustRun()
				w.advance(2 * time.Hour)
				parked := newPark(w.wire(), "Encrypt")
				done := w.asksOn(parked, rollback).begin()
				<-parked.held
				for _, q := range c.then {
					w.advance(plan.FenceFor + time.Minute)
					w.asks(q).mustRun()
				}
				for range plan.NewestEvents {
					w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
					w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
				}
				if c.also != nil {
					c.also(w)
				}
				before := w.record(key)
				close(parked.release)
				k := only(t, <-done)
				if end := endOf(k); end != c.want || !strings.Contains(textOf(k), c.told) {
					t.Errorf("%s: %s", end, textOf(k))
				}
				if after := w.record(key); after.Rev != before.Rev {
					t.Errorf("it wrote: %s, before %s", after, before)
				}
			})
		})
	}
}

// loseLedger deletes the ledger's items.
func (w *world) loseLedger() {
	w.t.Helper()
	for _, e := range w.ledger(w.plan.Keys[0]) {
		w.deleteItem(w.plan.Keys[0].Key(), fmt.Sprintf("events#%010d", e.Rev))
	}
}

// landed is a transport whose first call of an operation is applied; its answer is
// lost once the test says so.
type landed struct {
	*park
	once sync.Once
}

func (l *landed) RoundTrip(r *http.Request) (*http.Response, error) {
	lost := false
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+l.operation) {
		l.once.Do(func() { lost = true })
	}
	res, err := l.next.RoundTrip(r)
	if !lost || err != nil {
		return res, err
	}
	_ = res.Body.Close()
	close(l.held)
	<-l.release
	return nil, errBroken
}

// The write of a verb lands, its answer is lost, and others write on top before it
// is repeated. The verb is not carried out a second time over what came after it.
func TestOvertakenAfterALostAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		types plan.Request
		first []plan.Request // before
		then  []plan.Request // while the answer is on its way
		want  string
		told  string
		holds bool
		live  int64
	}{
		{"a rollback, given up", plan.Request{Verb: plan.VerbRollback, Version: 1}, nil,
			[]plan.Request{{Verb: plan.VerbRotate, Abandon: true}}, isOvertaken, "gave it up", false, 4},
		{"a rotation, rolled back", plan.Request{Verb: plan.VerbRotate, Again: true}, nil,
			[]plan.Request{{Verb: plan.VerbSchedule}, {Verb: plan.VerbRollback}}, isDone,
			"since then v2 has been live", false, 2},
		{"a release, and held again", plan.Request{Verb: plan.VerbRelease}, []plan.Request{{Verb: plan.VerbHold}},
			[]plan.Request{{Verb: plan.VerbHold}}, isOvertaken, "it was released, and it has been held since", true, 2},
		{"a hold, and released", plan.Request{Verb: plan.VerbHold}, nil,
			[]plan.Request{{Verb: plan.VerbRelease}}, isOvertaken, "somebody released it since", false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.pool("cron").mustRun()
				w.advance(2 * time.Hour)
				for _, q := range c.first {
					w.asks(q).mustRun()
				}
				lost := &landed{park: newPark(w.wire(), "UpdateItem")}
				p := w.poolOn("person", lost)
				p.request = c.types
				p.request.Reason = "incident 7"
				done := p.begin()
				<-lost.held
				w.advance(plan.LeaseFor + time.Second)
				for _, q := range c.then {
					w.asks(q).mustRun()
				}
				before := w.record(key)
				close(lost.release)
				k := only(t, <-done)
				if end := endOf(k); end != c.want || !strings.Contains(textOf(k), c.told) {
					t.Errorf("%s: %s", end, textOf(k))
				}
				r := w.record(key)
				if r.Active != c.live || r.Rev != before.Rev || (r.Hold != nil) != c.holds {
					t.Errorf("%s on v%d, held %v; before %s", r, r.Active, r.Hold != nil, before)
				}
			})
		})
	}
}

// A release ends the hold that the person knew of, and none that was set since its
// run began.
func TestReleaseLeavesALaterHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
		parked := newPark(w.wire(), "UpdateItem")
		done := w.asksOn(parked, plan.Request{Verb: plan.VerbRelease}).begin()
		<-parked.held
		w.advance(time.Hour)
		w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
		close(parked.release)
		k := only(t, <-done)
		if end := endOf(k); end != isOvertaken || !strings.Contains(textOf(k), "it was not released") ||
			w.record(key).Hold == nil {
			t.Errorf("%s: %s", end, textOf(k))
		}
	})
}

// A reinstate whose run stands still after its write: another run enables the
// version, and it may be disabled again since, or be lost for good.
func TestReinstateOvertaken(t *testing.T) {
	for _, c := range []struct {
		name string
		then func(w *world, v1 string)
		want string
		told string
	}{
		{"another run enables it", func(w *world, _ string) { w.pool("cron").mustRun() }, isDone,
			"v1 is enabled again"},
		{"and it has drained again", func(w *world, _ string) {
			w.pool("cron").mustRun()
			w.advance(11 * day)
			w.pool("cron").mustRun()
		}, isOvertaken, "disabled or deleted since"},
		{"its key is gone", func(w *world, v1 string) {
			w.deleteByHand(v1)
			w.advance(8 * day)
			w.pool("cron").run(w.t.Context())
		}, isOvertaken, "disabled or deleted since"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, v1 := retired(t, retirePlan)
				w.watch.Excuse(v1)
				parked := newPark(w.wire(), "EnableKey")
				done := w.asksOn(parked, plan.Request{Verb: plan.VerbReinstate, Version: 1}).begin()
				<-parked.held
				w.advance(time.Hour)
				c.then(w, v1)
				close(parked.release)
				k := only(t, <-done)
				if end := endOf(k); end != c.want || !strings.Contains(textOf(k), c.told) {
					t.Errorf("%s: %s", end, textOf(k))
				}
			})
		})
	}
}

func (w *world) deleteItem(key, item string) {
	w.t.Helper()
	_, err := awsddb.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "ADMIN")).DeleteItem(w.t.Context(),
		&awsddb.DeleteItemInput{
			TableName: &w.plan.Table,
			Key: map[string]ddbtypes.AttributeValue{
				"key":  &ddbtypes.AttributeValueMemberS{Value: key},
				"item": &ddbtypes.AttributeValueMemberS{Value: item}},
		})
	if err != nil {
		w.t.Fatal(err)
	}
}

// After a rebuild nobody knows which version was disabled last, nor when: a
// reinstate must name one. What keyturn disables from then on, it knows again.
func TestReinstateAfterARebuildNamesAVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		w.pool("cron").mustRun()
		w.advance(31 * day)
		w.pool("cron").mustRun() // v3 is live, v2 drains
		w.advance(11 * day)
		w.pool("cron").mustRun() // v2 is disabled
		w.loseRecord(key)
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		w.advance(21 * time.Minute)
		for _, e := range w.record(key).Retired() {
			if !e.DisabledUnknown {
				t.Errorf("v%d is known to have been disabled at %s", e.Version, e.DisabledAt)
			}
		}
		k := only(t, w.asks(plan.Request{Verb: plan.VerbReinstate}).run(t.Context()))
		if k.Outcome != plan.Refused || k.Changed() || !strings.Contains(fmt.Sprint(k.Refusal.Hint.Commands),
			"keyturn reinstate orders-data/v") {
			t.Fatalf("%s %v %+v", k.Outcome, k.Reasons, k.Refusal)
		}
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("named, v1 is %s", s)
		}
		w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun() // it holds itself, for the ledger has gaps
		w.advance(30 * day)
		w.pool("cron").mustRun() // v1 drains no more and is disabled by keyturn
		w.advance(time.Hour)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Disabled" {
			t.Fatalf("set-up: v1 is %s", s)
		}
		w.asks(plan.Request{Verb: plan.VerbReinstate}).mustRun()
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("disabled last by keyturn, v1 is %s", s)
		}
	})
}
