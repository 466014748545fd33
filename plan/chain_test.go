package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// chained links events as writes do, each to the one before it. The stored form of an
// event stands in for what DynamoDB holds of it.
func chained(all []plan.Event) []plan.Event {
	for i := range all {
		if i > 0 && all[i].Prev == (plan.Link{}) {
			all[i].Prev = plan.Link{Rev: all[i-1].Rev, Hash: all[i-1].Hash()}
		}
		all[i].Stored = fmt.Sprintf("%d %s %s", all[i].Rev, all[i].Reason, all[i].Prev.Hash)
	}
	return all
}

// rewritten changes an event, and leaves those after it as they are.
func rewritten(all []plan.Event, rev int64) []plan.Event {
	for i := range all {
		if all[i].Rev == rev {
			all[i].Stored += "!"
		}
	}
	return all
}

func TestChain(t *testing.T) {
	at := func(rev int64, all []plan.Event) *plan.Record { return &plan.Record{Rev: rev, Events: all} }
	// rebuild begins a record again after some events of the ledger, of which the last is
	// the one that it follows.
	rebuild := func(follows []plan.Event, rev int64) []plan.Event {
		e := events(rev)
		e[0].Kind = []plan.EventKind{plan.EventRebuild}
		e[0].Prev = plan.Head(follows)
		return chained(e)
	}
	unlinked := func() []plan.Event {
		all := chained(span(1, 5))
		all[3].Prev = plan.Link{}
		return all
	}
	for _, c := range []struct {
		name   string
		record *plan.Record
		ledger []plan.Event
		found  string
	}{
		{"whole", at(5, chained(span(1, 5))[3:]), chained(span(1, 5))[:4], ""},
		{"an event was rewritten", at(5, chained(span(1, 5))[3:]), rewritten(chained(span(1, 5)), 2)[:4],
			"rewritten 2: revision 2: revision 3 follows another one than stands here"},
		{"the first one was", at(5, chained(span(1, 5))[3:]), rewritten(chained(span(1, 5)), 1)[:4],
			"rewritten 1: revision 1: revision 2 follows another one than stands here"},
		{"the newest was: nothing follows it yet", at(5, rewritten(chained(span(1, 5)), 5)[3:]),
			chained(span(1, 5))[:4], ""},
		{"a link was taken out", at(5, unlinked()), nil, "unlinked 4: revision 4 names no event before it"},
		{"rebuilt", at(1004, rebuild(chained(span(1, 4)), 1004)), chained(span(1, 4)),
			"jump 5-1003: revisions 5 to 1003: the record was made again from KMS on 2026-03-11 04:44"},
		{"rebuilt, and others copied what they wrote before", at(1003, rebuild(chained(span(1, 4))[:3], 1003)),
			chained(span(1, 4)),
			"jump 5-1002: revisions 5 to 1002: the record was made again from KMS on 2026-03-11 04:43"},
		{"rebuilt, and what it follows was rewritten since", at(1004, rebuild(chained(span(1, 4)), 1004)),
			rewritten(chained(span(1, 4)), 4),
			"jump 5-1003: revisions 5 to 1003: the record was made again from KMS on 2026-03-11 04:44; " +
				"rewritten 4: revision 4: revision 1004 follows another one than stands here"},
		{"rebuilt, and what it follows was deleted since", at(1004, rebuild(chained(span(1, 4)), 1004)),
			chained(span(1, 4))[:2], "gap 3-4: revisions 3 to 4 missing: the rebuild after them followed them; " +
				"jump 5-1003: revisions 5 to 1003: the record was made again from KMS on 2026-03-11 04:44"},
		{"what a rebuild follows was not read", at(1004, rebuild(chained(span(1, 4)), 1004)), nil,
			"gap 1-4: revisions 1 to 4 missing: the rebuild after them followed them; " +
				"jump 5-1003: revisions 5 to 1003: the record was made again from KMS on 2026-03-11 04:44"},
	} {
		var found []string
		for _, f := range plan.HistoryOf(c.record, c.ledger).Findings {
			text := strings.ReplaceAll(f.Span(), "–", "-")
			found = append(found, fmt.Sprintf("%s %s: %s", f.Kind, text, f.Text))
		}
		if got := strings.Join(found, "; "); got != c.found {
			t.Errorf("%s:\n found %s\n want  %s", c.name, got, c.found)
		}
	}
}

