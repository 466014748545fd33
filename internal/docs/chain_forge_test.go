package docs

import (
	"slices"
	"strconv"
	"strings"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// chains are what may become of a chain, by a forger or by keyturn, and whether it is
// whole then. In each the chain fits itself, or a single event does not.
var chains = map[string]struct {
	do    func(w *world)
	whole bool
}{
	"nothing was done":                {func(*world) {}, true},
	"events stand twice":              {twice(func(item) {}), true},
	"one stands twice, differently":   {twice(func(e item) { e["reason"] = text("as agreed") }), false},
	"one stands twice, in two forms":  {twice(func(e item) { e["reason"] = text("") }), false},
	"who acted was moved into events": {movedIn, false},
	"an event has a who of its own":   {inLedger(func(_ *world, e, _ item) { e["who"] = text("somebody") }), false},
	"the begin was cut off": {func(w *world) {
		items := w.ledgerItems()
		w.drop(items[0])
		delete(eventsOf(items[1])[0], "prev")
		w.put(items[1])
		w.forge(func(item) {})
	}, false},
	"an event of another kind says what it follows": {func(w *world) {
		items := w.ledgerItems()
		n := len(items) - 1
		last := eventsOf(items[n-2])
		w.drop(items[n-1])
		first := eventsOf(items[n])[0]
		first["follows"] = last[len(last)-1]["rev"]
		first["prev"] = text(hashOf(inlined(last[len(last)-1], items[n-2]["who"])))
		w.put(items[n])
		w.forge(func(item) {})
	}, false},
	"the newest event was cut off": {func(w *world) {
		w.rewrite(alias, "record", func(r item) {
			list := r["events"].(*ddbtypes.AttributeValueMemberL)
			list.Value = list.Value[:len(list.Value)-1]
		})
		w.rewrite(alias, "events#", func(it item) {
			list := it["events"].(*ddbtypes.AttributeValueMemberL)
			list.Value = list.Value[:len(list.Value)-1]
		})
	}, false},
	"the record was rebuilt": {func(w *world) {
		w.rewrite(alias, "record", func(r item) {
			w.drop(item{"key": r["key"], "item": r["item"]})
			r["key"] = text("eu-west-1/alias/elsewhere")
		})
		w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
		w.advance(31 * day)
		w.must(0, "run")
	}, true},
	"it was rebuilt, and replaced what an older copy told": {func(w *world) {
		w.rewrite(alias, "record", func(r item) { // as a run wrote that began before the restore
			for _, e := range eventsOf(r)[1:] {
				e["reason"] = text("after the restore")
			}
		})
		w.must(0, "adopt orders-data --from-kms --reason restored --confirm orders-data")
		w.must(0, "release orders-data") // the rebuild cannot know whether it was held
		w.advance(31 * day)
		w.must(0, "run")
	}, true},
}

// movedIn takes who acted from beside the events of an item into them.
func movedIn(w *world) {
	it := w.ledgerItems()[4]
	who := it["who"].(itemMap).Value
	for _, e := range eventsOf(it) {
		e["who"] = who[e["run"].(*ddbtypes.AttributeValueMemberS).Value]
	}
	delete(it, "who")
	w.put(it)
}

// twice copies the last events of an item into one of their own, which comes first, and
// changes one of them there.
func twice(change func(e item)) func(*world) {
	return func(w *world) {
		it := w.ledgerItems()[4]
		list := it["events"].(*ddbtypes.AttributeValueMemberL)
		it["item"], list.Value = text("events#0"), list.Value[1:]
		change(eventsOf(it)[0])
		w.put(it)
	}
}

// eventsOf returns the events of an item.
func eventsOf(it item) []item {
	var all []item
	for _, v := range it["events"].(*ddbtypes.AttributeValueMemberL).Value {
		all = append(all, v.(itemMap).Value)
	}
	return all
}

func kindOf(e item) []string {
	var words []string
	for _, v := range e["kind"].(*ddbtypes.AttributeValueMemberL).Value {
		words = append(words, v.(*ddbtypes.AttributeValueMemberS).Value)
	}
	return words
}

// forge changes all events of orders-data, and links them again, in the ledger and in the
// record. It computes the hashes as docs/record.md says, without keyturn.
func (w *world) forge(change func(e item)) {
	w.t.Helper()
	hashes := map[int]string{}
	link := func(it item) {
		for _, e := range eventsOf(it) {
			change(e)
			n, err := strconv.Atoi(e["rev"].(*ddbtypes.AttributeValueMemberN).Value)
			w.check(err)
			if before, ok := hashes[n-1]; ok && e["prev"] != nil {
				e["prev"] = text(before)
			}
			hashes[n] = hashOf(inlined(e, it["who"]))
			if c, ok := it["claim"].(itemMap); ok && slices.Contains(kindOf(e), "claim") {
				c.Value["head"] = text(hashes[n])
			}
		}
		w.put(it)
	}
	for _, it := range w.ledgerItems() {
		link(it)
	}
	w.rewrite(alias, "record", link)
}

// forged rewrites the reason of an event and what change says of the others.
func forged(change func(e item)) func(*world) {
	return func(w *world) {
		w.forge(func(e item) {
			if e["rev"].(*ddbtypes.AttributeValueMemberN).Value == "21" {
				e["reason"] = text("as agreed")
			}
			change(e)
		})
	}
}

// makes reports whether an event tells that a version was made.
func makes(e item) bool { return strings.Contains("created confirm finish", kindOf(e)[0]) }

func isClaim(e item) bool { return kindOf(e)[0] == "claim" }

// setKind replaces the first word of what an event did.
func setKind(e item, word string) {
	e["kind"].(*ddbtypes.AttributeValueMemberL).Value[0] = text(word)
}
