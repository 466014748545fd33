package docs

import (
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// withAliases are tamperings with aliases.
var withAliases = []tampering{
	// the alias
	{name: "the alias moved to a new key", finds: "drift",
		do: moves(alias, "")},
	{name: "the alias moved to the version before", finds: "drift",
		do: moves(alias, version(10))},
	{name: "the alias moved to a disabled version", finds: "drift",
		do: moves(alias, version(5))},
	{name: "the alias deleted", finds: "alias-missing",
		do: func(w *world) { w.deleteAlias(alias) }},
	{name: "the alias moved away and back", finds: "alias-moved-back",
		do: func(w *world) {
			live := w.key(alias)
			w.moveAlias(alias, w.newKey())
			w.advance(time.Hour)
			w.moveAlias(alias, live)
		}},
	{name: "the alias moved away and back, of a signing key", finds: "alias-moved-back",
		do: func(w *world) {
			live := w.key(signing)
			w.moveAlias(signing, w.key(signing+"/v10"))
			w.advance(time.Minute)
			w.moveAlias(signing, live)
		}},
	{name: "the alias deleted and made again", finds: "alias-moved-back",
		do: func(w *world) {
			live := w.key(alias)
			w.deleteAlias(alias)
			w.createAlias(alias, live)
		}},
	{name: "the alias of a MAC key moved to a new key", finds: "drift",
		do: func(w *world) {
			w.moveAlias(macs, w.newKeyLike(&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecHmac256,
				KeyUsage: kmstypes.KeyUsageTypeGenerateVerifyMac}))
		}},
	// version aliases
	{name: "v11 moved to another key", finds: "version-alias-moved",
		do: moves(version(11), "")},
	{name: "v10 moved to another key", finds: "version-alias-moved",
		do: moves(version(10), "")},
	{name: "v10 moved onto v11's key", finds: "version-alias-moved",
		do: moves(version(10), version(11))},
	{name: "v5 moved to another key", finds: "version-alias-moved",
		do: moves(version(5), "")},
	{name: "v10 moved away and back", finds: "alias-moved-back (warning)",
		do: func(w *world) {
			was := w.key(version(10))
			w.moveAlias(version(10), w.newKey())
			w.moveAlias(version(10), was)
		}},
	{name: "v11 deleted", finds: "version-alias-missing",
		do: func(w *world) { w.deleteAlias(version(11)) }},
	{name: "v5 deleted", finds: "version-alias-missing",
		do: func(w *world) { w.deleteAlias(version(5)) }},
	{name: "an adopted v1 deleted", finds: "version-alias-missing",
		do: func(w *world) { w.deleteAlias(version(1)) }},
	{name: "an adopted v1 moved to another key", finds: "version-alias-moved",
		do: moves(version(1), "")},
	{name: "an adopted v1 deleted, of a signing key", finds: "version-alias-missing",
		do: func(w *world) { w.deleteAlias(signing + "/v1") }},
	{name: "v5 deleted and made again", finds: "alias-moved-back (warning)",
		do: func(w *world) {
			was := w.key(version(5))
			w.deleteAlias(version(5))
			w.createAlias(version(5), was)
		}},
	{name: "a v12 that nobody made", finds: "foreign-version",
		do: func(w *world) { w.createAlias(version(12), w.newKey()) }},
	{name: "an alias whose number keyturn cannot give", finds: "bad-version",
		do: func(w *world) {
			w.createAlias(alias+"/v007", w.newKey())
		}},
	{name: "another alias on a draining version", finds: "other-alias (warning)",
		do: func(w *world) {
			w.createAlias("alias/reports", w.key(version(10)))
		}},
	{name: "another alias on a disabled version", finds: "other-alias",
		do: func(w *world) {
			w.createAlias("alias/reports", w.key(version(5)))
		}},
	{name: "another alias on a kept version", finds: "other-alias (warning)",
		do: func(w *world) {
			w.createAlias("alias/reports", w.key(signing+"/v5"))
		}},
}
