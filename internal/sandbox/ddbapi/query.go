package ddbapi

import (
	"slices"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type queryInput struct {
	pageInput
	KeyConditionExpression *string
	ScanIndexForward       *bool
}

// keyQuery is a key condition for a certain table: one hash key, and perhaps a
// test of the range key.
type keyQuery struct {
	hash attr.Value
	rng  *expr.KeyTest
}

func (s *Service) query(c wire.Call, in queryInput) (wire.Answer, error) {
	if err := in.check(); err != nil {
		return wire.Answer{}, err
	}
	p, err := in.params(in.ProjectionExpression, map[expr.Kind]*string{
		expr.KindFilter: in.FilterExpression, expr.KindKeyCondition: in.KeyConditionExpression,
	})
	if err != nil {
		return wire.Answer{}, err
	}
	if in.KeyConditionExpression == nil {
		return wire.Answer{},
			invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	condition, err := s.cache.Condition(expr.KindKeyCondition, *in.KeyConditionExpression)
	if err != nil {
		return wire.Answer{}, err
	}
	tests, err := condition.KeyTests(p)
	if err != nil {
		return wire.Answer{}, err
	}
	pg, err := s.newPage(c, in.pageInput, p)
	if err != nil {
		return wire.Answer{}, err
	}
	for _, read := range pg.filter.Paths() {
		if pg.table.schema.has(read[0].Name) {
			return wire.Answer{},
				invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s",
					read[0].Name)
		}
	}
	q, err := pg.table.schema.keyQuery(tests)
	if err != nil {
		return wire.Answer{}, err
	}
	start, err := pg.start()
	if err != nil {
		return wire.Answer{}, err
	}
	if err := q.checkStart(start); err != nil {
		return wire.Answer{}, err
	}
	q.run(pg, start, in.ScanIndexForward == nil || *in.ScanIndexForward)
	if !s.mayRead(c, pg.table, reads(pg.bytes, in.ConsistentRead)) {
		return wire.Answer{}, errThrottled()
	}
	return pg.answer(pg.table.place.name + "/" + q.hash.Text()), nil
}

// keyQuery checks the tests of a key condition against the key of the table.
func (s schema) keyQuery(tests map[string]expr.KeyTest) (keyQuery, error) {
	onHash, ok := tests[s.hash.name]
	if !ok {
		return keyQuery{}, invalid("Query condition missed key schema element: %s", s.hash.name)
	}
	if onHash.Op != "=" || s.rng.name == "" && len(tests) > 1 {
		return keyQuery{}, invalid("Query key condition not supported")
	}
	for _, a := range s.attributes() {
		for _, v := range tests[a.name].Values {
			if v.Type() != a.typ {
				return keyQuery{}, invalidValues("Condition parameter type does not match schema type")
			}
		}
	}
	q := keyQuery{hash: onHash.Values[0]}
	if len(tests) == 1 {
		return q, nil
	}
	onRange, ok := tests[s.rng.name]
	if !ok || len(tests) > 2 {
		return keyQuery{}, invalid("Query condition missed key schema element: %s", s.rng.name)
	}
	q.rng = &onRange
	return q, nil
}

func (q keyQuery) checkStart(start *key) error {
	switch {
	case start == nil:
		return nil
	case !start.hash.Equal(q.hash):
		return invalid("The provided starting key is outside query boundaries based on provided conditions")
	case q.rng != nil && !q.rng.Match(start.rng):
		return invalid("The provided starting key does not match the range key predicate")
	}
	return nil
}

// run gives the page the items of one partition, in the order of their range
// keys or against it.
func (q keyQuery) run(pg *page, start *key, forward bool) {
	p := pg.table.items.byHash[q.hash.Text()]
	if p == nil {
		return
	}
	entries := p.entries
	if start != nil {
		i, found := p.find(start.rng)
		switch {
		case !forward:
			entries = entries[:i]
		case found:
			entries = entries[i+1:]
		default:
			entries = entries[i:]
		}
	}
	walk := slices.All(entries)
	if !forward {
		walk = slices.Backward(entries)
	}
	for _, e := range walk {
		if q.rng != nil && !q.rng.Match(e.rng) {
			continue
		}
		if !pg.take(e.item) {
			return
		}
	}
}
