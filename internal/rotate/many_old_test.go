package rotate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// manyDisabled returns a world with n versions that were disabled long ago.
func manyDisabled(t *testing.T, n int) (*world, plan.Policy) {
	t.Helper()
	w := newWorld(t, deletePlan)
	key := w.plan.Keys[0]
	w.makeKey(key.Alias)
	w.pool("first").mustRun()
	old := w.record(key)
	next := old.Clone()
	next.Rev, next.Op, next.Generation = old.Rev+1, "of the test", int64(n)+1
	for i := range n {
		version := int64(i) + 2
		id := w.makeKey(plan.VersionAlias(key.Alias, version))
		if _, err := w.admin.DisableKey(t.Context(), &awskms.DisableKeyInput{KeyId: &id}); err != nil {
			t.Fatal(err)
		}
		next.Versions = append(next.Versions, plan.Version{Version: version, KeyID: id, State: plan.Disabled,
			Left: old.Live().Since, DisabledAt: w.aws.Now()})
	}
	if err := w.table.Write(t.Context(), old, next); err != nil {
		t.Fatal(err)
	}
	w.advance(13 * day)
	return w, key
}

// A plan that turns to delete may find many versions due at once. Each run does a
// part of them, says how many it leaves, and ends well; none is left in the end.
func TestManyOldVersionsAreRetiredInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 90
		w, key := manyDisabled(t, many)
		deleting := func() (n int) {
			for _, r := range w.record(key).Retired() {
				if !r.DeleteAt.IsZero() {
					n++
				}
			}
			return n
		}
		for done := 0; done < many; done += plan.OldInRun {
			k := only(t, w.pool("cron").mustRun())
			want, left := done+plan.OldInRun, many-done-plan.OldInRun
			if said := textOf(k); left > 0 != (len(k.Reasons) > 1 && k.Reasons[1].Code == plan.CodeOldLeft &&
				strings.Contains(k.Reasons[1].Text, fmt.Sprint(left))) {
				t.Errorf("after %d: told %q", want, said)
			}
			if n := deleting(); n != want {
				t.Fatalf("%d are to be deleted, want %d", n, want)
			}
			w.advance(15 * time.Minute)
		}
		if k := only(t, w.pool("cron").mustRun()); k.Changed() {
			t.Errorf("it went on: %v", k.Reasons)
		}
	})
}

// What is bounded is work that does not get on, not work: versions that need many
// tries take more acts than a run that stands still may make.
func TestLongWorkIsNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := manyDisabled(t, plan.OldInRun)
		acts := 0
		p := w.pool("cron")
		// Another writer before each write: the run looks at everything once more.
		p.Records = &restless{Records: p.Records, every: 2}
		p.Log = func(rotate.Trace) { acts++ }
		p.mustRun()
		if acts <= 400 {
			t.Errorf("only %d acts: this shows nothing", acts)
		}
	})
}

// A run that does not get on ends all the same, and says so.
func TestWorkWithoutProgressEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		p := w.pool("cron")
		p.Records = &restless{Records: p.Records, every: 1}
		k := only(t, p.run(t.Context()))
		if endless := (*rotate.EndlessError)(nil); !errors.As(k.Err, &endless) {
			t.Fatalf("%s: %v", k.Outcome, k.Err)
		}
	})
}

// restless is a table on which somebody else writes before every n-th write: a
// note that changes nothing.
type restless struct {
	rotate.Records
	every, n int
}

func (r *restless) Write(ctx context.Context, old, next *plan.Record) error {
	if r.n++; r.n%r.every == 0 {
		other := old.Clone()
		other.Rev, other.Op = old.Rev+1, fmt.Sprintf("restless %d", r.n)
		if err := r.Records.Write(ctx, old, other); err != nil {
			return err
		}
	}
	return r.Records.Write(ctx, old, next)
}
