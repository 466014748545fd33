package cmd

import (
	"context"
	"io"
	"strings"
	"testing"
)

// On a terminal the key's name is typed before drift is accepted. Whatever else
// is typed, nothing is done; and where there is no terminal nobody waits.
func TestConfirm(t *testing.T) {
	c := newCloud(t)
	c.drift()
	adopt := []string{"adopt", "orders-data", "--reason", "moved by Terraform"}
	for _, a := range []struct {
		typed         string
		stdin, stderr bool
		args          []string
		exit          int
	}{
		{"orders-data\n", false, false, nil, 64},
		{"orders-data\n", true, false, nil, 64}, // nobody would see the question
		{"orders-data\n", false, true, nil, 64},
		{"orders\n", true, true, nil, 64},
		{"\n", true, true, nil, 64},
		{"", true, true, nil, 64},
		{"orders-data\n", true, true, []string{"--confirm", "orders"}, 64},
		{"alias/orders-data", true, true, nil, 0}, // as everywhere; a terminal's end of file ends the line
	} {
		p := newProcess()
		p.Stdin, p.StdinTTY, p.StderrTTY = strings.NewReader(a.typed), a.stdin, a.stderr
		if _, exit := c.runIn(t.Context(), p, append(adopt, a.args...)...); exit != a.exit || exit != 0 &&
			p.out.Len() > 0 {
			t.Errorf("%+v: exit %d\n%s%s", a, exit, p.out.String(), p.err.String())
		}
	}
}

// A signal ends the waiting for an answer.
func TestConfirmInterrupted(t *testing.T) {
	c := newCloud(t)
	c.drift()
	ctx, signal := context.WithCancel(t.Context())
	p := newProcess()
	nobody, hangup := io.Pipe()
	t.Cleanup(func() { _ = hangup.Close() }) // a process would end with its reader
	p.Stdin, p.StdinTTY, p.StderrTTY = asked{nobody, signal}, true, true
	if _, exit := c.runIn(ctx, p, "adopt", "orders-data", "--reason", "moved by Terraform"); exit != 130 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// asked is a terminal at which somebody presses ^C once something is asked.
type asked struct {
	io.Reader
	signal func()
}

func (a asked) Read(b []byte) (int, error) {
	a.signal()
	return a.Reader.Read(b)
}
