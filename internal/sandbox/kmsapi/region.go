package kmsapi

import (
	"slices"
	"strings"
	"time"
)

// region is what the account has in one Region. The sorted lists and the index
// of targets say nothing that keys and aliases do not say; they are there so
// that no call has to look at everything.
type region struct {
	name, account string
	keys          map[string]*key
	aliases       map[string]*alias
	// ids are those of the keys, sorted.
	ids []string
	// names are those of the aliases, sorted.
	names []string
	// targets has, by key id, the aliases that name the key, or recently did.
	targets map[string]map[string]struct{}
	purged  time.Time
}

func newRegion(name, account string) *region {
	return &region{
		name: name, account: account,
		keys: map[string]*key{}, aliases: map[string]*alias{},
		targets: map[string]map[string]struct{}{},
	}
}

// arn makes the ARN of a key ("key/<id>") or an alias ("alias/<name>").
func (g *region) arn(resource string) string {
	return "arn:" + g.partition() + ":kms:" + g.name + ":" + g.account + ":" + resource
}

// partition returns the part of AWS the Region lies in.
func (g *region) partition() string {
	switch {
	case strings.HasPrefix(g.name, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(g.name, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// addKey puts a key into the Region and its index.
func (g *region) addKey(k *key) {
	g.keys[k.ID] = k
	i, _ := slices.BinarySearch(g.ids, k.ID)
	g.ids = slices.Insert(g.ids, i, k.ID)
}

// addAlias puts an alias into the Region and its indexes.
func (g *region) addAlias(a *alias) {
	g.aliases[a.Name] = a
	i, _ := slices.BinarySearch(g.names, a.Name)
	g.names = slices.Insert(g.names, i, a.Name)
	for _, v := range a.History {
		g.index(v.Value.Target, a.Name)
	}
}

// index notes that an alias names a key.
func (g *region) index(target, name string) {
	if target == "" {
		return
	}
	if g.targets[target] == nil {
		g.targets[target] = map[string]struct{}{}
	}
	g.targets[target][name] = struct{}{}
}

// keyAt gives a key as far as there was one at t. A key whose deletion date
// has come is gone at that moment, whenever it is next looked at.
func (g *region) keyAt(id string, t time.Time) (*key, bool) {
	k := g.keys[id]
	if k == nil || !k.existed(t) {
		return nil, false
	}
	return k, true
}

// aliasAt returns what an alias said at t. A deleted key took its aliases along
// (API reference, ScheduleKeyDeletion).
func (g *region) aliasAt(name string, t time.Time) (binding, bool) {
	a := g.aliases[name]
	if a == nil {
		return binding{}, false
	}
	b, ok := a.History.at(t)
	if !ok {
		return binding{}, false
	}
	_, ok = g.keyAt(b.Target, t) // a deleted alias has no target, and no key has no id
	return b, ok
}

// purge forgets what was deleted or replaced so long ago that not even a
// lagging read can see it. It looks at everything, hence only once in a horizon.
func (g *region) purge(now time.Time) {
	if now.Sub(g.purged) < horizon {
		return
	}
	g.purged = now
	old := now.Add(-horizon)
	// Aliases first: whether one is dead may depend on its key.
	g.names = slices.DeleteFunc(g.names, func(name string) bool {
		gone := g.dead(g.aliases[name], old)
		if gone {
			delete(g.aliases, name)
		}
		return gone
	})
	g.ids = slices.DeleteFunc(g.ids, func(id string) bool {
		k := g.keys[id]
		gone := !k.Created.After(old) && !k.existed(old)
		if gone {
			delete(g.keys, id)
		}
		return gone
	})
	for _, k := range g.keys {
		k.trim(old)
	}
	g.targets = map[string]map[string]struct{}{}
	for name, a := range g.aliases {
		a.History.trim(old)
		for _, v := range a.History {
			g.index(v.Value.Target, name)
		}
	}
}

// dead reports whether an alias was gone at a time and did not come back.
func (g *region) dead(a *alias, old time.Time) bool {
	last := a.History[len(a.History)-1]
	if last.At.After(old) {
		return false
	}
	_, alive := g.aliasAt(a.Name, old)
	return !alive
}
