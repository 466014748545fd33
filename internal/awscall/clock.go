package awscall

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Clock tells AWS's time. Pools agree on nothing else: their hosts' clocks
// differ, and what one of them may do depends on what another wrote and when.
//
// It reads the Date header of every answer, refusals too, and goes on by the
// host's monotonic clock until the next one. Setting the host's clock changes
// nothing. Where the host sleeps, the monotonic clock sleeps too and the time
// is late until the next answer; so whoever acts on the time reads the record
// first, and a signature that is too old is refused by AWS.
//
// The zero value is ready for use, by any number of goroutines.
type Clock struct {
	mu   sync.Mutex
	aws  time.Time // what the header said
	host time.Time // when it came, with a monotonic reading; zero: none came yet

	now func() time.Time // the host's clock; nil: time.Now
}

// resolution is how exact a Date header is: it has whole seconds.
const resolution = time.Second

// Now returns AWS's time, in UTC, right within a second or two. Before the first
// answer it is the host's wall clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at(c.hostNow())
}

func (c *Clock) hostNow() time.Time {
	if c.now == nil {
		return time.Now()
	}
	return c.now()
}

// Known reports whether AWS has told the time yet.
func (c *Clock) Known() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.host.IsZero()
}

// Skew returns how much the host's wall clock is ahead of AWS; 0 if that is not
// known. It is for warnings: nothing is decided by it.
func (c *Clock) Skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.hostNow()
	return now.Round(0).Sub(c.at(now))
}

// at returns AWS's time at a moment of the host's clock.
func (c *Clock) at(host time.Time) time.Time {
	if c.host.IsZero() {
		return host.UTC().Round(0)
	}
	return c.aws.Add(host.Sub(c.host))
}

// Wrap makes a client that sends by next and reads the Date of every answer.
func (c *Clock) Wrap(next aws.HTTPClient) aws.HTTPClient {
	return clockedClient{clock: c, next: next}
}

type clockedClient struct {
	clock *Clock
	next  aws.HTTPClient
}

// Do sends a request and sets the clock by its answer.
func (c clockedClient) Do(r *http.Request) (*http.Response, error) {
	sent := c.clock.hostNow()
	response, err := c.next.Do(r)
	if err == nil {
		c.clock.observe(response.Header, sent, c.clock.hostNow())
	}
	return response, err
}

// observe takes in the headers of one answer. When it left, AWS's clock showed
// its Date and less than a second more, and since then at most the time of the
// whole exchange has passed. A clock that agrees with this is left alone, so
// that it does not jump to and fro with every answer; any other is set.
func (c *Clock) observe(h http.Header, sent, got time.Time) {
	date, ok := DateOf(h)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	latest := date.Add(resolution + got.Sub(sent))
	if now := c.at(got); !c.host.IsZero() && !now.Before(date) && now.Before(latest) {
		return
	}
	c.aws, c.host = date, got
}

// DateOf reads the Date of an answer if it is AWS's: a proxy's own page has no
// request id, and a cached one an Age.
func DateOf(h http.Header) (time.Time, bool) {
	if h.Get("X-Amzn-Requestid") == "" || h.Get("Age") != "" {
		return time.Time{}, false
	}
	date, err := http.ParseTime(h.Get("Date"))
	return date.UTC(), err == nil
}
