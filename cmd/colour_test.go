package cmd

import (
	"testing"

	"github.com/keyturn/keyturn/internal/screen"
)

// Colour is for terminals. --color counts more than NO_COLOR, and that more than
// CLICOLOR_FORCE.
func TestColour(t *testing.T) {
	for _, c := range []struct {
		tty                  bool
		color, noColor, wish string
		term                 string
		coloured             bool
	}{
		{tty: true, coloured: true},
		{tty: true, noColor: "1"},
		{tty: true, term: "dumb"},
		{},
		{wish: "1", coloured: true},
		{wish: "0"},
		{wish: "1", noColor: "1"},
		{color: "auto"},
		{color: "always", coloured: true},
		{color: "always", noColor: "1", coloured: true},
		{tty: true, color: "never"},
		{tty: true, color: "never", wish: "1"},
	} {
		p := newProcess()
		p.StderrTTY, p.vars["NO_COLOR"], p.vars["CLICOLOR_FORCE"], p.vars["TERM"] = c.tty, c.noColor, c.wish, c.term
		p.color = c.color
		p.console(false, screen.Same{}).Problem(screen.Problem{Verb: "run",
			About: screen.About{Key: "orders-data"}, What: "no"})
		if got := p.err.Len() > len("keyturn: run orders-data: no\n"); got != c.coloured {
			t.Errorf("%+v: %q", c, p.err.String())
		}
	}
}
