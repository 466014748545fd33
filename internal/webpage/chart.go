package webpage

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// The timeline of a key is drawn with times as percentages of the width, and with heights
// in pixels: so text keeps its size on a telephone and on paper. The thickness of a bar says
// what its colour says.

// These are the heights of the lanes.
const (
	laneHeight = 24
	topLanes   = 2
	axisHeight = 38
)

// chart is the timeline of a key.
type chart struct {
	ID          string
	Title, Desc string
	Height      int
	// Plot is the height without the axis.
	Plot    int
	Rows    []row
	Windows []mark
	Acts    []mark
	// Shades lie behind all rows: holds, and times of which nothing is known.
	Shades []bar
	Ticks  []tick
}

// row is the life of a version.
type row struct {
	Name string
	// Y is its middle.
	Y    int
	Bars []bar
	// End marks where a version was deleted; "" if it was not.
	End string
}

// bar is a span of time.
type bar struct {
	Class, X, W, Title string
	Y, H               int
}

// mark is a moment. Late is how far behind it something ended; "" if not visibly.
type mark struct {
	Class, X, Late, Title string
}

// tick is a date on the axis, with the year where it begins.
type tick struct{ X, Text, Year string }

// chartOf draws a key from one moment to another.
func chartOf(k evidence.Key, n int, from, to time.Time) chart {
	s := scale{from, to}
	c := chart{ID: fmt.Sprintf("chart-%d", n), Title: "Timeline of " + k.Policy.Name, Ticks: s.ticks(),
		Plot: laneHeight * (topLanes + len(k.Versions))}
	c.Height = c.Plot + axisHeight
	for i, v := range k.Versions {
		c.Rows = append(c.Rows, s.row(v, i))
	}
	for _, w := range k.Windows {
		if s.has(w.Start) {
			c.Windows = append(c.Windows, s.window(w))
		}
	}
	for _, a := range k.Acts {
		if s.has(a.At) {
			c.Acts = append(c.Acts, mark{Class: "act", X: s.at(a.At), Title: plan.Stamp(a.At) + ": " + a.Text() + ", " +
				a.By() + reasonText(a.Why.Reason)})
		}
	}
	for _, h := range k.Holds {
		if h.Version != 0 { // the key went on
			continue
		}
		c.shade(s, "hold", h.Set.At, h.End(to), "held from "+plan.Stamp(h.Set.At)+reasonText(h.Set.Why.Reason))
	}
	for _, u := range k.Unknown {
		switch u.Kind {
		case evidence.BeforeLedger, evidence.LedgerGap, evidence.Rebuilt:
			c.shade(s, "nothing", u.From, u.To, u.Sentence())
		}
	}
	c.Desc = describe(k)
	return c
}

func reasonText(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// shade adds a shade over all rows.
func (c *chart) shade(s scale, class string, from, to time.Time, title string) {
	if x, w := s.span(from, to); w != "" {
		c.Shades = append(c.Shades, bar{Class: class, X: x, W: w, H: c.Plot, Title: title})
	}
}

// describe says in words what a timeline shows, for those who do not see it.
func describe(k evidence.Key) string {
	var parts []string
	for _, v := range k.Versions {
		var spans []string
		for _, s := range v.Spans {
			text := string(s.State) + " from " + s.From.UTC().Format(time.DateOnly)
			if s.Earlier {
				text = string(s.State) + " since before " + s.From.UTC().Format(time.DateOnly)
			}
			spans = append(spans, text)
		}
		parts = append(parts, plan.VersionName(v.Version)+": "+strings.Join(spans, ", "))
	}
	parts = append(parts, "windows: "+k.Counts().Text(), plan.Counted(len(k.Holds), "hold"),
		plan.Counted(len(k.Acts), "act")+" by persons")
	return strings.Join(parts, ". ") + "."
}

// scale places times between two of them.
type scale struct{ from, to time.Time }

func (s scale) has(t time.Time) bool { return !t.Before(s.from) && !t.After(s.to) }

func (s scale) percent(t time.Time) float64 {
	whole := s.to.Sub(s.from)
	if whole <= 0 {
		return 0
	}
	return min(100, max(0, 100*float64(t.Sub(s.from))/float64(whole)))
}

func (s scale) at(t time.Time) string { return percentText(s.percent(t)) }

func percentText(p float64) string { return fmt.Sprintf("%.3f%%", p) }

// span places a span; a zero end is the end of the scale. The width is "" if it is not to be
// seen.
func (s scale) span(from, to time.Time) (x, w string) {
	if to.IsZero() || to.After(s.to) {
		to = s.to
	}
	if !to.After(s.from) || !from.Before(s.to) {
		return "", ""
	}
	left, right := s.percent(from), s.percent(to)
	return percentText(left), percentText(max(right-left, 0.15))
}

// thickness is how thick a bar is: the less a version may be used, the thinner.
var thickness = map[evidence.State]int{evidence.Active: 14, evidence.Perhaps: 14, evidence.Draining: 14,
	evidence.Kept: 6, evidence.Made: 6, evidence.Disabled: 2, evidence.Deleting: 2}

// row draws the life of a version.
func (s scale) row(v evidence.Version, n int) row {
	out := row{Name: plan.VersionName(v.Version), Y: laneHeight*(topLanes+n) + laneHeight/2}
	for _, span := range v.Spans {
		if span.State == evidence.Gone && s.has(span.From) {
			out.End = s.at(span.From)
		}
		x, w := s.span(span.From, span.To)
		h := thickness[span.State]
		if w == "" || h == 0 {
			continue
		}
		to := "now"
		if !span.To.IsZero() {
			to = plan.Stamp(span.To)
		}
		out.Bars = append(out.Bars, bar{Class: string(span.State), X: x, W: w, Y: out.Y - h/2, H: h,
			Title: out.Name + " " + string(span.State) + ", " + plan.Stamp(span.From) + " to " + to})
	}
	return out
}

// window draws the opening of a window, and how long it took until it was rotated.
func (s scale) window(w evidence.Window) mark {
	m := mark{Class: string(w.State), X: s.at(w.Start), Title: "window of " + plan.Stamp(w.Start) + ": " + w.Text()}
	if late := s.percent(w.Done.At) - s.percent(w.Start); w.State == evidence.WindowDone && late > 0.2 {
		m.Late = percentText(late)
	}
	return m
}

// ticks returns dates for the axis: never so many that they touch on a telephone.
func (s scale) ticks() []tick {
	const day = 24 * time.Hour
	whole := s.to.Sub(s.from)
	months, days := 1, 0
	switch {
	case whole <= 0:
		return nil
	case whole < 10*day:
		days = 2
	case whole < 50*day:
		days = 7
	case whole < 200*day:
	case whole < 400*day:
		months = 2
	case whole < 800*day:
		months = 4
	case whole < 1500*day:
		months = 6
	default:
		months = 12 * int(1+whole/(5*365*day))
	}
	at := time.Date(s.from.Year(), s.from.Month(), 1, 0, 0, 0, 0, time.UTC)
	if days > 0 {
		at = s.from.Truncate(day)
	}
	var all []tick
	last := ""
	for ; !at.After(s.to); at = at.AddDate(0, months, 0) {
		if days > 0 {
			at = at.AddDate(0, -months, days)
		}
		if p := s.percent(at); s.has(at) && p < 94 {
			t := tick{X: percentText(p), Text: at.Format("Jan")}
			if days > 0 {
				t.Text = at.Format("2 Jan")
			}
			if year := at.Format("2006"); year != last {
				t.Year, last = year, year
			}
			all = append(all, t)
		}
	}
	return all
}
