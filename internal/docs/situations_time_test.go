package docs

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// waits are keys on which something waits, stands, or was not done in time.
var waits = map[string]situation{
	"held today": {keeping, func(w *world) { rotated(w); w.must(0, "hold orders-data --reason look") }, nil},
	"held for 150 days": {keeping, func(w *world) {
		rotated(w)
		w.must(0, "hold orders-data --reason look")
		w.advance(150 * day)
	}, nil},
	"within ten minutes of a switch": {retiring, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.must(0, "run")
	}, nil},
	"ten minutes after a switch": {retiring, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.must(0, "run")
		w.advance(11 * time.Minute)
	}, nil},
	"an open switch with a live fence":   {keeping, openSwitch, nil},
	"an open switch, and its fence over": {keeping, func(w *world) { openSwitch(w); w.advance(30 * time.Minute) }, nil},
	"a switch is killed": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.killed("UpdateAlias", 1, "run")
	}, []string{"status", "audit", "run -v", "status"}},
	"a rotation is killed, and nobody came for two hours": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.killed("CreateAlias", 1, "run")
		w.advance(2 * time.Hour)
	}, []string{"status", "audit", "run -v"}},
	"another run works on it": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.killed("CreateKey", 1, "run")
	}, []string{"status", "audit", "run --wait 1s -v"}},
	"KMS shows an old state after a switch": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.must(0, "run")
		w.check(w.box.SetSwitches(sandbox.Switches{Lag: sandbox.Duration(3 * time.Minute)}))
	}, []string{"run -v", "status", "audit"}},
	"drift, seen at once": {keeping, func(w *world) { rotated(w); w.moveAlias(alias, w.newKey()) }, nil},
	"drift, minutes after a switch": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.must(0, "run")
		w.advance(8 * time.Minute)
		w.moveAlias(alias, w.newKey())
	}, nil},
	"drift to the version before": {keeping, func(w *world) {
		rotated(w)
		w.moveAlias(alias, w.key(alias+"/v1"))
	}, nil},
	"drift to a disabled key": {keeping, func(w *world) {
		rotated(w)
		w.moveAlias(alias, w.newKey())
		w.disable(alias)
	}, nil},
	"drift to a retired version": {retiring, func(w *world) {
		retired(w)
		w.moveAlias(alias, w.key(alias+"/v1"))
	}, nil},
	"drift, and a reinstatement": {retiring, func(w *world) {
		retired(w)
		w.moveAlias(alias, w.newKey())
		w.advance(time.Hour)
	}, []string{"reinstate orders-data/v1", "rollback orders-data --reason look --confirm orders-data",
		"rotate orders-data --reason leak --confirm orders-data", "hold orders-data --reason look",
		"release orders-data"}},
	"frozen, and due": {keeping + "    freeze: [{from: 2026-03-20, to: 2026-05-01, reason: year end}]\n",
		func(w *world) { adopted(w); w.advance(quarter) }, nil},
	"due, and no run came for two days": {keeping, func(w *world) { adopted(w); w.advance(92 * day) },
		[]string{"status", "audit", "run"}},
	"two drains side by side": {retiring, func(w *world) {
		rotated(w)
		w.advance(day)
		w.must(0, "rotate orders-data --reason leak --confirm orders-data")
		w.advance(day)
	}, nil},
	"too many drains, and a window is due": {asking + "    max_draining: 2\n", func(w *world) {
		rotated(w)
		w.must(0, "rotate orders-data --reason leak --confirm orders-data")
		w.advance(quarter)
		w.use(alias + "/v1")
		w.use(alias + "/v2")
		w.advance(time.Minute)
	}, nil},
	"a reinstated version is disabled again": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(sandbox.Fault{Service: "kms", Operation: "DisableKey", Kind: sandbox.Drop})
		w.keyturn("run")
		w.fault()
		w.must(0, "reinstate orders-data/v1")
		w.disable(alias + "/v1")
	}, nil},
	"a reinstatement waits": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(sandbox.Fault{Service: "kms", Operation: "DisableKey", Kind: sandbox.Lose})
		w.keyturn("run")
		w.fault()
		w.must(0, "reinstate orders-data/v1")
	}, nil},
}

