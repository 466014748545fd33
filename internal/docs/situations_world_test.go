package docs

import (
	"context"
	"strings"
	"time"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// troubled are keys that do not work, and an AWS that does not answer.
var troubled = map[string]situation{
	"in order":                 {keeping, rotated, append(looks[:4:4], "audit --orphans", "history orders-data")},
	"the live key is disabled": {keeping, func(w *world) { rotated(w); w.disable(alias) }, nil},
	"the live key is disabled, and everything is denied": {keeping, func(w *world) {
		rotated(w)
		w.disable(alias)
		w.fault(refuse("kms", "", "AccessDeniedException"))
	}, nil},
	"the live key is disabled, and a window is due": {keeping, func(w *world) {
		rotated(w)
		w.disable(alias)
		w.advance(quarter)
	}, nil},
	"the live key is pending deletion": {keeping, func(w *world) { rotated(w); w.schedule(alias) }, nil},
	"the alias cannot be read": {keeping, func(w *world) {
		rotated(w)
		w.fault(refuse("kms", "DescribeKey", "AccessDeniedException"))
	}, nil},
	"the alias cannot be read, and a window is due": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "DescribeKey", "AccessDeniedException"))
	}, nil},
	"aliases cannot be listed": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "ListAliases", "AccessDeniedException"))
	}, nil},
	"the key policy cannot be copied, and a window has just opened": {keeping, func(w *world) {
		adopted(w)
		w.setPolicy(alias, strings.Replace(accountDecides, `"Resource":"*"`, `"NotResource":"*"`, 1))
		w.advance(90*day + time.Hour)
	}, looks},
	"there is no record, and the alias cannot be read": {keeping, func(w *world) {
		found(w)
		w.fault(denied("DescribeKey"))
	}, looks},
	"there is no record, and the ledger cannot be read": {keeping, func(w *world) {
		found(w)
		w.fault(refuse("dynamodb", "Query", "AccessDeniedException"))
	}, looks},
	"a draining version is disabled":         {keeping, func(w *world) { rotated(w); w.disable(alias + "/v1") }, nil},
	"a draining version is pending deletion": {keeping, func(w *world) { rotated(w); w.schedule(alias + "/v1") }, nil},
	"a kept version is disabled": {keeping, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.must(0, "run")
		w.disable(alias + "/v1")
	}, nil},
	"a draining version is gone": {keeping, func(w *world) {
		rotated(w)
		w.schedule(alias + "/v1")
		w.advance(31 * day)
	}, nil},
	"a retired version is enabled by hand": {retiring, func(w *world) { retired(w); w.enable(alias + "/v1") }, nil},
	"a deletion is cancelled by hand": {deleting, func(w *world) {
		retired(w)
		w.advance(8 * day)
		w.must(0, "run")
		w.cancelDeletion(alias + "/v1")
	}, nil},
	"a deletion is cancelled by hand, and its date has passed": {deleting, func(w *world) {
		retired(w)
		w.advance(8 * day)
		w.must(0, "run")
		w.cancelDeletion(alias + "/v1")
		w.advance(31 * day)
	}, nil},
	"a deletion was due, and KMS denies a look": {deleting, func(w *world) {
		retired(w)
		w.advance(8 * day)
		w.must(0, "run")
		w.advance(31 * day)
		w.fault(denied("DescribeKey"))
	}, []string{"status"}},
	"KMS cannot be asked": {keeping, func(w *world) {
		rotated(w)
		w.fault(sandbox.Fault{Service: "kms", Kind: sandbox.Drop})
	}, nil},
	"KMS cannot be asked, and a window is due": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(sandbox.Fault{Service: "kms", Kind: sandbox.Drop})
	}, nil},
	"KMS is throttled, and a window is due": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "CreateKey", "ThrottlingException"))
	}, nil},
	"KMS denies CreateKey": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(denied("CreateKey"))
	}, nil},
	"KMS denies CreateAlias": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(denied("CreateAlias"))
	}, nil},
	"KMS denies UpdateAlias": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(denied("UpdateAlias"))
	}, nil},
	"KMS denies DisableKey": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(denied("DisableKey"))
	}, nil},
	"the last use cannot be asked": {asking, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(denied("GetKeyLastUsage"))
	}, nil},
	"an old version is in use": {asking, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.use(alias + "/v1")
		w.advance(time.Minute)
	}, nil},
	"automatic rotation is on for the old version only": {keeping, func(w *world) {
		adopted(w)
		w.rotateMaterial(alias, 180)
		w.advance(quarter)
		w.fault(denied("EnableKeyRotation"))
	}, nil},
	"automatic rotation is not as planned": {keeping + "    auto_rotation: 365d\n", rotatedByHandSetting, nil},
	"before_switch says no": {keeping + "    before_switch: [sh, -c, \"echo consumers are not ready; exit 1\"]\n",
		func(w *world) { adopted(w); w.advance(quarter) }, nil},
	"before_switch fails": {keeping + "    before_switch: [/nowhere/ready]\n",
		func(w *world) { adopted(w); w.advance(quarter) }, nil},
	"a version waits for its window": {keeping + "    prepublish: 2d\n", func(w *world) {
		adopted(w)
		w.advance(88*day + time.Hour)
	}, nil},
}

