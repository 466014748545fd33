package trail

import (
	"cmp"
	"slices"
	"time"
)

// Scope is a part of what a trail can have: the calls to one service in a Region, or the
// data events of one table.
type Scope struct {
	Source, Region string
	// Table is that of data events; "" for management events.
	Table string
}

// Span is a time that one or more files cover without a break.
type Span struct {
	Scope
	From, To time.Time
}

// Coverage says which sources and times the files of a trail cover. A file covers a scope
// from its first event of that scope to its last one; between files nothing is covered,
// for nobody can tell a quiet hour from a file that is missing. What lookup-events prints
// covers nothing: it is what somebody has looked up. Without a single write the management
// events of a Region cover nothing, nor do the data events of a table: a trail can be one of
// reads alone.
type Coverage struct {
	file  map[Scope]Span
	spans []Span
	// writes has the tables, or the Regions of all services, with an event that changes something.
	writes map[Scope]bool
}

// selected returns the scope without the service of management events: a trail has the writes
// of all services, or of none.
func (s Scope) selected() Scope {
	if s.Table == "" {
		s.Source = ""
	}
	return s
}

// begin begins a file.
func (c *Coverage) begin() {
	for _, s := range c.file {
		c.spans = append(c.spans, s)
	}
	c.file = map[Scope]Span{}
}

// add adds an event of a log file.
func (c *Coverage) add(e Event) {
	scope := Scope{Source: e.Source, Region: e.Region}
	if e.Data {
		scope.Table = e.Table
	}
	if !e.ReadOnly {
		if c.writes == nil {
			c.writes = map[Scope]bool{}
		}
		c.writes[scope.selected()] = true
	}
	s, known := c.file[scope]
	if !known {
		s = Span{scope, e.At, e.At}
	}
	if e.At.Before(s.From) {
		s.From = e.At
	}
	if e.At.After(s.To) {
		s.To = e.At
	}
	c.file[scope] = s
}

// Spans returns what is covered, those that touch as one.
func (c *Coverage) Spans() []Span {
	c.begin()
	c.spans = slices.DeleteFunc(c.spans, func(s Span) bool { return !c.writes[s.selected()] })
	slices.SortFunc(c.spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Table, b.Table),
			a.From.Compare(b.From))
	})
	var merged []Span
	for _, s := range c.spans {
		if n := len(merged); n > 0 && merged[n-1].Scope == s.Scope && !s.From.After(merged[n-1].To) {
			if s.To.After(merged[n-1].To) {
				merged[n-1].To = s.To
			}
			continue
		}
		merged = append(merged, s)
	}
	c.spans = slices.Clone(merged)
	return merged
}

// covers reports whether a scope is covered all the time.
func covers(spans []Span, scope Scope, from, to time.Time) bool {
	return slices.ContainsFunc(spans, func(s Span) bool {
		return s.Scope == scope && !s.From.After(from) && !s.To.Before(to)
	})
}
