package plan

import (
	"fmt"
	"slices"
)

// Batch is one call of the simulator, which answers several questions that have the same
// context: it judges each of its actions on each of its resources, in this one context.
type Batch struct {
	Simulation
	// Of are the indexes of the questions.
	Of []int
}

// mostResources is how many resources one call is about. AWS documents no limit and has
// refused longer lists: https://github.com/nccgroup/PMapper/pull/6
const mostResources = 20

// Batches returns the calls that ask all questions, each question in one of them. No call
// is judged that no question is about.
func Batches(all []Simulation) []Batch {
	list := make([]Batch, len(all))
	for i, q := range all {
		list[i] = Batch{q, []int{i}}
	}
	list = merge(list, func(b Batch) []string { return b.Resources }, (*Batch).addActions)
	return merge(list, func(b Batch) []string { return b.Actions }, (*Batch).addResources)
}

func (b *Batch) addActions(other Batch) bool {
	b.Actions = union(b.Actions, other.Actions)
	return true
}

// addResources reports whether there is room for them. A call without a resource stays alone.
func (b *Batch) addResources(other Batch) bool {
	all := union(b.Resources, other.Resources)
	if len(b.Resources) == 0 || len(other.Resources) == 0 || len(all) > mostResources {
		return false
	}
	b.Resources = all
	return true
}

// merge adds each batch to the last one with the same context and the same of something else,
// if that takes it.
func merge(list []Batch, same func(Batch) []string, add func(*Batch, Batch) bool) []Batch {
	var merged []Batch
	last := map[string]int{}
	for _, b := range list {
		key := fmt.Sprintf("%q %q", b.Context, same(b))
		if i, is := last[key]; is && add(&merged[i], b) {
			merged[i].Of = append(merged[i].Of, b.Of...)
			continue
		}
		last[key] = len(merged)
		merged = append(merged, b)
	}
	return merged
}

// union returns the values of both, sorted.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Own returns the decisions that answer the question, of those of its batch, each once; an
// empty one for each action and resource about which there is none.
func (q Simulation) Own(decided []Simulated) []Simulated {
	resources := q.Resources
	if len(resources) == 0 {
		resources = []string{AllResources}
	}
	var own []Simulated
	for _, action := range q.Actions {
		for _, resource := range resources {
			d := Simulated{Action: action, Resource: resource}
			is := func(o Simulated) bool { return o.Action == action && o.Resource == resource }
			if i := slices.IndexFunc(decided, is); i >= 0 {
				d = decided[i]
				d.Missing = q.unlisted(d.Missing)
			}
			own = append(own, d)
		}
	}
	return own
}

// AllResources stands for no resource in an answer of the simulator.
const AllResources = "*"
