package screen_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/screen"
)

// Progress is for a person at a terminal who waits for more than a second. What is told
// meanwhile stays, and the line itself goes.
func TestProgress(t *testing.T) {
	const line = "2 of 5 keys finished, 1 in work, 2 waiting"
	for name, c := range map[string]struct {
		tty, quiet, log bool
		takes           time.Duration
		shown           bool
	}{
		"a terminal":   {tty: true, takes: 3 * time.Second, shown: true},
		"a short run":  {tty: true, takes: 900 * time.Millisecond},
		"a pipe":       {takes: 3 * time.Second},
		"--quiet":      {tty: true, quiet: true, takes: 3 * time.Second},
		"--log json":   {tty: true, log: true, takes: 3 * time.Second},
		"over at once": {tty: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				con := screen.NewConsole(screen.Streams{Err: screen.Clean(&out), ErrTTY: c.tty, Quiet: c.quiet,
					Log: c.log, ErrWidth: func() int { return 100 }})
				stop := con.Progress(func() screen.Counts { return screen.Counts{Finished: 2, InWork: 1, Waiting: 2} })
				time.Sleep(c.takes)
				con.Warn("lag", "told meanwhile")
				stop()
				stop()
				con.Warn("lag", "told later")
				text := out.String()
				if strings.Contains(text, line) != c.shown {
					t.Errorf("%q", text)
				}
				if _, last, _ := strings.Cut(text, "told meanwhile"); c.shown && (!strings.Contains(last, "\x1b[") ||
					strings.Contains(last[strings.LastIndex(last, "\x1b["):], line)) {
					t.Errorf("the line stays on the screen: %q", text)
				}
				if !c.log && (!strings.Contains(text, "told meanwhile") || !strings.HasSuffix(text, "told later\n")) {
					t.Errorf("%q", text)
				}
			})
		})
	}
}
