package ddbapi

import (
	"strconv"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

// schema is the primary key of a table: a hash and perhaps a range attribute.
type schema struct {
	// rng has no name if the table has no range key.
	hash, rng keyAttribute
}

type keyAttribute struct {
	name string
	typ  attr.Type
}

func (s schema) attributes() []keyAttribute {
	if s.rng.name == "" {
		return []keyAttribute{s.hash}
	}
	return []keyAttribute{s.hash, s.rng}
}

// key is the primary key of one item. Values are comparable by their canonical
// text, since each attribute has one type.
type key struct{ hash, rng attr.Value }

// id distinguishes the keys of one table.
func (k key) id() string { return strconv.Itoa(len(k.hash.Text())) + k.hash.Text() + k.rng.Text() }

// keyOf takes the key out of an item; the item has been checked.
func (s schema) keyOf(item attr.Item) key { return key{item[s.hash.name], item[s.rng.name]} }

// item returns the key as an item with nothing else.
func (s schema) item(k key) attr.Item {
	it := attr.Item{s.hash.name: k.hash}
	if s.rng.name != "" {
		it[s.rng.name] = k.rng
	}
	return it
}

const noSuchKey = "The provided key element does not match the schema"

// checkKey requires exactly the key attributes, as Key of a request does.
func (s schema) checkKey(given attr.Item) (key, error) {
	if given == nil {
		return key{}, required("Key", false)
	}
	if len(given) != len(s.attributes()) {
		return key{}, invalid(noSuchKey)
	}
	for _, a := range s.attributes() {
		if given[a.name].Type() != a.typ {
			return key{}, invalid(noSuchKey)
		}
	}
	return s.keyOf(given), s.checkKeyValues(given)
}

// checkItem requires at least the key attributes, and the limits on items.
func (s schema) checkItem(item attr.Item) (key, error) {
	if item == nil {
		return key{}, required("Item", false)
	}
	for _, a := range s.attributes() {
		v, ok := item[a.name]
		if !ok {
			return key{}, invalidValues("Missing the key %s in the item", a.name)
		}
		if v.Type() != a.typ {
			return key{}, invalidValues("Type mismatch for key %s expected: %s actual: %s", a.name, a.typ, v.Type())
		}
	}
	if err := s.checkKeyValues(item); err != nil {
		return key{}, err
	}
	return s.keyOf(item), checkLimits(item, "Item size has exceeded the maximum allowed size")
}

// checkKeyValues refuses empty and overlong keys (AWS: "Service, account, and
// table quotas": 2048 bytes of hash, 1024 of range key). The missing space in
// the message is AWS's.
func (s schema) checkKeyValues(item attr.Item) error {
	for _, a := range s.attributes() {
		n, measured := item[a.name].Len()
		switch {
		case !measured: // numbers are always fine
		case n == 0:
			kind := "string"
			if a.typ == attr.B {
				kind = "binary"
			}
			return invalidValues("The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
				kind, a.name)
		case a == s.hash && n > 2048:
			return invalidValues("Size of hashkey has exceeded the maximum size limit of2048 bytes")
		case a == s.rng && n > 1024:
			return invalidValues("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
		}
	}
	return nil
}

func checkLimits(item attr.Item, tooLarge string) error {
	for _, v := range item {
		if v.Depth() > attr.MaxDepth {
			return invalid("Nesting Levels have exceeded supported limits: Attributes in the item have nested " +
				"levels beyond supported limit")
		}
	}
	if item.Size() > attr.MaxItemSize {
		return invalid("%s", tooLarge)
	}
	return nil
}

// checkTargets refuses an update of a key attribute.
func (s schema) checkTargets(targets []expr.Path) error {
	for _, p := range targets {
		if s.has(p[0].Name) {
			return invalidValues("Cannot update attribute %s. This attribute is part of the key", p[0].Name)
		}
	}
	return nil
}

// checkPaths refuses to look into a key attribute, which is never a document.
func (s schema) checkPaths(paths []expr.Path) error {
	for _, p := range paths {
		if len(p) > 1 && s.has(p[0].Name) {
			return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not "+
				"allowed: Key: %s", p[0].Name)
		}
	}
	return nil
}

func (s schema) has(name string) bool { return name == s.hash.name || name == s.rng.name }
