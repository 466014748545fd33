package status

import "github.com/keyturn/keyturn/plan"

// Cause is a refusal that several keys share.
type Cause struct {
	// Keys are their places in the snapshot.
	Keys    []int
	Refusal plan.Refusal
}

// Causes returns the refusals that several keys share.
func (s Snapshot) Causes() []Cause {
	var all []Cause
	for _, group := range plan.Alike(len(s.Keys), func(i int) string {
		if ref := s.Keys[i].Refusal; ref != nil {
			return plan.SharedBy(ref.Code, ref.What)
		}
		return ""
	}) {
		if len(group) < 2 {
			continue
		}
		all = append(all, Cause{group, s.Keys[group[0]].Refusal.OfAll()})
	}
	return all
}

// Names returns the names of the keys of a cause.
func (s Snapshot) Names(c Cause) []string {
	var names []string
	for _, i := range c.Keys {
		names = append(names, s.Keys[i].Policy.Name)
	}
	return names
}
