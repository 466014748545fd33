package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// Outcome is what happens to one call. The zero value is that it arrives and is
// answered.
type Outcome struct {
	Kind OutcomeKind
	// Code is that of a refusal, or of the error that takes the place of an answer.
	Code string
}

// OutcomeKind is a kind of outcome. Each failure comes in two flavours: carried
// out or not.
type OutcomeKind string

// The kinds of outcome.
const (
	Answered OutcomeKind = ""        // carried out, or refused, by AWS; the run hears of it
	Refused  OutcomeKind = "refused" // not carried out: throttled, denied, and told so
	Dropped  OutcomeKind = "dropped" // not carried out; the connection breaks, or a 500 comes
	Lost     OutcomeKind = "lost"    // carried out; the connection breaks, or a 500 comes
	Late     OutcomeKind = "late"    // the connection breaks; it arrives later
	Fresh    OutcomeKind = "fresh"   // a read that shows what is, while reads lag
)

// twice is the outcome of a call that arrives once before it is answered, and then
// arrives again.
const twice = "twice"

func (f Outcome) String() string {
	switch {
	case f.Kind == Answered:
		return "answered"
	case f.Code != "":
		return string(f.Kind) + ", " + f.Code
	}
	return string(f.Kind)
}

// call is one request on its way: the bytes, and what came back.
type call struct {
	service, operation string
	method, url        string
	header             http.Header
	body               []byte
	// names are what a call to KMS is about, and inOrder is the result of document, once they
	// are known.
	names   named
	inOrder string
	// asked and answered are what it says and was told, once it was asked for.
	asked, heard *template

	answer *http.Response
	err    error
	// status is that of the answer; 0 if none came.
	status int
	// said is the answer's document.
	said []byte
}

func newCall(q *http.Request) (*call, error) {
	c := &call{method: q.Method, url: q.URL.String(), header: q.Header.Clone()}
	if q.Body != nil {
		var err error
		if c.body, err = io.ReadAll(q.Body); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		_ = q.Body.Close()
	}
	target := q.Header.Get("X-Amz-Target")
	c.service, c.operation, _ = strings.Cut(target, ".")
	switch {
	case target == "":
		c.service, c.operation = "sts", "GetCallerIdentity"
	case strings.HasPrefix(c.service, "DynamoDB"):
		c.service = "dynamodb"
	default:
		c.service = "kms"
	}
	return c, nil
}

// again returns the same request, of which nothing has come yet.
func (c *call) again() *call {
	return &call{service: c.service, operation: c.operation, method: c.method, url: c.url, header: c.header,
		body: c.body, inOrder: c.document(), names: c.names, asked: c.asked}
}

// document returns what a call says, with the members in order: the SDK writes maps
// in any.
func (c *call) document() string {
	if c == nil {
		return ""
	}
	if c.inOrder != "" {
		return c.inOrder
	}
	said, inOrder := map[string]any{}, c.body
	if json.Unmarshal(c.body, &said) == nil {
		var err error
		if inOrder, err = json.Marshal(said); err != nil {
			panic(err) // it was JSON
		}
	}
	c.names.key, _ = said["KeyId"].(string)
	c.names.alias, _ = said["AliasName"].(string)
	c.names.target, _ = said["TargetKeyId"].(string)
	c.inOrder = c.operation + string(inOrder)
	return c.inOrder
}

// named is what a call to KMS names; "" for what it does not.
type named struct{ key, alias, target string }

// says returns what a call to KMS names.
func (c *call) says() named {
	c.document()
	return c.names
}

// request makes the request again: each arrival at AWS is one of its own.
func (c *call) request() *http.Request {
	q, err := http.NewRequestWithContext(context.Background(), c.method, c.url, bytes.NewReader(c.body))
	if err != nil {
		panic(err) // it came from a request
	}
	q.Header = c.header.Clone()
	return q
}

// changes reports whether a call changes KMS or the record when it succeeds.
func (c *call) changes() bool { return Changes(c.operation) }

