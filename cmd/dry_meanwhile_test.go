package cmd

import (
	"net/http"
	"strings"
	"testing"
)

// Another pool rotates between a dry-run's read of the record and its look at v<n>: nothing is
// wrong, and nothing is left to do.
func TestDryRunMeanwhile(t *testing.T) {
	c := newCloud(t)
	c.meanwhile("ListAliases", func() { c.must("run") })
	if p, exit := c.run("run", "--dry-run"); exit != 0 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// Where somebody writes the record again and again, a dry-run ends all the same, and says what it
// saw last.
func TestDryRunOfARecordThatKeepsChanging(t *testing.T) {
	c := newCloud(t)
	c.drift()
	looks := 0
	var look func(r *http.Request) (*http.Response, error)
	look = func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeKey") && looks < 20 {
			looks++
			c.with(func(*http.Request) (*http.Response, error) { return nil, nil })
			c.must("hold", "orders-data", "--reason", "look")
			c.must("release", "orders-data")
			c.with(look)
		}
		return nil, nil
	}
	c.with(look)
	if p, exit := c.run("run", "--dry-run"); exit != 13 || looks == 20 {
		t.Errorf("exit %d after %d writes\n%s%s", exit, looks, p.out.String(), p.err.String())
	}
}
