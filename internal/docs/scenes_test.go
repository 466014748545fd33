package docs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

const (
	day     = 24 * time.Hour
	quarter = 91 * day // a bit more than the period of the plans here
	alias   = "alias/orders-data"
)

const header = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
`

// Plans. The retiring one does not ask for the last use, but where it says so.
const (
	keeping  = header
	retiring = header + "    retire: {action: disable, unless_used_within: off}\n"
	deleting = header + "    retire: {action: delete, unless_used_within: off, delete_after: 7d, " +
		"deletion_window: 30d}\n"
	asking   = header + "    retire: disable\n"
	creating = header + "    spec: SYMMETRIC_DEFAULT\n    usage: ENCRYPT_DECRYPT\n"
)

// accountDecides is a key policy as KMS gives it by default.
const accountDecides = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
	`"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`

// setPolicy gives the key behind an alias a key policy.
func (w *world) setPolicy(alias, policy string) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().PutKeyPolicy(context.Background(), &awskms.PutKeyPolicyInput{KeyId: &id, Policy: &policy,
		BypassPolicyLockoutSafetyCheck: true})
	w.check(err)
}

// scene is a world in which a section of the runbook is needed.
type scene struct {
	plan string
	// given makes what has happened before.
	given func(*world)
	// shows is the command that is then refused with the section's code.
	shows []string
	// as is that code, if it shows under another one.
	as string
	// repair does what the text says and no command does.
	repair func(*world)
	// leads is what the ledger has in the end, in this order: words of an event's kind,
	// and its version.
	leads []string
}

// The pasts that many scenes share. empty has a table and no key.
func empty(w *world) { w.must(0, "init --table") }

// found has a key that keyturn does not know yet.
func found(w *world) {
	empty(w)
	w.createAlias(alias, w.newKey())
}

func adopted(w *world) {
	found(w)
	w.must(0, "run")
}

// rotated is on v2, for some hours; v1 drains. KEY_ID is v2's.
func rotated(w *world) {
	adopted(w)
	w.advance(quarter)
	w.must(0, "run")
	w.advance(3 * time.Hour)
	w.keyID = w.key(alias)
}

// retired is rotated, and v1 is disabled.
func retired(w *world) {
	rotated(w)
	w.advance(31 * day)
	w.must(0, "run")
}

func drifted(w *world) {
	rotated(w)
	w.moveAlias(alias, w.newKey())
	w.advance(quarter)
}

func lost(w *world) {
	rotated(w)
	w.dropTable()
}

func emptied(w *world) {
	lost(w)
	w.must(0, "init --table")
}

func restored(w *world) {
	rotated(w)
	w.restoreTable()
	w.advance(quarter)
}

// taken is an adopt --create that was not finished, and then somebody else
// made the alias.
func taken(w *world) {
	empty(w)
	second := denied("CreateAlias")
	second.Code = "LimitExceededException" // a denial would be tried again
	second.Ordinal = 2                     // the first one is v1's
	w.fault(second)
	w.must(1, "adopt orders-data --create")
	w.fault()
	w.createAlias(alias, w.newKey())
}