// uses reports whether a call uses a key for what it is there for.
func (c *call) uses() bool {
	if c.service != "kms" || c.changes() {
		return false
	}
	for _, look := range []string{"Describe", "Get", "List"} {
		if strings.HasPrefix(c.operation, look) {
			return false
		}
	}
	return true
}

// Changes reports whether an operation is one of those with which keyturn changes
// anything.
func Changes(operation string) bool {
	switch operation {
	case "PutItem", "UpdateItem", "CreateKey", "CreateAlias", "UpdateAlias",
		"DisableKey", "EnableKey", "EnableKeyRotation", "ScheduleKeyDeletion", "CancelKeyDeletion":
		return true
	}
	return false
}

// errBroken is what a client sees of a connection that breaks.
var errBroken = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// arrive lets a call arrive at AWS once, and looks at the world if it may have
// changed.
func (w *World) arrive(by *Run, c *call, faults ...sandbox.Fault) (*http.Response, error) {
	answer, err := w.send(by, c, faults)
	w.Calls[c.service+":"+c.operation]++
	if c.changes() && (err != nil || answer.StatusCode/100 == 2) {
		w.changed++
		w.keepRead(c)
		if w.harm != nil {
			w.harm.look()
		}
		if w.naive != "" {
			return answer, err
		}
		w.Watch.Look(by.ID+": "+c.operation, c.about())
		w.ownGuards(by, c)
		if until, loose := w.Watch.loose[w.Watch.aliasOf(c)]; loose && by.number > until {
			w.Watch.Broken = append(w.Watch.Broken, Broken{"record", by.ID + ": " + c.operation,
				"a run that began after the record was replaced has changed something"})
		}
	}
	return answer, err
}

// keepRead keeps what was read of the table, as far as a call that was just counted cannot
// have changed it: most calls change a record alone, or KMS alone.
func (w *World) keepRead(c *call) {
	if c.service == "kms" && w.readAt == w.changed-1 {
		w.readAt = w.changed
	}
	ofRecord := c.operation == "UpdateItem" && bytes.Contains(c.body, []byte(`"item":{"S":"record"}`))
	if (c.service == "kms" || ofRecord) && w.toldAt == w.changed-1 {
		w.toldAt = w.changed
	}
}

// ownGuards checks of a call that changes KMS what the record cannot show: that
// the run has tried the key it puts behind an alias, and that nothing changes
// where a person must look first.
func (w *World) ownGuards(by *Run, c *call) {
	if c.service != "kms" {
		return
	}
	if w.Scene.Still {
		w.Watch.Broken = append(w.Watch.Broken, Broken{"a person must look",
			by.ID + ": " + c.operation, "a run has changed KMS"})
	}
	if why := w.Watch.sealedBy(c); why != "" {
		w.Watch.Broken = append(w.Watch.Broken, Broken{"14", by.ID + ": " + c.operation, why})
	}
	if why := w.Watch.meantBy(c); why != "" {
		w.Watch.Broken = append(w.Watch.Broken, Broken{"7", by.ID + ": " + c.operation, why})
	}
	if c.operation != "UpdateAlias" || by.tried[c.says().target] {
		return
	}
	for _, k := range by.Keys {
		if k.Alias == c.says().alias && k.Probe {
			w.Watch.Broken = append(w.Watch.Broken, Broken{"probe", by.ID + ": " + c.operation,
				"the alias was put on a key that this run had not tried"})
		}
	}
}

// used notes which key a run has used for what it is there for.
func (r *Run) used(c *call) {
	switch c.operation {
	case "Encrypt", "Sign", "GenerateMac", "DeriveSharedSecret", "Encapsulate":
		tried := map[string]bool{c.says().key: true}
		maps.Copy(tried, r.tried)
		r.tried = tried
	}
}

