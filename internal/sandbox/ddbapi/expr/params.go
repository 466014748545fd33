package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// Params are the ExpressionAttributeNames and ExpressionAttributeValues of one
// request. All its expressions are bound to the same Params, which then knows
// what none of them used.
type Params struct {
	names  map[string]string
	values map[string]attr.Value
	used   map[string]bool
}

// NewParams takes the two members of a request; nil means absent.
func NewParams(names map[string]string, values map[string]attr.Value) (*Params, error) {
	if names != nil && len(names) == 0 {
		return nil, &Error{"ExpressionAttributeNames must not be empty"}
	}
	if values != nil && len(values) == 0 {
		return nil, &Error{"ExpressionAttributeValues must not be empty"}
	}
	if err := checkKeys("ExpressionAttributeNames", '#', names); err != nil {
		return nil, err
	}
	if err := checkKeys("ExpressionAttributeValues", ':', values); err != nil {
		return nil, err
	}
	return &Params{names, values, map[string]bool{}}, nil
}

func checkKeys[T any](member string, mark byte, m map[string]T) error {
	for _, key := range sortedKeys(m) {
		if len(key) < 2 || key[0] != mark || strings.IndexFunc(key[1:], notInWord) >= 0 {
			return &Error{fmt.Sprintf("%s contains invalid key: Syntax error; key: %q", member, key)}
		}
	}
	return nil
}

// Unused refuses what no bound expression used. (For PutItem and DeleteItem
// the live service has been seen to put "1 validation error detected: " before
// this text; here it is the same everywhere.)
func (p *Params) Unused() error {
	const text = "Value provided in %s unused in expressions: keys: {%s}"
	if left := p.unused(sortedKeys(p.names)); left != "" {
		return &Error{fmt.Sprintf(text, "ExpressionAttributeNames", left)}
	}
	if left := p.unused(sortedKeys(p.values)); left != "" {
		return &Error{fmt.Sprintf(text, "ExpressionAttributeValues", left)}
	}
	return nil
}

func (p *Params) unused(keys []string) string {
	return strings.Join(slices.DeleteFunc(keys, func(k string) bool { return p.used[k] }), ", ")
}

// useName and useValue resolve a placeholder and note that it was used.
func (p *Params) useName(kind Kind, placeholder string) (string, error) {
	name, ok := p.names[placeholder]
	if !ok {
		return "",
			kind.invalid("An expression attribute name used in the document path is not defined; attribute name: %s",
				placeholder)
	}
	p.used[placeholder] = true
	return name, nil
}

func (p *Params) useValue(kind Kind, placeholder string) error {
	if _, ok := p.values[placeholder]; !ok {
		return kind.invalid("An expression attribute value used in expression is not defined; attribute value: %s",
			placeholder)
	}
	p.used[placeholder] = true
	return nil
}

func sortedKeys[T any](m map[string]T) []string {
	return slices.Sorted(maps.Keys(m))
}
