package ddbapi

import (
	"slices"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// pageInput is what Query and Scan have in common.
type pageInput struct {
	TableName            string
	IndexName            string
	FilterExpression     *string
	ProjectionExpression *string
	Select               string
	Limit                *int
	ExclusiveStartKey    attr.Item
	ConsistentRead       bool
	expressions
	capacity
}

type pageOutput struct {
	// Items is absent for a count.
	Items            *[]attr.Item `json:",omitempty"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey attr.Item         `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// maxPage is how many bytes one page looks at.
const maxPage = 1 << 20

func (in pageInput) check() error {
	if err := oneOf("Select", in.Select, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES",
		"ALL_PROJECTED_ATTRIBUTES"); err != nil {
		return err
	}
	switch {
	case in.IndexName != "":
		return invalid("The table does not have the specified index: %s", in.IndexName)
	case in.Limit != nil && *in.Limit < 1:
		return invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member "+
			"must have value greater than or equal to 1", *in.Limit)
	case in.Select == "ALL_PROJECTED_ATTRIBUTES":
		return invalid("One or more parameter values were invalid: ALL_PROJECTED_ATTRIBUTES can be used only when " +
			"Querying using an IndexName")
	case in.Select == "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression == nil:
		return invalid("One or more parameter values were invalid: Must specify the AttributesToGet or " +
			"ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select != "" && in.Select != "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression != nil:
		return invalid("Cannot specify the ProjectionExpression when choosing to get %s", in.Select)
	}
	return in.capacity.check()
}

// page is one page as it is read: an item counts as scanned before the filter
// sees it (AWS: "Paginating table query results").
type page struct {
	in         pageInput
	table      *table
	filter     *expr.Filter
	projection *expr.Projection

	items                 []attr.Item
	count, scanned, bytes int
	// last is the item at which the page ended early.
	last attr.Item
}

func (s *Service) newPage(c wire.Call, in pageInput, p *expr.Params) (*page, error) {
	filter, err := s.filter(expr.KindFilter, in.FilterExpression, p)
	if err != nil {
		return nil, err
	}
	projection, err := s.projection(in.ProjectionExpression, p)
	if err != nil {
		return nil, err
	}
	if err := p.Unused(); err != nil {
		return nil, err
	}
	t, err := s.data(c, in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.schema.checkPaths(slices.Concat(projection.Paths(), filter.Paths())); err != nil {
		return nil, err
	}
	return &page{in: in, table: t, filter: filter, projection: projection, items: []attr.Item{}}, nil
}

// start returns the key after which the page begins, nil for the beginning.
func (pg *page) start() (*key, error) {
	if pg.in.ExclusiveStartKey == nil {
		return nil, nil
	}
	k, err := pg.table.schema.checkKey(pg.in.ExclusiveStartKey)
	if err != nil {
		return nil, invalid("The provided starting key is invalid: %s", coded(err).(*wire.Error).Message)
	}
	return &k, nil
}

// take adds an item and reports whether the page goes on. As at AWS a page that
// ends because of its limit says where, even if nothing follows.
func (pg *page) take(item attr.Item) bool {
	pg.scanned++
	pg.bytes += item.Size()
	if pg.filter.Match(item) {
		pg.count++
		if pg.in.Select != "COUNT" {
			pg.items = append(pg.items, pg.projection.Apply(item))
		}
	}
	if pg.in.Limit != nil && pg.scanned == *pg.in.Limit || pg.bytes >= maxPage {
		pg.last = pg.table.schema.item(pg.table.schema.keyOf(item))
		return false
	}
	return true
}

func (pg *page) answer(resource string) wire.Answer {
	out := pageOutput{
		Count: pg.count, ScannedCount: pg.scanned, LastEvaluatedKey: pg.last,
		ConsumedCapacity: pg.in.capacity.of(pg.table, reads(pg.bytes, pg.in.ConsistentRead)),
	}
	if pg.in.Select != "COUNT" {
		out.Items = &pg.items
	}
	return wire.Answer{Body: out, Resource: resource}
}
