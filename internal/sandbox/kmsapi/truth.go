package kmsapi

import "time"

// Truth is what there is in a Region now, whatever reads show.
type Truth struct {
	// State is that of each key, by its id.
	State map[string]string
	// Tags are those of each key, by its id.
	Tags map[string]map[string]string
	// Names has the key id of each alias.
	Names map[string]string
}

// Truth returns the whole state of a Region that a checker needs.
func (s *Service) Truth(name string, now time.Time) Truth {
	t := Truth{State: map[string]string{}, Tags: map[string]map[string]string{}, Names: map[string]string{}}
	g := s.regions[name]
	if g == nil {
		return t
	}
	for id, k := range g.keys {
		if !k.existed(now) {
			continue
		}
		t.State[id] = k.Status.current().State
		t.Tags[id] = map[string]string{}
		for _, tag := range k.Tags.current() {
			t.Tags[id][tag.TagKey] = tag.TagValue
		}
	}
	for name, a := range g.aliases {
		if target := a.History.current().Target; t.State[target] != "" { // a key's aliases go with it
			t.Names[name] = target
		}
	}
	return t
}
