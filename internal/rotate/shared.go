package rotate

import (
	"context"

	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/plan"
)

// shared is what one run asks once for all its keys: who it is, whether the
// table is safe, and what ListAliases shows. The first worker that needs an
// answer asks; the others wait for it.
type shared struct {
	// turn is one slot; its holder may read the fields and ask.
	turn     parallel.Slots
	tasks    []Task
	who      *plan.Caller
	verdict  *plan.TableSeen
	listings map[string]plan.ListingSeen
}

func newShared(host parallel.Host, tasks []Task) *shared {
	return &shared{turn: host.Slots(1), tasks: tasks}
}

// take waits for the turn; the function it returns passes it on.
func (s *shared) take() (pass func()) {
	_ = s.turn.Take(context.Background()) // it ends when the holder's call does
	return s.turn.Free
}

// caller returns who this run is to AWS.
func (s *shared) caller(ctx context.Context, id Identity) (plan.Caller, error) {
	defer s.take()()
	if s.who == nil {
		c, err := id.Caller(ctx)
		if err != nil {
			return plan.Caller{}, err
		}
		s.who = &c
	}
	return *s.who, nil
}

// table returns the verdict on the table.
func (s *shared) table(ctx context.Context, t Records) (plan.TableSeen, error) {
	defer s.take()()
	if s.verdict == nil {
		v, err := t.Check(ctx)
		if err != nil {
			return plan.TableSeen{}, err
		}
		s.verdict = &v
	}
	return *s.verdict, nil
}

// listing returns what ListAliases shows of one alias. It lists all aliases once,
// for every key of the plan.
func (s *shared) listing(ctx context.Context, k KMS, alias string) (plan.ListingSeen, error) {
	defer s.take()()
	if s.listings == nil {
		names := make([]string, len(s.tasks))
		for i, t := range s.tasks {
			names[i] = t.Policy.Alias
		}
		l, err := k.Listing(ctx, names)
		if err != nil {
			return plan.ListingSeen{}, err
		}
		s.listings = l
	}
	return s.listings[alias], nil
}

// seen returns the caller and the table's verdict; nil for what was not asked.
func (s *shared) seen() (*plan.Caller, *plan.TableSeen) {
	defer s.take()()
	return s.who, s.verdict
}
