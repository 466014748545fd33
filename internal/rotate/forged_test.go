package rotate_test

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/plan"
)

// Whoever can write the table, and has no rights in KMS, edits records here with
// an ordinary DynamoDB client. Nothing in KMS may change on a key that its own
// v<n> does not name.

type attrs = map[string]types.AttributeValue

func text(s string) types.AttributeValue  { return &types.AttributeValueMemberS{Value: s} }
func whole(n int64) types.AttributeValue  { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }
func at(t time.Time) types.AttributeValue { return text(t.UTC().Format(time.RFC3339)) }
func mapOf(m attrs) types.AttributeValue  { return &types.AttributeValueMemberM{Value: m} }
func inside(v types.AttributeValue) attrs { return v.(*types.AttributeValueMemberM).Value }
func listOf(v types.AttributeValue) []types.AttributeValue {
	if l, ok := v.(*types.AttributeValueMemberL); ok {
		return l.Value
	}
	return nil
}

// forge edits the record's item.
func (w *world) forge(key plan.Policy, edit func(attrs)) {
	w.t.Helper()
	client := awsddb.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "ATTACKER"))
	id := attrs{"key": text(key.Key()), "item": text("record")}
	got, err := client.GetItem(w.t.Context(), &awsddb.GetItemInput{TableName: &w.plan.Table, Key: id,
		ConsistentRead: aws.Bool(true)})
	if err != nil {
		w.t.Fatal(err)
	}
	edit(got.Item)
	if _, err := client.PutItem(w.t.Context(), &awsddb.PutItemInput{TableName: &w.plan.Table,
		Item: got.Item}); err != nil {
		w.t.Fatal(err)
	}
}

// add puts one more entry into a record.
func add(entry attrs) func(attrs) {
	return func(it attrs) {
		it["versions"] = &types.AttributeValueMemberL{Value: append(listOf(it["versions"]), mapOf(entry))}
	}
}

// put puts an entry into a record, in the place of what that has of the version.
func put(entry attrs) func(attrs) {
	return func(it attrs) {
		drop(it, entry["version"])
		add(entry)(it)
	}
}

func drop(it attrs, version types.AttributeValue) {
	it["versions"] = &types.AttributeValueMemberL{Value: slices.DeleteFunc(listOf(it["versions"]),
		func(e types.AttributeValue) bool { return reflect.DeepEqual(inside(e)["version"], version) })}
}

// live returns a record's entry of the live version.
func live(it attrs) attrs {
	for _, e := range listOf(it["versions"]) {
		if reflect.DeepEqual(inside(e)["version"], it["active"]) {
			return inside(e)
		}
	}
	return nil
}

var deletingTerms = mapOf(attrs{"action": text("delete"), "unless_used_within": text("off"), "delete_after": text("0s"),
	"deletion_window": text("7d")})

const forgedPlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: off, delete_after: 60d, deletion_window: 7d}
`

// forgery is what is on a forged record's mind.
type forgery struct {
	w       *world
	now     time.Time
	foreign string           // a key with an alias of its own
	bare    string           // one with none
	off     string           // another, which its owner has disabled
	keys    map[int64]string // ours, by version: v3 is live, v1 and v2 are disabled
}

func (f forgery) draining(version int64, keyID string, more ...func(attrs)) func(attrs) {
	e := attrs{"version": whole(version), "key_id": text(keyID), "state": text("draining"),
		"left": at(f.now.Add(-20 * day)), "drain_until": at(f.now.Add(-10 * day)), "retire": deletingTerms}
	for _, m := range more {
		m(e)
	}
	return put(e)
}

func (f forgery) retired(version int64, keyID string) func(attrs) {
	return put(attrs{"version": whole(version), "key_id": text(keyID), "state": text("disabled"),
		"left": at(f.now.Add(-100 * day)), "disabled_at": at(f.now.Add(-90 * day))})
}

// due makes a window due.
func (f forgery) due(it attrs) {
	it["window"], live(it)["since"] = at(f.now.Add(-70*day)), at(f.now.Add(-70*day))
}

// open makes the record one of a generation that is under way, with no target if
// version is 0.
func (f forgery) open(verb, step string, version int64, keyID string) func(attrs) {
	return func(it attrs) {
		claim := attrs{"id": text("forged"), "at": at(f.now), "verb": text(verb), "drain": text("10d"),
			"prepublish": text("0s"),
			"spec":       text("SYMMETRIC_DEFAULT"), "usage": text("ENCRYPT_DECRYPT")}
		if verb == "schedule" {
			claim["window"] = at(f.now)
		}
		it["claim"], it["step"], it["generation"] = mapOf(claim), text(step), whole(4)
		if version == 0 {
			return
		}
		it["target"] = whole(version)
		put(attrs{"version": whole(version), "key_id": text(keyID), "created_at": at(f.now.Add(-day))})(it)
	}
}

// What each forged record would have had cron do.
var forgeries = map[string]func(f forgery) func(attrs){
	"a foreign key drains":           func(f forgery) func(attrs) { return f.draining(9, f.foreign) },
	"a bare one drains":              func(f forgery) func(attrs) { return f.draining(9, f.bare) },
	"it has the number of a version": func(f forgery) func(attrs) { return f.draining(1, f.bare) },
	"and that of the live one":       func(f forgery) func(attrs) { return f.draining(3, f.bare) },
	"a version has two entries": func(f forgery) func(attrs) {
		return add(attrs{"version": whole(1), "key_id": text(f.bare), "state": text("disabled"),
			"disabled_at": at(f.now.Add(-90 * day))})
	},
	"the live one drains under another number": func(f forgery) func(attrs) { return f.draining(9, f.keys[3]) },
	"and its entry is the first": func(f forgery) func(attrs) {
		return func(it attrs) {
			f.draining(9, f.keys[3])(it)
			slices.Reverse(listOf(it["versions"]))
		}
	},
	"one that is disabled was retired": func(f forgery) func(attrs) { return f.retired(9, f.off) },
	"a bare one was reinstated": func(f forgery) func(attrs) {
		return f.draining(9, f.bare, func(e attrs) { e["look_after"] = at(f.now.Add(-day)) })
	},
	"a bare one bears a mark that ran out": func(f forgery) func(attrs) {
		return f.draining(9, f.bare, func(e attrs) {
			e["fence"] = mapOf(attrs{"what": text("disable"), "run": text("x"), "since": at(f.now.Add(-day)),
				"until": at(f.now.Add(-day + time.Hour)), "signers": whole(1)})
		})
	},
	"a foreign target waits": func(f forgery) func(attrs) {
		return f.open("schedule", "created", 4,
			f.foreign)
	},
	"a bare target is switched to": func(f forgery) func(attrs) {
		return f.open("rotate", "switching", 4,
			f.bare)
	},
	"a target with a version's number": func(f forgery) func(attrs) {
		return f.open("schedule", "switching", 2,
			f.bare)
	},
	"a rollback to a foreign key": func(f forgery) func(attrs) {
		return f.open("rollback", "claimed", 9,
			f.foreign)
	},
	"a rollback to a bare key by v2's number": func(f forgery) func(attrs) {
		return f.open("rollback", "switching", 2,
			f.bare)
	},
	"an adopt --create that nobody has begun": func(f forgery) func(attrs) {
		return func(it attrs) {
			drop(it, it["active"])
			delete(it, "active")
			f.open("adopt", "claimed", 4, f.bare)(it)
		}
	},
	"another active version": func(f forgery) func(attrs) {
		return func(it attrs) { live(it)["key_id"] = text(f.bare); f.due(it) }
	},
	"another active version, a moment ago": func(f forgery) func(attrs) {
		return func(it attrs) {
			live(it)["key_id"], it["switched_at"] = text(f.bare), at(f.now)
			f.draining(2, f.keys[3])(it)
			f.open("rotate", "claimed", 0, "")(it)
		}
	},
	"the live version has another number": func(f forgery) func(attrs) {
		return func(it attrs) {
			live(it)["adopted"] = &types.AttributeValueMemberBOOL{Value: true}
			live(it)["version"] = whole(99)
			it["active"], it["generation"] = whole(99), whole(99)
			f.due(it)
		}
	},
	"two own versions are swapped": func(f forgery) func(attrs) {
		return func(it attrs) {
			f.retired(1, f.keys[2])(it)
			f.retired(2, f.keys[1])(it)
		}
	},
	"the live and the drained one are swapped": func(f forgery) func(attrs) {
		return func(it attrs) {
			live(it)["key_id"] = text(f.keys[2])
			f.draining(2, f.keys[3])(it)
		}
	},
}

// snapshot returns what KMS holds of the keys that a record may not speak for: their
// states and what names them, and where the alias is.
func (f forgery) snapshot(key plan.Policy) string {
	var lines []string
	all, err := f.w.admin.ListAliases(f.w.t.Context(), &awskms.ListAliasesInput{})
	if err != nil {
		f.w.t.Fatal(err)
	}
	for _, id := range []string{f.foreign, f.bare, f.off, f.keys[1], f.keys[2], f.keys[3]} {
		names := []string{}
		for _, a := range all.Aliases {
			if aws.ToString(a.TargetKeyId) == id {
				names = append(names, aws.ToString(a.AliasName))
			}
		}
		sort.Strings(names)
		lines = append(lines, fmt.Sprintf("%s %s %v", id, f.w.state(id), names))
	}
	return strings.Join(append(lines, key.Alias+" "+f.w.names(key.Alias)), "\n")
}

// bareKey makes a key that nothing names.
func (w *world) bareKey() string {
	w.t.Helper()
	k, err := w.admin.CreateKey(w.t.Context(), &awskms.CreateKeyInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	return aws.ToString(k.KeyMetadata.KeyId)
}

func forged(t *testing.T) (f forgery, key plan.Policy) {
	w := newWorld(t, forgedPlan)
	defer w.setUp()()
	w.advance(27 * 365 * day)
	f = forgery{w: w, keys: map[int64]string{}}
	key = w.plan.Keys[0]
	f.foreign, f.bare = w.makeKey("alias/payroll"), w.bareKey()
	f.off = w.bareKey()
	if _, err := w.admin.DisableKey(t.Context(), &awskms.DisableKeyInput{KeyId: &f.off}); err != nil {
		t.Fatal(err)
	}
	f.keys[1] = w.makeKey(key.Alias)
	w.pool("cron").mustRun()
	for range 2 {
		w.advance(31 * day)
		w.pool("cron").mustRun()
		w.advance(11 * day)
		w.pool("cron").mustRun()
	}
	w.advance(day)
	w.pool("cron").mustRun()
	f.keys[2], f.keys[3] = w.names(key.Alias+"/v2"), w.names(key.Alias)
	f.now = w.aws.Now()
	return f, key
}

func TestForgedRecords(t *testing.T) {
	for name, how := range forgeries {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, key := forged(t)
				w := f.w
				w.forge(key, how(f))
				before, seq := f.snapshot(key), w.seq()
				var told []string
				for range 4 {
					k := only(t, w.pool("cron").run(t.Context()))
					told = append(told, fmt.Sprintf("%s %v", k.Outcome, k.Reasons))
					if got := f.snapshot(key); got != before {
						t.Fatalf("KMS is\n%s\nand was\n%s\ntold %s\ncalls %s", got, before, strings.Join(told, "\n"),
							w.since(seq))
					}
					w.advance(25 * time.Hour)
				}
				if all := strings.Join(told, "\n"); !strings.Contains(all, "refused") {
					t.Errorf("nobody was told: %s", all)
				}
			})
		})
	}
}

// Nor does a person who types an ordinary verb, which names none of them, vouch for
// what a stranger has written: neither that run nor a later one touches such a key.
func TestForgedRecordsAndAPerson(t *testing.T) {
	for _, verb := range []plan.Verb{plan.VerbAdopt, plan.VerbRotate, plan.VerbRollback, plan.VerbReinstate} {
		for name, how := range forgeries {
			t.Run(string(verb)+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f, key := forged(t)
					w := f.w
					w.forge(key, how(f))
					strangers := func() string {
						return strings.Join(strings.SplitN(f.snapshot(key), "\n", 4)[:3], "\n")
					}
					before := strangers()
					k := only(t, w.asks(plan.Request{Verb: verb}).run(t.Context()))
					told := textOf(k)
					for range 3 {
						w.advance(25 * time.Hour)
						w.pool("cron").run(t.Context())
					}
					if got := strangers(); got != before || strings.Contains(before, w.names(key.Alias)) {
						t.Errorf("strangers' keys are\n%s\nand were\n%s\ntold: %s", got, before, told)
					}
					if verb == plan.VerbAdopt && name == "a bare one drains" &&
						!strings.Contains(told, "only the record says that "+f.bare+" is v9") {
						t.Errorf("nobody was told: %s", told)
					}
				})
			})
		}
	}
}
