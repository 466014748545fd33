package ddbapi

// KeyAttributes returns the names of the attributes in the primary key of each table of a
// Region, by the table's name.
func (s *Service) KeyAttributes(region string) map[string][]string {
	names := map[string][]string{}
	for p, t := range s.tables {
		if p.region != region {
			continue
		}
		for _, a := range t.schema.attributes() {
			names[p.name] = append(names[p.name], a.name)
		}
	}
	return names
}
