package docs

import (
	"time"
)

// withRecords are tamperings with a record as a whole.
var withRecords = []tampering{
	// the record's revision
	{name: "rev set ahead", finds: "ledger-gap",
		do: record(func(w *world, r item) { r["rev"] = count(9999) })},
	{name: "rev set back", finds: "record-restored",
		do: record(func(w *world, r item) { r["rev"] = count(3) })},
	{name: "the record put back from an older copy", finds: "drain-over (warning), record-restored",
		do: func(w *world) {
			w.putBack(func() { w.advance(29 * day); w.must(0, "run") })
		}},
	{name: "the record deleted", finds: "record-lost",
		do: func(w *world) { w.deleteItems("record") }},
	{name: "schema set ahead", finds: "newer-record",
		do: sets("schema", func(*world) value { return count(2) })},
	{name: "the record of another table", finds: "other-table",
		do: sets("table_id", func(*world) value {
			return text("another")
		})},
	{name: "the record's alias changed", finds: "record-edited",
		do: sets("alias_arn", func(*world) value {
			return text("arn:aws:kms:eu-west-1:111122223333:alias/another")
		})},
	{name: "an attribute with a wrong type", finds: "malformed-record",
		do: sets("generation", func(*world) value {
			return text("eleven")
		})},
	// the record's generation and windows
	{name: "generation set ahead", finds: "record-edited",
		do: sets("generation", func(*world) value { return count(20) })},
	{name: "generation set back", finds: "generation-behind, record-edited",
		do: sets("generation", func(*world) value { return count(7) })},
	{name: "window set back", finds: "record-edited",
		do: sets("window", func(w *world) value { return w.ago(60 * day) })},
	{name: "window set ahead", finds: "record-edited",
		do: sets("window", func(w *world) value { return w.ago(-300 * day) })},
	{name: "anchor moved", finds: "record-edited",
		do: sets("anchor", func(w *world) value { return w.ago(400 * day) })},
	{name: "switched_at set back", finds: "record-edited",
		do: sets("switched_at", func(w *world) value {
			return w.ago(20 * day)
		})},
	{name: "switched_at in the future", finds: "record-edited",
		do: sets("switched_at", func(w *world) value {
			return w.ago(-20 * day)
		})},
	{name: "switched_at taken out", finds: "record-edited",
		do: record(func(w *world, r item) { delete(r, "switched_at") })},
	{name: "moves_until in the future", finds: "record-edited",
		do: sets("moves_until", func(w *world) value {
			return w.ago(-20 * day)
		})},
	{name: "a lease for a year", finds: "record-edited",
		do: sets("lease", func(w *world) value {
			return object("run", text("x"), "pool", text("p"), "host", text("h"), "since", w.ago(0),
				"until", w.ago(-365*day))
		})},
	{name: "a fence for a year", finds: "fence (warning), record-edited",
		do: sets("fence", func(w *world) value {
			return object("what", text("move"), "run", text("x"), "signers", count(1), "since", w.ago(0),
				"until", w.ago(-365*day))
		})},
	{name: "a hold put into the record", finds: "held (warning), record-edited",
		do: sets("hold", func(w *world) value {
			return object("by", text("nobody"), "reason", text("x"), "since", w.ago(0))
		})},
	{name: "a hold taken out of the record", finds: "record-edited",
		do: and(runs("hold orders-data --reason leak"),
			record(func(w *world, r item) { delete(r, "hold") }))},
	{name: "a hold's end moved", finds: "held (warning), record-edited",
		do: and(runs("hold orders-data --reason leak"),
			record(func(w *world, r item) { r["hold"].(itemMap).Value["until"] = w.ago(-time.Hour) }))},
	{name: "a hold from the future", finds: "held (warning), record-edited",
		do: sets("hold", func(w *world) value {
			return object("by", text("nobody"), "reason", text("x"), "since", w.ago(-day))
		})},
	{name: "the step set back", finds: "generation-open, record-edited",
		do: record(func(w *world, r item) { r["step"] = text("claimed") })},
	{name: "the claim's drain shortened", finds: "record-edited",
		do: record(func(w *world, r item) {
			r["claim"].(itemMap).Value["drain"] = text("1h")
		})},
	{name: "the claim's id changed", finds: "record-edited",
		do: record(func(w *world, r item) { r["claim"].(itemMap).Value["id"] = text("x") })},
	{name: "the claim's verb changed", finds: "record-edited",
		do: record(func(w *world, r item) {
			r["claim"].(itemMap).Value["verb"] = text("rotate")
		})},
}
