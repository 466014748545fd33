package ddblock

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// What a newer keyturn has written stays through a write of this one, at every
// depth.
func TestUnknownAttributesSurvive(t *testing.T) {
	inWorld(t, func(w *world) {
		places := strings.Fields(`claim versions.0 versions.1.fence versions.2 versions.3
			versions.3.hold versions.4.retire
			versions.5 versions.5.fence versions.6 versions.7 lease fence hold attempts last_error events.0
			events.0.left.0 events.0.calls.0 who.r1`)
		places = append(places, "")
		it := w.encoded(fullRecord())
		novel := &types.AttributeValueMemberL{Value: []types.AttributeValue{numberValue(1),
			&types.AttributeValueMemberM{Value: item{"a": textValue("b")}}}}
		for _, place := range places {
			set(it, path(place, "novel"), novel)
		}
		w.putRaw(it)
		old := w.stored()
		next := old.Clone()
		next.Rev, next.Op, next.Attempts.Count = old.Rev+1, "new", 3
		w.mustWrite(old, next)
		stored := w.raw(recordItem)
		set(it, []string{"rev"}, numberValue(next.Rev))
		set(it, []string{"op"}, textValue("new"))
		set(it, []string{"attempts", "count"}, numberValue(3))
		if !reflect.DeepEqual(stored, it) {
			w.Errorf("stored %s\nwant %s", toJSON(stored), toJSON(it))
		}
	})
}

// What a newer keyturn has put into the entry of a version stays there, whatever
// becomes of the version.
func TestUnknownSurvivesTransitions(t *testing.T) {
	now, later := at("2026-12-01T03:12:31Z"), at("2027-01-01T03:12:31Z")
	terms := fullRecord().Entry(6).Retire
	leaving := plan.Leaving{Drain: time.Hour, Retire: terms}
	reinstate := plan.ReinstateWrite{Leaving: leaving}
	abandon := plan.AbandonWrite{Leaving: leaving, Window: now, Dropped: fullRecord().Next()}
	abandon.Dropped.Rest = plan.Rest{"novel": textValue("8")} // as Decide takes it from the record
	for _, c := range []struct {
		name    string
		write   plan.Write
		version int64
		state   plan.State
	}{
		{"it goes live", plan.FinishWrite{Leaving: leaving, Window: now}, 8, ""},
		{"it begins to drain", plan.FinishWrite{Leaving: leaving, Window: now}, 7, plan.Draining},
		{"it is given up", abandon, 8, plan.Draining},
		{"it is found live", plan.AbandonWrite{Leaving: leaving, Window: now, Moved: true}, 8, ""},
		{"it is found behind the alias", plan.AdoptDriftWrite{Leaving: leaving, Window: now, Dropped: abandon.Dropped,
			Live: plan.Version{Version: 6, KeyID: "k6", Since: later}}, 6, ""},
		{"it is asked about", plan.CheckedWrite{}, 5, plan.Draining},
		{"it is marked", plan.MarkWrite{What: plan.FencedDisable, Signed: later}, 5, plan.Draining},
		{"it is retired by a person", plan.MarkWrite{What: plan.FencedDisable, Signed: later, Retires: true,
			Entry: plan.Version{Version: 4, KeyID: "k4"}}, 4, plan.Kept},
		{"one that was enabled by hand is retired", plan.MarkWrite{What: plan.FencedDisable, Signed: later,
			Retires: true, Entry: plan.Version{Version: 3, KeyID: "k3"}}, 3, plan.Kept},
		{"a mark ends", plan.UnmarkWrite{}, 6, plan.Draining},
		{"a mark is refused", plan.MarkNoWrite{}, 6, plan.Draining},
		{"it is looked at again", plan.LookAgainWrite{}, 6, plan.Draining},
		{"it was looked at", plan.LookedWrite{Drain: time.Hour}, 6, plan.Draining},
		{"it is kept", plan.KeptWrite{}, 5, plan.Kept},
		{"it is disabled", plan.RetiredWrite{}, 6, plan.Disabled},
		{"it is found gone", plan.RetiredWrite{Gone: true}, 6, plan.Gone},
		{"it will be deleted", plan.DeletingWrite{DeleteAt: later.AddDate(0, 1, 0)}, 3, plan.Deleting},
		{"a disabled one is found gone", plan.DeletingWrite{DeleteAt: later}, 3, plan.Gone},
		{"a kept one is reinstated", reinstate, 4, plan.Draining},
		{"a disabled one is reinstated", reinstate, 3, plan.Draining},
		{"one that is being deleted is reinstated", reinstate, 2, plan.Draining},
		{"one that drains is reinstated", reinstate, 6, plan.Draining},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, _, err := encode(fullRecord())
			if err != nil {
				t.Fatal(err)
			}
			for i := range fullRecord().Versions {
				set(before, []string{"versions", fmt.Sprint(i), "novel"}, textValue(fmt.Sprint(i+1)))
			}
			r, err := decode(before)
			if err != nil {
				t.Fatal(err)
			}
			act := plan.Writing(c.version, fmt.Sprint("k", c.version), c.write)
			act.At, act.Self.Op = later, "next"
			after, _, err := encode(plan.Apply(r, act))
			if err != nil {
				t.Fatal(err)
			}
			read, err := decode(after)
			if err != nil {
				t.Fatal(err)
			}
			if v := read.Entry(c.version); v.State != c.state {
				t.Errorf("v%d is %q, not %q", c.version, v.State, c.state)
			}
			for _, v := range read.Versions {
				if want := (plan.Rest{"novel": textValue(fmt.Sprint(v.Version))}); !reflect.DeepEqual(v.Rest, want) {
					t.Errorf("v%d has %v", v.Version, v.Rest)
				}
			}
			if len(read.Versions) != len(r.Versions) {
				t.Errorf("%d entries, not %d", len(read.Versions), len(r.Versions))
			}
		})
	}
}

