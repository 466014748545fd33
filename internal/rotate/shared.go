package rotate

import (
	"context"

	"github.com/keyturn/keyturn/plan"
)

// shared is what one run asks once for all its keys: who it is, whether the
// table is safe, and what ListAliases shows. The first worker that needs an
// answer asks; the others wait for it.
type shared struct {
	// turn holds one token; its holder may read the fields and ask. It is not a
	// Mutex: testing/synctest does not count a goroutine that waits for one as idle.
	turn     chan struct{}
	policies []plan.Policy
	who      *plan.Caller
	verdict  *plan.TableSeen
	listings map[string]plan.ListingSeen
}

func newShared(policies []plan.Policy) *shared {
	s := &shared{turn: make(chan struct{}, 1), policies: policies}
	s.turn <- struct{}{}
	return s
}

// take waits for the token; the function it returns gives it back.
func (s *shared) take() (pass func()) {
	<-s.turn
	return func() { s.turn <- struct{}{} }
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
		names := make([]string, len(s.policies))
		for i, p := range s.policies {
			names[i] = p.Alias
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