// audited are states that an audit finds, and that a person or a program of theirs
// has made.
var audited = map[string]situation{
	"the alias of a version is gone": {keeping, func(w *world) { rotated(w); w.deleteAlias(alias + "/v2") }, nil},
	"the alias of a version moved": {keeping, func(w *world) {
		rotated(w)
		w.moveAlias(alias+"/v2", w.newKey())
	}, nil},
	"the alias moved away and back": {keeping, func(w *world) {
		rotated(w)
		live := w.key(alias)
		w.moveAlias(alias, w.newKey())
		w.advance(time.Hour)
		w.moveAlias(alias, live)
	}, nil},
	"the tags of a version changed": {keeping, func(w *world) {
		rotated(w)
		tag(alias+"/v2", "keyturn:claim", "another")(w)
	}, nil},
	"a draining version was disabled by somebody": {retiring, func(w *world) {
		rotated(w)
		w.disable(alias + "/v1")
		w.advance(31 * day)
		w.must(0, "run")
		w.advance(day)
	}, nil},
	"a key policy lets everyone in": {keeping, func(w *world) {
		rotated(w)
		w.setPolicy(alias, openToAll)
	}, nil},
	"a key policy was changed since the rotation": {keeping, func(w *world) {
		rotated(w)
		w.setPolicy(alias, oneMore)
	}, nil},
	"an old version is still used to encrypt": {retiring, func(w *world) {
		rotated(w)
		w.use(alias + "/v1")
		w.advance(2 * time.Hour)
	}, nil},
	"the material of a version was rotated on demand": {keeping, func(w *world) {
		rotated(w)
		rotatesOnDemand(alias)(w)
	}, nil},
	"a window was missed, and a run came since": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.must(0, "run")
		w.advance(2*quarter + day)
		w.must(0, "run")
		w.advance(day)
	}, nil},
	"two plans work on the key in turns": {keeping, func(w *world) {
		rotated(w)
		for i := range 4 {
			w.writePlan(strings.Replace(keeping, "drain: 30d", []string{"drain: 30d", "drain: 5d"}[i%2], 1))
			w.must(0, "rotate orders-data --reason leak --confirm orders-data")
			w.advance(4 * time.Hour)
		}
	}, nil},
	"the record has an attribute of somebody else": {keeping, func(w *world) {
		rotated(w)
		w.edit("note", text("x"))
	}, nil},
	"grants on the version before": {keeping, func(w *world) {
		rotated(w)
		w.grant(alias+"/v1", reports, map[string]string{"tenant": "it's \"a\""})
		w.grant(alias+"/v1", "arn:aws:iam::999988887777:role/partner", nil)
		w.grant(alias+"/v1", "dynamodb.eu-west-1.amazonaws.com", nil)
	}, nil},
	"another alias names a draining version": {retiring, func(w *world) {
		rotated(w)
		w.createAlias("alias/reports", w.key(alias+"/v1"))
	}, nil},
	"another alias names an old version": {retiring, func(w *world) {
		rotated(w)
		w.createAlias("alias/reports", w.key(alias+"/v1"))
		w.advance(31 * day)
	}, nil},
	"a version of a generation that was given up": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.killed("CreateKey", 1, "run")
		w.advance(30 * time.Minute)
		w.must(0, "rotate orders-data --abandon --reason look --confirm orders-data")
		w.nameNewest(alias + "/v3")
		w.advance(2 * time.Hour)
	}, nil},
	"two versions were made for one window": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.must(0, "run")
		w.tagLike(alias+"/v3", alias+"/v2")
		w.advance(day)
	}, nil},
	"the record is behind its versions": {keeping, func(w *world) {
		rotated(w)
		w.edit("generation", count(1))
	}, nil},
	"a drain is over, and no run came for two days": {retiring, func(w *world) { rotated(w); w.advance(33 * day) },
		[]string{"status", "audit", "run -v", "status"}},
	"a drain is over, and the key is held": {retiring, func(w *world) {
		rotated(w)
		w.must(0, "hold orders-data --reason look")
		w.advance(33 * day)
	}, nil},
	"a disabling was not answered": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(sandbox.Fault{Service: "kms", Operation: "DisableKey", Kind: sandbox.Drop})
	}, []string{"run", "status", "audit", "run -v"}},
	"the alias is on a version that is being disabled": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(sandbox.Fault{Service: "kms", Operation: "DisableKey", Kind: sandbox.Drop})
		w.keyturn("run")
		w.fault()
		w.moveAlias(alias, w.key(alias+"/v1"))
	}, []string{"status", "audit"}},
}

