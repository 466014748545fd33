package rehearsal

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
)

// A text of a state is long, and most of it is the same in thousands of states.
// So it is read once, when it is made: what is left without the names in it
// counts as one number, and only the names are looked at again in each state.

// names knows every name of a scene's courses: those drawn at random (a UUID, a
// nonce of 32 hexadecimal digits, a material's id of 64), and those of runs.
type names struct {
	// pools are those whose runs are known by their names.
	pools []string
	// alike takes all pools that do the same for one; nil: there are none.
	alike *strings.Replacer
	// whole keeps texts whole, to be read.
	whole bool
	known map[string]name
	list  []string
}

// name is one of names, by its number.
type name uint32

func newNames(pools, twins []string) *names {
	k := &names{pools: pools, known: map[string]name{}}
	if len(twins) > 0 {
		var pairs []string
		for _, pool := range twins {
			pairs = append(pairs, `"`+pool+`"`, "\x03", "host-of-"+pool, "host-of-\x03")
		}
		k.alike = strings.NewReplacer(pairs...)
	}
	return k
}

// of returns a name.
func (k *names) of(s string) name {
	n, ok := k.known[s]
	if !ok {
		s = strings.Clone(s) // it is part of a long text
		n = name(len(k.list))
		k.known[s] = n
		k.list = append(k.list, s)
	}
	return n
}

// template is a text, and the names in it.
type template struct {
	// text is what stands before, between and after the names, or one number for all of it.
	text  []string
	names []name
}

// read takes in a text.
func (k *names) read(s string) *template {
	if k.alike != nil {
		s = k.alike.Replace(s)
	}
	t := &template{}
	var rest maphash.Hash
	rest.SetSeed(hashSeed)
	copied := 0
	keep := func(part string) {
		if k.whole {
			t.text = append(t.text, part)
			return
		}
		_, _ = rest.WriteString(part)
		_ = rest.WriteByte(0)
	}
	for from, to := range k.in(s) {
		keep(s[copied:from])
		t.names = append(t.names, k.of(s[from:to]))
		copied = to
	}
	keep(s[copied:])
	if !k.whole {
		t.text = []string{string(binary.LittleEndian.AppendUint64(nil, rest.Sum64()))}
	}
	return t
}

// in yields where each name in a text begins and ends.
func (k *names) in(s string) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		at := 0
		for at < len(s) {
			from, to := k.run(s, at)
			for at < from {
				begin, end := drawn(s, at, from)
				if begin < end && !yield(begin, end) {
					return
				}
				at = end
			}
			if from < to && !yield(from, to) {
				return
			}
			at = to
		}
	}
}

// run finds the next name of a run from a place on: that of its pool, a dot, and a
// number.
func (k *names) run(s string, at int) (from, to int) {
	for {
		i := strings.IndexByte(s[at:], '.')
		if i < 0 {
			return len(s), len(s)
		}
		dot := at + i
		for to = dot + 1; to < len(s) && '0' <= s[to] && s[to] <= '9'; to++ {
		}
		if to > dot+1 {
			for _, pool := range k.pools {
				if strings.HasSuffix(s[at:dot], pool) {
					return dot - len(pool), to
				}
			}
		}
		at = dot + 1
	}
}

// drawn finds the next name that was drawn at random, between two places. Where
// there is none it returns the second one twice.
func drawn(s string, at, until int) (from, to int) {
	for at+shortest <= until {
		if last := at + shortest - 1; !inNames[s[last]] {
			at = last + 1 // none of them is this short
			continue
		}
		for from = at + shortest - 1; from > at && inNames[s[from-1]]; from-- {
		}
		for to = at + shortest; to < until && inNames[s[to]]; to++ {
		}
		switch to - from {
		case 32, 36, 64:
			return from, to
		}
		at = to
	}
	return until, until
}

// shortest is the length of the shortest name that is drawn at random.
const shortest = 32

// A numbering gives names that were drawn at random a number of their own.
type numbering func(name) int

// goingOn goes on from the numbers that it is given.
func goingOn(given map[name]int) numbering {
	return func(of name) int {
		n, ok := given[of]
		if !ok {
			n = len(given)
			given[of] = n
		}
		return n
	}
}

// familiar takes all names that have no number for the same.
func familiar(given map[name]int) numbering {
	return func(of name) int {
		if n, ok := given[of]; ok {
			return n
		}
		return 1<<16 - 1
	}
}

// write adds a text to others, with a number in the place of each name.
func (t *template) write(to []byte, m *masks, number numbering) []byte {
	for i, of := range t.names {
		if i < len(t.text) {
			to = append(to, t.text[i]...)
		}
		worn, masked := m.worn[of]
		switch {
		case masked && worn == "":
			to = append(to, '\x02')
			continue
		case masked:
			of = m.names.of(worn)
		case strings.IndexByte(m.names.list[of], '.') >= 0:
			to = append(append(to, m.names.list[of]...), ';')
			continue
		}
		n := number(of)
		to = append(to, '#', byte(n), byte(n>>8))
	}
	if len(t.text) > len(t.names) {
		return append(to, t.text[len(t.text)-1]...)
	}
	return to
}

// inOrder brings texts into an order that does not depend on what in them was
// drawn at random, but for names that have a number.
func inOrder(texts [][]*template, m *masks, given map[name]int) {
	if len(texts) < 2 {
		return
	}
	type keyed struct {
		by string
		of []*template
	}
	list := make([]keyed, len(texts))
	for i, of := range texts {
		list[i] = keyed{string(writeAll(nil, of, m, familiar(given))), of}
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return strings.Compare(a.by, b.by) })
	for i, k := range list {
		texts[i] = k.of
	}
}

// writeAll adds several texts to others.
func writeAll(to []byte, texts []*template, m *masks, number numbering) []byte {
	for _, t := range texts {
		to = t.write(to, m, number)
	}
	return to
}

// inNames are the characters of what was drawn at random: lower-case hexadecimal digits and the
// hyphens of a UUID.
var inNames = func() (in [256]bool) {
	for _, c := range []byte("0123456789abcdef-") {
		in[c] = true
	}
	return in
}()
