package kmsapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// document is the whole state as it is saved: by Region, sorted, so that the
// same state is the same text.
type document struct {
	Regions []regionDocument `json:"regions"`
}

type regionDocument struct {
	Name    string   `json:"name"`
	Keys    []*key   `json:"keys"`
	Aliases []*alias `json:"aliases"`
}

// MarshalJSON returns the whole state, the secrets of the keys included.
func (s *Service) MarshalJSON() ([]byte, error) {
	doc := document{Regions: []regionDocument{}}
	for _, name := range slices.Sorted(maps.Keys(s.regions)) {
		g := s.regions[name]
		if len(g.ids)+len(g.names) == 0 {
			continue
		}
		d := regionDocument{Name: name, Keys: []*key{}, Aliases: []*alias{}}
		for _, id := range g.ids {
			d.Keys = append(d.Keys, g.keys[id])
		}
		for _, name := range g.names {
			d.Aliases = append(d.Aliases, g.aliases[name])
		}
		doc.Regions = append(doc.Regions, d)
	}
	return json.Marshal(doc)
}

// UnmarshalJSON replaces the whole state; on an error it stays as it was.
func (s *Service) UnmarshalJSON(data []byte) error {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("reading the state of KMS: %w", err)
	}
	regions := map[string]*region{}
	for _, d := range doc.Regions {
		g := newRegion(d.Name, s.account)
		for _, k := range d.Keys {
			if !k.sound() || g.keys[k.ID] != nil {
				return fmt.Errorf("reading the state of KMS: key %q in %s is not sound", k.ID, d.Name)
			}
			g.addKey(k)
		}
		for _, a := range d.Aliases {
			if a.Name == "" || len(a.History) == 0 || g.aliases[a.Name] != nil {
				return fmt.Errorf("reading the state of KMS: alias %q in %s is not sound", a.Name, d.Name)
			}
			g.addAlias(a)
		}
		regions[d.Name] = g
	}
	s.regions = regions
	return nil
}

// sound reports whether a key that was read has what every key has.
func (k *key) sound() bool {
	_, ok := specOf(k.Spec)
	return ok && isKeyID(k.ID) && len(k.Status) > 0 && (k.Origin == "EXTERNAL" || len(k.Materials) > 0)
}