// orphans are keys that keyturn made, and that no record knows.
var orphans = map[string]situation{
	"an orphan that never served": {keeping, func(w *world) { leaveOrphan(w); w.advance(day) },
		[]string{"audit --orphans", "audit"}},
	"the tags of a version were copied to another key": {keeping, func(w *world) {
		rotated(w)
		w.createAlias("alias/reports", w.newKey())
		w.tagLike("alias/reports", alias)
	}, []string{"audit --orphans", "audit"}},
	"an orphan of a run that may be under way": {keeping, leaveOrphan, []string{"audit --orphans"}},
	"versions that the record has left out": {
		"region: eu-west-1\nschedule: {every: 1d}\ndrain: 1h\nkeys: [{alias: alias/orders-data}]\n",
		func(w *world) {
			adopted(w)
			for range plan.MaxKept + 3 {
				w.advance(day)
				w.must(0, "run")
			}
			w.disable(alias + "/v2")
			w.advance(day)
		}, []string{"status orders-data -v", "audit --orphans", "reinstate orders-data/v2",
			"rollback orders-data/v1 --reason bad --confirm orders-data", "status orders-data -v", "audit"}},
	"an orphan above the record's generation": {keeping, func(w *world) { beginAgain(w); w.advance(day) },
		[]string{"audit --orphans"}},
	"an orphan of a record before this one": {keeping, func(w *world) {
		beginAgain(w)
		w.advance(quarter)
		w.must(0, "run")
		w.advance(day)
	}, []string{"audit --orphans"}},
	"an orphan, and drift stands": {keeping, func(w *world) {
		leaveOrphan(w)
		w.advance(day)
		w.moveAlias(alias, w.newKey())
	}, []string{"audit --orphans"}},
	"an orphan, and the ledger has a gap": {keeping, func(w *world) {
		leaveOrphan(w)
		w.heldOften()
		w.deleteItems("events#")
		w.advance(day)
	}, []string{"audit --orphans"}},
	"an orphan, and the table was made again": {keeping, func(w *world) {
		leaveOrphan(w)
		w.advance(day)
		w.dropTable()
		w.must(0, "init --table")
	}, []string{"audit --orphans"}},
}

// beginAgain loses the table, and with it that v2 was live. Somebody moves the alias
// back, takes the versions' aliases away and adopts the key as if it were new.
func beginAgain(w *world) {
	emptied(w)
	w.moveAlias(alias, w.key(alias+"/v1"))
	w.deleteAlias(alias + "/v1")
	w.deleteAlias(alias + "/v2")
	w.must(0, "run")
}

// leaveOrphan has a run killed after CreateKey, and another one rotate.
func leaveOrphan(w *world) {
	rotated(w)
	w.advance(quarter)
	w.killed("CreateKey", 1, "run")
	w.advance(2 * time.Minute)
	w.must(0, "run")
}

// nameNewest gives the key that was made last an alias.
func (w *world) nameNewest(alias string) {
	w.t.Helper()
	ctx := context.Background()
	keys, err := w.kms().ListKeys(ctx, &awskms.ListKeysInput{})
	w.check(err)
	var newest types.KeyMetadata
	for _, k := range keys.Keys {
		d, err := w.kms().DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: k.KeyId})
		w.check(err)
		if newest.CreationDate == nil || d.KeyMetadata.CreationDate.After(*newest.CreationDate) {
			newest = *d.KeyMetadata
		}
	}
	w.createAlias(alias, *newest.KeyId)
}

// tagLike copies the tags of one key to another.
func (w *world) tagLike(to, from string) {
	w.t.Helper()
	ctx := context.Background()
	tags, err := w.kms().ListResourceTags(ctx, &awskms.ListResourceTagsInput{KeyId: aws.String(w.key(from))})
	w.check(err)
	_, err = w.kms().TagResource(ctx, &awskms.TagResourceInput{KeyId: aws.String(w.key(to)), Tags: tags.Tags})
	w.check(err)
}