func path(place, name string) []string {
	if place == "" {
		return []string{name}
	}
	return append(strings.Split(place, "."), name)
}

// A record of a newer schema is read as far as it says what it is, told to who
// runs into it, and never written over.
func TestNewerSchemaIsNotWritten(t *testing.T) {
	inWorld(t, func(w *world) {
		old := w.mustWrite(nil, steadyRecord())
		it := item{"key": textValue(theKey), "schema": numberValue(2), "rev": numberValue(2),
			"op": textValue("newer"), "step": numberValue(7)}
		w.putRaw(it)
		want := &plan.Record{Key: theKey, Schema: 2, Rev: 2, Op: "newer"}
		newer := w.stored()
		if !reflect.DeepEqual(newer, want) {
			w.Fatalf("read %+v", newer)
		}
		if current := w.wantChanged(w.Write(w.Context(), old, following(old, "r1"))); !reflect.DeepEqual(current,
			want) {
			w.Errorf("lost to %+v", current)
		}
		w.net.forget()
		next := following(steadyRecord(), "r1")
		next.Rev = 3
		for _, schema := range []int{1, 2} {
			next.Schema = schema
			if err := w.Write(w.Context(), newer, next); err == nil || !strings.Contains(err.Error(), "newer than 1") {
				w.Errorf("%v", err)
			}
		}
		if got := w.net.operations(); got != "" {
			w.Errorf("sent %s", got)
		}
	})
}

// What stands in the way cannot be understood: that is told, and that nothing
// was written.
func TestWriteMeetsMalformed(t *testing.T) {
	inWorld(t, func(w *world) {
		old := w.mustWrite(nil, steadyRecord())
		it := w.encoded(following(old, "other"))
		delete(it, "step")
		w.putRaw(it)
		err := w.Write(w.Context(), old, following(old, "r1"))
		if malformed, ok := errors.AsType[*MalformedError](err); !ok ||
			malformed.Attribute != "step" || verdict(err) != plan.No {
			w.Errorf("%v is taken for %s", err, verdict(err))
		}
		if got := w.net.operations(); got != "UpdateItem" {
			w.Errorf("sent %s", got)
		}
	})
}

// Pairs that no decision makes are refused before anything is sent.
func TestWriteRefusesMistakes(t *testing.T) {
	inWorld(t, func(w *world) {
		for name, c := range map[string]struct {
			spoil func(next *plan.Record)
			want  string
		}{
			"same rev":    {func(n *plan.Record) { n.Rev-- }, "rev 1 does not follow rev 1"},
			"same op":     {func(n *plan.Record) { n.Op = "op-1" }, "op-1 was used before"},
			"no op":       {func(n *plan.Record) { n.Op = "" }, "op is missing"},
			"another key": {func(n *plan.Record) { n.Key += "x" }, "another record"},
			"new schema":  {func(n *plan.Record) { n.Schema = plan.SchemaVersion + 1 }, "its schema is newer"},
			"no step":     {func(n *plan.Record) { n.Step = "" }, "step is missing"},
		} {
			next := following(steadyRecord(), "r1")
			c.spoil(next)
			if err := w.Write(w.Context(), steadyRecord(), next); err == nil || !strings.Contains(err.Error(), c.want) {
				w.Errorf("%s: %v", name, err)
			}
		}
		if got := w.net.operations(); got != "" {
			w.Errorf("sent %s", got)
		}
	})
}
