package cmd

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// meanwhile has something happen before the first call of an operation that comes next.
func (c *cloud) meanwhile(operation string, happens func()) {
	var once sync.Once
	c.with(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) {
			once.Do(func() {
				c.with(func(*http.Request) (*http.Response, error) { return nil, nil })
				happens()
			})
		}
		return nil, nil
	})
}

// A run that comes between the read of the records and the looks at KMS is no drift, and no
// lost record.
func TestRunMeanwhile(t *testing.T) {
	for name, begin := range map[string]func(*testing.T) *cloud{"rotation": newCloud, "adopt": unadopted} {
		for _, args := range [][]string{{"status"}, {"verify"}, {"audit", "--orphans"}, {"history", "--verify"},
			{"audit", "--evidence", "--since", "2020-01-01"}} {
			for _, before := range []string{"DescribeKey", "Query", "ListAliases", "ListResourceTags"} {
				c := begin(t)
				came := false
				c.meanwhile(before, func() {
					c.must("run")
					came = true
				})
				p, exit := c.run(args...)
				if text := p.out.String() + p.err.String(); came && exit == 13 {
					t.Errorf("%v, %s before %s: exit %d\n%s", args, name, before, exit, text)
				}
			}
		}
	}
}

// A key whose record changes each time that it is looked at is not known.
func TestRunsAllTheTime(t *testing.T) {
	for _, args := range [][]string{{"status"}, {"verify"}} {
		c := rotatedCloud(t)
		moves := 0
		c.with(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeKey") {
				moves++
				c.drift()
				c.change("rev", &types.AttributeValueMemberN{Value: strconv.Itoa(100 + moves)})
			}
			return nil, nil
		})
		p, exit := c.run(args...)
		if text := p.out.String() + p.err.String(); exit != 1 || !strings.Contains(text, "a run is working on it") {
			t.Errorf("%v: exit %d\n%s", args, exit, text)
		}
	}
}

// unadopted is a cloud whose key has no record yet.
func unadopted(t *testing.T) *cloud {
	c := emptyCloud(t)
	c.gate.next = c.box.RoundTripper()
	c.transport = c.gate
	c.write(onePlan)
	c.alias(c.key())
	c.must("init", "--table")
	return c
}
