package rotate_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// badReread fails every read of one record alone: those after the first.
type badReread struct {
	rotate.Records
	err func(key string) error
}

func (b badReread) ReadEach(ctx context.Context, host parallel.Host, keys []string,
	each func(string, ddblock.Reader)) error {
	if len(keys) > 1 {
		return b.Records.ReadEach(ctx, host, keys, each)
	}
	err := b.err(keys[0])
	if malformed, ok := errors.AsType[*ddblock.MalformedError](err); ok {
		each(keys[0], func(ddblock.Part) (*plan.Record, error) { return nil, malformed })
		return nil
	}
	return err
}

// A run begins one key a second at first. The second and the third wait for their turns and
// read their records again; without an answer to that nothing is begun on it, and what is
// reported is what happened.
func TestTheReadAfterWaitingForATurn(t *testing.T) {
	malformed := func(key string) error {
		return &ddblock.MalformedError{Key: key}
	}
	for name, c := range map[string]struct {
		err  func(string) error
		want plan.Outcome
	}{
		"fails":                         {func(string) error { return errBroken }, plan.Failed},
		"shows what no one understands": {malformed, plan.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan+"  - alias: alias/second\n  - alias: alias/third\n")
				p := w.pool("a")
				p.Records = badReread{p.Records, c.err}
				late := 0
				for _, k := range p.run(t.Context()).Keys {
					if rotated := w.record(*k.Policy).Generation == 2; rotated &&
						k.Err == nil && k.Outcome == plan.Settled {
						continue
					} else if late++; rotated || k.Outcome != c.want || (k.Refusal != nil) != (c.want == plan.Refused) {
						t.Errorf("%s: rotated %v, %s %v %+v", k.Policy.Name, rotated, k.Outcome, k.Err, k.Refusal)
					}
				}
				if late != 2 {
					t.Errorf("%d keys were not rotated", late)
				}
				w.pool("next").mustRun()
				w.sound()
			})
		})
	}
}
