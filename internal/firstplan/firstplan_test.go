package firstplan_test

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/firstplan"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

func key(id, spec, usage string) plan.KeySeen {
	return plan.KeySeen{KeyID: id, State: "Enabled", Spec: spec, Usage: usage}
}

func account() firstplan.Account {
	disabled := key("5", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
	disabled.State = "Disabled"
	return firstplan.Account{Region: "eu-west-1", ID: "012345678901", Pattern: "alias/orders-*",
		Found: []firstplan.Found{
			{Alias: "alias/orders-signing", Key: key("2", "ECC_NIST_P256", "SIGN_VERIFY"),
				Versions: []string{"alias/orders-signing/v1", "alias/orders-signing/v2"}},
			{Alias: "alias/orders-data", Key: key("1", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")},
			{Alias: "alias/orders-data-old", Key: key("1", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")},
			{Alias: "alias/orders-global", Key: plan.KeySeen{KeyID: "3", State: "Enabled",
				Unsupported: "this is a multi-Region key;\nkeyturn cannot rotate those yet"}},
			{Alias: "alias/orders-" + strings.Repeat("x", 240), Key: key("4", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")},
			{Alias: "alias/orders-off", Key: disabled},
			{Alias: "alias/orders-denied", Trouble: "AccessDeniedException"},
		}}
}

// The plan is valid, has every key that can be rotated, keeps every version,
// and says of the others why they are not in it.
func TestWrite(t *testing.T) {
	got := firstplan.Write(account())
	golden.Compare(t, "testdata/orders.yaml", got.Text)
	p, err := planfile.Parse("keyturn.yaml", []byte(got.Text))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range p.Keys {
		names = append(names, k.Name)
		if k.Retire.Action != plan.RetireKeep || k.Spec == "" || k.Usage == "" || k.Account != "012345678901" {
			t.Errorf("%+v", k)
		}
	}
	if s := strings.Join(names, " "); s != "orders-data orders-data-old orders-signing" {
		t.Errorf("keys: %s", s)
	}
	if len(got.Keys) != 3 || len(got.LeftOut) != 4 {
		t.Errorf("%d keys, left out: %+v", len(got.Keys), got.LeftOut)
	}
	for _, l := range got.LeftOut {
		if l.Reason == "" || !strings.Contains(got.Text, "#   "+l.Alias+": ") {
			t.Errorf("%+v", l)
		}
	}
}

// A text that came from AWS cannot end its comment and become a field.
func TestTextStaysInItsComment(t *testing.T) {
	a := account()
	a.Pattern = "x\nretire: delete"
	a.Found[3].Key.Unsupported = "odd\nkeys: []"
	if p, err := planfile.Parse("keyturn.yaml", []byte(firstplan.Write(a).Text)); err != nil || len(p.Keys) != 3 {
		t.Errorf("%v", err)
	}
}

func TestNothingToRotate(t *testing.T) {
	a := account()
	a.Found = a.Found[3:4]
	if got := firstplan.Write(a); got.Text != "" || len(got.LeftOut) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestMatcher(t *testing.T) {
	for _, c := range []struct {
		pattern, alias string
		want           bool
	}{
		{"alias/orders-*", "alias/orders-data", true},
		{"orders-*", "alias/orders-data", true},
		{"alias/orders-*", "alias/orders-data/v7", false},
		{"alias/orders-*", "alias/orders-data/vip", true},
		{"alias/*", "alias/team/orders", true},
		{"alias/*", "alias/aws/s3", false},
		{"*", "alias/orders", true},
		{"alias/orders-*", "alias/my-orders-data", false},
		{"alias/orders", "alias/orders-data", false},
		{"alias/o.ders", "alias/orders", false},
	} {
		if got := firstplan.Matcher(c.pattern)(c.alias); got != c.want {
			t.Errorf("%s matches %s: %t", c.pattern, c.alias, got)
		}
	}
}
