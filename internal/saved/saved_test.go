package saved

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

func report() *rotate.Report {
	return &rotate.Report{Finished: time.Date(2026, 4, 2, 3, 0, 0, 0, time.UTC), Keys: []rotate.KeyReport{
		{Foreseen: &plan.Saved{Key: "eu-west-1/alias/orders-data", Alias: "k7", Generation: 8, Digest: "d",
			Acts: []plan.SavedAct{
				{Kind: plan.WriteClaim, Version: 8, Terms: []plan.Term{{Name: "drain", Value: "30d"}}},
				{Kind: plan.WriteKept, Version: 6, KeyID: "k6"}}}},
		{Foreseen: &plan.Saved{Key: "eu-west-1/alias/session-mac", Alias: "k1", Generation: 2, ClaimID: "c2",
			Acts: []plan.SavedAct{{Kind: plan.SendMove, Version: 2}}}},
	}}
}

// What is saved is read again as it was.
func TestRoundTrip(t *testing.T) {
	r := report()
	text, err := Of(r, "1.0", "run-1", "payments").Text()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range f.Decisions() {
		if want := *r.Keys[i].Foreseen; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	}
}

// A file comes from elsewhere: each part of it is checked.
func TestReadIsStrict(t *testing.T) {
	text, err := Of(report(), "1.0", "run-1", "payments").Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"another format", Format, "keyturn/decision/2", `format is "keyturn/decision/2"`},
		{"an unknown field", `"plan": "payments"`, `"plan": "payments", "shell": "rm"`, `unknown field "shell"`},
		{"a type", `"version": 8`, `"version": "8"`, "cannot unmarshal"},
		{"no record", "eu-west-1/alias/orders-data", "../orders-data", "is not the name of a record"},
		{"a key twice", "session-mac", "orders-data", "stands there twice"},
		{"an act that is none", `"act": "kept"`, `"act": "renew"`, `"renew" is no act`},
		{"a version", `"version": 6`, `"version": -6`, "version -6 does not exist"},
		{"another generation's claim", `"generation": 8`, `"generation": 9`, "claim v8 does not open generation 9"},
		{"a claim of nothing", `"claim": "c2",`, "", "generation 2 is open without a claim"},
		{"an escape code", `"k6"`, `"k\u001b[2J6"`, "a text has U+001B"},
		{"a term without a name", `"name": "drain"`, `"name": ""`, "has no name of its own"},
		{"a long text", `"k6"`, `"` + strings.Repeat("k", maxText+1) + `"`, "longer than 8192 bytes"},
		{"something behind it", "\n}\n", "\n}\n{}", "something follows the document"},
		{"nothing", string(text), "", "EOF"},
	} {
		forged := strings.Replace(string(text), c.old, c.new, 1)
		if forged == string(text) {
			t.Errorf("%s: not forged", c.name)
		}
		if _, err := Read(strings.NewReader(forged)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
