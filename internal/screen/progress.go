package screen

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/keyturn/keyturn/plan"
)

// Counts are the keys of a command that is under way.
type Counts struct{ Finished, InWork, Waiting int }

func (c Counts) total() int { return c.Finished + c.InWork + c.Waiting }

// progressAfter is how long a command runs before its progress is shown: most are over by
// then.
const progressAfter = time.Second

// Progress shows on a terminal how far a command is, from its first second on until the
// function that it returns is called. Nothing of it stays on the screen. Elsewhere, with
// --quiet and with --log json it shows nothing.
func (con *Console) Progress(counts func() Counts) (stop func()) {
	if !con.ErrTTY || con.Quiet || con.log != nil {
		return func() {}
	}
	var once sync.Once
	timer := time.AfterFunc(progressAfter, func() {
		con.mu.Lock()
		defer con.mu.Unlock()
		once.Do(func() { con.bar = newBar(con, counts) })
	})
	return func() {
		timer.Stop()
		con.mu.Lock()
		defer con.mu.Unlock()
		once.Do(func() {}) // a timer that has fired begins none any more
		if con.bar != nil {
			con.bar.end()
			con.bar = nil
		}
	}
}

// bar is the line of a progress.
type bar struct {
	lines *mpb.Progress
	bar   *mpb.Bar
}

func newBar(con *Console, counts func() Counts) *bar {
	lines := mpb.New(mpb.WithOutput(Raw(con.Err)), mpb.WithWidth(cmp.Or(widthOf(con.ErrWidth), 80)),
		mpb.ForceTTY(), mpb.ForceAutoRefresh(), mpb.WithRefreshRate(200*time.Millisecond))
	follow := func(fill mpb.BarFiller) mpb.BarFiller {
		return mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
			c := counts()
			s.Current, s.Total = int64(c.Finished), int64(max(c.total(), 1))
			return fill.Fill(w, s)
		})
	}
	text := decor.Any(func(decor.Statistics) string { return " " + counts().text() })
	return &bar{lines: lines, bar: lines.New(0, mpb.BarStyle(), mpb.BarWidth(20), mpb.AppendDecorators(text),
		mpb.BarFillerMiddleware(follow))}
}

func (c Counts) text() string {
	return fmt.Sprintf("%d of %s finished, %d in work, %d waiting", c.Finished, plan.Counted(c.total(), "key"),
		c.InWork, c.Waiting)
}

// end takes the line off the screen.
func (b *bar) end() {
	b.bar.Abort(true)
	b.lines.Wait()
}
