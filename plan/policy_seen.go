package plan

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// PolicySeen is the key policy of a version that is to be switched to, and what
// the active version has now.
type PolicySeen struct {
	KeyID          string // of the version
	Active, Target string // JSON
}

// differ tells whether the two say something else, whatever their layout. KMS
// gives the members of a list in any order, and in a policy one member may stand
// without its brackets.
func (s PolicySeen) differ() bool {
	var active, target any
	if json.Unmarshal([]byte(s.Active), &active) != nil || json.Unmarshal([]byte(s.Target), &target) != nil {
		return s.Active != s.Target
	}
	return !reflect.DeepEqual(asSets(active), asSets(target))
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
