package planfile

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// resolve removes anchors and follows aliases, so that callers see plain nodes. A
// problem in an aliased value is reported where the value is written, once. Tags
// are refused. It returns nil if there is nothing to read, after a problem.
func (r *reader) resolve(n ast.Node) ast.Node {
	for hops := 0; ; hops++ {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			a, ok := r.anchors[name]
			if !ok || !above(a, v) || hops > len(r.anchors)*2 {
				r.refuse(nodeAt(v), "quote a value that starts with *", "there is no anchor &%s above", name)
				return nil
			}
			n = a.Value
		case *ast.TagNode:
			r.refuse(nodeAt(v), "quote the value to make it a string",
				"tags such as %s are not supported", v.Start.Value)
			return nil
		case nil:
			return nil
		default:
			return n
		}
	}
}

// collectAnchors finds all anchors of the document, so that aliases work in whatever
// order the fields are read.
func (r *reader) collectAnchors(body ast.Node) {
	r.anchors = map[string]*ast.AnchorNode{}
	ast.Walk(visitor(func(n ast.Node) {
		a, ok := n.(*ast.AnchorNode)
		if !ok {
			return
		}
		name := a.Name.GetToken().Value
		if _, ok := r.anchors[name]; ok {
			r.refuse(nodeAt(a), "give each anchor its own name", "the anchor &%s is repeated", name)
			return
		}
		r.anchors[name] = a
	}), body)
}

type visitor func(ast.Node)

func (v visitor) Visit(n ast.Node) ast.Visitor { v(n); return v }

func above(a, b ast.Node) bool {
	return a.GetToken().Position.Offset < b.GetToken().Position.Offset
}

// nodeAt returns where a node begins: a block mapping at its first field, a block of
// text at its sign, where the library points elsewhere.
func nodeAt(n ast.Node) pos {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return posOf(v.Values[0].Key.GetToken())
		}
		return posOf(v.Start)
	case *ast.MappingValueNode:
		return posOf(v.Key.GetToken())
	case *ast.LiteralNode:
		return posOf(v.Start)
	}
	return posOf(n.GetToken())
}

// scalar is a value as it is written, without quotes. Its YAML type does not matter
// (012 is an octal number, off a boolean to some readers): only its characters do.
type scalar struct {
	text string
	// kind is what kindOf returns: "a string", "a number", "true or false".
	kind   string
	quoted bool
	at     pos
}

// scalar returns n as one value; anything else is a problem.
func (r *reader) scalar(name string, n ast.Node, hint string) (scalar, bool) {
	n = r.resolve(n)
	if n == nil {
		return scalar{}, false
	}
	s := scalar{kind: kindOf(n), at: nodeAt(n)}
	switch v := n.(type) {
	case *ast.StringNode:
		s.text = v.Value
		s.quoted = v.Token.Type == token.SingleQuoteType || v.Token.Type == token.DoubleQuoteType
	case *ast.LiteralNode:
		s.text, s.quoted = strings.TrimSuffix(v.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		s.text = n.GetToken().Value
	default:
		r.refuse(s.at, hint, "%s is %s", name, s.kind)
		return scalar{}, false
	}
	return s, true
}

// The kinds of values, as messages call them.
const (
	aString = "a string"
	aNumber = "a number"
)

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return aString
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return aNumber
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "empty"
	case ast.MapNode:
		return "a mapping"
	case ast.ArrayNode:
		return "a list"
	}
	return "something else"
}
