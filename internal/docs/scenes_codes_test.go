package docs

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// ofCodes are those of the sections of codes.
var ofCodes = map[string][]scene{
	"active-disabled": {{plan: keeping, shows: []string{"reinstate", "orders-data/v2"}, given: func(w *world) {
		rotated(w)
		w.disable(alias)
	}}},
	"alias-missing": {
		{plan: creating, shows: []string{"run"}, given: empty},
		{plan: keeping, shows: []string{"run"}, given: func(w *world) {
			rotated(w)
			w.deleteAlias(alias)
			w.advance(quarter)
		}},
	},
	"alias-taken": {
		{plan: creating, shows: []string{"run"}, given: taken, leads: []string{"rebuild"}},
		{plan: creating, shows: []string{"run"}, given: taken, leads: []string{"finish v1"}},
	},
	"ambiguous": {{leads: []string{"rebuild"}, plan: keeping,
		shows: []string{"adopt", "orders-data", "--from-kms", "--reason", "x"}, given: func(w *world) {
			emptied(w)
			w.moveAlias(alias+"/v2", w.key(alias+"/v1"))
		}}},
	"bad-target": {
		{leads: []string{"reinstate v1", "finish v1"}, plan: retiring,
			shows: []string{"rollback", "orders-data/v1", "--reason", "x"}, given: retired},
		{leads: []string{"release", "finish v2"}, plan: keeping + "    prepublish: 1d\n", shows: []string{"run"},
			as: "held-itself",
			given: func(w *world) {
				adopted(w)
				w.advance(89*day + time.Hour)
				w.must(0, "run")
				w.keyID = w.key(alias + "/v2")
				w.disable(alias + "/v2")
				w.advance(day)
			},
			repair: func(w *world) { w.enable(alias + "/v2") }},
	},
	"bad-version": {{plan: keeping, shows: []string{"adopt", "orders-data", "--from-kms", "--reason", "x"},
		given: func(w *world) {
			emptied(w)
			w.createAlias(alias+"/v9223372036854775807", w.newKey())
		}}},
	"before-switch": {{leads: []string{"takeover by-rotate", "finish by-rotate v2"},
		plan: keeping + "    before_switch: [\"false\"]\n", shows: []string{"run"}, given: func(w *world) {
			adopted(w)
			w.advance(quarter)
			w.must(0, "run")
			w.advance(8 * day)
		}}},
	"drift": {
		{plan: keeping, shows: []string{"run"}, given: drifted, leads: []string{"adopt v3"}},
		{plan: keeping, shows: []string{"run"}, given: drifted, leads: []string{"finish v2"}},
	},
	"foreign-version": {{leads: []string{"rebuild"}, plan: keeping, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		w.createAlias(alias+"/v3", w.newKey())
		w.advance(quarter)
	}}},
	"held-itself": {{leads: []string{"release", "finish v3"}, plan: keeping + "    max_attempts: 2\n",
		shows: []string{"run"}, given: func(w *world) {
			rotated(w)
			w.advance(quarter)
			w.fault(denied("CreateKey"))
			w.must(1, "run")
			w.advance(61 * time.Minute)
			w.keyturn("run")
			w.fault()
		}}},
	"last-use": {{plan: asking, given: func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(denied("GetKeyLastUsage"))
		w.must(0, "run")
	}}},
	"malformed-record": {{leads: []string{"rebuild"}, plan: keeping, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		w.edit("step", nil)
	}}},
	"marked": {{leads: []string{"reinstate v1", "looked v1", "adopt v1"}, plan: retiring,
		shows: []string{"adopt", "orders-data", "--reason", "x"}, given: func(w *world) {
			rotated(w)
			w.advance(31 * day)
			w.fault(sandbox.Fault{Service: "kms", Operation: "DisableKey", Kind: sandbox.Drop})
			w.keyturn("run")
			w.fault()
			w.moveAlias(alias, w.key(alias+"/v1"))
		}}},
	"max-draining": {{leads: []string{"finish v3"}, plan: asking + "    max_draining: 1\n", shows: []string{"run"},
		given: func(w *world) {
			rotated(w)
			w.advance(quarter)
			w.use(alias + "/v1")
			w.advance(time.Minute)
		}}},
	"newer-record": {{plan: keeping, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		w.edit("schema", count(2))
		w.advance(quarter)
	}}},
	"no-version": {{leads: []string{"reinstate v1", "finish v1"}, plan: retiring,
		shows: []string{"rollback", "orders-data", "--reason", "x"}, given: retired}},
	"no-versions": {{leads: []string{"adopt v1"}, plan: keeping,
		shows: []string{"adopt", "orders-data", "--from-kms", "--reason", "x"}, given: found}},
	"not-holdable": {{leads: []string{"reinstate v1", "hold v1"}, plan: deleting,
		shows: []string{"hold", "orders-data/v1", "--reason", "x"}, given: func(w *world) {
			retired(w)
			w.advance(8 * day)
			w.must(0, "run")
		}}},
	"not-retirable": {{leads: []string{"finish v3", "retired v2"}, plan: keeping,
		shows: []string{"retire", "orders-data/v2", "--reason", "x", "--confirm", "orders-data"}, given: rotated}},
	"not-made": {{leads: []string{"finish v1"}, plan: creating,
		shows: []string{"rotate", "orders-data", "--reason", "x", "--confirm", "orders-data"}, given: func(w *world) {
			empty(w)
			w.fault(denied("CreateKey"))
			w.must(1, "adopt orders-data --create")
			w.fault()
		}}},
	"not-managed": {{leads: []string{"adopt v1"}, plan: keeping,
		shows: []string{"rotate", "orders-data", "--reason", "x", "--confirm", "orders-data"}, given: found}},
	"nothing-to-reinstate": {{plan: keeping, shows: []string{"reinstate", "orders-data"}, given: rotated}},
	"open-generation": {{leads: []string{"finish v1", "finish v4"}, plan: keeping,
		shows: []string{"rotate", "orders-data", "--reason", "x", "--confirm", "orders-data"}, given: func(w *world) {
			rotated(w)
			w.fault(denied("UpdateAlias"))
			w.must(1, `rollback orders-data --reason x --confirm orders-data`)
			w.fault()
		}}},
	"other-table": {{leads: []string{"rebuild"}, plan: keeping, shows: []string{"run"}, given: restored}},
	"overdue": {{leads: []string{"finish v2"}, plan: keeping + "    start_within: 12h\n", shows: []string{"run"},
		given: func(w *world) {
			adopted(w)
			w.advance(quarter)
		}}},
	"overtaken": {{plan: keeping, given: rotated}},
	"record-fits": {{plan: keeping, shows: []string{"adopt", "orders-data", "--from-kms", "--reason", "x"},
		given: rotated}},
	"record-lost": {{leads: []string{"rebuild"}, plan: keeping, shows: []string{"run"}, given: emptied}},
	"record-restored": {{leads: []string{"rebuild"}, plan: keeping, shows: []string{"hold", "orders-data",
		"--reason", "x"}, given: func(w *world) {
		adopted(w)
		w.putBack(func() {
			w.must(0, "hold orders-data --reason look")
			w.advance(time.Minute)
		})
	}}},
	"spec-missing": {{leads: []string{"finish v1"}, plan: keeping, shows: []string{"adopt", "orders-data", "--create"},
		given:  empty,
		repair: func(w *world) { w.writePlan(creating) }}},
	"unlike-plan": {{leads: []string{"adopt v1"},
		plan: keeping + "    spec: HMAC_256\n    usage: GENERATE_VERIFY_MAC\n", shows: []string{"run"}, given: found,
		repair: func(w *world) { w.writePlan(keeping) }}},
	"unlike-saved": {{plan: keeping, shows: []string{"run", "--expect", "decision.json"}, given: func(w *world) {
		rotated(w)
		w.must(0, "run --dry-run --out decision.json")
		w.advance(quarter)
	}}},
	"unsafe-table": {{leads: []string{"adopt v1"}, plan: keeping, shows: []string{"run"}, given: func(w *world) {
		found(w)
		w.letExpire()
	}}},
	"unsupported-key": {{plan: keeping, shows: []string{"run"}, given: func(w *world) {
		empty(w)
		w.createAlias(alias, w.newKeyLike(&awskms.CreateKeyInput{MultiRegion: aws.Bool(true)}))
	}}},
	"version-disabled": {{plan: keeping, shows: []string{"status"}, given: func(w *world) {
		rotated(w)
		w.keyID = w.key(alias + "/v1")
		w.disable(alias + "/v1")
	}}},
	"enabled-by-hand": {{leads: []string{"reinstate v1"}, plan: retiring, shows: []string{"status"},
		given: func(w *world) {
			retired(w)
			w.enable(alias + "/v1")
		}}},
	"generation-open": {{leads: []string{"finish v2"}, plan: keeping, shows: []string{"status"},
		given: func(w *world) {
			adopted(w)
			w.advance(quarter)
			w.fault(denied("CreateKey"))
			w.must(1, "run")
			w.fault()
			w.advance(2 * time.Hour)
		}}},
	"hold-too-long": {{leads: []string{"release", "finish v3"}, plan: keeping, shows: []string{"status"},
		given: func(w *world) {
			rotated(w)
			w.must(0, "hold orders-data --reason incident-42")
			w.advance(quarter)
		}}},
	"unexpected-caller": {{plan: strings.Replace(keeping, "keys:", "expect_callers: [arn:aws:iam::111122223333:"+
		"user/sandbox]\nkeys:", 1), shows: []string{"audit"}, given: func(w *world) {
		rotated(w)
		w.calledBy("arn:aws:sts::111122223333:assumed-role/batch/i-0123456789abcdef0")
		w.must(0, "hold orders-data --reason look")
		w.must(0, "release orders-data")
		w.answers = nil
	}}},
	"version-gone": {{leads: []string{"reinstate v1"}, plan: retiring, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.schedule(alias + "/v1")
	}}},
	"version-unproven": {{plan: retiring, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		w.deleteAlias(alias + "/v1")
		w.advance(31 * day)
	}}},
	"deletion-unknown": {{leads: []string{"reinstate v1"}, plan: retiring, shows: []string{"status"},
		given: func(w *world) {
			retired(w)
			w.schedule(alias + "/v1")
		}}},
	"deletion-unwanted": {{leads: []string{"reinstate v1"}, plan: deleting, shows: []string{"status"},
		given: func(w *world) {
			retired(w)
			w.advance(8 * day)
			w.must(0, "run")
			w.writePlan(retiring)
		}}},
	"policy-changed": {{leads: []string{"finish v3"}, plan: keeping + "    prepublish: 1d\n", shows: []string{"run"},
		given: func(w *world) {
			adopted(w)
			w.advance(89*day + time.Hour)
			w.must(0, "run")
			w.keyID = w.key(alias)
			w.setPolicy(alias, accountDecides)
			w.advance(2 * day)
		}}},
	"policy-lockout": {{leads: []string{"finish v2"}, plan: keeping, shows: []string{"run"},
		given: func(w *world) {
			adopted(w)
			w.setPolicy(alias, strings.Replace(accountDecides, "111122223333", "999999999999", 1))
			w.advance(quarter)
		}, repair: func(w *world) { w.setPolicy(alias, accountDecides) }}},
	"policy-of-one-key": {{leads: []string{"finish v2"}, plan: keeping, shows: []string{"run"},
		given: func(w *world) {
			adopted(w)
			w.setPolicy(alias, strings.Replace(accountDecides, `"Resource":"*"`,
				`"NotResource":"arn:aws:kms:*:*:key/1"`,
				1))
			w.advance(quarter)
		}, repair: func(w *world) {
			w.check(os.WriteFile(filepath.Join(filepath.Dir(w.plan), "policy.json"), []byte(accountDecides), 0o600))
			w.writePlan(keeping + "    policy: policy.json\n")
		}}},
	"waiver-denied": {{leads: []string{"finish v2"}, plan: keeping, shows: []string{"run"},
		given: func(w *world) {
			adopted(w)
			w.setPolicy(alias, strings.Replace(accountDecides, ":root", ":role/admins", 1))
			w.advance(quarter)
			w.check(w.box.SetSwitches(sandbox.Switches{WaiverForbidden: true}))
		}, repair: func(w *world) { w.check(w.box.SetSwitches(sandbox.Switches{})) }}},
	"no-request-id": {{leads: []string{"adopt v1"}, plan: keeping, shows: []string{"run"},
		given: func(w *world) {
			found(w)
			w.answers = w.withoutIDs
		}, repair: func(w *world) { w.answers = nil }}},
	"wrong-account": {{plan: keeping, shows: []string{"run"}, given: func(w *world) {
		found(w)
		w.writePlan("account: \"999999999999\"\n" + keeping)
	}}},
}
