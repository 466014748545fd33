package ddbapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type scanInput struct {
	pageInput
	Segment, TotalSegments *int
}

func (s *Service) scan(c wire.Call, in scanInput) (wire.Answer, error) {
	if err := in.check(); err != nil {
		return wire.Answer{}, err
	}
	if in.Segment != nil || in.TotalSegments != nil {
		return wire.Answer{},
			invalid("The sandbox does not support parallel scans: leave out Segment and TotalSegments")
	}
	p, err := in.params(in.ProjectionExpression, map[expr.Kind]*string{expr.KindFilter: in.FilterExpression})
	if err != nil {
		return wire.Answer{}, err
	}
	pg, err := s.newPage(c, in.pageInput, p)
	if err != nil {
		return wire.Answer{}, err
	}
	start, err := pg.start()
	if err != nil {
		return wire.Answer{}, err
	}
	for item := range pg.table.items.all(start) {
		if !pg.take(item) {
			break
		}
	}
	return pg.answer(pg.table.place.name), nil
}
