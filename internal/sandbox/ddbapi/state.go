package ddbapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// savedTable is a table in the saved state: where and what it is, its
// settings, and its items as documents of the API.
type savedTable struct {
	Account, Region, Name string
	Key                   []attributeDefinition
	table
	Items []attr.Item
}

type savedState struct{ Tables []savedTable }

// MarshalJSON writes all tables and items, always in the same order. The
// switches (MaxBatchGet, Rand) are no state.
func (s *Service) MarshalJSON() ([]byte, error) {
	state := savedState{Tables: []savedTable{}}
	for p, t := range s.tables {
		saved := savedTable{Account: p.account, Region: p.region, Name: p.name, table: *t, Items: []attr.Item{}}
		for _, a := range t.schema.attributes() {
			saved.Key = append(saved.Key, attributeDefinition{a.name, a.typ})
		}
		for item := range t.items.all(nil) {
			saved.Items = append(saved.Items, item)
		}
		state.Tables = append(state.Tables, saved)
	}
	slices.SortFunc(state.Tables, func(a, b savedTable) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Name, b.Name))
	})
	return json.Marshal(state)
}

// UnmarshalJSON replaces all tables by saved ones; on an error it changes
// nothing.
func (s *Service) UnmarshalJSON(data []byte) error {
	var state savedState
	if err := json.Unmarshal(data, &state); err != nil {
		return fmt.Errorf("reading saved tables: %w", err)
	}
	tables := map[place]*table{}
	for _, saved := range state.Tables {
		t := saved.table
		t.place = place{saved.Account, saved.Region, saved.Name}
		t.items = newItems()
		if n := len(saved.Key); n < 1 || n > 2 {
			return fmt.Errorf("reading saved table %s: %d key attributes", saved.Name, n)
		}
		t.schema.hash = keyAttribute{saved.Key[0].AttributeName, saved.Key[0].AttributeType}
		if len(saved.Key) == 2 {
			t.schema.rng = keyAttribute{saved.Key[1].AttributeName, saved.Key[1].AttributeType}
		}
		for _, item := range saved.Items {
			k, err := t.schema.checkItem(item)
			if err != nil {
				return fmt.Errorf("reading saved table %s: %w", saved.Name, err)
			}
			t.items.put(k, item)
		}
		tables[t.place] = &t
	}
	s.tables = tables
	return nil
}
