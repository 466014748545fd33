package cmd

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// changes returns the calls since an entry of the journal that may change something.
func (c *cloud) changes(since int) []string {
	return slices.DeleteFunc(c.operations(since), func(name string) bool {
		for _, look := range []string{"Get", "List", "Describe", "BatchGet", "Query", "Scan"} {
			if strings.HasPrefix(name, look) {
				return true
			}
		}
		return false
	})
}

// everyVerb is each verb that asks AWS about orders-data.
func everyVerb() [][]string {
	because := []string{"--reason", "x", "--wait", "0s"}
	meant := append(slices.Clone(because), "--confirm", "orders-data")
	return [][]string{
		{"run"}, {"run", "--dry-run"}, {"status"}, {"audit"}, {"audit", "--orphans"},
		append([]string{"adopt", "orders-data"}, because...),
		append([]string{"adopt", "orders-data", "--create"}, because...),
		append([]string{"adopt", "orders-data", "--from-kms"}, meant...),
		append([]string{"rotate", "orders-data"}, meant...), append([]string{"rollback", "orders-data"}, meant...),
	}
}

// With credentials of another account nothing of the plan is said to be missing
// there, nothing is said to be made there, KMS is not asked, and nothing is
// written.
func TestOtherAccountComesFirst(t *testing.T) {
	for name, plan := range map[string]string{
		"with a record": onePlan,
		"without a record": strings.Replace(onePlan, "orders-data", "orders-data-of-another", 1) +
			"    name: orders-data\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.write("account: \"999999999999\"\n" + plan)
			for _, args := range everyVerb() {
				for _, form := range []string{"text", "json"} {
					before := len(c.box.Journal())
					p, exit := c.run(append(slices.Clone(args), "--output", form)...)
					all := p.out.String() + p.err.String()
					told := strings.Contains(all, "999999999999") ||
						strings.Contains(all, "of another account than the plan")
					if exit != 13 || !told || strings.Contains(all, "--create") ||
						strings.Contains(all, "alias-missing") || strings.Contains(all, "not adopted") {
						t.Errorf("%v: exit %d\n%s", args, exit, all)
					}
					if changed := c.changes(before); len(changed) > 0 {
						t.Errorf("%v: %v", args, changed)
					}
					for _, e := range c.box.Journal()[before:] {
						if e.Service == "kms" {
							t.Errorf("%v: %s", args, e.Operation)
						}
					}
				}
			}
		})
	}
}

// A KMS of another account than the caller's, as where endpoints are mixed, is
// found before the record is written and not after.
func TestOtherKMSComesFirst(t *testing.T) {
	c := newCloud(t)
	other, err := sandbox.New(sandbox.Options{Account: "999999999999"})
	if err != nil {
		t.Fatal(err)
	}
	far := &cloud{t: t, box: other}
	far.alias(far.key())
	c.gate.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "TrentService.") {
			return other.RoundTripper().RoundTrip(r)
		}
		return c.box.RoundTripper().RoundTrip(r)
	})
	c.write("table: another\n" + onePlan)
	if p, exit := c.run("init", "--table"); exit != 0 {
		t.Fatal(p.err.String())
	}
	for _, args := range [][]string{{"run", "-v"}, {"adopt", "orders-data"}, {"status", "-v"}, {"audit"}} {
		before := len(c.box.Journal())
		p, exit := c.run(args...)
		all := p.out.String() + p.err.String()
		if exit != 13 || !strings.Contains(all, "999999999999") || strings.Contains(all, "adopted as") {
			t.Errorf("%v: exit %d\n%s", args, exit, all)
		}
		if changed := c.changes(before); len(changed) > 0 {
			t.Errorf("%v: %v", args, changed)
		}
	}
}

// Nothing is begun where KMS gives no request ids, and the endpoint is named.
func TestNoRequestID(t *testing.T) {
	c := newCloud(t)
	c.gate.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		response, err := c.box.RoundTripper().RoundTrip(r)
		if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Target"), "TrentService.") {
			response.Header.Del("X-Amzn-Requestid")
		}
		return response, err
	})
	for _, args := range everyVerb() {
		before := len(c.box.Journal())
		p, exit := c.run(args...)
		all := p.out.String() + p.err.String()
		if args[0] == "rollback" || slices.Contains(args, "--from-kms") { // there may be a refusal that needs no look
			if changed := c.changes(before); exit != 13 || len(changed) > 0 {
				t.Errorf("%v: exit %d, %v", args, exit, changed)
			}
			continue
		}
		if exit != 13 || !strings.Contains(all, "KMS at http://sandbox.invalid") ||
			!strings.Contains(all, "without a request id") {
			t.Errorf("%v: exit %d\n%s", args, exit, all)
		}
		if changed := c.changes(before); len(changed) > 0 {
			t.Errorf("%v: %v", args, changed)
		}
	}
	c.gate.next = c.box.RoundTripper()
	if p, exit := c.run("run"); exit != 0 || !strings.Contains(p.out.String(), "rotated v1 to v2") {
		t.Errorf("with them: exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip answers a call.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Who it is, and how the table is, is asked once for all keys, of all Regions and
// for the look ahead too; and a run with nothing due asks nobody.
func TestWhereItIsIsAskedOnce(t *testing.T) {
	c := newCloud(t)
	c.write(onePlan + "  - alias: alias/orders-mac\n  - {alias: alias/orders-far, region: us-east-1}\n")
	before := len(c.box.Journal())
	c.run("run", "--wait", "0s")
	count := map[string]int{}
	for _, name := range c.operations(before) {
		count[name]++
	}
	if count["GetCallerIdentity"] != 1 || count["DescribeTable"] != 1 {
		t.Errorf("asked %v", count)
	}
	c.write(onePlan)
	c.run("run")
	before = len(c.box.Journal())
	if p, exit := c.run("run"); exit != 0 || !slices.Equal(c.operations(before), []string{"BatchGetItem"}) {
		t.Errorf("a quiet run: exit %d, %v\n%s", exit, c.operations(before), p.err.String())
	}
}
