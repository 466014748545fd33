package ddblock

import (
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
)

// The form of the item is a contract with every other version of keyturn, with
// what people read in the console, and with the page that describes it.
func TestRecordForm(t *testing.T) {
	it, _, err := encode(fullRecord())
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/record.json"
	golden.Compare(t, path, toJSON(it))
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := fromJSON(want)
	if err != nil {
		t.Fatal(err)
	}
	read, err := decode(parsed)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, fullRecord()) {
		t.Errorf("read as\n%+v", read)
	}
}

// What is empty is absent, and known to be.
func TestRecordAbsent(t *testing.T) {
	it, names, err := encode(steadyRecord())
	if err != nil {
		t.Fatal(err)
	}
	full, _, err := encode(fullRecord())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if got, want := names, slices.Sorted(maps.Keys(full)); !slices.Equal(got, want) {
		t.Errorf("knows %v\nof   %v", got, want)
	}
	const want = "active alias_arn anchor generation key op rev schema step versions window"
	if got := slices.Sorted(maps.Keys(it)); strings.Join(got, " ") != want {
		t.Errorf("a steady record has %v, not %s", got, want)
	}
}

// Other programs write times in other ways; they are the same times.
func TestRecordTimes(t *testing.T) {
	it, _, err := encode(steadyRecord())
	if err != nil {
		t.Fatal(err)
	}
	it["window"] = textValue("2026-01-01T05:00:00.250+02:00")
	r, err := decode(it)
	if err != nil {
		t.Fatal(err)
	}
	if want := at("2026-01-01T03:00:00.25Z"); r.Window != want {
		t.Errorf("window %v, not %v", r.Window, want)
	}
	again, _, err := encode(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := again["window"].(*types.AttributeValueMemberS).Value; got != "2026-01-01T03:00:00.25Z" {
		t.Errorf("written as %s", got)
	}
	r.Window = r.Window.In(time.FixedZone("", 3600))
	local, _, err := encode(r)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(local, again) {
		t.Errorf("in another zone written as %s", toJSON(local))
	}
}

// What a newer keyturn has put into an entry is an attribute, or no record.
func TestRestIsAttributes(t *testing.T) {
	r := fullRecord()
	r.Entry(6).Rest = plan.Rest{"colour": "red"}
	if _, _, err := encode(r); err == nil {
		t.Error("wrote what is no attribute, or left it out")
	}
}

func TestMalformed(t *testing.T) {
	number, none, text := numberValue(7), numberValue(0), textValue("x")
	cases := []struct {
		path  string // where, by names and indexes
		value types.AttributeValue
		want  string // in the error
	}{
		{"schema", nil, "schema is missing"},
		{"schema", text, "schema is S, not N"},
		{"rev", nil, "rev is missing"},
		{"rev", text, "rev is S, not N"},
		{"rev", &types.AttributeValueMemberN{Value: "1.5"}, `rev "1.5" is not a whole number`},
		{"rev", &types.AttributeValueMemberN{Value: "-1"}, `rev "-1" is not a whole number`},
		{"schema", none, "schema is missing"},
		{"rev", none, "rev is missing"},
		{"generation", none, "generation is missing"},
		{"active", none, "active is missing"},
		{"versions.6.version", none, "versions[6].version is missing"},
		{"versions.6.key_id", nil, "versions[6].key_id is missing"},
		{"events.0.rev", none, "events[0].rev is missing"},
		{"op", nil, "op is missing"},
		{"op", number, "op is N, not S"},
		{"alias_arn", nil, "alias_arn is missing"},
		{"anchor", nil, "anchor is missing"},
		{"anchor", textValue("0001-01-01T00:00:00Z"), "is not a time"},
		{"window", nil, "window is missing"},
		{"window", textValue("9999-12-31T23:59:59-01:00"), "is not a time"},
		{"generation", nil, "generation is missing"},
		{"step", nil, "step is missing"},
		{"step", textValue("sideways"), `step "sideways" is none of`},
		{"target", nil, "target is missing"},
		{"claim", nil, "claim is missing"},
		{"claim", text, "claim is S, not M"},
		{"claim.id", nil, "claim.id is missing"},
		{"claim.at", nil, "claim.at is missing"},
		{"claim.verb", nil, "claim.verb is missing"},
		{"claim.verb", text, `claim.verb "x" is none of [schedule rotate rollback adopt]`},
		{"claim.window", nil, "claim.window is missing"},
		{"claim.prepublish", nil, "claim.prepublish is missing"},
		{"claim.drain", nil, "claim.drain is missing"},
		{"claim.drain", textValue("a month"), `claim.drain "a month" is not a duration`},
		{"claim.expects", textValue("kx"), "claim.expects is for a rollback, not for schedule"},
		{"claim.expects", textValue("$(curl x|sh)"), `claim.expects "$(curl x|sh)" is not the id of a KMS key`},
		{"switched_from", textValue("alias/x"), `switched_from "alias/x" is not the id of a KMS key`},
		{"window", textValue("yesterday"), `window "yesterday" is not a time`},
		{"active", nil, "active is missing"},
		{"active", textValue("v7"), "active is S, not N"},
		{"active", numberValue(9), "active is 9, which has no entry in versions"},
		{"active", numberValue(6), "versions[5].state is draining: the live version has none"},
		{"active", numberValue(8), "versions[7].since is missing"},
		{"target", text, "target is S, not N"},
		{"target", numberValue(9), "target is 9, which has no entry in versions"},
		{"target", numberValue(7), "target is 7, which is live already"},
		{"target", numberValue(6), "versions[7].state is missing"},
		{"versions.2.state", nil, "versions[2].state is missing"},
		{"versions", nil, "active is 7, which has no entry in versions"},
		{"versions", text, "versions is S, not L"},
		{"versions.0", text, "versions[0] is S, not M"},
		{"versions.5.version", numberValue(5), "versions[5].version is 5, which has an entry already"},
		{"versions.5.version", textValue("v6"), "versions[5].version is S, not N"},
		{"versions.5.version", nil, "versions[5].version is missing"},
		{"versions.6.since", nil, "versions[6].since is missing"},
		{"versions.6.adopted", text, "versions[6].adopted is S, not BOOL"},
		{"versions.6.state", textValue("kept"), "versions[6].kept_at is missing"},
		{"versions.5.state", textValue("archived"), `versions[5].state "archived" is none of [draining kept disabled`},
		{"versions.5.state", number, "versions[5].state is N, not S"},
		{"versions.6.key_id", textValue("$(curl x|sh)"),
			`versions[6].key_id "$(curl x|sh)" is not the id of a KMS key`},
		{"versions.7.key_id", textValue("--endpoint-url"), `"--endpoint-url" is not the id of a KMS key`},
		{"versions.4.key_id", textValue("k1 k2"), `versions[4].key_id "k1 k2" is not the id of a KMS key`},
		{"versions.1.key_id", textValue("k\x1b[2J"), `versions[1].key_id "k\x1b[2J" is not the id of a KMS key`},
		{"versions.1.key_id", textValue("alias/x"), `versions[1].key_id "alias/x" is not the id of a KMS key`},
		{"versions.6.key_id", textValue("arn:aws:kms:eu-west-1:111122223333:alias/x"), "is not the id of a KMS key"},
		{"versions.6.key_id", textValue("arn:aws:kms:eu-west-1:1:key/x"), "is not the id of a KMS key"},
		{"versions.6.key_id", textValue("k1\n"), "is not the id of a KMS key"},
		{"versions.5.drain_until", nil, "versions[5].drain_until is missing"},
		{"versions.5.retire", nil, "versions[5].retire is missing"},
		{"versions.5.retire.action", nil, "versions[5].retire.action is missing"},
		{"versions.5.retire.action", textValue("archive"),
			`versions[5].retire.action "archive" is none of [keep disable delete]`},
		{"versions.5.retire.delete_after", nil, "versions[5].retire.delete_after is missing"},
		{"versions.5.retire.unless_used_within", nil, "versions[5].retire.unless_used_within is missing"},
		{"versions.5.retire.unless_used_within", number, "versions[5].retire.unless_used_within is N, not S"},
		{"versions.5.fence.what", nil, "versions[5].fence.what is missing"},
		{"versions.5.fence.what", text, `versions[5].fence.what "x" is none of [disable delete]`},
		{"versions.5.fence.since", nil, "versions[5].fence.since is missing"},
		{"versions.5.fence.until", nil, "versions[5].fence.until is missing"},
		{"versions.5.fence.until", textValue("soon"), `versions[5].fence.until "soon" is not a time`},
		{"versions.5.fence.signers", nil, "versions[5].fence.signers is missing"},
		{"versions.3.kept_at", nil, "versions[3].kept_at is missing"},
		{"versions.2.disabled_at", nil, "versions[2].disabled_at is missing"},
		{"versions.1.disabled_at", nil, "versions[1].disabled_at is missing"},
		{"versions.1.delete_at", nil, "versions[1].delete_at is missing"},
		{"versions.0.delete_at", nil, "versions[0].delete_at is missing"},
		{"lease.since", nil, "lease.since is missing"},
		{"lease.until", nil, "lease.until is missing"},
		{"lease.run", nil, "lease.run is missing"},
		{"fence.until", nil, "fence.until is missing"},
		{"fence.signers", nil, "fence.signers is missing"},
		{"fence.what", textValue("disable"), `fence.what "disable" is none of [move]`},
		{"hold.since", nil, "hold.since is missing"},
		{"versions.3.hold.since", nil, "versions[3].hold.since is missing"},
		{"attempts.count", text, "attempts.count is S, not N"},
		{"attempts.count", nil, "attempts.count is missing"},
		{"attempts.last_at", nil, "attempts.last_at is missing"},
		{"last_error.at", nil, "last_error.at is missing"},
		{"rev", numberValue(maxRev + 1), "rev 10000000000 is over 9999999999"},
		{"generation", numberValue(plan.MaxVersion + 1), "generation 2147483649 is over 2147483648"},
		{"active", numberValue(1<<63 - 1), "active 9223372036854775807 is over 2147483648"},
		{"target", numberValue(plan.MaxVersion + 1), "target 2147483649 is over"},
		{"versions.5.version", numberValue(plan.MaxVersion + 1), "versions[5].version 2147483649 is over"},
		{"events.0.rev", nil, "events[0].rev is missing"},
		{"events.0.at", nil, "events[0].at is missing"},
		{"left_out", text, "left_out is S, not N"},
	}
	for _, c := range cases {
		t.Run(c.path, func(t *testing.T) {
			it, _, err := encode(fullRecord())
			if err != nil {
				t.Fatal(err)
			}
			set(it, strings.Split(c.path, "."), c.value)
			r, err := decode(it)
			malformed, ok := errors.AsType[*MalformedError](err)
			if r != nil || !ok {
				t.Fatalf("read as %+v, %v", r, err)
			}
			if malformed.Key != fullRecord().Key || !strings.Contains(err.Error(), fullRecord().Key) ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant … %s", err, c.want)
			}
		})
	}
}

