package ddbapi

import (
	"golang.org/x/time/rate"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// throttle counts the units that a table has used, while the switch for its capacity is
// on. AWS lets a table use what it left unused for five minutes before, too; this one has
// what one second gives, as a table that is busy.
type throttle struct {
	capacity      wire.Capacity
	reads, writes *rate.Limiter
}

// errThrottled is DynamoDB's answer where capacity is used up.
func errThrottled() *wire.Error {
	return wire.Errorf("ProvisionedThroughputExceededException", "The level of configured provisioned throughput "+
		"for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.")
}

// mayRead takes the units of a read, and reports whether the table had them.
func (s *Service) mayRead(c wire.Call, t *table, units float64) bool {
	b := s.throttleOf(c, t)
	return b == nil || take(b.reads, c, units)
}

// mayWrite is mayRead for replacing one item by another.
func (s *Service) mayWrite(c wire.Call, t *table, old, next attr.Item) bool {
	b := s.throttleOf(c, t)
	return b == nil || take(b.writes, c, writes(old, next))
}

// take takes units from a bucket; nil has no limit.
func take(bucket *rate.Limiter, c wire.Call, units float64) bool {
	// A limiter counts whole tokens: two are a unit, since a read may cost half of one.
	return bucket == nil || bucket.AllowN(c.Now, min(int(2*units), bucket.Burst()))
}

// throttleOf returns the buckets of a table; nil if its capacity has no limit.
func (s *Service) throttleOf(c wire.Call, t *table) *throttle {
	if c.Capacity == (wire.Capacity{}) {
		return nil
	}
	b := s.throttles[t.place]
	if b == nil || b.capacity != c.Capacity {
		b = &throttle{capacity: c.Capacity, reads: bucket(c.Capacity.Reads), writes: bucket(c.Capacity.Writes)}
		s.throttles[t.place] = b
	}
	return b
}

func bucket(perSecond int) *rate.Limiter {
	if perSecond == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(2*perSecond), 2*perSecond)
}
