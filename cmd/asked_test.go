package cmd

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// askedMeanwhile runs a command on a terminal. Between the question and the answer something
// else happens.
func (c *cloud) askedMeanwhile(then func(), args ...string) (*process, int) {
	p := newProcess()
	answer, typed := io.Pipe()
	p.Stdin, p.StdinTTY, p.StderrTTY = asked{answer, func() {
		then()
		go func() { _, _ = typed.Write([]byte("orders-data\n")) }()
	}}, true, true
	defer func() { _ = typed.Close() }()
	return c.runIn(c.t.Context(), p, args...)
}

// A person is asked whether v2 shall be rolled back to v1. Before the answer somebody has made
// v3. Going from v3 to v2 is not what was confirmed.
func TestRollbackOfWhatWasAsked(t *testing.T) {
	c := rotatedCloud(t)
	v2 := c.behind()
	p, exit := c.askedMeanwhile(func() {
		c.must("rotate", "orders-data", "--again", "--reason", "v2 is bad", "--confirm", "orders-data")
	}, "rollback", "orders-data", "--reason", "callers fail")
	if c.behind() == v2 {
		t.Errorf("exit %d, and the alias went from v3 to v2\n%s%s", exit, p.err.String(), p.out.String())
	}
}

// A person is asked whether to accept one key, and another one stands behind the alias when
// they answer.
func TestAdoptOfWhatWasAsked(t *testing.T) {
	c := newCloud(t)
	c.drift()
	p, exit := c.askedMeanwhile(c.drift, "adopt", "orders-data", "--reason", "moved by Terraform")
	if exit == 0 {
		t.Errorf("exit 0; behind the alias is %s\n%s%s", c.behind(), p.err.String(), p.out.String())
	}
}

// Two persons are asked whether to rotate v2, and both want one more. Whoever answers later is
// told who has made it, and no second one is made.
func TestRotateOfWhatWasAsked(t *testing.T) {
	c := rotatedCloud(t)
	var v3 string
	p, exit := c.askedMeanwhile(func() {
		c.must("rotate", "orders-data", "--again", "--reason", "v2 is bad", "--confirm", "orders-data")
		v3 = c.behind()
	}, "rotate", "orders-data", "--again", "--reason", "key leaked")
	if exit != 0 || c.behind() != v3 || !strings.Contains(p.out.String()+p.err.String(), "v3 has been live since") {
		t.Errorf("exit %d\n%s%s", exit, p.err.String(), p.out.String())
	}
}

// A person is asked whether to rebuild the record with v2 live, and another key stands behind
// the alias when they answer.
func TestRebuildOfWhatWasAsked(t *testing.T) {
	c := rotatedCloud(t)
	c.lose("orders-data")
	p, exit := c.askedMeanwhile(c.drift, "adopt", "orders-data", "--from-kms", "--reason", "the record was lost")
	if text := p.err.String() + p.out.String(); exit != 13 || !strings.Contains(text, "when the question was asked") {
		t.Errorf("exit %d; behind the alias is %s\n%s", exit, c.behind(), text)
	}
	c.must("adopt", "orders-data", "--from-kms", "--reason", "the record was lost", "--confirm", "orders-data")
}

// A person is asked while a move of the alias may still arrive, so no key is shown, and says
// yes: the adopt waits for that, and accepts what it then finds.
func TestAdoptOfWhatMayArrive(t *testing.T) {
	c := rotatedCloud(t)
	c.lose("orders-data")
	c.must("adopt", "orders-data", "--from-kms", "--reason", "the record was lost", "--confirm", "orders-data")
	c.drift()
	p, exit := c.askedMeanwhile(func() { c.advance(21 * time.Minute) },
		"adopt", "orders-data", "--reason", "moved by Terraform", "--wait", "25m")
	if text := p.err.String() + p.out.String(); exit != 0 || !strings.Contains(text, "may still arrive") {
		t.Errorf("exit %d\n%s", exit, text)
	}
}

// While the look ahead cannot see what an adopt would accept, nothing is accepted: not without
// a question, and not when it could be seen a moment later.
func TestAdoptWhoseLookAheadFails(t *testing.T) {
	c := rotatedCloud(t)
	c.drift()
	n := 0
	c.with(func(q *http.Request) (*http.Response, error) {
		if strings.HasSuffix(q.Header.Get("X-Amz-Target"), ".ListAliases") {
			if n++; n <= 12 {
				return nil, errors.New("connection reset")
			}
		}
		return nil, nil
	})
	p, exit := c.run("adopt", "orders-data")
	if exit != 1 {
		t.Errorf("exit %d\n%s%s", exit, p.err.String(), p.out.String())
	}
	if p, exit = c.run("adopt", "orders-data"); exit != 64 {
		t.Errorf("exit %d\n%s%s", exit, p.err.String(), p.out.String())
	}
}

// The same of a rebuild: KMS does not agree with itself while the look ahead looks.
func TestRebuildWhoseLookAheadFails(t *testing.T) {
	c := rotatedCloud(t)
	c.lose("orders-data")
	c.meanwhile("DescribeKey", c.drift)
	p, exit := c.run("adopt", "orders-data", "--from-kms")
	if exit != 1 && exit != 64 {
		t.Errorf("exit %d\n%s%s", exit, p.err.String(), p.out.String())
	}
}

// A person is asked whether to rebuild a record that is lost. Before the answer somebody else
// has rebuilt it, and cron has gone on.
func TestRebuildOfARecordThatIsThereAgain(t *testing.T) {
	c := rotatedCloud(t)
	c.lose("orders-data")
	p, exit := c.askedMeanwhile(func() {
		c.must("adopt", "orders-data", "--from-kms", "--reason", "lost", "--confirm", "orders-data")
		c.advance(91 * day)
		c.write(threeKeys + "before_switch: exit 1\n")
		c.run("run", "--key", "orders-data") // makes v3, and waits
	}, "adopt", "orders-data", "--from-kms", "--reason", "lost")
	if exit != 13 || !strings.Contains(p.err.String(), "written since the question was asked") {
		t.Errorf("exit %d\n%s%s", exit, p.err.String(), p.out.String())
	}
}
