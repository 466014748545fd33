package rotate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/google/go-cmp/cmp"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// The first sight of a key takes it under management and leaves KMS alone.
func TestAdoptChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		id := w.makeKey("alias/orders-data")
		w.advance(200 * 24 * time.Hour) // long due, and still nothing rotates in the run that adopts
		seq := w.seq()
		w.pool("a").mustRun()
		want := "BatchGetItem×1 DescribeKey×1 DescribeTable×1 DescribeTimeToLive×1 " +
			"GetCallerIdentity×1 ListAliases×1 PutItem×2 Query×1"
		if got := w.since(seq); got != want {
			t.Errorf("calls:\n got %s\nwant %s", got, want)
		}
		r := w.record(w.plan.Keys[0])
		if r.Step != plan.Steady || r.Generation != 1 || r.Live().KeyID != id || !r.Live().Adopted {
			t.Errorf("record: %+v", r)
		}
		if age := w.aws.Now().Sub(r.Live().Since); age < 199*24*time.Hour {
			t.Errorf("v1 counts as %s old; it went live 200 days ago", age)
		}
	})
}

// A rotation makes exactly six changes, and a stated number of looks.
func TestCallsOfARotation(t *testing.T) {
	looks := "BatchGetItem×1 %sDecrypt×1 DescribeKey×3 DescribeTable×1 DescribeTimeToLive×1 Encrypt×1 " +
		"GetCallerIdentity×1 GetKeyPolicy×1 GetKeyRotationStatus×1 %sListGrants×1 ListResourceTags×1 " +
		"PutItem×1 Query×1 UpdateAlias×1 UpdateItem×3"
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		// An adopted version has no name yet; what else names it is listed before it gets one.
		creates, lists := []string{"CreateAlias×2 CreateKey×1 ", "CreateAlias×1 CreateKey×1 "},
			[]string{"ListAliases×1 ", ""}
		for i := range creates {
			seq := w.seq()
			w.pool("a").mustRun()
			if got, want := w.since(seq), fmt.Sprintf(looks, creates[i], lists[i]); got != want {
				t.Errorf("rotation %d after the adoption:\n got %s\nwant %s", i+1, got, want)
			}
			w.advance(31 * 24 * time.Hour)
			w.pool("quiet").mustRun() // ends the drain
			w.advance(60 * 24 * time.Hour)
		}
	})
}

// Automatic rotation that is carried over is a seventh change, and no further look:
// the run that has made the version knows that it has none yet.
func TestCallsOfARotationWithAutomaticRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := dueRotating(t, onePlan, 365)
		seq := w.seq()
		w.pool("a").mustRun()
		want := "BatchGetItem×1 CreateAlias×2 CreateKey×1 Decrypt×1 DescribeKey×3 DescribeTable×1 " +
			"DescribeTimeToLive×1 EnableKeyRotation×1 Encrypt×1 " +
			"GetCallerIdentity×1 GetKeyPolicy×1 GetKeyRotationStatus×1 ListAliases×1 ListGrants×1 " +
			"ListResourceTags×1 PutItem×1 Query×1 UpdateAlias×1 UpdateItem×3"
		if got := w.since(seq); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	})
}

// With nothing due, 250 keys cost three reads.
func TestCallsOfAQuietRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		b.WriteString("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
		for i := range 250 {
			fmt.Fprintf(&b, "  - alias: alias/k%d\n", i)
		}
		w := newWorld(t, b.String())
		for _, k := range w.plan.Keys {
			w.makeKey(k.Alias)
		}
		w.watch.Idle = true // a look at everything after each of 250 adoptions is slow
		w.pool("first").mustRun()
		seq := w.seq()
		w.pool("a").mustRun()
		if got := w.since(seq); got != "BatchGetItem×3" {
			t.Errorf("calls: %s", got)
		}
	})
}

