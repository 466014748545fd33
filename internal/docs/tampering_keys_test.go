package docs

import (
	"context"
	"strings"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
)

// withKeys are tamperings with KMS keys and their tags.
var withKeys = []tampering{
	// keys
	{name: "the live key disabled", finds: "active-disabled",
		do: func(w *world) { w.disable(alias) }},
	{name: "the live key scheduled for deletion", finds: "active-disabled",
		do: func(w *world) { w.schedule(alias) }},
	{name: "a draining version disabled", finds: "version-disabled",
		do: func(w *world) { w.disable(version(10)) }},
	{name: "a draining version scheduled for deletion", finds: "version-gone",
		do: func(w *world) { w.schedule(version(10)) }},
	{name: "a draining version disabled, and written off by a later run", finds: "disabled-by-others (warning)",
		do: and(
			func(w *world) { w.disable(version(10)) }, waited(14*day), runs("run"), waited(day))},
	{name: "a draining version disabled, and written off by a rebuild before its deadline",
		finds: "disabled-by-others (warning)",
		do: and(func(w *world) { w.disable(version(10)) }, waited(day), func(w *world) {
			w.loseRecord()
			w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
		}, waited(day))},
	{name: "a draining version deleted", finds: "version-gone",
		do: and(func(w *world) { w.scheduleIn(signing+"/v10", 7) }, waited(8*day))},
	{name: "a draining version deleted, and written off by a later run", finds: "version-gone",
		do: and(func(w *world) { w.scheduleIn(signing+"/v10", 7) }, waited(8*day), runs("run"), waited(4*day),
			runs("run"), waited(4*day))},
	{name: "a kept version disabled", finds: "version-disabled",
		do: func(w *world) { w.disable(signing + "/v5") }},
	{name: "a kept version scheduled for deletion", finds: "deletion-unknown",
		do: func(w *world) { w.schedule(signing + "/v5") }},
	{name: "a disabled version enabled", finds: "enabled-by-hand",
		do: func(w *world) { w.enable(version(5)) }},
	{name: "a disabled version scheduled for deletion", finds: "deletion-unknown",
		do: func(w *world) { w.schedule(version(5)) }},
	{name: "a planned deletion cancelled", finds: "deletion-cancelled (warning)",
		do: func(w *world) { w.cancelDeletion(macs + "/v9") }},
	{name: "a planned deletion cancelled, and the version enabled", finds: "enabled-by-hand",
		do: func(w *world) {
			w.cancelDeletion(macs + "/v9")
			w.enable(macs + "/v9")
		}},
	{name: "a disabled version deleted", finds: "version-gone",
		do: and(func(w *world) { w.schedule(version(5)) }, waited(31*day),
			runs("run"), waited(11*day), runs("run"))},
	{name: "automatic rotation of the live version turned on", finds: "auto-rotation (warning)",
		do: func(w *world) { w.rotateMaterial(alias, 365) }},
	{name: "automatic rotation of versions turned on, and the plan says off", finds: "auto-rotation (warning)",
		do: func(w *world) {
			for _, name := range []string{alias, version(10)} {
				w.rotateMaterial(name, 365)
			}
			w.writePlan(strings.Replace(tampered, "orders-data\n", "orders-data\n    auto_rotation: off\n", 1))
		}},
	{name: "automatic rotation of a draining version turned on, and the plan says off",
		finds: "auto-rotation (warning)",
		do: func(w *world) {
			w.rotateMaterial(version(10), 365)
			w.writePlan(strings.Replace(tampered, "orders-data\n", "orders-data\n    auto_rotation: off\n", 1))
		}},
	{name: "material of the live version rotated on demand", finds: "material-rotated (warning)",
		do: rotatesOnDemand(alias)},
	{name: "material of a draining version rotated on demand", finds: "material-rotated (warning)",
		do: rotatesOnDemand(version(10))},
	// tags
	{name: "the claim's tag removed from the live version", finds: "version-tags",
		do: untag(alias, "keyturn:claim")},
	{name: "all tags removed from the live version", finds: "version-tags",
		do: untag(alias, "keyturn:claim", "keyturn:alias",
			"keyturn:version", "keyturn:window")},
	{name: "the claim's tag changed on a draining version", finds: "version-tags",
		do: tag(version(10), "keyturn:claim", "another")},
	{name: "the claim's tag changed on a disabled version", finds: "version-tags",
		do: tag(version(5), "keyturn:claim", "another")},
	{name: "the alias's tag changed on the live version", finds: "version-tags",
		do: tag(alias, "keyturn:alias", signing)},
	{name: "the version's tag changed on the live version", finds: "version-tags",
		do: tag(alias, "keyturn:version", "12")},
	{name: "the window's tag changed on the live version", finds: "version-tags",
		do: tag(alias, "keyturn:window", "2026-01-01T00:00:00Z")},
	{name: "a version's tags copied to another version", finds: "duplicate-window, seal-broken, version-tags",
		do: func(w *world) { w.tagLike(version(10), alias) }},
	{name: "a version's tags copied to a key without a name", finds: "orphan",
		do: func(w *world) {
			w.createAlias("alias/tmp", w.newKey())
			w.tagLike("alias/tmp", alias)
			w.deleteAlias("alias/tmp")
			w.advance(2 * time.Hour)
		}, args: "--orphans"},
	{name: "a version's tags copied to a named key", finds: "copied-tags",
		do: func(w *world) {
			w.createAlias("alias/tmp", w.newKey())
			w.tagLike("alias/tmp", alias)
		}, args: "--orphans"},
	{name: "keyturn's tags put on an adopted version", finds: "duplicate-window",
		do: func(w *world) { w.tagLike(version(1), alias) }},
}

func rotatesOnDemand(alias string) func(*world) {
	return func(w *world) {
		id := w.key(alias)
		_, err := w.kms().RotateKeyOnDemand(context.Background(), &awskms.RotateKeyOnDemandInput{KeyId: &id})
		w.check(err)
	}
}
