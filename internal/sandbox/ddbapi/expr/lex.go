package expr

import "strings"

// token is a piece of an expression: a word, a #name, a :value, a number or a
// sign. The end is the token "<EOF>", as AWS names it in messages.
type token struct {
	kind tokenKind
	text string
	// start and end are positions in the expression.
	start, end int
}

type tokenKind int

const (
	end tokenKind = iota
	word
	nameRef  // #name
	valueRef // :value
	number
	sign
	unknown // a character that starts no token
)

const eof = "<EOF>"

func notInWord(r rune) bool { return !letter(r) && !digit(r) && r != '_' }
func letter(r rune) bool    { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
func digit(r rune) bool     { return '0' <= r && r <= '9' }

// lex cuts an expression into tokens; the last one is the end. It never fails:
// what is no token is one of kind unknown, at which the parser stops.
func lex(text string) []token {
	var tokens []token
	for at := 0; ; {
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\r\n\f"))
		if at == len(text) {
			return append(tokens, token{end, eof, at, at})
		}
		t := next(text[at:])
		t.start, t.end = at, at+len(t.text)
		tokens = append(tokens, t)
		at = t.end
	}
}

// next returns the token at the start of a text that is not empty. A bare word
// starts with a letter: AWS refuses _a, but takes #_a and :_a.
func next(s string) token {
	run := func(kind tokenKind, from int, stop func(rune) bool) token {
		if n := strings.IndexFunc(s[from:], stop); n >= 0 {
			return token{kind: kind, text: s[:from+n]}
		}
		return token{kind: kind, text: s}
	}
	switch first := rune(s[0]); {
	case letter(first):
		return run(word, 1, notInWord)
	case digit(first):
		return run(number, 1, func(r rune) bool { return !digit(r) })
	case first == '#' || first == ':':
		kind := nameRef
		if first == ':' {
			kind = valueRef
		}
		if t := run(kind, 1, notInWord); len(t.text) > 1 {
			return t
		}
	case strings.HasPrefix(s, "<>"), strings.HasPrefix(s, "<="), strings.HasPrefix(s, ">="):
		return token{kind: sign, text: s[:2]}
	case strings.ContainsRune("()[],.=<>+-", first):
		return token{kind: sign, text: s[:1]}
	}
	for _, r := range s {
		return token{kind: unknown, text: s[:min(len(s), len(string(r)))]}
	}
	return token{kind: unknown, text: s}
}
