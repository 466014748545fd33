package ddblock

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// Whatever is in an item, in DynamoDB's JSON: no panic; a refusal says where;
// what is read is written so that it is read the same, and written the same
// again; and what a newer keyturn put into any map of it is still there.
func FuzzDecode(f *testing.F) {
	for _, r := range []*plan.Record{steadyRecord(), fullRecord()} {
		it, _, err := encode(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(toJSON(it)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		it, err := fromJSON(text)
		if err != nil {
			return
		}
		r, err := decode(it)
		if err != nil {
			malformed, ok := errors.AsType[*MalformedError](err)
			if r != nil || !ok || malformed.Attribute == "" || malformed.What == "" {
				t.Fatalf("%+v, %v", r, err)
			}
			return
		}
		if r.Schema > plan.SchemaVersion {
			return // and Write refuses it
		}
		again, _, err := encode(r)
		if err != nil {
			t.Fatalf("read and cannot be written: %v", err)
		}
		read, err := decode(again)
		if err != nil || !reflect.DeepEqual(read, r) {
			t.Fatalf("read    %+v\nwritten %s\nread as %+v, %v", r, toJSON(again), read, err)
		}
		if twice, _, err := encode(read); err != nil || !reflect.DeepEqual(twice, again) {
			t.Fatalf("written %s\nand then %s, %v", toJSON(again), toJSON(twice), err)
		}
		checkNovelSurvives(t, it)
	})
}

// novel is an attribute that only a newer keyturn knows.
const novel = "novel from the future"

// checkNovelSurvives puts an unknown attribute into every map of an item that
// can be read, and wants it back in each of them, with the same value. The item
// itself is the exception: it is updated in place, and there it is enough that
// no update names the attribute.
func checkNovelSurvives(t *testing.T, it item) {
	t.Helper()
	value := &types.AttributeValueMemberM{Value: item{"x": &types.AttributeValueMemberNULL{Value: true}}}
	sown := item{novel: value}
	for name, v := range it {
		sown[name] = sow(v, value)
	}
	r, err := decode(sown)
	if err != nil {
		t.Fatalf("an attribute that is not known makes it unreadable: %v", err)
	}
	again, names, err := encode(r)
	if err != nil {
		t.Fatalf("read with an unknown attribute and cannot be written: %v", err)
	}
	if slices.Contains(names, novel) {
		t.Fatal("the item's own unknown attribute is named by an update")
	}
	for _, name := range names {
		if name == "who" { // by run, and without the runs that no event is of
			continue
		}
		want, got := grown(name, sown[name], value), grown(name, again[name], value)
		if !slices.Equal(got, want) {
			t.Fatalf("unknown attributes were put at %q and are left at %q", want, got)
		}
	}
}

// sow is v with the attribute added to every map in it.
func sow(v types.AttributeValue, value types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		m := item{novel: value}
		for name, inner := range v.Value {
			m[name] = sow(inner, value)
		}
		return &types.AttributeValueMemberM{Value: m}
	case *types.AttributeValueMemberL:
		l := make([]types.AttributeValue, len(v.Value))
		for i, inner := range v.Value {
			l[i] = sow(inner, value)
		}
		return &types.AttributeValueMemberL{Value: l}
	}
	return v
}

// grown returns where in v the attribute stands, in order.
func grown(place string, v, value types.AttributeValue) (places []string) {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		for name, inner := range v.Value {
			if name != novel {
				places = append(places, grown(place+"."+name, inner, value)...)
			} else if reflect.DeepEqual(inner, value) {
				places = append(places, place)
			}
		}
	case *types.AttributeValueMemberL:
		for i, inner := range v.Value {
			places = append(places, grown(fmt.Sprintf("%s[%d]", place, i), inner, value)...)
		}
	}
	slices.Sort(places)
	return places
}
