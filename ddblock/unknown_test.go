package ddblock

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// What a newer keyturn has written stays through a write of this one, at every
// depth.
func TestUnknownAttributesSurvive(t *testing.T) {
	inWorld(t, func(w *world) {
		places := []string{"", "claim", "active", "target", "draining.0", "draining.1.retire", "draining.1.mark", "retired.0", "retired.0.mark",
			"lease", "fence", "hold", "attempts", "last_error", "events.0",
			"events.0.left.0", "events.0.calls.0", "who.r1"}
		it := w.encoded(fullRecord())
		novel := &types.AttributeValueMemberL{Value: []types.AttributeValue{numberValue(1), &types.AttributeValueMemberM{Value: item{"a": textValue("b")}}}}
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
		it := item{"key": textValue(theKey), "schema": numberValue(2), "rev": numberValue(2), "op": textValue("newer"), "step": numberValue(7)}
		w.putRaw(it)
		want := &plan.Record{Key: theKey, Schema: 2, Rev: 2, Op: "newer"}
		newer := w.stored()
		if !reflect.DeepEqual(newer, want) {
			w.Fatalf("read %+v", newer)
		}
		if current := w.wantChanged(w.Write(w.Context(), old, following(old, "r1"))); !reflect.DeepEqual(current, want) {
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
		if malformed, ok := errors.AsType[*MalformedError](err); !ok || malformed.Attribute != "step" || verdict(err) != plan.No {
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