// aliasOf returns the alias of the key in the plan that a call is about; "": of none
// that is known.
func (v *Watch) aliasOf(c *call) string {
	var says struct {
		Key, Item        struct{ Key struct{ S string } }
		AliasName, KeyID string
		Tags             []struct{ TagKey, TagValue string }
	}
	if err := json.Unmarshal(c.body, &says); err != nil {
		return ""
	}
	record := says.Key.Key.S + says.Item.Key.S
	for _, k := range v.Keys {
		made := false
		for _, t := range says.Tags {
			made = made || t.TagKey == "keyturn:alias" && t.TagValue == k.Alias
		}
		if made || record == k.Key() || says.AliasName == k.Alias || strings.HasPrefix(says.AliasName, k.Alias+"/") ||
			v.served[says.KeyID] == k.Alias {
			return k.Alias
		}
	}
	return ""
}

// about returns the key or alias a call to KMS is about.
func (c *call) about() string {
	if c.service != "kms" {
		return ""
	}
	return c.says().key
}

// carryOut gives a call its outcome.
func (w *World) carryOut(by *Run, c *call, f Outcome) {
	if f.Kind == Answered && w.denied.denies(by, c) {
		f = Outcome{Refused, "AccessDeniedException"}
	}
	switch f.Kind {
	case Answered:
		c.answer, c.err = w.arrive(by, c)
	case Refused:
		c.answer, c.err = w.arrive(by, c, sandbox.Fault{Kind: sandbox.Refuse, Code: f.Code})
	case Dropped:
		w.failed(by, c, f)
	case Lost:
		if _, c.err = w.arrive(by, c); c.err == nil {
			w.failed(by, c, f)
		}
	case Late:
		w.underway = append(w.underway, &late{by: by, call: c})
		c.err = errBroken
	case Fresh:
		lag := w.lag
		w.lag = 0
		w.arm(nil)
		c.answer, c.err = w.arrive(by, c)
		w.lag = lag
		w.arm(nil)
	}
	if c.answer != nil {
		if c.answer.StatusCode/100 == 2 {
			by.used(c)
			w.Watch.made(by, c)
		}
		c.status = c.answer.StatusCode
		c.said, _ = io.ReadAll(c.answer.Body) // it is in memory
		c.answer.Body = io.NopCloser(bytes.NewReader(c.said))
	}
}

// denies reports whether KMS denies a call of a run.
func (d Denial) denies(by *Run, c *call) bool {
	return c.operation == d.Operation && (d.Pool == "" || by.Pool.Name == d.Pool) &&
		(d.About == "" || d.About == c.says().alias || d.About == c.says().key)
}

// failed answers a call with an error that says nothing of what became of it, or
// not at all.
func (w *World) failed(by *Run, c *call, f Outcome) {
	if f.Code == "" {
		c.answer, c.err = nil, errBroken
		return
	}
	c.answer, c.err = w.send(by, c, []sandbox.Fault{{Kind: sandbox.Refuse, Code: f.Code,
		Status: http.StatusInternalServerError}})
}

// late is a call whose run has heard that the connection broke, and which is
// still under way.
type late struct {
	by   *Run
	call *call
}

// deliver lets a late call arrive. Nobody hears the answer.
func (w *World) deliver(i int) any {
	l := w.underway[i]
	w.underway = append(w.underway[:i:i], w.underway[i+1:]...)
	answer, err := w.arrive(l.by, l.call)
	if err != nil {
		return err
	}
	return answered{answer}
}

// bury lets arrive what is under way for so long that nothing takes it in any
// more, so that it is not asked at each moment if it arrives now.
func (w *World) bury() {
	for i := len(w.underway) - 1; i >= 0; i-- {
		if w.clock.now.Sub(w.underway[i].call.signed()) > 2*signatureLife {
			w.deliver(i)
		}
	}
}

// arm sets the faults of the sandbox; lag and quotas stay as they are.
func (w *World) arm(faults []sandbox.Fault) {
	if err := w.box.SetSwitches(sandbox.Switches{Faults: faults, Lag: sandbox.Duration(w.lag),
		Quotas: w.quotas}); err != nil {
		panic(errors.Join(errors.New("rehearsal: a fault of its own is wrong"), err))
	}
}
