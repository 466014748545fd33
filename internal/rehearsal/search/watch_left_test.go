package search

import (
	"context"
	"fmt"
	"slices"
	"testing"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// Of versions that a full record leaves out nothing is said, and of no others: in
// a history that is as long as that, a version that is lost is found all the same.
func TestWatchFindsInALongHistory(t *testing.T) {
	// v1 has served, and is real; the others are made up.
	stranger := func(n int) plan.Retired {
		return plan.Retired{Version: int64(n), KeyID: fmt.Sprintf("00000000-0000-0000-0000-%012d", n)}
	}
	kept := func(r *plan.Record, n int) plan.Retired { e := stranger(n); e.KeptAt = r.SwitchedAt; return e }
	disabled := func(r *plan.Record, n int) plan.Retired { e := stranger(n); e.DisabledAt = r.SwitchedAt; return e }
	add := func(r *plan.Record) { r.Retired = append(r.Retired, kept(r, 999)) }
	dropFirst := func(r *plan.Record) { r.Retired, r.LeftOut = slices.Clone(r.Retired[1:]), 1 }
	writes := func(all ...func(*plan.Record)) []func(*plan.Record) { return all }
	for _, c := range []struct {
		name   string
		before int // kept ones that came before v1
		after  int // and after
		writes []func(*plan.Record)
		broken string // the invariant; "": none
	}{
		{"the oldest is left out", 0, plan.MaxRetired - 1, writes(func(r *plan.Record) { add(r); dropFirst(r) }), ""},
		{"the oldest of its kind", 0, plan.MaxRetired - 1, writes(func(r *plan.Record) {
			add(r)
			r.Retired, r.LeftOut = append([]plan.Retired{disabled(r, 998)}, r.Retired[1:]...), 1
		}), ""},
		{"there is room", 0, plan.MaxRetired - 2, writes(func(r *plan.Record) { dropFirst(r) }), "8"},
		{"there is room for its kind", 0, plan.MaxRetired - 2, writes(func(r *plan.Record) {
			add(r)
			r.Retired = append(r.Retired, disabled(r, 998))
			dropFirst(r)
		}), "8"},
		{"an older one stays", 1, plan.MaxRetired - 2, writes(func(r *plan.Record) {
			add(r)
			r.Retired, r.LeftOut = slices.Delete(slices.Clone(r.Retired), 1, 2), 1
		}), "8"},
		{"left_out does not say so", 0, plan.MaxRetired - 1, writes(func(r *plan.Record) {
			add(r)
			dropFirst(r)
			r.LeftOut = 0
		}), "8"},
		{"it was put back, and is lost", 0, plan.MaxRetired - 1, writes(
			func(r *plan.Record) { add(r); dropFirst(r) },
			func(r *plan.Record) {
				r.Draining = append(r.Draining, plan.Draining{Version: 1, DrainUntil: r.SwitchedAt.Add(100 * day),
					Retire: plan.Retire{Action: plan.RetireKeep}})
			},
			func(r *plan.Record) { r.Draining = nil }), "8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v1 string
			prepare := func(w *World) {
				switched(w)
				v1 = w.Record(0).Draining[0].KeyID
				writeByHand(w, func(r *plan.Record) {
					for n := range c.before {
						r.Retired = append(r.Retired, kept(r, 100+n))
					}
					r.Retired = append(r.Retired, plan.Retired{Version: 1, KeyID: v1, KeptAt: r.SwitchedAt})
					for n := range c.after {
						r.Retired = append(r.Retired, kept(r, 200+n))
					}
					r.Draining = nil
				})
			}
			stage, err := rehearsal.NewStage(&Scene{Name: c.name, Plan: keepPlan, Prepare: prepare,
				Bounds: rehearsal.Every})
			if err != nil {
				t.Fatal(err)
			}
			w := stage.World()
			w.Watch.Look("the beginning", "")
			for _, change := range c.writes {
				writeByHand(w, func(r *plan.Record) {
					change(r)
					for i := range r.Draining {
						r.Draining[i].KeyID = v1
					}
				})
				w.ByHand("a write", "")
			}
			broken := ""
			for _, b := range w.Watch.Broken {
				broken = b.Invariant
			}
			if broken != c.broken {
				t.Errorf("%v, want invariant %q", w.Watch.Broken, c.broken)
			}
			if c.broken != "" {
				return
			}
			// It may be left out, and still nothing may disable it.
			_, err = w.Admin().KMS.DisableKey(context.Background(), &awskms.DisableKeyInput{KeyId: &v1})
			must(err)
			w.ByHand("DisableKey", "")
			if b := w.Watch.Broken; len(b) == 0 || b[0].Invariant != "4" {
				t.Errorf("it was disabled: %v", b)
			}
		})
	}
}

// writeByHand makes a record that nothing but a test would make.
func writeByHand(w *World, change func(*plan.Record)) {
	old := w.Record(0)
	next := old.Clone()
	next.Rev, next.Op = old.Rev+1, fmt.Sprintf("op-of-nobody-%d", old.Rev)
	next.Events = append(next.Events, plan.Event{Rev: next.Rev, At: w.Now(), Run: "nobody"})
	change(next)
	must(ddblock.New(w.Admin().DynamoDB, w.Table).Write(context.Background(), old, next))
}