// rotatedByHandSetting has somebody turn the automatic rotation of the live key off.
func rotatedByHandSetting(w *world) {
	rotated(w)
	id := w.key(alias)
	_, err := w.kms().DisableKeyRotation(context.Background(), &awskms.DisableKeyRotationInput{KeyId: &id})
	w.check(err)
}

// elsewhere are tables and accounts that are not the key's.
var elsewhere = map[string]situation{
	"no record": {keeping, found, []string{"status", "audit", "run --dry-run", "run"}},
	"the table cannot be asked": {keeping, func(w *world) {
		rotated(w)
		w.fault(sandbox.Fault{Service: "dynamodb", Kind: sandbox.Drop})
	}, nil},
	"the table is denied": {keeping, func(w *world) {
		rotated(w)
		w.fault(refuse("dynamodb", "", "AccessDeniedException"))
	}, nil},
	"the table is throttled": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("dynamodb", "UpdateItem", "ThrottlingException"))
	}, nil},
	"the table is missing":                {keeping, lost, nil},
	"the table is missing, of three keys": {three, func(w *world) { threeRotated(w); w.dropTable() }, nil},
	"the table was made again, with three keys": {three, func(w *world) {
		threeRotated(w)
		w.dropTable()
		w.must(0, "init --table")
	}, nil},
	"the table was restored, with three keys": {three, func(w *world) {
		threeRotated(w)
		w.restoreTable()
		w.advance(quarter)
	}, nil},
	"the account is another one, with three keys": {three, func(w *world) {
		threeRotated(w)
		w.writePlan("account: \"999999999999\"\n" + three)
	}, nil},
	"a record was rebuilt": {keeping, func(w *world) {
		emptied(w)
		w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
	}, nil},
	"a record was rebuilt, and its terms would disable": {retiring, func(w *world) {
		emptied(w)
		w.must(0, "adopt orders-data --from-kms --reason lost --confirm orders-data")
		w.advance(31 * day)
	}, nil},
	"a key left the plan": {three, func(w *world) {
		threeRotated(w)
		w.writePlan(keeping)
	}, nil},
	"the table has no deletion protection": {keeping, func(w *world) {
		rotated(w)
		w.unprotect()
	}, nil},
	"the table has no point-in-time recovery": {keeping, func(w *world) {
		rotated(w)
		w.withoutRecovery()
	}, nil},
	"two items of the ledger tell one revision": {keeping, func(w *world) {
		rotated(w)
		for range 2 {
			w.must(0, "hold orders-data --reason look")
			w.must(0, "release orders-data")
		}
		_, err := ddblock.New(w.ddb(), table).Copy(context.Background(), "eu-west-1/"+alias,
			[]plan.Event{{Rev: 3, At: w.box.Now(), Run: "00000099", Kind: []plan.EventKind{plan.EventNote}}})
		w.check(err)
	}, nil},
	"the newest item of the ledger is gone": {keeping, func(w *world) {
		rotated(w)
		w.deleteItems("events#0000000002")
		w.advance(day)
	}, nil},
	"an event of the ledger was rewritten": {keeping, func(w *world) {
		rotated(w)
		w.heldOften()
		w.rewrite(alias, "events#0000000001", func(it item) {
			it["events"].(*ddbtypes.AttributeValueMemberL).Value[0].(itemMap).Value["reason"] = text("as agreed")
		})
	}, nil},
	"the seal of a version does not fit": {keeping, func(w *world) {
		rotated(w)
		tag(alias+"/v2", "keyturn:ledger", hashOf([]byte("another")))(w)
	}, nil},
	"a part of the ledger is gone": {keeping, func(w *world) {
		rotated(w)
		w.heldOften()
		w.deleteItems("events#")
		w.must(0, "release orders-data")
	}, nil},
	"an alias is on a key of another spec": {keeping + "    spec: RSA_2048\n    usage: ENCRYPT_DECRYPT\n",
		func(w *world) {
			empty(w)
			w.createAlias(alias, w.newKeyLike(&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecSymmetricDefault}))
		}, nil},
}
