package kmsapi

import "time"

// Target returns the id of the key behind an alias at a moment; "" if it names none.
func (s *Service) Target(region, alias string, at time.Time) string {
	b, _ := s.in(region).aliasAt(alias, at)
	return b.Target
}
