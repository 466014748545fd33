package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// keyPolicy is a parsed key policy. A policy with elements that the rules do not
// know is an error, see parseKeyPolicy.
type keyPolicy struct {
	// document is the whole policy, with numbers as written.
	document   map[string]any
	statements []policyStatement
	// variables reports whether ${aws:...} stands for a value.
	variables bool
}

// policyStatement is one statement. A list that is absent is nil.
type policyStatement struct {
	raw map[string]any
	// name is for people: its number, and its Sid if it has one.
	name      string
	effect    string
	principal []policyPrincipal
	// notPrincipal reports whether there is a NotPrincipal.
	notPrincipal bool
	actions      []string
	notActions   []string
	resources    []string
	// notResource reports whether there is a NotResource.
	notResource bool
	condition   []policyCondition
}

// policyPrincipal is one member of Principal: AWS, Service, Federated,
// CanonicalUser. {"*"} alone is AWS "*".
type policyPrincipal struct{ kind, name string }

// policyCondition is one test of a Condition.
type policyCondition struct {
	operator, key string
	values        []string
}

// policyVariables is the first Version of a policy that may have variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const policyVariables = "2012-10-17"

// parseKeyPolicy parses a key policy. An unknown element of a statement is an error,
// because the meaning of a policy must not be guessed.
func parseKeyPolicy(text string) (*keyPolicy, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	p := &keyPolicy{}
	if err := decoder.Decode(&p.document); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is more than one JSON object")
	}
	p.variables = p.document["Version"] == policyVariables
	var list []any
	switch s := p.document["Statement"].(type) {
	case []any:
		list = s
	case map[string]any:
		list = []any{s}
	case nil:
	default:
		return nil, errors.New("its Statement is no list of statements")
	}
	for name := range p.document {
		if name != "Statement" && strings.EqualFold(name, "Statement") {
			return nil, fmt.Errorf("it has an element %q", name)
		}
	}
	for i, member := range list {
		raw, ok := member.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("statement %d is no JSON object", i+1)
		}
		s, err := parseStatement(raw, i)
		if err != nil {
			return nil, err
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func parseStatement(raw map[string]any, place int) (policyStatement, error) {
	s := policyStatement{raw: raw, name: fmt.Sprintf("statement %d", place+1)}
	if sid, _ := raw["Sid"].(string); sid != "" {
		s.name = fmt.Sprintf("statement %d (%s)", place+1, sid)
	}
	for name, value := range raw {
		ok := true
		switch name {
		case "Sid":
		case "Effect":
			s.effect, ok = value.(string)
		case "Principal":
			s.principal, ok = principalsOf(value)
		case "NotPrincipal":
			s.notPrincipal = true
		case "Action":
			s.actions, ok = textsOf(value)
		case "NotAction":
			s.notActions, ok = textsOf(value)
		case "Resource":
			s.resources, ok = textsOf(value)
		case "NotResource":
			s.notResource = true
		case "Condition":
			s.condition, ok = conditionsOf(value)
		default:
			return s, fmt.Errorf("%s has an element %q", s.name, name)
		}
		if !ok {
			return s, fmt.Errorf("the %s of %s cannot be read", name, s.name)
		}
	}
	return s, nil
}

// textsOf returns a text or a list of texts as a list; never nil.
func textsOf(value any) ([]string, bool) {
	if text, ok := value.(string); ok {
		return []string{text}, true
	}
	list, ok := value.([]any)
	texts := make([]string, 0, len(list))
	for _, member := range list {
		text, isText := member.(string)
		texts, ok = append(texts, text), ok && isText
	}
	return texts, ok
}

// PolicyPrincipals returns the accounts, roles and users that a key policy names; none
// if it cannot be parsed.
func PolicyPrincipals(policy string) []string {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return nil
	}
	var names []string
	for _, s := range p.statements {
		for _, by := range s.principal {
			if by.kind == "AWS" {
				names = append(names, by.name)
			}
		}
	}
	return names
}

func principalsOf(value any) ([]policyPrincipal, bool) {
	if name, ok := value.(string); ok {
		return []policyPrincipal{{"AWS", name}}, true
	}
	kinds, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	var all []policyPrincipal
	for kind, members := range kinds {
		names, readable := textsOf(members)
		ok = ok && readable
		for _, name := range names {
			all = append(all, policyPrincipal{kind, name})
		}
	}
	return all, ok
}

// conditionsOf returns the tests of a Condition. Values may be numbers and booleans too.
func conditionsOf(value any) ([]policyCondition, bool) {
	operators, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	all := []policyCondition{}
	for operator, member := range operators {
		keys, isObject := member.(map[string]any)
		if !isObject {
			return nil, false
		}
		for key, values := range keys {
			list, isList := values.([]any)
			if !isList {
				list = []any{values}
			}
			c := policyCondition{operator: operator, key: key}
			for _, v := range list {
				c.values = append(c.values, fmt.Sprint(v))
			}
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b policyCondition) int {
		return strings.Compare(a.operator+" "+a.key, b.operator+" "+b.key)
	})
	return all, true
}

// text returns the policy as JSON, with the changes made in its statements.
func (p *keyPolicy) text() string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(p.document) // what was read from JSON can be written
	return strings.TrimSpace(out.String())
}

// wildcard reports whether a text matches a pattern, in which * stands for any
// number of characters and ? for one.
func wildcard(pattern, text string) bool {
	star, from := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
