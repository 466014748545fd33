package docs

import (
	"time"
)

// withVersions are tamperings with the versions of a record.
var withVersions = []tampering{
	// the record's versions
	{name: "the live version's key changed", finds: "alias-moved-back, record-edited, version-alias-moved",
		do: and(moves(alias, ""), func(w *world) {
			id := w.key(alias)
			entry(11, func(w *world, v item) { v["key_id"] = text(id) })(w)
		})},
	{name: "the live version swapped in KMS, its alias and the record", finds: "alias-moved-back, record-edited",
		do: func(w *world) {
			w.moveAlias(alias, w.newKey())
			id := w.key(alias)
			w.tagLike(alias, version(11))
			w.moveAlias(version(11), id)
			entry(11, func(w *world, v item) { v["key_id"] = text(id) })(w)
		}},
	{name: "a draining version's key changed", finds: "record-edited, version-alias-moved",
		do: entry(10, func(w *world, v item) { v["key_id"] = text(w.newKey()) })},
	{name: "since of the live version set ahead", finds: "record-edited",
		do: entry(11, func(w *world, v item) { v["since"] = w.ago(-300 * day) })},
	{name: "since of the live version set back", finds: "record-edited",
		do: entry(11, func(w *world, v item) { v["since"] = w.ago(300 * day) })},
	{name: "left of a draining version set back", finds: "record-edited",
		do: entry(10, func(w *world, v item) { v["left"] = w.ago(90 * day) })},
	{name: "left of a disabled version set back", finds: "record-edited",
		do: entry(5, func(w *world, v item) { v["left"] = w.ago(900 * day) })},
	{name: "the deadline of a drain set back", finds: "record-edited",
		do: entry(10, func(w *world, v item) { v["drain_until"] = w.ago(-day) })},
	{name: "the deadline of a drain set back behind now", finds: "drain-over (warning), record-edited",
		do: entry(10, func(w *world, v item) {
			v["drain_until"], v["left"] = w.ago(20*day), w.ago(30*day)
		})},
	{name: "the deadline of a drain set ahead", finds: "record-edited",
		do: entry(10, func(w *world, v item) {
			v["drain_until"] = w.ago(-900 * day)
		})},
	{name: "the terms of a drain changed to delete", finds: "record-edited",
		do: entry(10, func(w *world, v item) {
			v["retire"].(itemMap).Value["action"] = text("delete")
		})},
	{name: "the terms of a kept kind changed to disable", finds: "record-edited",
		do: func(w *world) {
			w.rewrite(signing, "record", func(r item) {
				entryOf(r, 10)["retire"].(itemMap).Value["action"] = text("disable")
			})
		}},
	{name: "the last use no longer counts for a drain", finds: "record-edited",
		do: func(w *world) {
			w.rewrite(signing, "record", func(r item) {
				entryOf(r, 10)["retire"].(itemMap).Value["unless_used_within"] = text("off")
			})
		}},
	{name: "a version's hold put into the record", finds: "held (warning), record-edited",
		do: entry(10, func(w *world, v item) {
			v["hold"] = object("by", text("nobody"), "reason", text("x"), "since", w.ago(0))
		})},
	{name: "a version's hold taken out of the record", finds: "record-edited",
		do: and(runs("hold orders-data/v10 --reason leak"), entry(10, func(_ *world, v item) { delete(v, "hold") }))},
	{name: "a version's hold's end moved", finds: "held (warning), record-edited",
		do: and(runs("hold orders-data/v10 --reason leak"),
			entry(10, func(w *world, v item) { v["hold"].(itemMap).Value["until"] = w.ago(-time.Hour) }))},
	{name: "a version's hold said to be another person's", finds: "held (warning), record-edited",
		do: and(runs("hold orders-data/v10 --reason leak"),
			entry(10, func(_ *world, v item) { v["hold"].(itemMap).Value["by"] = text("nobody") }))},
	{name: "a draining version said to be retired by a person", finds: "record-edited", do: retiredBy(10, "nobody")},
	{name: "a disabled version said to be retired by a person", finds: "record-edited", do: retiredBy(5, "nobody")},
	{name: "a retired version said to be retired by another person", finds: "record-edited",
		do: and(runs(retiresV10), retiredBy(10, "nobody"))},
	{name: "who retired a version taken out of the record", finds: "record-edited",
		do: and(runs(retiresV10), retiredBy(10, ""))},
	{name: "who retired a version taken out of the record once its drain would be over", finds: "record-edited",
		do: and(runs(retiresV10), waited(11*day), runs("run"), retiredBy(10, ""))},
	{name: "the entry of a draining version lost", finds: "late-version, record-edited",
		do: loses(10)},
	{name: "the entry of a disabled version lost", finds: "late-version, record-edited",
		do: loses(5)},
	{name: "a draining version said to be disabled", finds: "enabled-by-hand, record-edited",
		do: entry(10, func(w *world, v item) {
			v["state"], v["disabled_at"] = text("disabled"), w.ago(time.Hour)
		})},
	{name: "a disabled version said to be kept", finds: "record-edited, version-disabled",
		do: entry(5, func(w *world, v item) {
			v["state"], v["kept_at"] = text("kept"), w.ago(time.Hour)
		})},
	{name: "a disabled version said to be gone", finds: "deletion-cancelled (warning), record-edited",
		do: entry(5, func(w *world, v item) {
			v["state"], v["delete_at"] = text("gone"), w.ago(time.Hour)
		})},
	{name: "disabled_at set back", finds: "record-edited",
		do: entry(5, func(w *world, v item) { v["disabled_at"] = w.ago(900 * day) })},
	{name: "delete_at set ahead", finds: "record-edited",
		do: func(w *world) {
			w.rewrite(macs, "record", func(r item) { entryOf(r, 9)["delete_at"] = w.ago(-900 * day) })
		}},
	{name: "a mark for a year", finds: "record-edited",
		do: entry(10, func(w *world, v item) {
			v["fence"] = object("what", text("disable"), "run", text("x"), "signers", count(1), "since", w.ago(0),
				"until", w.ago(-365*day))
		})},
	{name: "look_after in a year", finds: "record-edited",
		do: entry(10, func(w *world, v item) { v["look_after"] = w.ago(-365 * day) })},
	{name: "checked_at in the future", finds: "record-edited",
		do: entry(10, func(w *world, v item) { v["checked_at"] = w.ago(-365 * day) })},
	{name: "an unknown attribute put into the record", finds: "unknown-attribute (warning)",
		do: sets("note", func(*world) value {
			return text("x")
		})},
	{name: "an unknown attribute put into a version", finds: "unknown-attribute (warning)",
		do: entry(10, func(w *world, v item) { v["note"] = text("x") })},
	{name: "left_out set ahead", finds: "record-edited",
		do: sets("left_out", func(*world) value { return count(9) })},
	// versions that the record has left out
	{name: "left_out set to a version that is listed", finds: "record-edited", do: leavesOut(6)},
	{name: "left_out set ahead of all versions", finds: "record-edited", do: leavesOut(30)},
	{name: "left_out set back", finds: "late-version, record-edited", do: leavesOut(4)},
	{name: "a draining version left out", finds: "late-version, record-edited", do: and(leavesOut(10), func(w *world) {
		w.rewrite(signing, "record", func(r item) { lose(r, 10) })
	})},
	{name: "the alias of a version that was left out moved", finds: "version-alias-moved",
		do: moves(signing+"/v2", signing+"/v4")},
	{name: "the last error taken out", finds: "drain-over (warning), generation-open (warning)",
		do: and(func(w *world) { w.fault(denied("CreateKey")) }, waited(29*day),
			runs("run"), func(w *world) { w.fault() }, record(func(w *world, r item) {
				delete(r, "last_error")
				delete(r, "attempts")
			}))},
}

// leavesOut says that the record of the key that keeps its versions has left them out up to
// a number. It is v5 in truth.
func leavesOut(version int) func(*world) {
	return func(w *world) {
		w.rewrite(signing, "record", func(r item) { r["left_out"] = count(version) })
	}
}

const retiresV10 = "retire orders-data/v10 --reason leak --confirm orders-data"

// retiredBy has a record say who had a version disabled; "" is nobody.
func retiredBy(version int, who string) func(*world) {
	return entry(version, func(_ *world, v item) {
		if delete(v, "retired_by"); who != "" {
			v["retired_by"] = text(who)
		}
	})
}
