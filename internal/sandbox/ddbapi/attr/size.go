package attr

// Limits on an item (AWS: "Service, account, and table quotas").
const (
	MaxItemSize = 400 * 1024
	MaxDepth    = 32
)

// Size returns what the item counts against the 400 KB limit: names and values,
// 3 bytes for each list or map and 1 for each of its elements (AWS: "DynamoDB
// item sizes and formats"). AWS gives the size of a number as approximate.
func (it Item) Size() int {
	n := 0
	for name, v := range it {
		n += len(name) + v.size()
	}
	return n
}

func (v Value) size() int {
	switch v.typ {
	case S, B:
		return len(v.text)
	case N:
		return numberSize(v.text)
	case L:
		n := 3
		for _, e := range v.list {
			n += 1 + e.size()
		}
		return n
	case M:
		n := 3
		for name, f := range v.doc {
			n += 1 + len(name) + f.size()
		}
		return n
	case SS, BS:
		n := 0
		for _, m := range v.set {
			n += len(m)
		}
		return n
	case NS:
		n := 0
		for _, m := range v.set {
			n += numberSize(m)
		}
		return n
	}
	return 1 // BOOL, NULL
}

func numberSize(text string) int {
	d := parseCanonical(text)
	n := (len(d.digits)+1)/2 + 1
	if d.neg {
		n++
	}
	return n
}

// Depth returns how many lists and maps stand inside each other: 0 for a scalar.
func (v Value) Depth() int {
	deepest := -1
	for _, e := range v.list {
		deepest = max(deepest, e.Depth())
	}
	for _, f := range v.doc {
		deepest = max(deepest, f.Depth())
	}
	if v.typ == L || v.typ == M {
		return 1 + max(deepest, 0)
	}
	return 0
}
