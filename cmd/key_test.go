package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// An ARN of another account or Region names no key of the plan, also where the plan names no
// account. Its own does, and adds nothing to what is printed.
func TestARNOfAnotherAccount(t *testing.T) {
	c := newCloud(t)
	c.must("run")
	id := c.behind()
	arn := func(region, account, resource string) string {
		return "arn:aws:kms:" + region + ":" + account + ":" + resource
	}
	const other = "999999999999"
	reason := []string{"--reason", "x"}
	for _, resource := range []string{"alias/orders-data", "alias/orders-data/v1", "key/" + id} {
		for _, wrong := range []string{arn("eu-west-1", other, resource), arn("us-east-1", other, resource),
			arn("us-east-1", sandbox.DefaultAccount, resource)} {
			for _, args := range [][]string{append([]string{"hold", wrong}, reason...), {"release", wrong},
				{"status", wrong},
				{"run", "--key", wrong}, append([]string{"rotate", wrong, "--confirm", "orders-data"}, reason...)} {
				before := len(c.box.Journal())
				p, exit := c.run(args...)
				text := p.err.String()
				if exit != 64 || !strings.Contains(text, "the plan's orders-data is in eu-west-1") || p.out.Len() > 0 ||
					len(c.changes(before)) > 0 {
					t.Errorf("%v: exit %d\n%s%s", args, exit, p.out.String(), text)
				}
			}
		}
	}
	rotate := append([]string{"rotate", "orders-data", "--confirm"}, reason...)
	for account, want := range map[string]int{other: 64, sandbox.DefaultAccount: 0} {
		rotate := slices.Insert(slices.Clone(rotate), 3, arn("eu-west-1", account, "alias/orders-data"))
		if p, exit := c.run(rotate...); exit != want {
			t.Errorf("%v: exit %d\n%s%s", rotate, exit, p.out.String(), p.err.String())
		}
	}
	for _, resource := range []string{"alias/orders-data", "key/" + c.behind()} {
		own := arn("eu-west-1", sandbox.DefaultAccount, resource)
		c.must("hold", own, "--reason", "x")
		c.must("release", own)
	}
	for _, named := range []string{"", "account: \"" + sandbox.DefaultAccount + "\"\n"} {
		c.write(named + onePlan)
		before := c.gate.count("GetCallerIdentity")
		c.must("hold", "orders-data", "--reason", "x", "--dry-run")
		byName := c.gate.count("GetCallerIdentity") - before
		c.must("hold", arn("eu-west-1", sandbox.DefaultAccount, "alias/orders-data"), "--reason", "x", "--dry-run")
		if byARN := c.gate.count("GetCallerIdentity") - before - byName; byARN != byName {
			t.Errorf("asked %d times by name, %d by ARN", byName, byARN)
		}
	}
}

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
		{"arn:aws:kms:us-east-1:111122223333:key/" + id, "elsewhere"},
		{"arn:aws:kms:eu-central-1:999999999999:key/11110000", "elsewhere"},
		{"arn:aws:kms:eu-central-1:123456789012:key/11110000", "mac"},
		{"arn:aws-cn:kms:eu-west-1:111122223333:alias/orders-data", "orders-data"},
		{"arn:aws:sqs:eu-west-1:111122223333:orders-data", ""},
	} {
		k, err := inPlan(p, c.text)
		if k == nil && err == nil {
			k, err = inRecords(p, records, c.text)
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
