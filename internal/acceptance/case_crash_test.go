package acceptance

import (
	"testing"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyturn/keyturn/plan"
)

// killed rotates keys. Each time the run is killed after one call more, and the
// next run, alone, ends what it began.
func killed(t *testing.T, s suite) {
	step := 1
	switch { // the embedded one has TestKilledAfterEachCall, too
	case testing.Short() && s.backend.name == embedded:
		step = 9
	case testing.Short() || s.backend.name == embedded:
		step = 3
	}
	for n := 1; n < 40; n += step {
		w := newWorld(t, s.backend).adopted().due()
		died := w.runKilled("victim", afterCalls(n), "run").exit == -1
		if !died {
			if n < 15 {
				t.Errorf("the victim was not killed at call %d", n)
			}
			t.Logf("the run was killed after call 1 to %d, in steps of %d; then it had no more", n-1, step)
			return
		}
		// A dead run's lease ends by AWS's clock.
		w.advance(plan.LeaseFor + time.Second)
		w.want(0, "run")
		r := w.settled(2, 2)
		got := w.gate.changes()
		if got["CreateKey"] > 2 || got["UpdateAlias"] > 2 || got["UpdateAlias"] < 1 {
			t.Errorf("killed after call %d: changes of KMS: %v", n, got)
		}
		if t.Failed() {
			t.Fatalf("killed after call %d: %s", n, r)
		}
	}
	t.Error("a run made 40 calls")
}

func atOnce(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	for _, r := range w.start(w.runs(16), func(string) {}) {
		if r.exit != 0 {
			t.Errorf("%s: exit %d\n%s", r.pool, r.exit, r.said())
		}
	}
	w.rotatedOnce()
}

func killedAtOnce(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	if !w.killAmong(16, func(operation string) bool { return operation == "UpdateAlias" }) {
		t.Error("the victim was not killed")
	}
}

// staleMove holds an alias move back, as a network or a paused machine may,
// until another run has ended the rotation and a person has gone back to v1.
// Only the age of its signature keeps it from putting v2 there again.
func staleMove(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	h, ended := w.runHeld("victim", "UpdateAlias")
	w.kill("victim")
	<-ended
	w.advance(plan.LeaseFor + time.Second)
	w.want(0, "run")
	w.settled(2, 2)
	w.want(11, append(w.confirmed("rollback", "callers fail"), "--wait", "1s")...) // the fence
	w.advance(plan.FenceFor)
	w.want(0, w.confirmed("rollback", "callers fail")...)
	w.settled(3, 1)
	close(h.let)
	<-h.ended
	if h.status < 400 {
		t.Errorf("the old move was answered with %d", h.status)
	}
	w.settled(3, 1)
}

// restoredTable puts a table with the same items in the table's place, as a
// restore from a backup does.
func restoredTable(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	api, ctx := w.conn.DynamoDB, t.Context()
	items, err := api.Scan(ctx, &awsddb.ScanInput{TableName: &w.table})
	if err != nil {
		t.Fatal(err)
	}
	was, err := api.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: &w.table})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToBool(was.Table.DeletionProtectionEnabled) {
		if _, err := api.UpdateTable(ctx, &awsddb.UpdateTableInput{TableName: &w.table,
			DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: &w.table}); err != nil {
		t.Fatal(err)
	}
	if err := awsddb.NewTableNotExistsWaiter(api, soon).Wait(ctx, &awsddb.DescribeTableInput{TableName: &w.table},
		time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := api.CreateTable(ctx, &awsddb.CreateTableInput{TableName: &w.table, KeySchema: was.Table.KeySchema,
		AttributeDefinitions: was.Table.AttributeDefinitions,
		BillingMode:          ddbtypes.BillingModePayPerRequest}); err != nil {
		t.Fatal(err)
	}
	if err := awsddb.NewTableExistsWaiter(api, soonToo).Wait(ctx, &awsddb.DescribeTableInput{TableName: &w.table},
		time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, item := range items.Items {
		if _, err := api.PutItem(ctx, &awsddb.PutItemInput{TableName: &w.table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	w.want(13, "run")
	if got := w.gate.changes(); len(got) != 0 {
		t.Errorf("changes of KMS: %v", got)
	}
	w.want(0, "adopt", w.name, "--from-kms", "--reason", "restored on Monday", "--confirm", w.name)
	w.advance(plan.FenceFor) // of whatever the lost record knew
	w.due().want(0, "run")
	if r := w.record(); r.Step != plan.Steady || r.Live().KeyID != w.behind(w.alias) {
		t.Errorf("after the record was rebuilt: %s", r)
	}
}

// A foreign table takes its time to come and go; the SDK's waiters look again
// after 20 seconds by default.
func soon(o *awsddb.TableNotExistsWaiterOptions) {
	o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
}

func soonToo(o *awsddb.TableExistsWaiterOptions) {
	o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
}
