package attr

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
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
	manyTypes = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	wrong     = "One or more parameter values were invalid: "
)

// MarshalJSON writes the value as DynamoDB does: {"S": "text"}.
func (v Value) MarshalJSON() ([]byte, error) {
	var content any
	switch v.typ {
	case S, N:
		content = v.text
	case B:
		content = []byte(v.text)
	case BOOL:
		content = v.flag
	case NULL:
		content = true
	case M:
		content = v.doc
		if v.doc == nil {
			content = struct{}{}
		}
	case L:
		content = v.list
		if v.list == nil {
			content = []Value{}
		}
	case SS, NS:
		content = v.set
	case BS:
		members := make([][]byte, len(v.set))
		for i, m := range v.set {
			members[i] = []byte(m)
		}
		content = members
	default:
		return nil, fmt.Errorf("attribute value without a type")
	}
	return json.Marshal(map[Type]any{v.typ: content})
}

// UnmarshalJSON reads a value and fails with an *Invalid or a *Malformed.
// Members with unknown names are ignored, as AWS does.
func (v *Value) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return &Malformed{"Start of structure or map expected for an AttributeValue"}
	}
	*v = Value{}
	for _, t := range []Type{S, N, B, BOOL, NULL, M, L, SS, NS, BS} {
		raw, ok := members[string(t)]
		if !ok || string(raw) == "null" {
			continue
		}
		if v.typ != "" {
			return &Invalid{manyTypes}
		}
		parsed, err := parse(t, raw)
		if err != nil {
			return err
		}
		*v = parsed
	}
	if v.typ == "" {
		return &Invalid{noType}
	}
	return nil
}

func parse(t Type, raw json.RawMessage) (Value, error) {
	v := Value{typ: t}
	switch t {
	case S:
		return v, decode(raw, &v.text)
	case N:
		var text string
		if err := decode(raw, &text); err != nil {
			return v, err
		}
		return Number(text)
	case B:
		var text string
		if err := decode(raw, &text); err != nil {
			return v, err
		}
		b, err := decodeBlob(text)
		v.text = b
		return v, err
	case BOOL:
		return v, decode(raw, &v.flag)
	case NULL:
		var yes bool
		if err := decode(raw, &yes); err != nil {
			return v, err
		}
		if !yes {
			return v, &Invalid{wrong + "Null attribute value types must have the value of true"}
		}
		return v, nil
	case M:
		v.doc = map[string]Value{}
		return v, decode(raw, &v.doc)
	case L:
		return v, decode(raw, &v.list)
	}
	var members []string
	if err := decode(raw, &members); err != nil {
		return v, err
	}
	return parseSet(t, members)
}

// decode keeps the errors of values inside the value and turns any other
// complaint of the JSON decoder into a *Malformed.
func decode(raw json.RawMessage, into any) error {
	err := json.Unmarshal(raw, into)
	switch err.(type) {
	case nil, *Invalid, *Malformed:
		return err
	}
	return &Malformed{fmt.Sprintf("%s can not be converted to the type of its AttributeValue", raw)}
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
