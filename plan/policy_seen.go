package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// PolicySeen is the key policy of a version that is to be switched to, and what
// it is to be: the active version's, or the plan's own file.
type PolicySeen struct {
	KeyID          string // of the version
	Wanted, Target string // JSON
	JustMade       bool   // by this run, with what was wanted
	MadeWith       string // PolicyPrint of the file it was made with; "" if it was not, or that is not known
}

// differ reports whether the two say something else, each of its own key and
// whatever their layout: live and target are the ARNs of the two keys. KMS
// gives the members of a list in any order, and in a policy one member may stand
// without its brackets. It may also write what it was given in other words, an
// account as the ARN of its root, so a version is like the file that it was made
// with, however KMS shows it.
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

// PolicyPrint is a fingerprint of what a key policy says, whatever its layout, in
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

// asSets gives a JSON value in which every list is in one order, and a list of
// one is its member.
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
