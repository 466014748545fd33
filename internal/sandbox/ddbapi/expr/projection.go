package expr

import (
	"slices"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// ProjectionText is a parsed ProjectionExpression.
type ProjectionText struct{ paths []path }

// ParseProjection reads "path, path, …". It fails with an *Error.
func ParseProjection(text string) (*ProjectionText, error) {
	if err := checkSize(KindProjection, text); err != nil {
		return nil, err
	}
	p := newParser(KindProjection, text)
	out := &ProjectionText{}
	for {
		steps, err := p.path()
		if err != nil {
			return nil, err
		}
		out.paths = append(out.paths, steps)
		if !p.take(",") {
			return out, p.finish()
		}
	}
}

// Bind resolves the placeholders and refuses overlapping paths.
func (t *ProjectionText) Bind(p *Params) (*Projection, error) {
	paths := make([]Path, len(t.paths))
	for i, written := range t.paths {
		var err error
		if paths[i], err = p.resolve(KindProjection, written); err != nil {
			return nil, err
		}
	}
	if err := checkDisjoint(KindProjection, paths); err != nil {
		return nil, err
	}
	return newProjection(paths), nil
}

// Projection picks parts of an item.
type Projection struct {
	// paths are sorted, so that list elements keep their order.
	paths []Path
}

func newProjection(paths []Path) *Projection {
	paths = slices.Clone(paths)
	slices.SortFunc(paths, Path.compare)
	return &Projection{paths}
}

// Paths returns the document paths that are picked.
func (pr *Projection) Paths() []Path {
	if pr == nil {
		return nil
	}
	return pr.paths
}

// Apply returns the picked parts in their place: what is missing is left out, a
// map keeps only picked fields, and picked elements of a list move together. A
// nil Projection gives the item.
func (pr *Projection) Apply(item attr.Item) attr.Item {
	if pr == nil || item == nil {
		return item
	}
	v, ok := pick(attr.Map(item), pr.paths)
	if !ok {
		return attr.Item{}
	}
	return v.Fields()
}

// pick takes the part of v that the paths lead to, if there is one. The paths
// are in order, so those that start with one step stand together.
func pick(v attr.Value, paths []Path) (attr.Value, bool) {
	if len(paths[0]) == 0 {
		return v, true // paths do not overlap: it is the only one
	}
	fields, elements := map[string]attr.Value{}, []attr.Value(nil)
	for len(paths) > 0 {
		step := paths[0][0]
		var below []Path
		for len(paths) > 0 && paths[0][0] == step {
			below = append(below, paths[0][1:])
			paths = paths[1:]
		}
		child, ok := step.of(v)
		if !ok {
			continue
		}
		part, ok := pick(child, below)
		switch {
		case !ok:
		case step.Name != "":
			fields[step.Name] = part
		default:
			elements = append(elements, part)
		}
	}
	if len(elements) > 0 {
		return attr.List(elements...), true
	}
	return attr.Map(fields), len(fields) > 0
}
