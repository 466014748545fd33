package rotate

import (
	"context"

	"github.com/keyturn/keyturn/plan"
)

// shared is what one run asks once for all its keys: who it is, whether the
// table is safe, and what ListAliases shows. Whoever needs an answer first
// asks; the others wait for it.
type shared struct {
	// turn holds one token: whoever has it may look and ask. It is not a Mutex, for
	// a goroutine that waits for one is not idle to testing/synctest.
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

// take waits for the turn; the function it returns passes it on.
func (s *shared) take() (pass func()) {
	<-s.turn
	return func() { s.turn <- struct{}{} }
}

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

// listing lists all aliases once, for every key of the plan.
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

func (s *shared) seen() (*plan.Caller, *plan.TableSeen) {
	defer s.take()()
	return s.who, s.verdict
}
