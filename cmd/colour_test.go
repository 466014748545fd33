package cmd

import (
	"testing"

	"github.com/keyturn/keyturn/internal/screen"
)

// Colour is for terminals, and NO_COLOR turns it off.
func TestColour(t *testing.T) {
	for _, c := range []struct {
		tty      bool
		noColor  string
		coloured bool
	}{{true, "", true}, {true, "1", false}, {false, "", false}} {
		p := newProcess()
		p.StderrTTY, p.vars["NO_COLOR"] = c.tty, c.noColor
		p.console(false, screen.Same{}).Problem(screen.Problem{Verb: "run",
			About: screen.About{Key: "orders-data"}, What: "no"})
		if got := p.err.Len() > len("keyturn: run orders-data: no\n"); got != c.coloured {
			t.Errorf("%+v: %q", c, p.err.String())
		}
	}
}
