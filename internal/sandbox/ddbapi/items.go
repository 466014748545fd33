package ddbapi

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// items are the items of one table: partitions by hash key, in each the items
// in the order of their range keys. Partitions are in the order of a digest
// of their keys: a Scan shows them in an order that looks like none, as at
// AWS, and is the same every time.
type items struct {
	partitions []*partition
	byHash     map[string]*partition
	count      int
	bytes      int
}

type partition struct {
	digest  uint64
	hash    string
	entries []entry
}

type entry struct {
	rng  attr.Value
	item attr.Item
}

func newItems() *items { return &items{byHash: map[string]*partition{}} }

func digest(hash string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(hash)) // never fails
	return h.Sum64()
}

func (p *partition) compare(q *partition) int {
	return cmp.Or(cmp.Compare(p.digest, q.digest), strings.Compare(p.hash, q.hash))
}

// find returns where the range key is, or would be.
func (p *partition) find(rng attr.Value) (int, bool) {
	return slices.BinarySearchFunc(p.entries, rng, func(e entry, rng attr.Value) int {
		c, _ := attr.Compare(e.rng, rng) // of one type; without a range key both are nothing
		return c
	})
}

// get returns the item with the key, nil if there is none.
func (it *items) get(k key) attr.Item {
	p := it.byHash[k.hash.Text()]
	if p == nil {
		return nil
	}
	i, ok := p.find(k.rng)
	if !ok {
		return nil
	}
	return p.entries[i].item
}

// put stores the item, which it then owns.
func (it *items) put(k key, item attr.Item) {
	p := it.byHash[k.hash.Text()]
	if p == nil {
		p = &partition{digest: digest(k.hash.Text()), hash: k.hash.Text()}
		i, _ := slices.BinarySearchFunc(it.partitions, p, (*partition).compare)
		it.partitions = slices.Insert(it.partitions, i, p)
		it.byHash[p.hash] = p
	}
	it.bytes += item.Size()
	i, ok := p.find(k.rng)
	if ok {
		it.bytes -= p.entries[i].item.Size()
		p.entries[i].item = item
		return
	}
	p.entries = slices.Insert(p.entries, i, entry{k.rng, item})
	it.count++
}

func (it *items) remove(k key) {
	p := it.byHash[k.hash.Text()]
	if p == nil {
		return
	}
	i, ok := p.find(k.rng)
	if !ok {
		return
	}
	it.bytes -= p.entries[i].item.Size()
	it.count--
	p.entries = slices.Delete(p.entries, i, i+1)
	if len(p.entries) == 0 {
		at, _ := slices.BinarySearchFunc(it.partitions, p, (*partition).compare)
		it.partitions = slices.Delete(it.partitions, at, at+1)
		delete(it.byHash, p.hash)
	}
}

// all returns the items in the order of a Scan, from after a key on; the key need
// not exist any more.
func (it *items) all(after *key) func(yield func(attr.Item) bool) {
	return func(yield func(attr.Item) bool) {
		from := 0
		if after != nil {
			start := &partition{digest: digest(after.hash.Text()), hash: after.hash.Text()}
			from, _ = slices.BinarySearchFunc(it.partitions, start, (*partition).compare)
		}
		for _, p := range it.partitions[from:] {
			entries := p.entries
			if after != nil && p.hash == after.hash.Text() {
				i, ok := p.find(after.rng)
				if ok {
					i++
				}
				entries = entries[i:]
			}
			for _, e := range entries {
				if !yield(e.item) {
					return
				}
			}
		}
	}
}
