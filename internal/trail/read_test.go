package trail

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// one is a record of a log file.
const one = `{"eventTime":"2026-01-31T00:00:00Z","eventSource":"kms.amazonaws.com","eventName":"UpdateAlias",` +
	`"awsRegion":"eu-west-1","eventID":"e1","requestID":"r1","userAgent":"aws-sdk-go keyturn/1.2 run/abcd1234",` +
	`"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/rotator/i-1"},` +
	`"requestParameters":{"aliasName":"alias/a","targetKeyId":"k2"},` +
	`"responseElements":{"keyId":"arn:aws:kms:eu-west-1:111122223333:key/k2"},` +
	`"resources":[{"ARN":"arn:aws:kms:eu-west-1:111122223333:alias/a"}]}`

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func looked(records ...string) string {
	var events []map[string]string
	for _, r := range records {
		events = append(events, map[string]string{"EventId": "e", "CloudTrailEvent": r})
	}
	text, _ := json.Marshal(map[string]any{"Events": events, "NextToken": "x"})
	return string(text)
}

// All forms have the same events.
func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, text string
		form       Form
		events     int
	}{
		{"a log file", `{"Records":[` + one + "," + one + `]}`, LogFile, 2},
		{"an empty one", `{"Records":[]}`, LogFile, 0},
		{"compressed", zipped(`{"Records":[` + one + `]}`), LogFile, 1},
		{"several in one", `{"Records":[` + one + "]}\n" + `{"Records":[` + one + `]}`, LogFile, 2},
		{"several compressed in one", zipped(`{"Records":[`+one+"]}") + zipped(`{"Records":[`+one+`]}`), LogFile, 2},
		{"looked up", looked(one, one), Lookup, 2},
		{"looked up and compressed", zipped(looked(one)), Lookup, 1},
	} {
		var events []Event
		err := Read(c.name, strings.NewReader(c.text), func(f Form, e Event) {
			if events = append(events, e); f != c.form {
				t.Errorf("%s: %s", c.name, f)
			}
		})
		if err != nil || len(events) != c.events {
			t.Errorf("%s: %d events, %v", c.name, len(events), err)
		}
		for _, e := range events {
			if e.Source != "kms" || e.Name != "UpdateAlias" || e.Run != "abcd1234" || e.Who.Session != "i-1" ||
				e.Target != "k2" || len(e.Keys) != 1 || e.Keys[0] != "k2" || len(e.Aliases) != 1 ||
				e.Aliases[0] != "alias/a" {
				t.Errorf("%s: %+v", c.name, e)
			}
		}
	}
}

// A file that is no trail is an error that names the file and the place; what came before
// it does not pass for all.
func TestMalformed(t *testing.T) {
	log := func(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "f: byte 0: unexpected EOF"},
		{"a list", "[]", "f: byte 1: it is neither a log file of CloudTrail nor what lookup-events prints"},
		{"a text", "not JSON", "f: byte 0: invalid character"},
		{"another document", `{"a":1}`, "f: byte 7: it has neither Records"},
		{"Records of another kind", `{"Records":{}}`, "f: byte 12: its records are no list"},
		{"no time", log(one, `{"eventName":"x","eventSource":"y"}`), "f: record 2, byte "},
		{"no name", log(`{"eventTime":"2026-01-31T00:00:00Z"}`), "it has no eventName or no eventSource"},
		{"a time that is none", log(`{"eventTime":"yesterday"}`), "f: record 1, byte "},
		{"a record that is a number", log("1"), "f: record 1, byte "},
		{"cut in a record", log(one, one)[:len(one)+40], "f: record 2, byte "},
		{"cut between records", `{"Records":[` + one, "f: record 1, byte "},
		{"cut after the records", `{"Records":[` + one + "]", "unexpected EOF"},
		{"cut when compressed", zipped(log(one))[:60], "unexpected EOF"},
		{"something after it", log(one) + "x", "f: record 1, byte "},
		{"looked up, without the event", `{"Events":[{"EventId":"e"}]}`,
			"f: record 1, byte 26: it has no CloudTrailEvent"},
		{"looked up, cut inside", looked(one[:50]), "f: record 1, byte "},
		{"a record without an end", `{"Records":[{"eventName":"` + strings.Repeat("x", 2*maxRecord),
			"one record has over"},
		{"another field without an end", `{"x":"` + strings.Repeat("x", 2*maxRecord), "one record has over"},
	} {
		err := Read("f", strings.NewReader(c.text), func(Form, Event) {})
		form, ok := errors.AsType[*FormError](err)
		if !ok || !strings.Contains(err.Error(), c.want) || form.Fault().Exit != plan.ExitUsage {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// endless is a log file with many records, which nobody holds in memory.
type endless struct {
	left int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		switch e.left--; {
		case e.left < 0:
			return 0, io.EOF
		case e.left == 0:
			e.rest = one + "]}"
		default:
			e.rest = strings.Replace(one, `"e1"`, fmt.Sprintf(`"e%d"`, e.left), 1) + ","
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// A trail of any size takes the memory of one record, if it is about other keys.
func TestBoundedMemory(t *testing.T) {
	const records = 50_000 // 30 MB
	c := New([]plan.KeyHistory{{Key: plan.Policy{Name: "b", Alias: "alias/b", Region: "eu-west-1"}}}, "eu-west-1", nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := c.Read("big", &endless{left: records, rest: `{"Records":[`}); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if c.records != records {
		t.Errorf("%d records", c.records)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
}

// Files cover what lies between their own first and last events, and no more.
func TestCoverage(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC) }
	kms := Scope{Source: "kms", Region: "eu-west-1"}
	var c Coverage
	for _, file := range [][]int{{0, 10}, {10, 20}, {40, 30}, {35}} {
		c.begin()
		for _, m := range file {
			c.add(Event{At: at(m), Source: "kms", Region: "eu-west-1"})
		}
	}
	c.add(Event{At: at(5), Source: "dynamodb", Region: "eu-west-1", Data: true, Table: "keyturn"})
	spans := c.Spans()
	if len(spans) != 3 {
		t.Errorf("%+v", spans)
	}
	for _, x := range []struct {
		scope    Scope
		from, to int
		want     bool
	}{{kms, 0, 20, true}, {kms, 5, 15, true}, {kms, 15, 35, false}, {kms, 21, 29, false}, {kms, 30, 40, true},
		{kms, 30, 41, false}, {Scope{"kms", "eu-west-2", ""}, 5, 6, false},
		{Scope{"dynamodb", "eu-west-1", ""}, 5, 5, false}, {Scope{"dynamodb", "eu-west-1", "keyturn"}, 5, 5, true}} {
		if got := covers(spans, x.scope, at(x.from), at(x.to)); got != x.want {
			t.Errorf("%+v from %d to %d: %v", x.scope, x.from, x.to, got)
		}
	}
	if again := c.Spans(); len(again) != 3 {
		t.Errorf("asked twice: %+v", again)
	}
}
