package awscall

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Clock shows AWS's time, the only time that all pools agree on: their hosts'
// clocks differ, and what one pool may do depends on what another wrote and when.
//
// It reads the Date header of every answer, refusals too, and advances by the
// host's monotonic clock until the next one. Setting the host's clock changes
// nothing. While the host is suspended the monotonic clock stands still, so the
// Clock is late until the next answer. That is safe: a run reads the record before
// it acts on the time, and AWS refuses an expired signature.
//
// The zero value is ready for concurrent use.
type Clock struct {
	mu sync.Mutex
	// aws is the Date of the answer that the clock was set by.
	aws time.Time
	// host is when it came, with a monotonic reading; zero before the first answer.
	host time.Time

	// now is the host's clock; nil is time.Now.
	now func() time.Time
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

// Known reports whether an answer has set the clock yet.
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

// Wrap returns a client that sends through next and reads the Date of every answer.
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

// observe compares the clock with the headers of one answer. When the answer left,
// AWS's clock showed its Date plus less than a second; since then at most the time
// of the whole exchange has passed. A clock within these bounds is left alone, so
// that it does not jump back and forth with every answer; any other is set.
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

// DateOf returns the Date of an answer if AWS sent it: a proxy's own page has no
// request id, and a cached answer has an Age.
func DateOf(h http.Header) (time.Time, bool) {
	if h.Get("X-Amzn-Requestid") == "" || h.Get("Age") != "" {
		return time.Time{}, false
	}
	date, err := http.ParseTime(h.Get("Date"))
	return date.UTC(), err == nil
}
