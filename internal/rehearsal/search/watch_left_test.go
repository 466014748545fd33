package search

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// Of versions that a full record leaves out nothing is said, and of no others: in
// a history that is as long as that, a version that is lost is found all the same.
func TestWatchFindsInALongHistory(t *testing.T) {
	// v1 has served, and is real; the others are made up.
	stranger := func(n int) plan.Version {
		return plan.Version{Version: int64(n), KeyID: fmt.Sprintf("00000000-0000-0000-0000-%012d", n)}
	}
	leftAt := func(r *plan.Record, n int) time.Time { return r.SwitchedAt.Add(time.Duration(n-300) * day) }
	kept := func(r *plan.Record, n int) plan.Version {
		v := stranger(n)
		v.State, v.KeptAt, v.Left = plan.Kept, r.SwitchedAt, leftAt(r, n)
		return v
	}
	disabled := func(r *plan.Record, n int) plan.Version {
		v := stranger(n)
		v.State, v.DisabledAt = plan.Disabled, r.SwitchedAt
		return v
	}
	add := func(r *plan.Record) { r.Versions = append(r.Versions, kept(r, 999)) }
	leaveOut := func(r *plan.Record) { drop(r, 1); r.LeftOut = 1 }
	writes := func(all ...func(*plan.Record)) []func(*plan.Record) { return all }
	for _, c := range []struct {
		name   string
		before int // kept ones that were live before v1
		after  int // and after
		writes []func(*plan.Record)
		broken string // the invariant; "": none
	}{
		{"the oldest is left out", 0, plan.MaxKept - 1, writes(func(r *plan.Record) { add(r); leaveOut(r) }), ""},
		{"the oldest of its kind", 0, plan.MaxKept - 1, writes(func(r *plan.Record) {
			add(r)
			leaveOut(r)
			r.Versions = append([]plan.Version{disabled(r, 998)}, r.Versions...)
		}), ""},
		{"there is room", 0, plan.MaxKept - 2, writes(leaveOut), "8"},
		{"there is room for its kind", 0, plan.MaxKept - 2, writes(func(r *plan.Record) {
			add(r)
			r.Versions = append(r.Versions, disabled(r, 998))
			leaveOut(r)
		}), "8"},
		{"an older one stays", 1, plan.MaxKept - 2, writes(func(r *plan.Record) {
			add(r)
			leaveOut(r)
		}), "8"},
		{"left_out does not say so", 0, plan.MaxKept - 1, writes(func(r *plan.Record) {
			add(r)
			drop(r, 1)
		}), "8"},
		{"it was put back, and is lost", 0, plan.MaxKept - 1, writes(
			func(r *plan.Record) { add(r); leaveOut(r) },
			func(r *plan.Record) {
				r.Versions = append(r.Versions, plan.Version{Version: 1, State: plan.Draining,
					DrainUntil: r.SwitchedAt.Add(100 * day), Retire: plan.Retire{Action: plan.RetireKeep}})
			},
			func(r *plan.Record) { drop(r, 1) }), "8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v1 string
			prepare := func(w *World) {
				switched(w)
				v1 = w.Record(0).Draining()[0].KeyID
				writeByHand(w, func(r *plan.Record) {
					drop(r, 1)
					for n := range c.before {
						r.Versions = append(r.Versions, kept(r, 100+n))
					}
					r.Versions = append(r.Versions, plan.Version{Version: 1, KeyID: v1, State: plan.Kept,
						KeptAt: r.SwitchedAt, Left: leftAt(r, 150)})
					for n := range c.after {
						r.Versions = append(r.Versions, kept(r, 200+n))
					}
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
					if v := r.Entry(1); v != nil {
						v.KeyID = v1
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

// drop takes the entry of a version out of a record.
func drop(r *plan.Record, version int64) {
	r.Versions = slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.Version == version })
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
