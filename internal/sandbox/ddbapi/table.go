package ddbapi

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// place is where a table is: names are unique in an account and Region.
type place struct{ account, region, name string }

func (p place) arn() string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", p.region, p.account, p.name)
}

// table is one table with its settings. Its exported members are saved.
type table struct {
	place  place
	schema schema
	items  *items

	ID                 string
	Created            time.Time
	BillingMode        string
	Throughput         *throughput `json:",omitempty"`
	TableClass         string      `json:",omitempty"`
	SSE                bool        `json:",omitempty"`
	SSEKey             string      `json:",omitempty"`
	DeletionProtection bool        `json:",omitempty"`
	// TTLAttribute is empty if time to live is disabled.
	TTLAttribute string `json:",omitempty"`
	// PointInTime is nil if point-in-time recovery is disabled.
	PointInTime *pointInTime      `json:",omitempty"`
	Tags        map[string]string `json:",omitempty"`
	Global      *Global           `json:",omitempty"`
}

// throughput is provisioned capacity.
type throughput struct {
	ReadCapacityUnits, WriteCapacityUnits int
}

// pointInTime is point-in-time recovery that is on.
type pointInTime struct {
	Since time.Time
	Days  int
}

var tableName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)
})

// locate finds what TableName says, a name or an ARN, in the call's account
// and Region. A table of another Region or account is not there: AWS serves
// only its own Region.
func (s *Service) locate(c wire.Call, name string) (place, error) {
	if name == "" {
		return place{}, required("TableName", false)
	}
	here := place{c.Account, c.Region, name}
	if strings.HasPrefix(name, "arn:") {
		_, here.name, _ = strings.Cut(name, ":table/")
		if here.arn() != name {
			return place{}, errNoTable()
		}
	}
	if !tableName().MatchString(here.name) {
		return place{}, invalid("1 validation error detected: Value '%s' at 'tableName' failed to satisfy "+
			"constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have length between "+
			"3 and 255", name)
	}
	return here, nil
}

// find returns a table, or the error that an operation has for a missing one.
func (s *Service) find(c wire.Call, name string, missing func(name string) *wire.Error) (*table, error) {
	p, err := s.locate(c, name)
	if err != nil {
		return nil, err
	}
	if t := s.tables[p]; t != nil {
		return t, nil
	}
	return nil, missing(p.name)
}

// data returns the table of an operation on items.
func (s *Service) data(c wire.Call, name string) (*table, error) {
	return s.find(c, name, func(string) *wire.Error { return errNoTable() })
}

// control returns the table of an operation on tables; AWS names it when missing.
func (s *Service) control(c wire.Call, name string) (*table, error) {
	return s.find(c, name, func(name string) *wire.Error {
		return notFound("Requested resource not found: Table: %s not found", name)
	})
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Errorf("ResourceNotFoundException", format, args...)
}

func errNoTable() *wire.Error { return notFound("Requested resource not found") }

// resource returns the name of an item in the journal.
func (t *table) resource(k key) string {
	r := t.place.name + "/" + k.hash.Text()
	if t.schema.rng.name != "" {
		r += "/" + k.rng.Text()
	}
	return r
}