// set puts a value at a path into an item, or with nil takes away what is there.
func set(it item, path []string, v types.AttributeValue) {
	name, path := path[0], path[1:]
	if len(path) == 0 {
		if v == nil {
			delete(it, name)
		} else {
			it[name] = v
		}
		return
	}
	switch in := it[name].(type) {
	case *types.AttributeValueMemberM:
		set(in.Value, path, v)
	case *types.AttributeValueMemberL:
		i := int(path[0][0] - '0')
		if len(path) == 1 {
			in.Value[i] = v
			return
		}
		set(in.Value[i].(*types.AttributeValueMemberM).Value, path[1:], v)
	}
}

// What a step needs in addition to what every record has.
func TestStepsNeed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*plan.Record)
		want   string // missing; "" if nothing is
	}{
		"adopt --create: none active, no window yet": {func(r *plan.Record) {
			r.Step, r.Active, r.Target, r.Window = plan.Claimed, 0, 0, time.Time{}
			r.Claim.Verb, r.Versions = plan.VerbAdopt, nil
		}, ""},
		"claimed, one active, no window": {func(r *plan.Record) { r.Step, r.Window = plan.Claimed, time.Time{} },
			"window"},
		"created, prepublish from when": {func(r *plan.Record) {
			r.Step, r.Next().CreatedAt = plan.Created, time.Time{}
		}, "versions[7].created_at"},
		"switching, made whenever": {func(r *plan.Record) { r.Next().CreatedAt = time.Time{} }, ""},
		"a person's claim has no window": {func(r *plan.Record) {
			r.Claim.Verb, r.Claim.Window = plan.VerbRotate, time.Time{}
		}, ""},
		"a steady record keeps its claim": {func(r *plan.Record) {
			r.Step, r.Target, r.Versions = plan.Steady, 0, r.Versions[:7]
		}, ""},
		"steady needs none": {func(r *plan.Record) {
			r.Step, r.Target, r.Claim, r.Versions = plan.Steady, 0, nil, r.Versions[:7]
		}, ""},
		"steady, none active":  {func(r *plan.Record) { r.Step, r.Active = plan.Steady, 0 }, "active"},
		"created, none active": {func(r *plan.Record) { r.Step, r.Active = plan.Created, 0 }, "active"},
	} {
		t.Run(name, func(t *testing.T) {
			r := fullRecord()
			c.change(r)
			_, _, err := encode(r)
			missing := ""
			if malformed, ok := errors.AsType[*MalformedError](err); ok && malformed.What == "is missing" {
				missing = malformed.Attribute
			}
			if missing != c.want || (err != nil) != (c.want != "") {
				t.Errorf("err = %v, want %q missing", err, c.want)
			}
		})
	}
}

