package docs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// tampered is the plan of the keys that are tampered with: three kinds, and the three
// ways in which a version retires.
const tampered = `region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: disable, unless_used_within: off}
  - alias: alias/orders-sign
  - alias: alias/orders-mac
    retire: {action: delete, unless_used_within: off, delete_after: 7d, deletion_window: 30d}
`

// The other keys of that plan.
const (
	signing = "alias/orders-sign"
	macs    = "alias/orders-mac"
)

// tenRotations takes the keys under management and rotates each ten times. After that
// v11 is live for a day, and v10 drains for nine more.
func tenRotations(w *world) {
	w.createAlias(alias, w.newKey())
	w.createAlias(signing, w.newKeyLike(&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecEccNistP256,
		KeyUsage: kmstypes.KeyUsageTypeSignVerify}))
	w.createAlias(macs, w.newKeyLike(&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecHmac256,
		KeyUsage: kmstypes.KeyUsageTypeGenerateVerifyMac}))
	w.must(0, "init --table")
	w.must(0, "run")
	w.advance(30*day + time.Hour)
	for n := range 10 {
		w.must(0, "run")
		if n < 9 {
			for _, wait := range []time.Duration{11 * day, 8 * day, 8 * day} {
				w.advance(wait)
				w.must(0, "run")
			}
			w.advance(3 * day)
		}
	}
	w.advance(day)
}

// again makes a world that goes on where another one's AWS was.
func (w *world) again(state []byte) *world {
	w.t.Helper()
	next := *w
	var err error
	next.box, err = sandbox.Restore(state, sandbox.Options{Rand: w.random})
	w.check(err)
	return &next
}

// audited returns what an audit finds.
func (w *world) audited(args ...string) (d document.Audit) {
	w.t.Helper()
	exit, out, errs := w.run(append([]string{"audit", "--output", "json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		w.t.Fatalf("audit: exit %d: %v\n%s%s", exit, err, out, errs)
	}
	return d
}

// finds returns the codes of what an audit finds, sorted. Each finding says since when.
func (w *world) finds(args ...string) []string {
	w.t.Helper()
	d := w.audited(args...)
	var list []string
	ids := map[string]bool{} // what a plan accepts, and a collector tells findings by
	for _, f := range d.Findings {
		if ids[f.ID] {
			w.t.Errorf("two findings have the id %s", f.ID)
		}
		ids[f.ID] = true
		dated(w.t, "audit", f)
		text := string(f.Code)
		if f.Level == "warning" {
			text += " (warning)"
		}
		list = append(list, text)
		if tamperingsShown {
			w.t.Logf("    %v %s: %s", f.Keys, f.Code, f.What)
		}
	}
	for _, u := range d.Unread {
		list = append(list, "not checked: "+u)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

type (
	value   = ddbtypes.AttributeValue
	item    = map[string]value
	itemMap = *ddbtypes.AttributeValueMemberM
)

func text(s string) value { return &ddbtypes.AttributeValueMemberS{Value: s} }

func count(n int) value {
	return &ddbtypes.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

func moment(t time.Time) value { return text(t.UTC().Format(time.RFC3339Nano)) }

// ago returns a moment before now, in the record's form.
func (w *world) ago(d time.Duration) value { return moment(w.box.Now().Add(-d)) }

// record changes the record of orders-data.
func record(change func(w *world, r item)) func(*world) {
	return func(w *world) { w.rewrite(alias, "record", func(r item) { change(w, r) }) }
}

// sets gives an attribute of the record of orders-data a value.
func sets(name string, value func(w *world) value) func(*world) {
	return record(func(w *world, r item) { r[name] = value(w) })
}

// entry changes the entry of a version.
func entry(version int, change func(w *world, v item)) func(*world) {
	return record(func(w *world, r item) { change(w, entryOf(r, version)) })
}

func entryOf(r item, version int) item {
	for _, v := range r["versions"].(*ddbtypes.AttributeValueMemberL).Value {
		m := v.(itemMap).Value
		if n, ok := m["version"].(*ddbtypes.AttributeValueMemberN); ok && n.Value == fmt.Sprint(version) {
			return m
		}
	}
	return nil
}

// loses takes the entry of a version out of the record.
func loses(version int) func(*world) {
	return record(func(w *world, r item) { lose(r, version) })
}

func lose(r item, version int) {
	list := r["versions"].(*ddbtypes.AttributeValueMemberL)
	list.Value = slices.DeleteFunc(list.Value, func(v value) bool {
		return v.(itemMap).Value["version"].(*ddbtypes.AttributeValueMemberN).Value == fmt.Sprint(version)
	})
}

// newest changes the newest event of the record.
func newest(change func(w *world, e item)) func(*world) {
	return record(func(w *world, r item) {
		list := r["events"].(*ddbtypes.AttributeValueMemberL).Value
		change(w, list[len(list)-1].(itemMap).Value)
	})
}

func object(pairs ...any) value {
	m := item{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(value)
	}
	return &ddbtypes.AttributeValueMemberM{Value: m}
}

// tag sets a tag of the key that an alias names.
func tag(alias, name, value string) func(*world) {
	return func(w *world) {
		id := w.key(alias)
		_, err := w.kms().TagResource(context.Background(), &awskms.TagResourceInput{KeyId: &id,
			Tags: []kmstypes.Tag{{TagKey: &name, TagValue: &value}}})
		w.check(err)
	}
}

// untag removes tags of the key that an alias names.
func untag(alias string, names ...string) func(*world) {
	return func(w *world) {
		id := w.key(alias)
		_, err := w.kms().UntagResource(context.Background(), &awskms.UntagResourceInput{KeyId: &id, TagKeys: names})
		w.check(err)
	}
}

// moves moves an alias onto the key that another one names; "" is a new key.
func moves(from, to string) func(*world) {
	return func(w *world) {
		if to == "" {
			w.moveAlias(from, w.newKey())
			return
		}
		w.moveAlias(from, w.key(to))
	}
}

// and does things one after another.
func and(all ...func(*world)) func(*world) {
	return func(w *world) {
		for _, do := range all {
			do(w)
		}
	}
}

func waited(d time.Duration) func(*world) { return func(w *world) { w.advance(d) } }

func runs(line string) func(*world) { return func(w *world) { w.keyturn(words(line)...) } }

func version(n int) string { return fmt.Sprint(alias, "/v", n) }
