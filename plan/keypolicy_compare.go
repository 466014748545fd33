package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// PolicyOf is the key policy of a key.
type PolicyOf struct {
	// Text is JSON.
	Text string
	// ARN and Name are the key's ARN and its version alias: a policy may name both.
	ARN, Name string
}

// PolicyDifference is what one key policy has and another has not, as names of
// statements. Each policy is taken for what it means for its own key.
type PolicyDifference struct {
	// Missing are the statements that only the wanted policy has, Added those that only
	// the other one has.
	Missing, Added []string
	// Unclear reports whether the policies differ and one of them has no statements that
	// are understood.
	Unclear bool
}

// Same reports whether there is no difference.
func (d PolicyDifference) Same() bool { return len(d.Missing)+len(d.Added) == 0 && !d.Unclear }

// Text describes the difference; has and wanted are the names of the two.
func (d PolicyDifference) Text(has, wanted string) string {
	var parts []string
	if len(d.Added) > 0 {
		parts = append(parts, "only "+has+" has "+strings.Join(d.Added, ", "))
	}
	if len(d.Missing) > 0 {
		parts = append(parts, "only "+wanted+" has "+strings.Join(d.Missing, ", "))
	}
	if d.Unclear {
		parts = append(parts, "they cannot be compared statement by statement")
	}
	return strings.Join(parts, ", ")
}

// ComparePolicies compares a key policy with the one that it should be like, after the
// same translation as a version's policy before its switch. The layout, the order and the
// names of statements do not count, nor how a principal is written.
func ComparePolicies(wanted, has PolicyOf) PolicyDifference {
	want, wantOK := wanted.statements()
	have, haveOK := has.statements()
	if !wantOK || !haveOK {
		return PolicyDifference{Unclear: wanted.Text != has.Text}
	}
	return PolicyDifference{Missing: only(want, have), Added: only(have, want)}
}

// only returns the names of those of a that b does not have.
func only(a, b map[string]string) []string {
	var names []string
	for text, name := range a {
		if _, ok := b[text]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// statements returns the names of a policy's statements by what each of them means.
func (o PolicyOf) statements() (names map[string]string, ok bool) {
	p, err := parseKeyPolicy(CopyPolicy(o.Text, o.ARN, o.Name).Text)
	if err != nil {
		return nil, false
	}
	names = map[string]string{}
	for _, s := range p.statements {
		text, _ := json.Marshal(s.meaning(OwnerOf(o.ARN), p.variables)) // what was read from JSON can be written
		var sets any
		_ = json.Unmarshal(text, &sets)
		text, _ = json.Marshal(asSets(sets))
		names[string(text)] = s.name
	}
	return names, true
}

// meaning returns a statement without its name, each part in one form. Actions and condition
// keys are compared without regard to case, and a condition's numbers and booleans as texts.
func (s policyStatement) meaning(o KeyOwner, variables bool) map[string]any {
	parts := maps.Clone(s.raw)
	delete(parts, "Sid")
	parts["variables"] = variables
	if parts["Principal"] != nil {
		parts["Principal"] = s.principals(o)
	}
	for name, actions := range map[string][]string{"Action": s.actions, "NotAction": s.notActions} {
		if actions != nil {
			parts[name] = strings.Split(strings.ToLower(strings.Join(actions, "\n")), "\n")
		}
	}
	if s.condition != nil {
		tests := make([]any, 0, len(s.condition))
		for _, c := range s.condition {
			tests = append(tests, map[string]any{"test": c.operator + " " + strings.ToLower(c.key), "values": c.values})
		}
		parts["Condition"] = tests
	}
	return parts
}

// principals returns the principals of a statement, each in one form: KMS returns an
// account that was given by its number as the ARN of its root.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (s policyStatement) principals(o KeyOwner) []string {
	var all []string
	for _, p := range s.principal {
		if p.kind == "AWS" && isAccountNumber(p.name) {
			p.name = "arn:" + o.Partition + ":iam::" + p.name + ":root"
		}
		all = append(all, p.kind+" "+p.name)
	}
	return all
}

func isAccountNumber(name string) bool {
	const digits = 12
	if len(name) != digits {
		return false
	}
	for _, r := range name {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