// A seal is compared with the event of the claim that made the version. A rollback makes
// none.
func TestSeals(t *testing.T) {
	all := span(1, 8)
	is := func(rev int, claim string, version int64, kinds ...plan.EventKind) {
		e := &all[rev-1]
		e.Kind, e.Claim, e.Version = kinds, claim, version
		if version > 0 {
			e.KeyID = fmt.Sprint("k", version)
		}
	}
	is(2, "c2", 0, plan.EventClaim)
	is(3, "c2", 2, plan.EventConfirm)
	is(4, "c2", 2, plan.EventFinish)
	is(5, "c3", 0, plan.EventClaim, "by-rollback")
	is(6, "c3", 1, plan.EventFinish)
	is(7, "c4", 0, plan.EventClaim)
	is(8, "c4", 4, plan.EventCreated)
	all = chained(all)
	seals := plan.SealsOf(nil, all)
	if len(seals) != 2 || seals[0].KeyID != "k2" || seals[1].KeyID != "k4" ||
		seals[0].Claim != (plan.Link{Rev: 2, Hash: all[1].Hash()}) || seals[1].Claim.Rev != 7 {
		t.Fatalf("seals %+v", seals)
	}
	seals[0].Read(all[1].Hash(), all)
	seals[1].Read(all[5].Hash(), all)
	if seals[0].State != plan.SealFits || seals[1].State != plan.SealBroken || !seals[1].Fault() {
		t.Errorf("seals %+v", seals)
	}
	if got := plan.Sealed(seals); got == nil || got.Version != 2 {
		t.Errorf("sealed by %+v", got)
	}
	const want = "sealed up to revision 2 by v2 (key k2); revisions 3 to 8 not sealed yet"
	if got := plan.SealedText(seals, plan.Head(all)); got != want {
		t.Errorf("it is %q", got)
	}
	seals[1].Read("", all)
	if seals[1].State != plan.SealAbsent || !seals[1].Fault() {
		t.Errorf("without a tag it %s", seals[1].State)
	}
	unknown := plan.SealsOf(nil, all[7:])
	unknown[0].Read(all[6].Hash(), all[7:])
	if unknown[0].State != plan.SealUnknown || !unknown[0].Fault() || plan.Sealed(unknown) != nil {
		t.Errorf("without its claim it is %+v", unknown[0])
	}
	// What only the record has was adopted, or is proof of a claim that the ledger lacks.
	record := &plan.Record{Versions: []plan.Version{{Version: 1, KeyID: "k1"}, {Version: 2, KeyID: "k2"}}}
	for tag, want := range map[string]plan.SealState{"": plan.SealNone, all[6].Hash(): plan.SealFits,
		plan.HashOf("lost"): plan.SealUnknown} {
		only := plan.SealsOf(record, all)
		if len(only) != 3 || only[2].KeyID != "k1" {
			t.Fatalf("seals %+v", only)
		}
		if only[2].Read(tag, all); only[2].State != want {
			t.Errorf("of %q it is %s, want %s", tag, only[2].State, want)
		}
	}
}

// An export shows what was changed since, though the chain was made again over it.
func TestAgainst(t *testing.T) {
	key := plan.Policy{Region: "eu-west-1", Alias: "alias/orders-data"}
	var export []plan.Exported
	for _, e := range chained(span(1, 5)) {
		export = append(export, plan.Exported{Key: key.Key(), Link: plan.Link{Rev: e.Rev, Hash: e.Hash()}},
			plan.Exported{Key: "eu-west-1/alias/another", Link: plan.Link{Rev: e.Rev, Hash: "x"}})
	}
	forged := chained(with(span(1, 5), 2, func(e *plan.Event) { e.Reason = "forged" }))
	restored := with(span(1, 3), 2, func(e *plan.Event) { e.Reason = "after the restore" })
	rebuilt := append(chained(restored), events(1003)...)
	rebuilt[3].Kind, rebuilt[3].Replaced = []plan.EventKind{plan.EventRebuild}, chained(span(1, 5))[2:]
	again := slices.Concat(rebuilt[:3], events(2003))
	again[3].Kind, again[3].Replaced = []plan.EventKind{plan.EventRebuild}, rebuilt[3:]
	for _, c := range []struct {
		name   string
		events []plan.Event
		found  string
	}{
		{"nothing changed", chained(span(1, 5)), ""},
		{"it goes on", chained(span(1, 7)), ""},
		{"rewritten with all after it", forged, "changed 3, changed 4, changed 5"},
		{"the end is missing", chained(span(1, 3)), "lost 4, lost 5"},
		{"replaced by a rebuild", rebuilt, "replaced 3, replaced 4, replaced 5"},
		{"replaced by the second of two rebuilds", again, "replaced 3, replaced 4, replaced 5"},
	} {
		h := plan.KeyHistory{Key: key, History: plan.History{Events: c.events}}
		h.Against(export)
		var found []string
		for _, f := range h.Findings {
			found = append(found, fmt.Sprintf("%s %s", f.Kind, f.Span()))
		}
		if got := strings.Join(found, ", "); got != c.found {
			t.Errorf("%s: found %s, want %s", c.name, got, c.found)
		}
		if fault := strings.Contains(c.found, "changed") || strings.Contains(c.found, "lost"); h.Whole() == fault {
			t.Errorf("%s: whole %t", c.name, h.Whole())
		}
	}
}

// A key may have been made under a claim that a rebuild replaced.
func TestSealOfReplacedClaim(t *testing.T) {
	older := chained(with(span(1, 3), 2, func(e *plan.Event) { e.Kind = []plan.EventKind{plan.EventClaim} }))
	rebuilt := events(1003)
	rebuilt[0].Kind, rebuilt[0].Replaced = []plan.EventKind{plan.EventRebuild}, older[1:]
	seals := plan.SealsOf(&plan.Record{Versions: []plan.Version{{Version: 2, KeyID: "k2"}}}, rebuilt)
	if seals[0].Read(older[1].Hash(), rebuilt); seals[0].State != plan.SealFits || seals[0].Claim.Rev != 2 {
		t.Errorf("it is %+v", seals[0])
	}
}
