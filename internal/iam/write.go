package iam

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// The limits of IAM: the characters of a managed policy, white space not counted,
// and the managed policies that a role may have without asking AWS for more.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	MostCharacters = 6144
	MostDocuments  = 10
)

// Part is a role for a part of the plan, mostly for all of it: the policies that
// stand on it together. The Denies of one part deny the keys of another.
type Part struct {
	Keys      []plan.Policy
	Documents []Document
}

// Write writes the policies of a role. There is one part if all of it fits.
func Write(q Request) ([]Part, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	if q.Role == Verify {
		return q.toVerify()
	}
	for n := 1; n <= len(q.Plan.Keys); n++ {
		if parts, ok := q.parts(n); ok {
			return parts, nil
		}
	}
	return nil, q.refuse(nil,
		"what is said of one key has more than %d characters: fewer --also-alias, or shorter ones", MostCharacters)
}

// parts writes a plan as n roles and reports whether each fits.
func (q Request) parts(n int) ([]Part, bool) {
	var parts []Part
	for keys := range slices.Chunk(q.Plan.Keys, (len(q.Plan.Keys)+n-1)/n) {
		docs, ok := q.documents(keys)
		if !ok {
			return nil, false
		}
		parts = append(parts, Part{Keys: keys, Documents: docs})
	}
	return parts, true
}

// documents writes one role: one policy; or if it does not fit, several, over which
// the statements are spread, some of them in pieces.
func (q Request) documents(keys []plan.Policy) ([]Document, bool) {
	docs, ok := pack(q.statements(keys, MostCharacters))
	if len(docs) > 1 {
		docs, ok = pack(q.statements(keys, pieceCharacters))
	}
	return docs, ok && len(docs) <= MostDocuments
}

// pieceCharacters is how long a statement is at most that can be cut: short, to fill
// policies well, and long beside what each piece repeats.
const pieceCharacters = MostCharacters / 4

// pack puts each statement into the first policy that has room for it.
func pack(statements []Statement) ([]Document, bool) {
	var docs []Document
	var sizes []int
	for _, s := range statements {
		n := size(s) + len(",")
		i := slices.IndexFunc(sizes, func(used int) bool { return used+n <= MostCharacters })
		if i < 0 {
			i, docs = len(docs), append(docs, Document{Version: "2012-10-17", Statement: []Statement{}})
			sizes = append(sizes, Size(docs[i]))
		}
		docs[i].Statement = append(docs[i].Statement, s)
		sizes[i] += n
	}
	return docs, !slices.ContainsFunc(docs, func(d Document) bool { return Size(d) > MostCharacters })
}

// Size counts a policy's characters as IAM does, without white space.
func Size(d Document) int { return size(d) }

func size(of any) int {
	text, err := json.Marshal(of)
	if err != nil {
		return 0 // strings always marshal
	}
	return len(strings.Join(strings.Fields(string(text)), ""))
}

// kind writes one statement, or one for each of several spans.
type kind struct {
	write func(*writer)
	// whole: it knows all keys of the role, or asks about none. The others may
	// stand several times, for some keys each.
	whole bool
	// once: it is of no Region.
	once bool
}

// kinds returns the statements of a role in the order in which they are read.
func kinds(role Role) []kind {
	list := []kind{
		{write: (*writer).records},
		{write: (*writer).table, whole: true, once: true},
		{write: (*writer).looks, whole: true},
		{write: (*writer).onVersions},
	}
	if role == ReadOnly {
		return list
	}
	return append(list,
		kind{write: (*writer).tells, whole: true, once: true},
		kind{write: (*writer).creates},
		kind{write: (*writer).createAliases},
		kind{write: (*writer).moveAliases},
		kind{write: (*writer).aliasKeys, whole: true},
		kind{write: (*writer).onNewVersions},
		kind{write: (*writer).disables},
		kind{write: (*writer).deletes},
		kind{write: (*writer).neverOthers, whole: true},
		kind{write: (*writer).neverEndOthers, whole: true},
		kind{write: (*writer).neverTag, whole: true},
		kind{write: (*writer).neverMoveVersions, whole: true},
		kind{write: (*writer).neverOthersItems, whole: true, once: true},
		kind{write: (*writer).neverLiveNorKept},
		kind{write: (*writer).neverDeleted},
		kind{write: (*writer).neverDeletedSooner},
		kind{write: (*writer).neverInUse},
	)
}

// statements returns all of a role's, cut to this length where they can be.
func (q Request) statements(keys []plan.Policy, most int) []Statement {
	var out []Statement
	for _, k := range kinds(q.Role) {
		for i, w := range q.writers(keys) {
			if k.once {
				w.suffix = ""
			}
			if !k.once || i == 0 {
				out = append(out, k.statements(*w, most)...)
			}
		}
	}
	seen := map[string]int{}
	for i := range out { // a policy has each Sid once
		seen[out[i].Sid]++
		if n := seen[out[i].Sid]; n > 1 {
			out[i].Sid += fmt.Sprintf("Part%d", n)
		}
	}
	return out
}

// statements cuts the keys until each piece is short.
func (k kind) statements(w writer, most int) []Statement {
	w.out = nil
	k.write(&w)
	long := func(s Statement) bool { return size(s) > most }
	if n := len(w.keys); !k.whole && n > 1 && slices.ContainsFunc(w.out, long) {
		a, b := w, w
		a.keys, b.keys = w.keys[:n/2], w.keys[n/2:]
		return append(k.statements(a, most), k.statements(b, most)...)
	}
	return w.out
}
