package cmd

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// A verb that was not recorded says so, and what to type: no run will do it.
func TestNotRecorded(t *testing.T) {
	const again = "  nothing was recorded; type it again\n"
	for _, c := range []struct {
		args []string
		want []string // lines of the error, in order
	}{
		{[]string{"hold", "orders-data", "--reason", "incident 7"},
			[]string{again, `hint: keyturn hold orders-data --reason 'incident 7'`}},
		{[]string{"hold", "--all", "--reason", "incident 7"},
			[]string{again, `hint: keyturn hold orders-data --reason 'incident 7'`}},
		{[]string{"rotate", "orders-data", "--reason", "leak", "--again", "--confirm", "orders-data"},
			[]string{again, `hint: keyturn rotate orders-data --again --confirm orders-data --reason leak`}},
		{[]string{"rollback", "orders-data/v1", "--reason", "callers fail", "--confirm", "orders-data"},
			[]string{again, `hint: keyturn rollback orders-data/v1 --confirm orders-data --reason 'callers fail'`}},
		{[]string{"run"}, []string{"the next run tries again"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			cl := newCloud(t)
			cl.must("run")
			if c.args[0] == "run" {
				cl.advance(200 * day)
			}
			cl.faults(sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Kind: sandbox.Refuse,
				Code: "AccessDeniedException", Message: "no permission"})
			p, exit := cl.run(c.args...)
			if exit != 1 {
				t.Fatalf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
			}
			for _, line := range c.want {
				if !strings.Contains(p.err.String(), line) {
					t.Errorf("no line %q in\n%s", line, p.err.String())
				}
			}
		})
	}
}

// A verb that is interrupted while another run works on the key says whose work goes
// on, and that it is not what was asked for.
func TestInterruptedBehindAnother(t *testing.T) {
	c := newCloud(t)
	c.must("run")
	c.advance(200 * day)
	at := func(d time.Duration) types.AttributeValue { return text(c.box.Now().Add(d).UTC().Format(time.RFC3339)) }
	c.set("SET #lease = :v", map[string]types.AttributeValue{"pool": text("pool-7"), "host": text("ip-10-2-3-4"),
		"run": text("1f2e3d4c"), "since": at(0), "until": at(time.Minute)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, exit := c.runIn(ctx, newProcess(), "rotate", "orders-data", "--reason", "leak", "--confirm", "orders-data")
	for _, want := range []string{"pool-7/ip-10-2-3-4 (run 1f2e3d4c) has the key, and does not do this: nothing was " +
		"recorded; type it again", `hint: keyturn rotate orders-data --confirm orders-data --reason leak`} {
		if exit != 130 || !strings.Contains(p.err.String(), want) {
			t.Errorf("exit %d, no %q in\n%s", exit, want, p.err.String())
		}
	}
	if strings.Contains(p.err.String(), "the lease was given back") {
		t.Errorf("another run's lease is called free:\n%s", p.err.String())
	}
}
