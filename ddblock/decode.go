package ddblock

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// reader takes the attributes of one map out of it, one by one. What is left
// at the end is what we do not know. The first attribute of the wrong kind is
// the error of the whole item: a record is read right or not at all.
type reader struct {
	left map[string]types.AttributeValue
	path string
	err  *error // shared by all readers of one item
}

func (r reader) take(name string) types.AttributeValue {
	v := r.left[name]
	delete(r.left, name)
	return v
}

func (r reader) fail(name, want string, got types.AttributeValue) {
	if *r.err == nil {
		*r.err = fmt.Errorf("%s%s: want %s, found %T", r.path, name, want, got)
	}
}

func (r reader) bad(name string, err error) {
	if *r.err == nil {
		*r.err = fmt.Errorf("%s%s: %w", r.path, name, err)
	}
}

func (r reader) str(name string) string {
	switch v := r.take(name).(type) {
	case nil:
	case *types.AttributeValueMemberS:
		return v.Value
	default:
		r.fail(name, "a text (S)", v)
	}
	return ""
}

func (r reader) num(name string) int64 {
	switch v := r.take(name).(type) {
	case nil:
	case *types.AttributeValueMemberN:
		n, err := strconv.ParseInt(v.Value, 10, 64)
		if err != nil {
			r.bad(name, fmt.Errorf("%q is not a whole number", v.Value))
		}
		return n
	default:
		r.fail(name, "a number (N)", v)
	}
	return 0
}

func (r reader) time(name string) time.Time {
	s := r.str(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		r.bad(name, fmt.Errorf("%q is not an RFC 3339 time", s))
		return time.Time{}
	}
	return t.UTC()
}

func (r reader) duration(name string) time.Duration {
	s := r.str(name)
	if s == "" {
		return 0
	}
	d, err := plan.ParseDuration(s)
	if err != nil {
		r.bad(name, err)
	}
	return d
}

func (r reader) flag(name string) bool {
	switch v := r.take(name).(type) {
	case nil:
	case *types.AttributeValueMemberBOOL:
		return v.Value
	default:
		r.fail(name, "a BOOL", v)
	}
	return false
}

// must complains of an attribute that has to be there.
func (r reader) must(name string, present bool) {
	if !present && *r.err == nil {
		*r.err = fmt.Errorf("%s%s is missing", r.path, name)
	}
}

// rest is what was not taken; nil if nothing was left.
func (r reader) rest() plan.Rest {
	if len(r.left) == 0 {
		return nil
	}
	rest := plan.Rest{}
	for name, v := range r.left {
		rest[name] = v
	}
	return rest
}

// inside makes a reader of a nested map.
func (r reader) inside(name string, v types.AttributeValue) (reader, bool) {
	m, ok := v.(*types.AttributeValueMemberM)
	if !ok {
		r.fail(name, "a map (M)", v)
		return reader{}, false
	}
	return newReader(m.Value, r.path+name+".", r.err), true
}

// newReader copies the map, for taking attributes out must not change it.
func newReader(m map[string]types.AttributeValue, path string, err *error) reader {
	left := make(map[string]types.AttributeValue, len(m))
	for name, v := range m {
		left[name] = v
	}
	return reader{left: left, path: path, err: err}
}

func readNested[T any](r reader, name string, decode func(reader) T) *T {
	v := r.take(name)
	if v == nil {
		return nil
	}
	in, ok := r.inside(name, v)
	if !ok {
		return nil
	}
	t := decode(in)
	return &t
}

func readList[T any](r reader, name string, decode func(reader) T) []T {
	v := r.take(name)
	if v == nil {
		return nil
	}
	l, ok := v.(*types.AttributeValueMemberL)
	if !ok {
		r.fail(name, "a list (L)", v)
		return nil
	}
	var list []T
	for i, e := range l.Value {
		if in, ok := r.inside(fmt.Sprintf("%s[%d]", name, i), e); ok {
			list = append(list, decode(in))
		}
	}
	return list
}

// decode reads a record's item. Of an item with a higher schema only what
// every schema has is read; the record's Schema then says so.
func decode(item map[string]types.AttributeValue) (*plan.Record, error) {
	var err error
	in := newReader(item, "", &err)
	r := &plan.Record{Key: in.str(keyAttr)}
	r.Schema = int(in.num("schema"))
	r.Rev = in.num("rev")
	r.Op = in.str("op")
	in.must(keyAttr, r.Key != "")
	in.must("schema", r.Schema > 0)
	in.must("rev", r.Rev > 0)
	in.must("op", r.Op != "")
	if err == nil && r.Schema <= plan.SchemaVersion {
		decodeBody(in, r)
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of %s: %w", r.Key, err)
	}
	return r, nil
}

func decodeBody(in reader, r *plan.Record) {
	r.AliasARN = in.str("alias_arn")
	r.TableID = in.str("table_id")
	r.Anchor = in.time("anchor")
	r.Generation = in.num("generation")
	r.Claim = readNested(in, "claim", decodeClaim)
	r.Window = in.time("window")
	r.Step = plan.Step(in.str("step"))
	r.Active = readNested(in, "active", decodeActive)
	r.Target = readNested(in, "target", decodeTarget)
	r.Draining = readList(in, "draining", decodeDraining)
	r.Retired = readList(in, "retired", decodeRetired)
	r.Lease = readNested(in, "lease", decodeLease)
	r.Fence = readNested(in, "fence", decodeFence)
	r.SwitchedAt = in.time("switched_at")
	r.Hold = readNested(in, "hold", decodeHold)
	r.Attempts = readNested(in, "attempts", decodeAttempts)
	r.LastError = readNested(in, "last_error", decodeLastError)
	r.Events = readList(in, "events", decodeEvent)
	r.Ledgered = in.num("ledgered")

	// What every decision rests on.
	in.must("generation", r.Generation > 0)
	switch r.Step {
	case plan.Steady:
		in.must("active", r.Active != nil)
	case plan.Claimed:
		in.must("claim", r.Claim != nil)
	case plan.Created, plan.Switching:
		in.must("claim", r.Claim != nil)
		in.must("active", r.Active != nil)
		in.must("target", r.Target != nil)
	default:
		in.bad("step", fmt.Errorf("%q is none of steady, claimed, created, switching", r.Step))
	}
}
