package cmd

import (
	"testing"

	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// KEY is a name, an alias, a key id or an ARN, and a version of a key is as
// good as the key.
func TestKey(t *testing.T) {
	orders, mac := sample.Policy("orders-data"), sample.Policy("session-mac")
	mac.Name, mac.Region, mac.Account = "mac", "eu-central-1", "123456789012"
	p := &planfile.Plan{Name: "payments", Keys: []plan.Policy{orders, mac}}
	const id = "7c1e0000-0000-0000-0000-000000000000"
	records := map[string]*plan.Record{orders.Key(): {
		Active: 7, Versions: []plan.Version{{Version: 5, KeyID: "55550000", State: plan.Kept},
			{Version: 6, KeyID: "66660000", State: plan.Draining}, {Version: 7, KeyID: id}},
	}, mac.Key(): {Target: 1, Versions: []plan.Version{{Version: 1, KeyID: "11110000"}}}}
	const arn = "arn:aws:kms:eu-west-1:111122223333:"
	for _, c := range []struct{ text, want string }{
		{"orders-data", "orders-data"},
		{"alias/orders-data", "orders-data"},
		{arn + "alias/orders-data", "orders-data"},
		{arn + "alias/orders-data/v6", "orders-data"},
		{"orders-data/v6", "orders-data"},
		{"alias/orders-data/v700", "orders-data"},
		{"mac", "mac"},
		{"mac/v1", "mac"},
		{"alias/session-mac/v1", "mac"},
		{id, "orders-data"},
		{arn + "key/" + id, "orders-data"},
		{"66660000", "orders-data"},
		{"55550000", "orders-data"},
		{"11110000", "mac"},
		{"orders", ""},
		{"alias/orders-data/v", ""},
		{"session-mac/v1", ""}, // neither a name nor an alias of the plan
		{"arn:aws:kms:us-east-1:111122223333:alias/orders-data", "elsewhere"},
		{"arn:aws:kms:eu-central-1:999999999999:alias/session-mac", "elsewhere"},
		{"arn:aws-cn:kms:eu-west-1:111122223333:alias/orders-data", "orders-data"},
		{"arn:aws:sqs:eu-west-1:111122223333:orders-data", ""},
	} {
		k, err := inPlan(p, c.text)
		if k == nil && err == nil {
			k = inRecords(p, records, c.text)
		}
		got := ""
		switch {
		case err != nil:
			got = "elsewhere"
		case k != nil:
			got = k.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}
