package plan

import (
	"fmt"
	"slices"
	"strings"
)

// PolicyCopy is the copy of a key policy for a new key, for which it means what the
// original means for the old key.
type PolicyCopy struct {
	// Text is the policy of the new key: the same text as the old one, unless a
	// Resource had to change.
	Text string
	// Translated are the statements whose Resource named the old key and is now *,
	// which in a key policy is the key that it belongs to.
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
	Translated []string
	// Trouble says why the policy cannot be copied; "" if it can.
	Trouble string
}

// CopyPolicy translates the policy of a key into one for a new key made like it. arn
// and name are the ARN and the version alias of the old key.
func CopyPolicy(policy, arn, name string) PolicyCopy {
	c := PolicyCopy{Text: policy}
	p, err := parseKeyPolicy(policy)
	if err != nil {
		c.Trouble = err.Error()
		return c
	}
	own := newOwnKey(arn, name, p.variables)
	for _, s := range p.statements {
		resources, changed, trouble := own.translate(s)
		if trouble != "" && c.Trouble == "" {
			c.Trouble = trouble
		}
		if changed {
			s.raw["Resource"] = resources
			c.Translated = append(c.Translated, s.name)
		}
	}
	if len(c.Translated) > 0 {
		c.Text = p.text()
	}
	return c
}

// FileNamesKey describes where a policy file of the plan is about the live key alone:
// it would give nobody access to a new version. "" if it is not, or if it cannot be
// parsed; KMS describes that better.
func FileNamesKey(policy, arn, name string) string {
	p, err := parseKeyPolicy(policy)
	if err != nil {
		return ""
	}
	own := newOwnKey(arn, name, p.variables)
	for _, s := range p.statements {
		if c := own.inCondition(s.condition); c != "" {
			return fmt.Sprintf("the Condition %s of %s names it", c, s.name)
		}
		for _, r := range s.resources {
			if is := own.namedBy(r); is == namesOwn && !wildcard(r, own.sibling) || is == namesPerhaps {
				return fmt.Sprintf("the Resource %s of %s names it", r, s.name)
			}
		}
	}
	return ""
}

// ownKey has every name that a policy may use for the key that it belongs to.
type ownKey struct {
	arn, id string
	// sibling is an ARN that differs in each digit of the id: a pattern that matches
	// both matches every key.
	sibling string
	// name is the version alias.
	name string
	// variables reports whether the policy may have variables.
	variables bool
}

func newOwnKey(arn, name string, variables bool) ownKey {
	k := ownKey{arn: arn, name: name, variables: variables}
	head, id, ok := strings.Cut(arn, ":key/")
	if ok {
		k.id = id
		k.sibling = head + ":key/" + strings.Map(otherDigit, id)
	}
	return k
}

func otherDigit(r rune) rune {
	switch {
	case r == '-':
		return r
	case r == '0':
		return '1'
	}
	return '0'
}

// translate returns the Resource of a statement for a new key. trouble says why the
// statement has no equivalent for a new key.
func (k ownKey) translate(s policyStatement) (resources any, changed bool, trouble string) {
	if s.notResource {
		return nil, false, s.name + " has NotResource"
	}
	if c := k.inCondition(s.condition); c != "" {
		trouble = fmt.Sprintf("the Condition %s of %s is about this key alone", c, s.name)
	}
	var list []any
	for _, r := range s.resources {
		switch k.namedBy(r) {
		case namesOwn:
			r, changed = "*", true
		case namesPerhaps:
			return nil, false, fmt.Sprintf("the Resource %s of %s may mean this key alone", r, s.name)
		}
		if !slices.Contains(list, any(r)) {
			list = append(list, r)
		}
	}
	if len(list) == 1 {
		return list[0], changed, trouble
	}
	return list, changed, trouble
}

// naming is the relation of a Resource to the own key.
type naming int

const (
	// namesOther: it matches another key, nothing, or every key alike.
	namesOther naming = iota
	// namesOwn: it matches the key's ARN.
	namesOwn
	// namesPerhaps: it may match; IAM's pages leave that open.
	namesPerhaps
)

// namedBy returns how a Resource relates to the own ARN. IAM compares segment by
// segment, and fills up an ARN that has too few of them with *. A Resource that
// matches only across segments or by a variable, or names the bare id, is in doubt,
// unless it matches whatever the id is.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (k ownKey) namedBy(resource string) naming {
	if resource == "*" {
		return namesOther
	}
	if k.id == "" {
		return namesPerhaps // the ARN is not known
	}
	loose := resource
	if k.variables {
		loose = policyVariable().ReplaceAllString(resource, "*")
	}
	switch {
	case loose == resource && wildcardARN(resource, k.arn):
		return namesOwn
	case wildcard(loose, k.arn) && !wildcard(loose, k.sibling), containsFold(resource, k.id):
		return namesPerhaps
	}
	return namesOther
}

// policyVariable matches a variable, which stands for a value of the request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
var policyVariable = Pattern(`\$\{[^}]*\}`)

// arnParts is the number of segments of an ARN; the last may contain colons.
const arnParts = 6

func wildcardARN(pattern, arn string) bool {
	want, have := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	for len(want) < len(have) {
		want = append(want, "*")
	}
	for i := range have {
		if !wildcard(want[i], have[i]) {
			return false
		}
	}
	return true
}

// inCondition describes a test that would give another result for the new key, because
// it names the key, its version alias, or a tag that differs between versions.
func (k ownKey) inCondition(conditions []policyCondition) string {
	for _, c := range conditions {
		keys := []string{strings.ToLower(c.key)}
		if k.variables {
			keys = append(keys, variablesIn(c.values)...)
		}
		if slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(tagsOfVersion, key) }) {
			return c.operator + " " + c.key
		}
		for _, v := range c.values {
			if k.in(v) {
				return fmt.Sprintf("%s %s", c.operator, c.key)
			}
		}
	}
	return ""
}

// tagsOfVersion are the tags of keyturn that differ between versions.
var tagsOfVersion = []string{
	"aws:resourcetag/keyturn:version", "aws:resourcetag/keyturn:claim", "aws:resourcetag/keyturn:window",
	"aws:resourcetag/keyturn:ledger",
}

func (k ownKey) in(value string) bool {
	if k.variables {
		value = policyVariable().ReplaceAllString(value, "*")
	}
	if k.inName(strings.ToLower(value)) {
		return true
	}
	if k.id == "" {
		return strings.Contains(value, ":key/") // the ARN is not known
	}
	return containsFold(value, k.id) || wildcard(value, k.arn) && !wildcard(value, k.sibling)
}

// inName reports whether a value matches the own version alias, by itself or in an ARN,
// and not that of every version.
func (k ownKey) inName(value string) bool {
	if k.name == "" {
		return false
	}
	own := strings.ToLower(k.name)
	if strings.HasSuffix(value, ":"+own) { // of whatever account
		return true
	}
	base := own[:strings.LastIndex(own, "/v")+len("/v")]
	digits := strings.Map(otherDigit, own[len(base):])
	for _, head := range []string{"", strings.ToLower(k.arn[:strings.LastIndex(k.arn, ":")+1])} {
		everyone := wildcard(value, head+base+digits) && wildcard(value, head+base+digits+digits)
		if wildcard(value, head+own) && !everyone {
			return true
		}
	}
	return false
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
