package awscall_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/awscall"
)

// doFunc is an HTTP client.
type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// answer returns a response of AWS with a Date.
func answer(status int, date time.Time) *http.Response {
	h := http.Header{}
	h.Set("X-Amzn-RequestId", "r-1")
	h.Set("Date", date.UTC().Format(http.TimeFormat))
	return &http.Response{StatusCode: status, Header: h, Body: http.NoBody}
}

// hear lets the clock see one response, or error, that takes a while to come.
func hear(c *awscall.Clock, response *http.Response, err error, takes time.Duration) {
	client := c.Wrap(doFunc(func(*http.Request) (*http.Response, error) {
		time.Sleep(takes)
		return response, err
	}))
	_, _ = client.Do(nil)
}

func TestClockTellsTheHostsTimeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c awscall.Clock
		if c.Known() {
			t.Error("AWS's time is known before any answer")
		}
		if got := c.Now(); !got.Equal(time.Now()) || got.Location() != time.UTC {
			t.Errorf("Now = %s, want the host's time in UTC", got)
		}
		if got := c.Skew(); got != 0 {
			t.Errorf("Skew = %s before any answer", got)
		}
	})
}

func TestClockFollowsTheLastAnswer(t *testing.T) {
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			var c awscall.Clock
			hear(&c, answer(200, time.Now().Add(ahead)), nil, 0)
			if !c.Known() {
				t.Error("AWS's time is not known after an answer")
			}
			time.Sleep(90 * time.Second)
			if got, want := c.Now(), time.Now().Add(ahead); !got.Equal(want) {
				t.Errorf("after 90 s Now = %s, want %s", got, want)
			}
			if got := c.Skew(); got != -ahead {
				t.Errorf("Skew = %s, want %s", got, -ahead)
			}
			hear(&c, answer(400, time.Now().Add(time.Hour)), nil, 0)
			if got, want := c.Now(), time.Now().Add(time.Hour); !got.Equal(want) {
				t.Errorf("after a refusal Now = %s, want %s", got, want)
			}
		})
	}
}

func TestClockDoesNotJumpWithinWhatADateCanTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c awscall.Clock
		start := time.Now() // a whole second
		hear(&c, answer(200, start), nil, 0)
		time.Sleep(900 * time.Millisecond)
		hear(&c, answer(200, start), nil, 0) // the header is still the same
		if got, want := c.Now(), start.Add(900*time.Millisecond); !got.Equal(want) {
			t.Errorf("Now = %s, want %s: the clock went back within a second", got, want)
		}
		hear(&c, answer(200, start.Add(time.Second)), nil, 5*time.Second) // slow on its way
		if got, want := c.Now(), start.Add(5900*time.Millisecond); !got.Equal(want) {
			t.Errorf("Now = %s, want %s: an answer that was slow to come set the clock back", got, want)
		}
		hear(&c, answer(200, start.Add(3*time.Second)), nil, 0)
		if got, want := c.Now(), start.Add(3*time.Second); !got.Equal(want) {
			t.Errorf("Now = %s, want %s: the clock is fast and was not set", got, want)
		}
		hear(&c, answer(200, start.Add(4*time.Second)), nil, 0)
		if got, want := c.Now(), start.Add(4*time.Second); !got.Equal(want) {
			t.Errorf("Now = %s, want %s: the clock is slow and was not set", got, want)
		}
	})
}

func TestClockCountsFromWhenTheAnswerCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c awscall.Clock
		hear(&c, answer(200, time.Now().Add(5*time.Second)), nil, 5*time.Second) // AWS took its time, and then dated it
		if got := c.Now(); !got.Equal(time.Now()) {
			t.Errorf("Now = %s, want %s", got, time.Now())
		}
	})
}

func TestClockBelievesOnlyAWS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		future := time.Now().AddDate(10, 0, 0)
		for name, spoil := range map[string]func(http.Header){
			"a proxy's own page":     func(h http.Header) { h.Del("X-Amzn-RequestId") },
			"a cached answer":        func(h http.Header) { h.Set("Age", "3600") },
			"no Date":                func(h http.Header) { h.Del("Date") },
			"a Date that is no date": func(h http.Header) { h.Set("Date", "tomorrow") },
		} {
			var c awscall.Clock
			response := answer(200, future)
			spoil(response.Header)
			hear(&c, response, nil, 0)
			if c.Known() || !c.Now().Equal(time.Now()) {
				t.Errorf("%s set the clock", name)
			}
		}
		var c awscall.Clock
		hear(&c, nil, errors.New("connection reset by peer"), 0)
		if c.Known() {
			t.Error("a broken connection set the clock")
		}
	})
}