var scenes = map[string][]scene{
	"": {{plan: keeping, given: rotated}},

	"The new version is bad: roll back": {{leads: []string{"finish v1", "hold", "release", "finish v2"},
		plan: keeping, given: rotated}},
	"A key is compromised: rotate now, then retire": {{leads: []string{"finish v3", "retired v2"}, plan: keeping,
		given: rotated}},
	"Decrypt has failed since a version was disabled: reinstate": {
		{leads: []string{"reinstate v1", "looked v1"}, plan: retiring, given: retired},
		{leads: []string{"reinstate v1", "looked v1"}, plan: retiring, given: retired},
		{leads: []string{"hold"}, plan: retiring, given: retired},
	},
	"Verify, in one pool":                     {{plan: keeping, given: found}},
	"Stop everything":                         {{leads: []string{"hold", "release"}, plan: keeping, given: rotated}},
	"Cron mails exit 11":                      {{plan: keeping, given: rotated}},
	"Cron mails exit 13":                      {{plan: keeping, given: drifted}},
	"Somebody else changed a key: CloudTrail": {{plan: keeping, given: strangers}},
	"The table was lost":                      {{leads: []string{"rebuild"}, plan: keeping, given: lost}},
	"The table was restored":                  {{leads: []string{"rebuild"}, plan: keeping, given: restored}},

	"Exit 0": {{plan: keeping, given: rotated}},
	"Exit 1": {{leads: []string{"finish v3"}, plan: keeping, given: func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(denied("CreateKey"))
		w.must(1, "run")
		w.fault()
	}}},
	"Exit 10": {{plan: keeping, given: func(w *world) {
		rotated(w)
		w.advance(quarter)
	}}},
	"Exit 11":  {{plan: keeping, given: rotated}},
	"Exit 13":  {{plan: keeping, given: drifted}},
	"Exit 64":  {{plan: keeping, given: rotated}},
	"Exit 130": {{plan: keeping, given: rotated}},

	"active-disabled": {{plan: keeping, shows: []string{"reinstate", "orders-data/v2"}, given: func(w *world) {
		rotated(w)
		_, err := w.kms().DisableKey(context.Background(), &awskms.DisableKeyInput{KeyId: &w.keyID})
		w.check(err)
	}}},
	"alias-missing": {
		{plan: creating, shows: []string{"run"}, given: empty},
		{plan: keeping, shows: []string{"run"}, given: func(w *world) {
			rotated(w)
			_, err := w.kms().DeleteAlias(context.Background(), &awskms.DeleteAliasInput{AliasName: aws.String(alias)})
			w.check(err)
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
				_, err := w.kms().DisableKey(context.Background(), &awskms.DisableKeyInput{KeyId: &w.keyID})
				w.check(err)
				w.advance(day)
			},
			repair: func(w *world) {
				_, err := w.kms().EnableKey(context.Background(), &awskms.EnableKeyInput{KeyId: &w.keyID})
				w.check(err)
			}},
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
		w.edit("REMOVE #step", "step", nil)
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
			v1 := w.key(alias + "/v1")
			_, err := w.kms().Encrypt(context.Background(),
				&awskms.EncryptInput{KeyId: &v1, Plaintext: []byte("still in use")})
			w.check(err)
			w.advance(time.Minute)
		}}},
	"newer-record": {{plan: keeping, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		w.edit("SET #schema = :two", "schema",
			map[string]ddbtypes.AttributeValue{":two": &ddbtypes.AttributeValueMemberN{Value: "2"}})
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
		_, err := w.ddb().UpdateTimeToLive(context.Background(),
			&awsddb.UpdateTimeToLiveInput{TableName: aws.String(table),
				TimeToLiveSpecification: &ddbtypes.TimeToLiveSpecification{AttributeName: aws.String("ttl"),
					Enabled: aws.Bool(true)}})
		w.check(err)
	}}},
	"unsupported-key": {{plan: keeping, shows: []string{"run"}, given: func(w *world) {
		empty(w)
		w.createAlias(alias, w.newKeyLike(&awskms.CreateKeyInput{MultiRegion: aws.Bool(true)}))
	}}},
	"version-disabled": {{plan: keeping, shows: []string{"status"}, given: func(w *world) {
		rotated(w)
		w.keyID = w.key(alias + "/v1")
		_, err := w.kms().DisableKey(context.Background(), &awskms.DisableKeyInput{KeyId: &w.keyID})
		w.check(err)
	}}},
	"enabled-by-hand": {{leads: []string{"reinstate v1"}, plan: retiring, shows: []string{"status"},
		given: func(w *world) {
			retired(w)
			v1 := w.key(alias + "/v1")
			_, err := w.kms().EnableKey(context.Background(), &awskms.EnableKeyInput{KeyId: &v1})
			w.check(err)
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
		v1 := w.key(alias + "/v1")
		_, err := w.kms().ScheduleKeyDeletion(context.Background(), &awskms.ScheduleKeyDeletionInput{KeyId: &v1})
		w.check(err)
	}}},
	"version-unproven": {{plan: retiring, shows: []string{"run"}, given: func(w *world) {
		rotated(w)
		_, err := w.kms().DeleteAlias(context.Background(), &awskms.DeleteAliasInput{AliasName: aws.String(alias +
			"/v1")})
		w.check(err)
		w.advance(31 * day)
	}}},
	"deletion-unknown": {{leads: []string{"reinstate v1"}, plan: retiring, shows: []string{"status"},
		given: func(w *world) {
			retired(w)
			v1 := w.key(alias + "/v1")
			_, err := w.kms().ScheduleKeyDeletion(context.Background(), &awskms.ScheduleKeyDeletionInput{KeyId: &v1})
			w.check(err)
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
			_, err := w.kms().PutKeyPolicy(context.Background(),
				&awskms.PutKeyPolicyInput{KeyId: &w.keyID, Policy: aws.String(
					`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
						`"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`)})
			w.check(err)
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
