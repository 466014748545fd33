package search

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// Each invariant, broken by hand, is found: a watch that sees nothing would
// make every search pass.
func TestWatchFinds(t *testing.T) {
	ctx := context.Background()
	moveTo := func(w *World, id string) {
		_, err := w.Admin().KMS.UpdateAlias(ctx, &awskms.UpdateAliasInput{AliasName: &w.Keys[0].Alias,
			TargetKeyId: &id})
		must(err)
	}
	disable := func(w *World, id string) {
		_, err := w.Admin().KMS.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &id})
		must(err)
	}
	remove := func(w *World, id string) {
		_, err := w.Admin().KMS.ScheduleKeyDeletion(ctx, &awskms.ScheduleKeyDeletionInput{KeyId: &id})
		must(err)
	}
	adopted := func(w *World, q plan.Request) { // by a person; and then the old cron job moves the alias back
		q.Verb = plan.VerbAdopt
		w.Calm("person", q)
		w.Advance(time.Hour)
		moveTo(w, w.Record(0).Draining()[0].KeyID)
	}
	for _, c := range []struct {
		name, invariant string
		begin           func(*World)
		harm            func(*World)
	}{
		{"a retired key deleted, and the plan does not say so", "12", disabled,
			func(w *World) { remove(w, w.Record(0).Retired()[0].KeyID) }},
		{"a retired key deleted without a mark", "7", disabled,
			func(w *World) { remove(w, w.Record(0).Retired()[0].KeyID) }},
		{"a retired key deleted that another alias names", "4", disabled, func(w *World) {
			id := w.Record(0).Retired()[0].KeyID
			w.AliasByHand("alias/reports", id)
			w.Advance(time.Hour)
			remove(w, id)
		}},
		{"a key that nothing knows deleted, and it has served", "12", disabled, func(w *World) {
			id := w.Record(0).Retired()[0].KeyID
			writeByHand(w, func(r *plan.Record) { drop(r, 1) })
			remove(w, id)
		}},
		{"generations left out", "6", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Generation, r.Step = r.Generation+7, plan.Claimed
				r.Claim = &plan.Claim{ID: "x", At: w.Now(), Verb: plan.VerbRollback}
			})
		}},
		{"a generation opened again", "6", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Step, r.Claim = plan.Claimed, &plan.Claim{ID: "x", At: w.Now(), Verb: plan.VerbRollback}
			})
		}},
		{"a hold taken away", "hold", switched, func(w *World) {
			writeByHand(w,
				func(r *plan.Record) { r.Hold = &plan.Hold{By: "somebody", Reason: "incident 7", Since: w.Now()} })
			w.ByHand("a write", "")
			writeByHand(w, func(r *plan.Record) { r.Hold = nil })
		}},
		{"a version that is enabled, as disabled", "7", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Entry(1).State, r.Entry(1).DisabledAt = plan.Disabled, w.Now()
			})
		}},
		{"the live key disabled, without a record", "3", switched, func(w *World) {
			id := w.Record(0).Live().KeyID
			rehearsal.LostRecord(0).Do(w)
			disable(w, id)
		}},
		{"the alias moved back, after a rebuild", "1, 2", switched, func(w *World) {
			rehearsal.LostRecord(0).Do(w)
			adopted(w, plan.Request{FromKMS: true})
		}},
		{"the alias moved back, after an adopt", "1, 2", switched, func(w *World) {
			w.Advance(time.Hour)
			rehearsal.StrangeAlias(0).Do(w)
			adopted(w, plan.Request{})
		}},
		{"the alias moved back", "1, 2", switched, func(w *World) { moveTo(w, w.Record(0).Draining()[0].KeyID) }},
		{"the alias on a stranger's key", "1, 2", switched, func(w *World) {
			out, err := w.Admin().KMS.CreateKey(ctx, &awskms.CreateKeyInput{})
			must(err)
			moveTo(w, aws.ToString(out.KeyMetadata.KeyId))
		}},
		{"the live key disabled", "3", switched, func(w *World) { disable(w, w.Record(0).Live().KeyID) }},
		{"a draining key disabled", "4", switched, func(w *World) { disable(w, w.Record(0).Draining()[0].KeyID) }},
		{"a drained key disabled without a mark", "7", drained,
			func(w *World) { disable(w, w.Record(0).Draining()[0].KeyID) }},
		{"a drained key disabled that another alias names", "4", drained, func(w *World) {
			id := w.Record(0).Draining()[0].KeyID
			w.AliasByHand("alias/reports", id)
			w.Advance(time.Hour)
			disable(w, id)
		}},
		{"a drained key disabled that is in use", "4", drained, func(w *World) {
			w.Use(w.Record(0).Draining()[0].KeyID)
			w.Advance(2 * time.Hour)
			disable(w, w.Record(0).Draining()[0].KeyID)
		}},
		{"a drain cut short", "5", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) { r.Entry(1).DrainUntil = r.Entry(1).DrainUntil.Add(-time.Second) })
		}},
		{"a deadline forgotten of a version found disabled", "5", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Entry(1).State, r.Entry(1).DisabledAt, r.Entry(1).DrainUntil = plan.Disabled, w.Now(), time.Time{}
			})
		}},
		{"a revision left out", "6", switched,
			func(w *World) { writeByHand(w, func(r *plan.Record) { r.Rev++; r.Events[len(r.Events)-1].Rev++ }) }},
		{"a window taken back", "6", switched,
			func(w *World) { writeByHand(w, func(r *plan.Record) { r.Window = r.Window.Add(-day) }) }},
		{"a version lost", "8", switched, func(w *World) { writeByHand(w, func(r *plan.Record) { drop(r, 1) }) }},
		{"a key with two entries", "8", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Versions = append(r.Versions, plan.Version{Version: 3, KeyID: r.Entry(1).KeyID, State: plan.Kept,
					KeptAt: w.Now()})
			})
		}},
		{"a fence and a new generation", "7", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Fence = &plan.Fence{What: plan.FencedMove, Until: w.Now().Add(time.Minute), Signers: 1}
			})
			w.ByHand("a write", "")
			writeByHand(w, func(r *plan.Record) { r.Generation++ })
		}},
		{"an event lost", "13", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) { r.Events = r.Events[len(r.Events)-1:] })
			removeItems(w, items(w)[2])
		}},
		{"an event told otherwise", "13", switched, func(w *World) {
			all := items(w)
			putItems(w, attrs{"key": all[2]["key"], "item": all[2]["item"], "events": all[1]["events"],
				"who": all[1]["who"]})
			w.ByHand("PutItem", "")
		}},
		{"a window claimed twice", "9", switched, func(w *World) {
			writeByHand(w, func(r *plan.Record) {
				r.Generation, r.Step = r.Generation+1, plan.Claimed
				r.Claim = &plan.Claim{ID: "x", At: w.Now(), Verb: plan.VerbSchedule, Window: r.Window, Drain: 10 * day}
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, err := rehearsal.NewStage(&Scene{Name: c.name, Plan: retirePlan, Prepare: c.begin,
				Bounds: rehearsal.Every})
			if err != nil {
				t.Fatal(err)
			}
			w := stage.World()
			w.Watch.Look("the beginning", "")
			if len(w.Watch.Broken) > 0 {
				t.Fatal("broken before: ", w.Watch.Broken)
			}
			c.harm(w)
			w.ByHand("a write", "")
			for _, b := range w.Watch.Broken {
				if b.Invariant == c.invariant {
					return
				}
			}
			t.Errorf("invariant %s was not found broken: %v", c.invariant, w.Watch.Broken)
		})
	}
}

