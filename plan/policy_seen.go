package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// PolicySeen is the key policy of a version before its switch, and the one that it
// should have: the active version's, or the plan's own file.
type PolicySeen struct {
	// KeyID is the version's.
	KeyID string
	// Wanted and Target are the desired policy and the version's own, as JSON.
	Wanted, Target string
	// JustMade reports whether this run made the version, with the policy Wanted.
	JustMade bool
	// MadeWith is the PolicyPrint of the file that the version was made with; "" if it
	// was made without one or that is not known.
	MadeWith string
}

// differ reports whether the two policies differ in meaning, each for its own key.
// live and target are the ARNs of the two keys. The layout does not count: KMS
// returns the members of a list in any order, and a list of one may stand without its
// brackets. KMS also rewrites a policy, for example an account as the ARN of its root.
// So a version that was made with the file counts as equal to it, however KMS shows it.
func (s PolicySeen) differ(live, target string) bool {
	if s.JustMade {
		return false
	}
	if s.MadeWith != "" && s.MadeWith == PolicyPrint(s.Wanted) {
		return false
	}
	wanted, known := policySets(CopyPolicy(s.Wanted, live, "").Text)
	has, shown := policySets(CopyPolicy(s.Target, target, "").Text)
	if !known || !shown {
		return s.Wanted != s.Target
	}
	return !reflect.DeepEqual(wanted, has)
}

// PolicyPrint returns a fingerprint of a key policy, whatever its layout, in
// characters that a tag may have.
func PolicyPrint(policy string) string {
	if sets, ok := policySets(policy); ok {
		text, _ := json.Marshal(sets) // what was read from JSON can be written
		policy = string(text)
	}
	sum := sha256.Sum256([]byte(policy))
	return hex.EncodeToString(sum[:16])
}

func policySets(policy string) (sets any, ok bool) {
	err := json.Unmarshal([]byte(policy), &sets)
	return asSets(sets), err == nil
}

// asSets returns a JSON value in which every list is sorted and without repetitions,
// and a list of one is its member.
func asSets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = asSets(member)
		}
	case []any:
		texts := make(map[string]any, len(v))
		for _, member := range v {
			member = asSets(member)
			text, _ := json.Marshal(member) // what was read from JSON can be written
			texts[string(text)] = member
		}
		list := make([]any, 0, len(texts))
		for _, text := range slices.Sorted(maps.Keys(texts)) {
			list = append(list, texts[text])
		}
		if len(list) == 1 {
			return list[0]
		}
		return list
	}
	return v
}