// A newer schema may have any shape: what it is is all that is read.
func TestNewerSchema(t *testing.T) {
	for name, it := range map[string]item{
		"sound": {"key": textValue(theKey), "schema": numberValue(2), "rev": numberValue(9),
			"op": textValue("o"), "step": numberValue(3)},
		"odd": {"key": textValue(theKey), "schema": numberValue(2), "rev": textValue("nine"),
			"op": &types.AttributeValueMemberNULL{}, "active": textValue("x")},
		"bare": {"key": textValue(theKey), "schema": numberValue(2)},
	} {
		r, err := decode(it)
		if err != nil || r.Schema != 2 || r.Key != theKey {
			t.Errorf("%s: read as %+v, %v", name, r, err)
			continue
		}
		if want := (plan.Record{Key: theKey, Schema: 2, Rev: 9, Op: "o"}); name == "sound" &&
			!reflect.DeepEqual(*r, want) {
			t.Errorf("%s: read as %+v", name, r)
		}
	}
}

// A record that could not be read again would stop every pool.
func TestUnreadableIsNotEncoded(t *testing.T) {
	for name, spoil := range map[string]func(*plan.Record){
		"no op":             func(r *plan.Record) { r.Op = "" },
		"no step":           func(r *plan.Record) { r.Step = "" },
		"step without what": func(r *plan.Record) { r.Target = 0 },
		"negative duration": func(r *plan.Record) { r.Claim.Drain = -1e9 },
		"negative signers":  func(r *plan.Record) { r.Fence.Signers = -1 },
		"year 10000":        func(r *plan.Record) { r.Window = r.Window.AddDate(8000, 0, 0) },
	} {
		r := fullRecord()
		spoil(r)
		if it, _, err := encode(r); err == nil {
			t.Errorf("%s: written as %s", name, toJSON(it))
		}
	}
}

// A claim that puts the alias back is about the live version, and no other claim is.
func TestRecordPutsBack(t *testing.T) {
	back := func(change func(*plan.Record)) error {
		r := fullRecord()
		r.Versions = r.Versions[:7]
		r.Claim.Verb, r.Claim.Expects, r.Target = plan.VerbRollback, "kx", 7
		change(r)
		_, _, err := encode(r)
		return err
	}
	if err := back(func(*plan.Record) {}); err != nil {
		t.Error(err)
	}
	if err := back(func(r *plan.Record) { r.Step, r.Target = plan.Steady, 0 }); err != nil {
		t.Error(err) // it is done
	}
	for _, c := range []struct {
		change func(*plan.Record)
		want   string
	}{
		{func(r *plan.Record) { r.Target = 6 }, "target is 6, and the claim expects to put the alias back onto 7"},
		{func(r *plan.Record) { r.Step, r.Target = plan.Claimed, 0 },
			"target is 0, and the claim expects to put the alias back onto 7"},
		{func(r *plan.Record) { r.Claim.Expects = "" }, "target is 7, which is live already"},
	} {
		if err := back(c.change); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
