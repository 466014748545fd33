package planfile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/google/jsonschema-go/jsonschema"
)

// pos is a place in the file, from 1. The zero pos is that of a default of keyturn.
type pos struct{ line, column int }

func posOf(t *token.Token) pos {
	if t == nil || t.Position == nil {
		return pos{1, 1}
	}
	return pos{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// setting is one field as the file gives it.
type setting[T any] struct {
	v T
	// at is where it is written; zero for a default or an absent field.
	at pos
	// ok reports that v is well formed, or a default.
	ok bool
}

// written reports whether the field stands in the file, well formed or not.
func (s setting[T]) written() bool { return s.at != pos{} }

// fault is what is wrong with a value: "is not a duration", and what is right.
type fault struct{ is, hint string }

// reader walks the YAML tree and collects its problems. It does not stop at the
// first one, so that a person can fix all of them at once.
type reader struct {
	file     string
	anchors  map[string]*ast.AnchorNode
	problems Problems
	noted    map[Problem]bool
}

// refuse adds a problem, once, however often an alias leads to it.
func (r *reader) refuse(at pos, hint, format string, args ...any) {
	p := Problem{File: r.file, Line: at.line, Column: at.column, Message: fmt.Sprintf(format, args...), Hint: hint}
	if !r.noted[p] {
		r.noted[p] = true
		r.problems = append(r.problems, p)
	}
}

// sorted returns the problems in the order of the file.
func (r *reader) sorted() Problems {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// field is one field of a mapping: its name and what it says, for the file,
// its schema, and the help on a misspelt one. There is no other list of them.
type field struct {
	name string
	doc  string
	// preset is the default of an absent field; "" if there is none, or if doc
	// describes it.
	preset   string
	required bool
	value    value
}

// value reads what a field holds and describes it.
type value interface {
	// read takes the value at n. name is what messages call it.
	read(r *reader, name string, n ast.Node)
	// schema describes the value. The caller may change what it gets.
	schema() *jsonschema.Schema
}

// mapping reads a mapping field by field, in the file's order, and tells where
// each field's name stands; nil if n is no mapping at all. what is what
// messages call it, and hint shows one.
func (r *reader) mapping(n ast.Node, what, hint string, fields []field) map[string]pos {
	n = r.resolve(n)
	if n == nil {
		return nil
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		r.refuse(nodeAt(n), hint, "%s is %s, not a mapping", what, kindOf(n))
		return nil
	}
	seen := map[string]pos{}
	for it := m.MapRange(); it.Next(); {
		key := it.Key()
		where := posOf(key.GetToken())
		name, ok := r.fieldName(key)
		if !ok {
			continue
		}
		if first, ok := seen[name]; ok {
			r.refuse(where, fmt.Sprintf("it is already on line %d", first.line), "%s is repeated", name)
			continue
		}
		seen[name] = where
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			r.unknown(where, name, fields)
			continue
		}
		fields[i].value.read(r, name, it.Value())
	}
	for _, f := range fields {
		if _, ok := seen[f.name]; f.required && !ok {
			r.refuse(nodeAt(n), hint, "%s needs the field %s", what, f.name)
		}
	}
	return seen
}

// fieldName returns a mapping's key, which has to be a plain or quoted string.
func (r *reader) fieldName(key ast.MapKeyNode) (string, bool) {
	where := posOf(key.GetToken())
	if key.IsMergeKey() {
		r.refuse(where, "put what several keys share at the top level, or use an alias for one field's value",
			"merge keys are not supported")
		return "", false
	}
	s, ok := key.(*ast.StringNode)
	if !ok {
		r.refuse(where, "in quotes if it looks like a number", "a field's name has to be a plain word")
		return "", false
	}
	return s.Value, true
}
