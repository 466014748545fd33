package rehearsal

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/plan"
)

// Each invariant, broken by hand, is found: a watch that sees nothing would
// make every search pass.
func TestWatchFinds(t *testing.T) {
	ctx := context.Background()
	moveTo := func(w *World, id string) {
		_, err := w.admin.KMS.UpdateAlias(ctx, &awskms.UpdateAliasInput{AliasName: &w.Keys[0].Alias, TargetKeyId: &id})
		w.must(err)
	}
	disable := func(w *World, id string) {
		_, err := w.admin.KMS.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &id})
		w.must(err)
	}
	// write makes a record that no guard of plan would have let through.
	write := func(w *World, change func(*plan.Record)) {
		old := w.Record(0)
		next := old.Clone()
		next.Rev, next.Op = old.Rev+1, "op-of-nobody"
		next.Events = append(next.Events, plan.Event{Rev: next.Rev, At: w.Now(), What: "by hand", Run: "nobody", Pool: "nobody", By: "arn:aws:iam::111122223333:user/nobody"})
		change(next)
		w.must(w.table.Write(ctx, old, next))
	}
	for _, c := range []struct {
		name, invariant string
		begin           func(*World)
		harm            func(*World)
	}{
		{"the alias moved back", "1, 2", switched, func(w *World) { moveTo(w, w.Record(0).Draining[0].KeyID) }},
		{"the alias on a stranger's key", "1, 2", switched, func(w *World) {
			out, err := w.admin.KMS.CreateKey(ctx, &awskms.CreateKeyInput{})
			w.must(err)
			moveTo(w, aws.ToString(out.KeyMetadata.KeyId))
		}},
		{"the live key disabled", "3", switched, func(w *World) { disable(w, w.Record(0).Active.KeyID) }},
		{"a draining key disabled", "4", switched, func(w *World) { disable(w, w.Record(0).Draining[0].KeyID) }},
		{"a drained key disabled without a mark", "7", drained, func(w *World) { disable(w, w.Record(0).Draining[0].KeyID) }},
		{"a drained key disabled that another alias names", "4", drained, func(w *World) {
			id := w.Record(0).Draining[0].KeyID
			w.AliasByHand("alias/reports", id)
			w.Advance(time.Hour)
			disable(w, id)
		}},
		{"a drained key disabled that is in use", "4", drained, func(w *World) {
			w.Use(w.Record(0).Draining[0].KeyID)
			w.Advance(2 * time.Hour)
			disable(w, w.Record(0).Draining[0].KeyID)
		}},
		{"a drain cut short", "5", switched, func(w *World) {
			write(w, func(r *plan.Record) { r.Draining[0].DrainUntil = r.Draining[0].DrainUntil.Add(-time.Second) })
		}},
		{"a revision left out", "6", switched, func(w *World) { write(w, func(r *plan.Record) { r.Rev++; r.Events[len(r.Events)-1].Rev++ }) }},
		{"a window taken back", "6", switched, func(w *World) { write(w, func(r *plan.Record) { r.Window = r.Window.Add(-day) }) }},
		{"a version lost", "8", switched, func(w *World) { write(w, func(r *plan.Record) { r.Draining = nil }) }},
		{"a version in two lists", "8", switched, func(w *World) {
			write(w, func(r *plan.Record) {
				r.Retired = append(r.Retired, plan.Retired{Version: 1, KeyID: r.Draining[0].KeyID, KeptAt: w.Now()})
			})
		}},
		{"a fence and a new generation", "7", switched, func(w *World) {
			write(w, func(r *plan.Record) { r.Fence = &plan.Fence{Until: w.Now().Add(time.Minute), Signers: 1} })
			w.changed++
			w.Watch.Look("by hand", "")
			write(w, func(r *plan.Record) { r.Op, r.Generation = "another", r.Generation+1 })
		}},
		{"a window claimed twice", "9", switched, func(w *World) {
			write(w, func(r *plan.Record) {
				r.Generation, r.Step = r.Generation+1, plan.Claimed
				r.Claim = &plan.Claim{ID: "x", At: w.Now(), Verb: plan.VerbSchedule, Window: r.Window, Drain: 10 * day}
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, err := NewStage(&Scene{Name: c.name, Plan: retirePlan, Prepare: c.begin, Bounds: Every})
			if err != nil {
				t.Fatal(err)
			}
			w := stage.World()
			w.random.Reader = w.own
			w.Watch.Look("the beginning", "")
			if len(w.Watch.Broken) > 0 {
				t.Fatal("broken before: ", w.Watch.Broken)
			}
			c.harm(w)
			w.changed++
			w.Watch.Look("by hand", "")
			for _, b := range w.Watch.Broken {
				if b.Invariant == c.invariant {
					return
				}
			}
			t.Errorf("invariant %s was not found broken: %v", c.invariant, w.Watch.Broken)
		})
	}
}

// A course that leaves a step open, or is never quiet, is found too.
func TestRestFinds(t *testing.T) {
	stage, err := NewStage(&Scene{Name: "open", Plan: keepPlan, Prepare: due, Bounds: Every, Acts: []Act{{Pool: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	w := stage.World()
	w.play(func(list []option) int {
		dies := drawOf(rand.New(rand.NewPCG(1, 1)), list, crash)
		if r := w.Record(0); r.Lease != nil && dies > 0 { // whoever had it dies, and it never ends
			next := r.Clone()
			next.Rev, next.Op, next.Lease.Until = r.Rev+1, "op-of-nobody", r.Lease.Until.Add(365*day)
			next.Events = append(next.Events, plan.Event{Rev: next.Rev, At: w.Now(), What: "by hand", Run: "nobody", Pool: "nobody", By: "arn:aws:iam::111122223333:user/nobody"})
			w.random.Reader = w.own
			w.must(w.table.Write(context.Background(), r, next))
			w.changed++
			return dies
		}
		return 0
	})
	if b := w.Watch.Broken; len(b) == 0 || b[0].Invariant != "10" || !strings.Contains(b[0].What, "a lease") {
		t.Errorf("a lease that never ends was not found: %v", b)
	}
}
