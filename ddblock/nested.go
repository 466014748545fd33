package ddblock

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// optional maps a map that may be absent.
func optional[T any](f *fields, name string, p **T, each func(*fields, *T)) {
	f.named(name)
	if f.reading {
		if v, ok := take[*types.AttributeValueMemberM](f, name, "M"); ok {
			*p = new(T)
			read(f, name, -1, v.Value, *p, each)
		}
	} else if *p != nil {
		f.attrs[name] = written(f, name, -1, *p, each)
	}
}

// mapping maps a required map.
func mapping[T any](f *fields, name string, v *T, each func(*fields, *T)) {
	p := v
	optional(f, name, &p, each)
	f.need(name, f.attrs[name] != nil)
	if f.reading {
		*v = *p
	}
}

// list maps a list of maps; an empty one is no attribute.
func list[T any](f *fields, name string, vs *[]T, each func(*fields, *T)) {
	f.named(name)
	if !f.reading {
		var values []types.AttributeValue
		for i := range *vs {
			values = append(values, written(f, name, i, &(*vs)[i], each))
		}
		if values != nil {
			f.attrs[name] = &types.AttributeValueMemberL{Value: values}
		}
		return
	}
	l, ok := take[*types.AttributeValueMemberL](f, name, "L")
	if !ok {
		return
	}
	all := make([]T, len(l.Value))
	for i, value := range l.Value {
		m, ok := value.(*types.AttributeValueMemberM)
		if !ok {
			f.fail(placeIn(name, i), "is %s, not M", kindOf(value))
			return
		}
		read(f, name, i, m.Value, &all[i], each)
	}
	if len(all) > 0 {
		*vs = all
	}
}

// dictionary maps a map of maps by names that are data; an empty one is no
// attribute.
func dictionary[T any](f *fields, name string, vs *map[string]T, each func(*fields, *T)) {
	f.named(name)
	if !f.reading {
		values := map[string]types.AttributeValue{}
		for key, v := range *vs {
			values[key] = written(f, name+"."+key, -1, &v, each)
		}
		if len(values) > 0 {
			f.attrs[name] = &types.AttributeValueMemberM{Value: values}
		}
		return
	}
	m, _ := take[*types.AttributeValueMemberM](f, name, "M")
	if m == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m.Value)) {
		value, place := m.Value[key], name+"."+key
		in, ok := value.(*types.AttributeValueMemberM)
		if !ok {
			f.fail(place, "is %s, not M", kindOf(value))
			return
		}
		var v T
		read(f, place, -1, in.Value, &v, each)
		(*vs)[key] = v
	}
}

// words maps a list of texts; an empty one is no attribute.
func words[T ~string](f *fields, name string, ws *[]T) {
	f.named(name)
	if !f.reading {
		var values []types.AttributeValue
		for _, w := range *ws {
			values = append(values, textValue(string(w)))
		}
		if values != nil {
			f.attrs[name] = &types.AttributeValueMemberL{Value: values}
		}
		return
	}
	l, _ := take[*types.AttributeValueMemberL](f, name, "L")
	if l == nil {
		return
	}
	*ws = slices.Grow(*ws, len(l.Value))
	for i, value := range l.Value {
		w, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			f.fail(placeIn(name, i), "is %s, not S", kindOf(value))
			return
		}
		*ws = append(*ws, T(w.Value))
	}
}

// read maps a map within another one, from its attributes.
func read[T any](f *fields, name string, index int, attrs map[string]types.AttributeValue, v *T,
	each func(*fields, *T)) {
	in := f.inside(name, index, attrs)
	each(&in, v)
	in.leave()
}

// written returns the attributes of a map within another one.
func written[T any](f *fields, name string, index int, v *T, each func(*fields, *T)) types.AttributeValue {
	in := f.inside(name, index, map[string]types.AttributeValue{})
	each(&in, v)
	in.leave()
	return &types.AttributeValueMemberM{Value: in.attrs}
}

// rest maps what a newer keyturn put into this map. It comes last, when the names
// of all other fields are known.
func (f *fields) rest(r *plan.Rest) {
	if !f.reading {
		for name, v := range *r {
			value, ok := v.(types.AttributeValue)
			if !ok {
				f.fail(name, "is a %T, which no item of DynamoDB has", v)
				continue
			}
			f.attrs[name] = value
		}
		return
	}
	names := f.names()
	for name, v := range f.attrs {
		if slices.Contains(names, name) {
			continue
		}
		if *r == nil {
			*r = plan.Rest{}
		}
		(*r)[name] = v
		f.trouble.unknown = append(f.trouble.unknown, f.path()+name)
	}
}
