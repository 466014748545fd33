package planfile

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile is above any plan (50,000 keys with an override or two are 5 MB) and keeps a
// wrong path from being parsed for minutes.
const maxFile = 16 << 20

// maxDepth limits the nesting, because the memory that the YAML library needs grows
// with its square.
const maxDepth = 64

// document returns the tree of the file's one document; nil after a problem.
func (r *reader) document(data []byte) ast.Node {
	start := pos{1, 1}
	if len(data) > maxFile {
		r.refuse(start, "is it the right file? A larger plan is made into several, with one line in the crontab for "+
			"each", "the file has %d bytes; a plan has at most %d", len(data), maxFile)
		return nil
	}
	if !utf8.Valid(data) {
		r.refuse(start, "save it as UTF-8", "the file is not UTF-8 text")
		return nil
	}
	tokens := lexer.Tokenize(strings.TrimPrefix(string(data), "\ufeff"))
	if at, deep := tooDeep(tokens); deep {
		r.refuse(at, "is it the right file?", "nested deeper than %d levels; a plan has no more than six", maxDepth)
		return nil
	}
	// Repeated keys are let through here, to be reported with everything else.
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err, data)
		return nil
	}
	var body ast.Node
	documents := 0
	for _, d := range tree.Docs {
		if _, isDirective := d.Body.(*ast.DirectiveNode); isDirective {
			continue
		}
		if documents++; documents > 1 {
			r.refuse(posOf(d.Start), "one plan is one document: make it two files",
				"the file has several YAML documents")
			return nil
		}
		body = d.Body
	}
	if body == nil || body.Type() == ast.NullType {
		r.refuse(start, smallest, "the plan is empty")
		return nil
	}
	r.collectAnchors(body)
	return body
}

// tooDeep returns where brackets, or the list dashes of one line, nest deeper than
// maxDepth.
func tooDeep(tokens token.Tokens) (pos, bool) {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			if t.Position.Line != line {
				dashes, line = 0, t.Position.Line
			}
			dashes++
		}
		if depth > maxDepth || dashes > maxDepth {
			return posOf(t), true
		}
	}
	return pos{}, false
}

// syntax reports the YAML library's error, of which there is at most one. It holds
// the token at which the library stopped.
func (r *reader) syntax(err error, data []byte) {
	at, message := pos{1, 1}, err.Error()
	if e, ok := err.(interface {
		GetToken() *token.Token
		GetMessage() string
	}); ok {
		at, message = posOf(e.GetToken()), e.GetMessage()
	}
	hint := ""
	if lines := strings.Split(string(data), "\n"); at.line <= len(lines) &&
		strings.ContainsAny(lines[at.line-1], "*&!%@`") {
		hint = `quote a value with * & ! % @ or a backquote, as in cron: "0 3 1 * *"`
	}
	r.refuse(at, hint, "this is not YAML: %s", message)
}
