package planfile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// leaf is a value that is one scalar.
type leaf[T any] struct {
	into  *setting[T]
	parse func(scalar) (T, *fault)
	// form returns the schema: few readers of a plan need it.
	form func() jsonschema.Schema
	// hint is what would be right, for a value of another kind.
	hint string
}

func (l leaf[T]) read(r *reader, name string, n ast.Node) { l.take(r, name, n, quote) }

// take is read with another way to show a value that is wrong.
func (l leaf[T]) take(r *reader, name string, n ast.Node, show func(scalar) string) {
	if n = r.resolve(n); n == nil {
		return
	}
	*l.into = setting[T]{at: nodeAt(n)}
	s, ok := r.scalar(name, n, l.hint)
	if !ok {
		return
	}
	v, f := l.parse(s)
	if f != nil {
		r.refuse(s.at, f.hint, "%s %s %s", name, show(s), f.is)
		return
	}
	l.into.v, l.into.ok = v, true
}

// quote shows a value in a message, a number as a number.
func quote(s scalar) string {
	if s.kind == aString {
		return strconv.Quote(clip(s.text))
	}
	return clip(s.text)
}

// unshown is a text that no message repeats: it may have a password or a token.
type unshown struct{ leaf[string] }

func (u unshown) read(r *reader, name string, n ast.Node) {
	u.take(r, name, n, func(scalar) string { return "(not shown)" })
}

// preset sets a default. The table of fields has it as the file would, and it is
// parsed like the file's values.
func (l leaf[T]) preset(text string) {
	v, f := l.parse(scalar{text: text, kind: aString})
	if f != nil {
		panic(fmt.Sprintf("planfile: the default %q %s", text, f.is))
	}
	*l.into = setting[T]{v: v, ok: true}
}

func (l leaf[T]) schema() *jsonschema.Schema {
	form := l.form()
	return &form
}

// onOrOff reads a switch. "off" is a string in YAML 1.2 and a boolean in YAML
// 1.1; tools that write one for the other do no harm here.
func onOrOff(text string) (on, ok bool) {
	switch text {
	case "on", "true":
		return true, true
	case "off", "false":
		return false, true
	}
	return false, false
}

func switchOf(into *setting[bool]) leaf[bool] {
	return leaf[bool]{into, func(s scalar) (bool, *fault) {
		on, ok := onOrOff(s.text)
		if !ok {
			return false, &fault{"is not a switch", "on or off"}
		}
		return on, nil
	}, func() jsonschema.Schema {
		return jsonschema.Schema{Enum: []any{"on", "off", true, false}}
	}, "on or off"}
}

var wholeNumber = plan.Pattern(`^(0|[1-9][0-9]{0,8})$`)

// countOf returns a whole number from least to most.
func countOf(into *setting[int], least, most int) leaf[int] {
	hint := fmt.Sprintf("a whole number from %d to %d", least, most)
	if least == most {
		hint = strconv.Itoa(least)
	}
	return leaf[int]{into, func(s scalar) (int, *fault) {
		if s.quoted {
			return 0, &fault{"is a string", hint + ", without quotes"}
		}
		n, err := strconv.Atoi(s.text)
		if !wholeNumber().MatchString(s.text) || err != nil || n < least || n > most {
			return 0, &fault{"is not accepted", hint}
		}
		return n, nil
	}, func() jsonschema.Schema {
		return jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(float64(least)),
			Maximum: jsonschema.Ptr(float64(most))}
	}, hint}
}

// wordOf returns one of a few words.
func wordOf(into *setting[string], words ...string) leaf[string] {
	hint := oneOf("one of ", words)
	return leaf[string]{into, func(s scalar) (string, *fault) {
		if slices.Contains(words, s.text) {
			return s.text, nil
		}
		if near, ok := Nearest(s.text, words); ok {
			return "", &fault{"is not known", "did you mean " + near + "?"}
		}
		return "", &fault{"is not known", hint}
	}, func() jsonschema.Schema { return jsonschema.Schema{Type: "string", Enum: anys(words)} }, hint}
}

func anys(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

// textRule is what a string must be.
type textRule struct {
	// least and most limit the number of characters.
	least, most int
	// form matches the text; nil if every text is allowed.
	form func() *regexp.Regexp
	// hint is what would be right.
	hint string
	// also says more than a pattern can, and is asked before it; nil: nothing.
	also func(string) *fault
	// not holds patterns for the schema that the text must not match.
	not []string
}

func textOf(into *setting[string], rule textRule) leaf[string] {
	return leaf[string]{into, func(s scalar) (string, *fault) {
		n := utf8.RuneCountInString(s.text)
		switch {
		case s.kind != aString:
			return "", &fault{"is " + s.kind + ", not a string", "put it in quotes"}
		case n < rule.least:
			return "", &fault{"is empty", rule.hint}
		}
		if rule.also != nil {
			if f := rule.also(s.text); f != nil {
				return "", f
			}
		}
		switch {
		case rule.form != nil && !rule.form().MatchString(s.text):
			return "", &fault{"is not accepted", rule.hint}
		case n > rule.most:
			return "", &fault{fmt.Sprintf("has %d characters", n), fmt.Sprintf("at most %d", rule.most)}
		}
		return s.text, nil
	}, rule.schema, rule.hint}
}

func (rule textRule) schema() jsonschema.Schema {
	form := jsonschema.Schema{Type: "string", MaxLength: jsonschema.Ptr(rule.most)}
	if rule.form != nil {
		form.Pattern = rule.form().String()
	}
	if rule.least > 0 {
		form.MinLength = jsonschema.Ptr(rule.least)
	}
	for _, p := range rule.not {
		form.AllOf = append(form.AllOf, &jsonschema.Schema{Not: &jsonschema.Schema{Pattern: p}})
	}
	return form
}

// rawJSON returns a default for the schema: numbers stay numbers.
func rawJSON(preset string) json.RawMessage {
	if wholeNumber().MatchString(preset) {
		return json.RawMessage(preset)
	}
	return json.RawMessage(strconv.Quote(preset))
}