// What a rotation leaves behind.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.pool("a").mustRun()
		r := w.record(key)
		if r.Step != plan.Steady || r.Generation != 2 || r.Active != 2 || r.Lease != nil ||
			r.Fence != nil || r.Target != 0 {
			t.Errorf("record: %+v", r)
		}
		if got := w.names(key.Alias); got != r.Live().KeyID || got == v1 {
			t.Errorf("the alias names %s; v1 is %s, active %s", got, v1, r.Live().KeyID)
		}
		for n, id := range map[int64]string{1: v1, 2: r.Live().KeyID} {
			if got := w.names(plan.VersionAlias(key.Alias, n)); got != id {
				t.Errorf("v%d names %s, want %s", n, got, id)
			}
		}
		if len(r.Draining()) != 1 || r.Draining()[0].KeyID != v1 ||
			!r.Draining()[0].DrainUntil.Equal(r.SwitchedAt.Add(30*24*time.Hour)) {
			t.Errorf("draining: %+v", r.Draining())
		}
		tags, err := w.admin.ListResourceTags(t.Context(), &awskms.ListResourceTagsInput{KeyId: &r.Live().KeyID})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, tag := range tags.Tags {
			got[*tag.TagKey] = *tag.TagValue
		}
		if got["team"] != "payments" || got["keyturn:claim"] != r.Claim.ID ||
			got["keyturn:version"] == "" || got["keyturn:ledger"] != r.Claim.Head || len(got) != 6 {
			t.Errorf("tags: %v", got)
		}
		// Once more at once: nothing is due.
		seq := w.seq()
		w.pool("b").mustRun()
		if got := w.since(seq); got != "BatchGetItem×1" {
			t.Errorf("calls of the second run: %s", got)
		}
	})
}

// Sixteen pools at the same instant: one rotates, fifteen stand by until it is
// done and change nothing in KMS.
func TestPoolsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		seq := w.seq()
		rotated := runAll(w, 16)
		if rotated != 1 {
			t.Errorf("%d runs finished the rotation", rotated)
		}
		got := w.since(seq)
		for _, want := range []string{"CreateKey×1", "CreateAlias×2", "UpdateAlias×1"} {
			if !strings.Contains(got+" ", want+" ") {
				t.Errorf("want %s in %s", want, got)
			}
		}
	})
}

// runAll runs n pools at once, and counts those that finished a switch.
func runAll(w *world, n int) (rotated int) {
	var wait sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		p := w.pool(fmt.Sprintf("pool%d", i))
		wait.Go(func() {
			report := p.mustRun()
			mu.Lock()
			defer mu.Unlock()
			for _, k := range report.Keys {
				if k.Did(plan.WriteFinish) {
					rotated++
				}
			}
		})
	}
	wait.Wait()
	return rotated
}

// slow gives every call a latency, so that runs overlap inside a bubble.
var slow = sandbox.Switches{Latency: sandbox.Duration(50 * time.Millisecond)}

// Many due keys are shared: pools begin at different ones, and each key is
// rotated once.
func TestPoolsShareTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		b.WriteString("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
		for i := range 12 {
			fmt.Fprintf(&b, "  - alias: alias/k%d\n", i)
		}
		w := due(t, b.String())
		// Without latency everything happens at once in a bubble, and the first
		// pool would be done before the next is scheduled.
		if err := w.aws.SetSwitches(slow); err != nil {
			t.Fatal(err)
		}
		seq := w.seq()
		if rotated := runAll(w, 4); rotated != 12 {
			t.Errorf("%d rotations of 12 keys", rotated)
		}
		by := map[string]int{}
		for _, k := range w.plan.Keys {
			r := w.record(k)
			by[r.Events[len(r.Events)-1].Who.Pool]++
		}
		if len(by) < 3 {
			t.Errorf("4 pools shared 12 keys like this: %v", by)
		}
		if got := w.since(seq); !strings.Contains(got, "CreateKey×12 ") || !strings.Contains(got, "UpdateAlias×12 ") {
			t.Errorf("calls: %s", got)
		}
	})
}

