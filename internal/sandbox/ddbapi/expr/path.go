package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// Path is a document path with its placeholders resolved: a top-level
// attribute and the way down from it.
type Path []Step

// Step is one name, or one list index when Name is empty. (An attribute name
// is never empty.)
type Step struct {
	Name  string
	Index int
}

// path is a Path as written: a name that starts with # is a placeholder. A
// bare name cannot start so.
type path []Step

func (p *Params) resolve(kind Kind, written path) (Path, error) {
	resolved := Path(slices.Clone(written))
	for i, s := range written {
		if strings.HasPrefix(s.Name, "#") {
			name, err := p.useName(kind, s.Name)
			if err != nil {
				return nil, err
			}
			resolved[i].Name = name
		}
	}
	return resolved, nil
}

// get follows a written path into an item.
func (p *Params) get(written path, item attr.Item) (attr.Value, bool) {
	v, ok := attr.Map(item), true
	for _, s := range written {
		if strings.HasPrefix(s.Name, "#") {
			s.Name = p.names[s.Name]
		}
		if v, ok = s.of(v); !ok {
			return attr.Value{}, false
		}
	}
	return v, true
}

// of returns the part of v that the step leads to.
func (s Step) of(v attr.Value) (attr.Value, bool) {
	if s.Name != "" {
		return v.Field(s.Name)
	}
	return v.Element(s.Index)
}

func (p Path) get(v attr.Value) (attr.Value, bool) {
	ok := true
	for _, s := range p {
		if v, ok = s.of(v); !ok {
			return attr.Value{}, false
		}
	}
	return v, true
}

// fits reports whether v is of the type the step leads into.
func (s Step) fits(v attr.Value) bool {
	if s.Name != "" {
		return v.Type() == attr.M
	}
	return v.Type() == attr.L
}

// set returns v with what the path leads to replaced by leaf. Everything above the
// leaf exists; an index past the end of its list appends.
func (p Path) set(v, leaf attr.Value) attr.Value {
	if len(p) == 0 {
		return leaf
	}
	child, _ := p[0].of(v)
	child = p[1:].set(child, leaf)
	if p[0].Name != "" {
		return v.WithField(p[0].Name, child)
	}
	return v.WithElement(p[0].Index, child)
}

// remove returns v without what the path leads to; nothing is no error.
func (p Path) remove(v attr.Value) attr.Value {
	s := p[0]
	if len(p) > 1 {
		child, ok := s.of(v)
		if !ok {
			return v
		}
		return p[:1].set(v, p[1:].remove(child))
	}
	if s.Name != "" {
		return v.WithoutField(s.Name)
	}
	return v.WithoutElement(s.Index)
}

// compare orders paths by name and number, a path after what it is inside of.
func (p Path) compare(q Path) int {
	return slices.CompareFunc(p, q, func(s, t Step) int {
		if s.Name != t.Name {
			return strings.Compare(s.Name, t.Name)
		}
		return s.Index - t.Index
	})
}

// String writes a path as AWS does in messages: [a, [0], b].
func (p Path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		if parts[i] = s.Name; s.Name == "" {
			parts[i] = fmt.Sprintf("[%d]", s.Index)
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// checkDisjoint refuses paths of which one lies inside the other, and paths
// that take one attribute for a list and a map.
func checkDisjoint(kind Kind, paths []Path) error {
	for i, q := range paths {
		for _, p := range paths[:i] {
			if err := disjoint(kind, p, q); err != nil {
				return err
			}
		}
	}
	return nil
}

func disjoint(kind Kind, p, q Path) error {
	const text = "Two document paths %s with each other; must remove or rewrite one of these paths; path one: %s, " +
		"path two: %s"
	for i := range min(len(p), len(q)) {
		if (p[i].Name == "") != (q[i].Name == "") {
			return kind.invalid(text, "conflict", p, q)
		}
		if p[i] != q[i] {
			return nil
		}
	}
	return kind.invalid(text, "overlap", p, q)
}
