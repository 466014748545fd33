package attr

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Invalid is a value that DynamoDB refuses; its text is AWS's.
type Invalid struct{ Message string }

func (e *Invalid) Error() string { return e.Message }

// Malformed is JSON that is no attribute value at all, such as {"N": 123}.
type Malformed struct{ Message string }

func (e *Malformed) Error() string { return e.Message }

const (
	noType    = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	manyTypes = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the " +
		"supported datatypes"
	wrong = "One or more parameter values were invalid: "
)

// MarshalJSON writes the value as DynamoDB does: {"S": "text"}.
func (v Value) MarshalJSON() ([]byte, error) { return v.appendJSON(nil) }

// appendJSON writes the value all the way down, as encoding/json would: a Value
// inside a Value that was marshalled by itself would be scanned again at every
// level.
func (v Value) appendJSON(b []byte) (_ []byte, err error) {
	b = append(append(append(b, `{"`...), v.typ...), `":`...)
	switch v.typ {
	case S, N:
		b = appendText(b, v.text)
	case B:
		b = appendBlob(b, v.text)
	case BOOL:
		b = strconv.AppendBool(b, v.flag)
	case NULL:
		b = append(b, "true"...)
	case M:
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v.doc)) {
			if b = append(appendText(comma(b, i), name), ':'); err == nil {
				b, err = v.doc[name].appendJSON(b)
			}
		}
		b = append(b, '}')
	case L:
		b = append(b, '[')
		for i, e := range v.list {
			if b = comma(b, i); err == nil {
				b, err = e.appendJSON(b)
			}
		}
		b = append(b, ']')
	case SS, NS, BS:
		b = append(b, '[')
		for i, m := range v.set {
			if b = comma(b, i); v.typ == BS {
				b = appendBlob(b, m)
			} else {
				b = appendText(b, m)
			}
		}
		b = append(b, ']')
	default:
		return nil, fmt.Errorf("attribute value without a type")
	}
	return append(b, '}'), err
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

func appendBlob(b []byte, raw string) []byte {
	return append(base64.StdEncoding.AppendEncode(append(b, '"'), []byte(raw)), '"')
}

// appendText writes a string; what needs an escape is left to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// document is a value as it stands in JSON. It is decoded as a whole, and made
// a Value afterwards: a Value inside a Value that read itself would be scanned
// again at every level. (Unlike AWS it also reads {"s": …}, which no client
// sends.)
type document struct {
	S, N, B    *string
	BOOL, NULL *bool
	M          map[string]document
	L          []document
	SS, NS, BS []string
}

// UnmarshalJSON reads a value and fails with an *Invalid or a *Malformed.
// Members with unknown names are ignored, as AWS does.
func (v *Value) UnmarshalJSON(data []byte) error {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return &Malformed{"An AttributeValue has content that can not be converted to its type: " + err.Error()}
	}
	parsed, err := d.value()
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

// value requires exactly one member.
func (d document) value() (Value, error) {
	var v Value
	var err error
	count := 0
	is := func(present bool) bool {
		if present {
			count++
		}
		return present && err == nil
	}
	if is(d.S != nil) {
		v = String(*d.S)
	}
	if is(d.N != nil) {
		v, err = Number(*d.N)
	}
	if is(d.B != nil) {
		v = Value{typ: B}
		v.text, err = decodeBlob(*d.B)
	}
	if is(d.BOOL != nil) {
		v = Bool(*d.BOOL)
	}
	if is(d.NULL != nil) {
		if v = Null(); !*d.NULL {
			err = &Invalid{wrong + "Null attribute value types must have the value of true"}
		}
	}
	if is(d.M != nil) {
		v, err = parseMap(d.M)
	}
	if is(d.L != nil) {
		v, err = parseList(d.L)
	}
	if is(d.SS != nil) {
		v, err = parseSet(SS, d.SS)
	}
	if is(d.NS != nil) {
		v, err = parseSet(NS, d.NS)
	}
	if is(d.BS != nil) {
		v, err = parseSet(BS, d.BS)
	}
	switch {
	case err != nil:
		return Value{}, err
	case count == 0:
		return Value{}, &Invalid{noType}
	case count > 1:
		return Value{}, &Invalid{manyTypes}
	}
	return v, nil
}

func parseMap(fields map[string]document) (Value, error) {
	doc := make(map[string]Value, len(fields))
	for name, f := range fields {
		v, err := f.value()
		if err != nil {
			return Value{}, err
		}
		doc[name] = v
	}
	return Map(doc), nil
}

func parseList(elements []document) (Value, error) {
	list := make([]Value, len(elements))
	for i, e := range elements {
		v, err := e.value()
		if err != nil {
			return Value{}, err
		}
		list[i] = v
	}
	return List(list...), nil
}

func decodeBlob(text string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", &Malformed{fmt.Sprintf("'%s' can not be converted to a Blob", text)}
	}
	return string(b), nil
}

// parseSet refuses what AWS refuses in a set, in AWS's words: no member, an
// empty member, one member twice. (The double spaces are AWS's.)
func parseSet(t Type, members []string) (Value, error) {
	if len(members) == 0 {
		return Value{}, &Invalid{map[Type]string{
			SS: wrong + "An string set  may not be empty",
			NS: wrong + "An number set  may not be empty",
			BS: wrong + "Binary sets should not be empty",
		}[t]}
	}
	canonical := make([]string, len(members))
	for i, m := range members {
		switch t {
		case SS:
			if m == "" {
				return Value{}, &Invalid{wrong + "An string set may not have a empty string as a member"}
			}
			canonical[i] = m
		case NS:
			d, err := parseDecimal(m)
			if err != nil {
				return Value{}, err
			}
			canonical[i] = d.String()
		case BS:
			b, err := decodeBlob(m)
			if err != nil {
				return Value{}, err
			}
			if b == "" {
				return Value{}, &Invalid{wrong + "Binary sets may not contain null or empty values"}
			}
			canonical[i] = b
		}
	}
	v := newSet(t, slices.Clone(canonical))
	if len(v.set) < len(members) {
		all := "[" + strings.Join(members, ", ") + "]"
		return Value{}, &Invalid{map[Type]string{
			SS: wrong + "Input collection " + all + " contains duplicates.",
			NS: "Input collection contains duplicates",
			BS: wrong + "Input collection " + all + "of type BS contains duplicates.",
		}[t]}
	}
	return v, nil
}