// A dry-run shows the whole way and sends nothing but reads.
func TestDryRunOnlyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		before := state(t, w)
		seq := w.seq()
		p := w.pool("a")
		p.Dry = true
		report := p.mustRun()
		want := "BatchGetItem×1 DescribeKey×4 DescribeTable×1 DescribeTimeToLive×1 GetCallerIdentity×1 " +
			"GetKeyPolicy×1 GetKeyRotationStatus×1 ListAliases×1 ListGrants×1 ListResourceTags×1 Query×1"
		if got := w.since(seq); got != want {
			t.Errorf("calls:\n got %s\nwant %s", got, want)
		}
		if diff := cmp.Diff(before, state(t, w)); diff != "" {
			t.Errorf("the dry-run changed the state:\n%s", diff)
		}
		var dry, real []string
		for _, s := range report.Keys[0].Trace {
			dry = append(dry, s.Call.Service+" "+s.Call.Operation)
		}
		for _, s := range w.pool("b").mustRun().Keys[0].Trace {
			real = append(real, s.Call.Service+" "+s.Call.Operation)
		}
		if fmt.Sprint(dry) != fmt.Sprint(real) {
			t.Errorf("the dry-run said\n%v\nthe run did\n%v", dry, real)
		}
	})
}

// state is everything the AWS holds, in lines.
func state(t *testing.T, w *world) []string {
	t.Helper()
	data, err := w.aws.State()
	if err != nil {
		t.Fatal(err)
	}
	// "write" is drawn again each time the state is written out.
	return slices.DeleteFunc(strings.Split(string(data), "\n"),
		func(line string) bool { return strings.Contains(line, `"write":`) })
}

// A signal gives the lease back, and another run goes on at once.
func TestInterruptFreesTheLease(t *testing.T) {
	for _, operation := range []string{"CreateKey", "GetKeyPolicy", "UpdateAlias", "Encrypt"} {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				parked := newPark(w.aws.RoundTripper(), operation)
				ctx, interrupt := context.WithCancel(t.Context())
				done := make(chan *rotate.Report)
				go func() { done <- w.poolOn("a", parked).run(ctx) }()
				<-parked.held
				interrupt()
				close(parked.release)
				report := <-done
				r := w.record(w.plan.Keys[0])
				if r.Lease != nil {
					t.Errorf("lease left behind: %+v", r.Lease)
				}
				if operation == "UpdateAlias" { // the call in flight was answered: that is finished
					if r.Step != plan.Steady || r.Generation != 2 {
						t.Errorf("%s", r)
					}
				} else if report.Keys[0].Outcome != plan.Interrupted {
					t.Errorf("outcome %s", report.Keys[0].Outcome)
				}
				seq := w.seq()
				w.pool("b").mustRun()
				if r = w.record(w.plan.Keys[0]); r.Generation != 2 || r.Step != plan.Steady || r.Fence != nil {
					t.Errorf("after the next run: %s", r)
				}
				if got := w.since(seq); operation != "GetKeyPolicy" &&
					strings.Contains(got, "CreateKey") && operation != "CreateKey" {
					t.Errorf("the next run made another key: %s", got)
				}
			})
		})
	}
}

// A dry-run says that somebody else's key has the next version's name, before
// the claim and after it, and does not ask again and again: it never pauses.
func TestDryRunSeesAForeignVersion(t *testing.T) {
	for _, claimed := range []bool{false, true} {
		t.Run(fmt.Sprint(claimed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				w.makeKey(plan.VersionAlias(w.plan.Keys[0].Alias, 2))
				if claimed {
					w.pool("a").run(t.Context())
				}
				before, seq := state(t, w), w.seq()
				p := w.pool("b")
				p.Dry = true
				k := only(t, p.run(t.Context()))
				if k.Outcome != plan.Refused || k.Refusal.Code != "foreign-version" {
					t.Errorf("%s %+v %v", k.Outcome, k.Refusal, k.Err)
				}
				if got := w.since(seq); !strings.Contains(got,
					map[bool]string{false: "DescribeKey×4 ", true: "DescribeKey×2 "}[claimed]) {
					t.Errorf("calls: %s", got)
				}
				if diff := cmp.Diff(before, state(t, w)); diff != "" {
					t.Errorf("the dry-run changed the state:\n%s", diff)
				}
			})
		})
	}
}
