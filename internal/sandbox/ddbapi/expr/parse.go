package expr

import (
	"strconv"
	"strings"
)

// parser reads tokens by recursive descent. A syntax error stops it at once.
// Other faults that show in the text alone are noted and returned afterwards in
// AWS's order, which is not that of the text.
type parser struct {
	kind   Kind
	text   string
	tokens []token
	at     int
	// faults has the first fault of each class.
	faults [classes]*Error
}

// class of a fault, in the order in which AWS reports them.
type class int

const (
	redundantParens class = iota
	unknownFunction
	misusedFunction
	reservedWord
	repeatedSection
	classes
)

func newParser(kind Kind, text string) *parser {
	return &parser{kind: kind, text: text, tokens: lex(text)}
}

func (p *parser) note(c class, format string, args ...any) {
	if p.faults[c] == nil {
		p.faults[c] = p.kind.invalid(format, args...)
	}
}

// finish expects the end of the text and returns the noted faults.
func (p *parser) finish() error {
	if p.peek().kind != end {
		return p.syntax()
	}
	for _, f := range p.faults {
		if f != nil {
			return f
		}
	}
	return nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

// take moves on if the next token is this sign.
func (p *parser) take(text string) bool {
	if t := p.peek(); t.kind != sign || t.text != text {
		return false
	}
	p.at++
	return true
}

func (p *parser) want(text string) error {
	if !p.take(text) {
		return p.syntax()
	}
	return nil
}

// keyword reports whether the next token is this word, in any case.
func (p *parser) keyword(upper string) bool {
	t := p.peek()
	return t.kind == word && strings.EqualFold(t.text, upper)
}

func (p *parser) takeKeyword(upper string) bool {
	ok := p.keyword(upper)
	if ok {
		p.at++
	}
	return ok
}

func (p *parser) wantKeyword(upper string) error {
	if !p.takeKeyword(upper) {
		return p.syntax()
	}
	return nil
}

// syntax returns the error at the next token. AWS shows it with its neighbours.
func (p *parser) syntax() error {
	t := p.peek()
	from, to := t.start, t.end
	if p.at > 0 {
		from = p.tokens[p.at-1].start
	}
	if p.at+1 < len(p.tokens) {
		to = p.tokens[p.at+1].end
	}
	return p.kind.invalid(`Syntax error; token: "%s", near: "%s"`, t.text, strings.TrimSpace(p.text[from:to]))
}

// path: name ( "." name | "[" number "]" )*
func (p *parser) path() (path, error) {
	first, err := p.name()
	if err != nil {
		return nil, err
	}
	steps := path{first}
	for {
		switch {
		case p.take("."):
			s, err := p.name()
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		case p.take("["):
			t := p.peek()
			index, err := strconv.ParseInt(t.text, 10, 32)
			if t.kind != number || err != nil {
				return nil, p.syntax()
			}
			p.at++
			if err := p.want("]"); err != nil {
				return nil, err
			}
			steps = append(steps, Step{Index: int(index)})
		default:
			return steps, nil
		}
	}
}

func (p *parser) name() (Step, error) {
	t := p.peek()
	switch t.kind {
	case word:
		if Reserved(t.text) {
			p.note(reservedWord, "Attribute name is a reserved keyword; reserved keyword: %s", t.text)
		}
	case nameRef:
	default:
		return Step{}, p.syntax()
	}
	p.at++
	return Step{Name: t.text}, nil
}

// callName takes a function's name, if one is next.
func (p *parser) callName() (string, bool) {
	t := p.peek()
	if t.kind != word || p.tokens[p.at+1].text != "(" {
		return "", false
	}
	p.at++
	return t.text, true
}

// arguments: "(" argument ( "," argument )* ")"
func (p *parser) arguments(argument func() (operand, error)) ([]operand, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	var args []operand
	for {
		a, err := argument()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		if !p.take(",") {
			return args, p.want(")")
		}
	}
}

// unknownFunction notes a function that does not exist, or not here.
func (p *parser) unknownFunction(name string) {
	_, inConditions := conditionArity(name)
	switch {
	case inConditions:
		p.note(unknownFunction, "The function is not allowed in an update expression; function: %s", name)
	case updateFunction(name):
		p.note(unknownFunction, "The function is not allowed in a condition expression; function: %s", name)
	default:
		p.note(unknownFunction, "Invalid function name; function: %s", name)
	}
}

// misuse notes a function whose value has no place where it stands.
func (p *parser) misuse(name string) {
	p.note(misusedFunction, "The function is not allowed to be used this way in an expression; function: %s", name)
}
