package planfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"
)

const entryHint = "{alias: alias/orders-data}"

// keyList is the field keys. Its entries are read after the rest of the top level,
// whose terms they start from, wherever in the file it stands.
type keyList struct{ node ast.Node }

func (k *keyList) read(r *reader, name string, n ast.Node) { k.node = r.resolve(n) }

func (k *keyList) schema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "array", MinItems: jsonschema.Ptr(1),
		Items: objectSchema((&keyDoc{}).fields(), false),
	}
}

// keyEntry is an entry of keys as it was read.
type keyEntry struct {
	keyDoc
	at pos
	// own holds the fields that stand under the key itself.
	own map[string]pos
}

// keys reads the entries of the plan, and hands on each, which is then used again: there
// may be many.
func (r *reader) keys(top *planDoc, each func(*keyEntry)) {
	if top.keys.node == nil {
		return
	}
	var e keyEntry
	fields := e.fields()
	ok := r.list("keys", top.keys.node, "["+entryHint+"]", func(i int, n ast.Node) {
		e = keyEntry{keyDoc: keyDoc{terms: top.terms}, at: nodeAt(n)}
		if e.own = r.mapping(n, fmt.Sprintf("keys[%d]", i), entryHint, fields); e.own != nil {
			each(&e)
		}
	})
	if l, isList := top.keys.node.(*ast.SequenceNode); ok && isList && len(l.Values) == 0 {
		r.refuse(nodeAt(l), "give at least one: ["+entryHint+"]", "keys is an empty list")
	}
}

// keyName returns the key's name as written, or the default, and "this key" for
// messages where it has neither.
func (e *keyEntry) keyName() string {
	switch {
	case e.name.ok:
		return e.name.v
	case e.alias.ok:
		return strings.TrimPrefix(e.alias.v, "alias/")
	}
	return "this key"
}
