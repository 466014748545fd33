package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

func TestCallers(t *testing.T) {
	const account, other = "arn:aws:iam::111122223333:", "arn:aws:iam::444455556666:"
	session := func(role string) string { return "arn:aws:sts::111122223333:assumed-role/" + role + "/i-0abc" }
	for _, c := range []struct {
		expected, caller string
		want             bool
	}{
		{account + "role/keyturn", session("keyturn"), true},
		{account + "role/keyturn", session("keyturn2"), false},
		{account + "role/keyturn", session("Keyturn"), false},
		{other + "role/keyturn", session("keyturn"), false},
		{"arn:aws-cn:iam::111122223333:role/keyturn", session("keyturn"), false},
		{account + "role/ops/keyturn", session("keyturn"), true}, // a session's ARN has no path
		{account + "role/ops/keyturn", session("ops"), false},
		{account + "role/keyturn-*", session("keyturn-eu"), true},
		{account + "role/ops/keyturn-*", session("keyturn-eu"), true},
		{account + "role/keyturn-*", session("keyturn"), false},
		{account + "role/*", session("anybody"), true},
		{account + "role/*", account + "user/anybody", false},
		{account + "role/keyturn", account + "user/keyturn", false},
		{account + "user/sandbox", account + "user/sandbox", true},
		{account + "user/sandbox", account + "user/sandbox2", false},
		{account + "user/ops/*", account + "user/ops/ada", true}, // a user's ARN has it
		{account + "user/ops/*", account + "user/ada", false},
		{account + "user/ada", account + "user/ops/ada", false},
		{account + "user/*", account + "root", false},
		{account + "role/keyturn", "arn:aws:sts::111122223333:federated-user/keyturn", false},
		{account + "role/keyturn", "", false},
	} {
		if got := (plan.Callers{"arn:aws:iam::111122223333:role/x", c.expected}).Has(c.caller); got != c.want {
			t.Errorf("%s has %s: %v", c.expected, c.caller, got)
		}
	}
	if !(plan.Callers{}).Has("arn:aws:iam::111122223333:root") {
		t.Error("with no list somebody is not expected")
	}
}
