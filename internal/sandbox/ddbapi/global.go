package ddbapi

import "fmt"

// Global is what DescribeTable says about a table's replicas. The sandbox
// replicates nothing: this lets a test show a client a table of a kind that it
// must accept or refuse.
type Global struct {
	// Version is GlobalTableVersion: "2019.11.21" or "2017.11.29".
	Version string
	// Consistency is MultiRegionConsistency: "EVENTUAL", "STRONG", or empty and left out.
	Consistency string
	// Replicas are Regions.
	Replicas []string
}

// SetGlobal sets what DescribeTable says about the replicas of a table in the
// account that New was given. The zero Global is a table without replicas.
func (s *Service) SetGlobal(region, table string, g Global) error {
	t := s.tables[place{s.account, region, table}]
	if t == nil {
		return fmt.Errorf("no table %s in %s", table, region)
	}
	t.Global = &g
	return nil
}

// replicaUpdate is one change of a table's replicas.
type replicaUpdate struct{ Create *struct{ RegionName string } }

// replicate has DescribeTable say that the table has one more replica, eventually
// consistent as they are by default. No item goes there.
func (t *table) replicate(u replicaUpdate) error {
	if u.Create == nil || u.Create.RegionName == "" {
		return invalid("The sandbox can create a replica of a table, nothing else")
	}
	if t.Global == nil {
		t.Global = &Global{Version: "2019.11.21", Consistency: "EVENTUAL"}
	}
	t.Global.Replicas = append(t.Global.Replicas, u.Create.RegionName)
	return nil
}