// A world that is never quiet is found: the run after the one that adopts an old
// key rotates it.
func TestRestFindsWhatIsNeverQuiet(t *testing.T) {
	stage, err := rehearsal.NewStage(&Scene{Name: "old", Plan: keepPlan, Prepare: oldKey, Acts: []Act{}})
	if err != nil {
		t.Fatal(err)
	}
	w := stage.World()
	w.Play(func([]rehearsal.Option) int { return 0 })
	if b := w.Watch.Broken; len(b) != 1 || b[0].Invariant != "11" {
		t.Errorf("%v", b)
	}
}

// A course that leaves a step open is found too.
func TestRestFinds(t *testing.T) {
	stage, err := rehearsal.NewStage(&Scene{Name: "open", Plan: keepPlan, Prepare: due, Bounds: rehearsal.Every,
		Acts: []Act{{Pool: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	w := stage.World()
	w.Play(func(list []rehearsal.Option) int {
		dies := slices.IndexFunc(list, func(o rehearsal.Option) bool {
			return strings.HasPrefix(o.What, "is killed before")
		})
		if r := w.Record(0); r.Lease != nil && dies > 0 { // whoever had it dies, and it never ends
			writeByHand(w, func(r *plan.Record) { r.Lease.Until = r.Lease.Until.Add(365 * day) })
			w.Advance(time.Second)
			return dies
		}
		return 0
	})
	if b := w.Watch.Broken; len(b) == 0 || b[0].Invariant != "10" || !strings.Contains(b[0].What, "a lease") {
		t.Errorf("a lease that never ends was not found: %v", b)
	}
}
