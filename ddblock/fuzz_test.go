package ddblock

import (
	"errors"
	"reflect"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// Whatever is in an item, in DynamoDB's JSON: no panic; a refusal says where;
// and what is read is written so that it is read the same, unknown attributes
// in its maps included.
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
	})
}
