package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Line is one event of a course: who did what, and what came of it.
type Line struct {
	At    time.Time
	Who   string // a run's id; "" is the clock
	What  string
	After string // the keys, after it
	plain bool   // nothing was changed by it, and nothing was out of the ordinary
}

func (l Line) String() string {
	s := fmt.Sprintf("%s  %-10s %s", l.At.UTC().Format("01-02 15:04:05"), l.Who, l.What)
	if l.After != "" {
		s += "\n" + strings.Repeat(" ", 28) + l.After
	}
	return s
}

// Story returns a course so far. Of runs to which nothing happened and which did
// nothing, it tells nothing.
func (w *World) Story() string {
	matters := map[string]bool{}
	for _, l := range w.story {
		matters[l.Who] = matters[l.Who] || l.Who != "" && !l.plain
	}
	var b strings.Builder
	var passed *Line // the last thing the clock did, not told yet
	last := ""
	for _, l := range w.story {
		if l.Who == "" {
			passed = &l
			continue
		}
		if !matters[l.Who] {
			continue
		}
		if passed != nil {
			passed.After = ""
			fmt.Fprintln(&b, *passed)
			passed = nil
		}
		if l.After == last {
			l.After = ""
		} else {
			last = l.After
		}
		fmt.Fprintln(&b, l)
	}
	for _, broken := range w.Watch.Broken {
		fmt.Fprintln(&b, broken)
	}
	return b.String()
}

// tell adds to the story something that changes nothing.
func (w *World) tell(who, format string, args ...any) { w.line(true, who, format, args...) }

// note adds to the story something worth a line even if nothing else happens to
// that run.
func (w *World) note(who, format string, args ...any) { w.line(false, who, format, args...) }

func (w *World) line(plain bool, who, format string, args ...any) {
	if w.Telling {
		w.story = append(w.story, Line{At: w.clock.now, Who: who, What: fmt.Sprintf(format, args...),
			After: w.gist(), plain: plain})
	}
}

// gist returns the state of all keys in a few words.
func (w *World) gist() string {
	var parts []string
	records, kms := w.Records(), w.Truth()
	for _, k := range w.Keys {
		r := records[k.Key()]
		if r == nil {
			parts = append(parts, k.Name+": no record")
			continue
		}
		n, ours := r.VersionOfKey(kms.Names[k.Alias])
		on := fmt.Sprintf("v%d", n)
		if !ours {
			on = "a key of nobody's"
		}
		s := fmt.Sprintf("%s: rev %d, g%d %s, alias on %s", k.Name, r.Rev, r.Generation, r.Step, on)
		if r.Lease != nil {
			s += fmt.Sprintf(", lease of %s until %s", r.Lease.Run, r.Lease.Until.Format(time.TimeOnly))
		}
		if r.Fence != nil {
			s += fmt.Sprintf(", fence (%d) until %s", r.Fence.Signers, r.Fence.Until.Format(time.TimeOnly))
		}
		for _, d := range r.Draining() {
			s += fmt.Sprintf(", v%d drains", d.Version)
			if d.Fence != nil {
				s += fmt.Sprintf(" (mark: %s until %s)", d.Fence.What, d.Fence.Until.Format(time.TimeOnly))
			}
		}
		for _, d := range r.Retired() {
			s += fmt.Sprintf(", v%d retired", d.Version)
		}
		if r.Hold != nil {
			s += ", held"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

// describe returns what a call is, for a story.
func (c *call) describe() string {
	switch c.operation {
	case "UpdateAlias", "CreateAlias":
		return fmt.Sprintf("%s %s to %s", c.operation, c.says().alias, short(c.says().target))
	case "PutItem", "UpdateItem", "BatchGetItem", "DescribeTable", "DescribeTimeToLive", "Query",
		"CreateKey", "GetCallerIdentity":
		return c.operation
	}
	return c.operation + " " + short(c.says().key)
}

func short(id string) string {
	if head, _, ok := strings.Cut(id, "-"); ok && len(head) == 8 {
		return head
	}
	return id
}

// field returns a text of a request's document.
func field(body []byte, name string) string {
	var doc map[string]any
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	s, _ := doc[name].(string)
	return s
}

// answered is how a call was answered. It is put in words only if that is told.
type answered struct{ *http.Response }

func (a answered) String() string {
	if a.Response == nil {
		return "the connection broke"
	}
	if a.StatusCode/100 == 2 {
		return "yes"
	}
	body, _ := io.ReadAll(a.Body)
	a.Response.Body = io.NopCloser(bytes.NewReader(body))
	_, code, ok := strings.Cut(field(body, "__type"), "#")
	if !ok {
		code = field(body, "__type")
	}
	return fmt.Sprintf("no, %s", code)
}
