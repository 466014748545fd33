package ddblock

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/plan"
)

// Whatever plan can put into a record comes back as it was, with what a newer
// keyturn put beside it. The generator goes by plan's types: a field that
// record.go forgets is found here.
func TestSymmetry(t *testing.T) {
	records := recordGenerator()
	rapid.Check(t, func(t *rapid.T) {
		r := records.Draw(t, "record")
		it, _, err := encode(r)
		if err != nil {
			t.Fatal(err)
		}
		read, err := decode(it)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(read, r) {
			t.Fatalf("wrote %+v\nread  %+v\nas %s", r, read, toJSON(it))
		}
	})
}

// recordGenerator makes records by reflection, with rules for what an item
// cannot be without.
func recordGenerator() *rapid.Generator[*plan.Record] {
	word := rapid.StringMatching(`[a-z0-9/:-]{1,12}`)
	keyID := rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,11}`)
	moment := rapid.Map(rapid.Int64Range(0, 1<<63-1), func(ns int64) time.Time { return time.Unix(0, ns).UTC() })
	positive := rapid.Int64Range(1, plan.MaxVersion).AsAny()
	must := func(text string, times ...string) map[string]*rapid.Generator[any] {
		fields := map[string]*rapid.Generator[any]{}
		if text != "" {
			fields[text] = word.AsAny()
		}
		if text == "KeyID" {
			fields[text] = keyID.AsAny()
		}
		for _, name := range times {
			fields[name] = moment.AsAny()
		}
		return fields
	}
	claim := must("ID", "At", "Window")
	claim["Expects"] = rapid.Just("").AsAny() // see below
	claim["Head"] = rapid.SampledFrom([]string{"", plan.HashOf("")}).AsAny()
	claim["Verb"] = rapid.SampledFrom([]plan.Verb{plan.VerbSchedule, plan.VerbRotate,
		plan.VerbRollback, plan.VerbAdopt}).AsAny()
	version := must("KeyID", "Since", "CreatedAt", "DrainUntil", "KeptAt", "DisabledAt", "DeleteAt")
	version["State"] = rapid.SampledFrom([]plan.State{"", plan.Draining, plan.Kept, plan.Disabled, plan.Deleting,
		plan.Gone}).AsAny()
	record := must("Key", "Anchor", "Window")
	record["AliasARN"] = word.AsAny()
	record["Op"] = word.AsAny()
	record["SwitchedFrom"] = rapid.OneOf(rapid.Just(""), keyID).AsAny()
	record["Schema"] = rapid.Just(1).AsAny()
	record["Step"] = rapid.Just(plan.Steady).AsAny()
	record["Unknown"] = rapid.Just([]string(nil)).AsAny() // it is only read
	record["LeftOut"] = rapid.Int64Range(0, 99).AsAny()
	event := must("", "At")
	event["Replaced"] = rapid.Just([]plan.Event(nil)).AsAny() // see TestReplaced
	cfg := rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[time.Time](): rapid.OneOf(rapid.Just(time.Time{}), moment).AsAny(),
			reflect.TypeFor[time.Duration](): rapid.Map(rapid.Int64Range(0, 1e9),
				func(s int64) time.Duration { return time.Duration(s) * time.Second }).AsAny(),
			reflect.TypeFor[plan.Rest](): rests().AsAny(),
			reflect.TypeFor[[]string](): rapid.OneOf(rapid.Just([]string(nil)),
				rapid.SliceOfN(word, 1, 3)).AsAny(),
			reflect.TypeFor[[]plan.EventKind](): rapid.OneOf(rapid.Just([]plan.EventKind(nil)),
				rapid.SliceOfN(rapid.SampledFrom([]plan.EventKind{plan.EventAbandon, plan.EventClaim,
					"of-a-newer-keyturn"}), 1, 3)).AsAny(),
		},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{
			reflect.String: rapid.OneOf(rapid.Just(""), word, rapid.String()).AsAny(),
			reflect.Int64:  positive,
			reflect.Int:    rapid.IntRange(0, 99).AsAny(),
		},
		Fields: map[reflect.Type]map[string]*rapid.Generator[any]{
			reflect.TypeFor[plan.Record]():  record,
			reflect.TypeFor[plan.Claim]():   claim,
			reflect.TypeFor[plan.Version](): version,
			reflect.TypeFor[plan.Retire](): {"Action": rapid.SampledFrom([]plan.RetireAction{
				plan.RetireKeep, plan.RetireDisable, plan.RetireDelete}).AsAny()},
			reflect.TypeFor[plan.Lease]():     must("Run", "Since", "Until"),
			reflect.TypeFor[plan.Fence]():     must("", "Until", "Since"),
			reflect.TypeFor[plan.Hold]():      must("", "Since"),
			reflect.TypeFor[plan.Attempts]():  must("", "LastAt"),
			reflect.TypeFor[plan.LastError](): must("", "At"),
			reflect.TypeFor[plan.Event]():     event,
			reflect.TypeFor[plan.Left]():      must("KeyID", "Until"),
			reflect.TypeFor[plan.Ended]():     must("KeyID", "Until"),
		},
	}
	made := rapid.MakeCustom[plan.Record](cfg)
	return rapid.Custom(func(t *rapid.T) *plan.Record {
		r := made.Draw(t, "record")
		if len(r.Versions) == 0 {
			born := time.UnixMilli(1).UTC()
			r.Versions = []plan.Version{{KeyID: "k", Since: born, CreatedAt: born}}
		}
		for i := range r.Versions {
			v := &r.Versions[i]
			v.Version = int64(i + 1)
			if t := &v.Retire; t.UsageOff {
				t.UnlessUsedWithin = 0
			}
			if v.Fence != nil {
				v.Fence.What = rapid.SampledFrom([]plan.Fenced{plan.FencedDisable, plan.FencedDelete}).Draw(t, "mark")
			}
		}
		if r.Fence != nil {
			r.Fence.What = plan.FencedMove
		}
		r.Versions[0].State = ""
		r.Active, r.Target = 1, rapid.Int64Range(1, int64(len(r.Versions))).Draw(t, "target")
		if r.Target == r.Active {
			r.Target = 0
		}
		if c := r.Claim; c != nil && c.Verb == plan.VerbRollback && rapid.Bool().Draw(t, "put back") {
			c.Expects, r.Target = keyID.Draw(t, "expects"), r.Active
		}
		for i := range r.Versions[1:] {
			if v := &r.Versions[i+1]; v.State == "" && v.Version != r.Target {
				v.State = plan.Draining
			}
		}
		steps := []plan.Step{plan.Steady}
		if r.Claim != nil {
			steps = append(steps, plan.Claimed)
		}
		if r.Claim != nil && r.Target != 0 {
			steps = append(steps, plan.Created, plan.Switching)
		}
		r.Step = rapid.SampledFrom(steps).Draw(t, "step")
		if r.Step == plan.Steady && r.Target == r.Active {
			r.Target = 0
		}
		if r.Step != plan.Steady && r.Claim.Expects != "" {
			r.Target = r.Active
		}
		for i := range r.Events {
			for j := range r.Events[i].Left {
				if t := &r.Events[i].Left[j].Retire; t.UsageOff {
					t.UnlessUsedWithin = 0
				}
			}
			r.Events[i].Left, r.Events[i].Calls = orNil(r.Events[i].Left), orNil(r.Events[i].Calls)
			r.Events[i].Ended = orNil(r.Events[i].Ended)
			r.Events[i].Who = whoOfRun(r.Events[:i+1])
			r.Events[i].Stored = ""
			if p := &r.Events[i].Prev; p.Hash == "" || p.Rev == 0 {
				*p = plan.Link{}
			} else {
				p.Hash = plan.HashOf(p.Hash)
			}
		}
		r.Events = orNil(r.Events)
		return &r
	})
}

// whoOfRun returns who acted in the last of some events: whoever acted in the first one
// of its run. An event without a run has nobody.
func whoOfRun(events []plan.Event) plan.Who {
	last := events[len(events)-1]
	if last.Run == "" {
		return plan.Who{}
	}
	i := slices.IndexFunc(events, func(e plan.Event) bool { return e.Run == last.Run })
	return events[i].Who
}

// orNil makes no difference between a list that is empty and one that is not
// there, as the item makes none.
func orNil[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

// rests are attributes that no version of keyturn has yet.
func rests() *rapid.Generator[plan.Rest] {
	name := rapid.StringMatching(`new_[a-c]`)
	return rapid.Custom(func(t *rapid.T) plan.Rest {
		m := rapid.MapOfN(name, values(2), 0, 2).Draw(t, "rest")
		if len(m) == 0 {
			return nil
		}
		r := plan.Rest{}
		for name, v := range m {
			r[name] = v
		}
		return r
	})
}

func values(depth int) *rapid.Generator[types.AttributeValue] {
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		kinds := 5
		if depth > 0 {
			kinds = 7
		}
		switch rapid.IntRange(1, kinds).Draw(t, "kind") {
		case 1:
			return textValue(rapid.String().Draw(t, "S"))
		case 2:
			return numberValue(rapid.Int64().Draw(t, "N"))
		case 3:
			return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
		case 4:
			return &types.AttributeValueMemberB{Value: []byte(rapid.String().Draw(t, "B"))}
		case 5:
			return &types.AttributeValueMemberSS{Value: []string{rapid.String().Draw(t, "SS")}}
		case 6:
			return &types.AttributeValueMemberL{Value: rapid.SliceOfN(values(depth-1), 0, 2).Draw(t, "L")}
		}
		return &types.AttributeValueMemberM{Value: rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,9}`),
			values(depth-1), 0, 2).Draw(t, "M")}
	})
}
