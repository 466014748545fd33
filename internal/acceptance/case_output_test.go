package acceptance

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// runDocument is what a script reads of "keyturn/run/1": the names are the
// promise, so they stand here and are not cmd's.
type runDocument struct {
	Format string `json:"format"`
	Run    string `json:"run"`
	Exit   int    `json:"exit"`
	Keys   []struct {
		Name    string `json:"name"`
		Outcome string `json:"outcome"`
		Did     string `json:"did"`
		Changed bool   `json:"changed"`
		Calls   []struct {
			Operation string `json:"operation"`
			Answer    string `json:"answer"`
		} `json:"calls"`
		Refusal *struct {
			Code string `json:"code"`
			What string `json:"what"`
		} `json:"refusal"`
		Next struct {
			Commands [][]string `json:"commands"`
		} `json:"next"`
	} `json:"keys"`
}

// operations returns the calls of the first key.
func (d runDocument) operations() []string {
	var all []string
	for _, c := range d.Keys[0].Calls {
		all = append(all, c.Operation)
	}
	return all
}

func documents(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	var d runDocument
	w.document(0, &d, "run")
	if d.Format != "keyturn/run/1" || len(d.Run) != 8 || d.Keys[0].Name != w.name || d.Keys[0].Did != "rotated" ||
		!d.Keys[0].Changed {
		t.Errorf("run: %+v", d)
	}
	for _, c := range d.Keys[0].Calls {
		if c.Answer != "yes" {
			t.Errorf("call %s: answer %q", c.Operation, c.Answer)
		}
	}
	for verb, want := range map[string]string{"status": "keyturn/status/1", "audit": "keyturn/audit/1",
		"history": "keyturn/history/1"} {
		var doc struct {
			Format string `json:"format"`
		}
		exit, args := 0, []string{verb}
		switch verb {
		case "history":
			args = append(args, w.name, "--verify")
		case "audit":
			exit = auditExit(s)
		}
		w.document(exit, &doc, args...)
		if doc.Format != want {
			t.Errorf("%s: format %q", verb, doc.Format)
		}
	}
	var failed struct {
		Format, Message string
	}
	w.document(64, &failed, "rotate", "nothing", "--reason", "x")
	if failed.Format != "keyturn/error/1" || !strings.Contains(failed.Message, "nothing") {
		t.Errorf("an error: %+v", failed)
	}
	w.jsonLines(w.want(0, "init", "--table", "--log", "json").err)
	w.due()
	log := w.want(0, "run", "--log", "json").err
	if n := w.jsonLines(log); n < 8 {
		t.Errorf("a rotation has %d lines of log", n)
	}
}

// jsonLines checks that stderr has nothing but lines of --log json, and counts
// them.
func (w *world) jsonLines(text string) (n int) {
	lines := bufio.NewScanner(strings.NewReader(text))
	for ; lines.Scan(); n++ {
		if !json.Valid(lines.Bytes()) {
			w.t.Errorf("a line on stderr that is none of --log json: %s", lines.Text())
		}
		if strings.Contains(lines.Text(), "AWS4-HMAC") {
			w.t.Errorf("a signature was logged: %s", lines.Text())
		}
	}
	return n
}

func exitCodes(t *testing.T, s suite) {
	w := newWorld(t, s.backend)
	w.want(10, "run", "--detailed-exitcode") // adopts
	w.want(0, "run", "--detailed-exitcode")
	w.want(64, "run", "--nonsense")
	w.want(64, "rotate", "nobody", "--reason", "x")

	// 11: the one that has the lease was killed a moment ago.
	w.due()
	creates := func(operation string) bool { return operation == "CreateKey" }
	if got := w.runKilled("victim", creates, "run").exit; got != -1 {
		t.Errorf("the victim ended with %d", got)
	}
	w.want(11, "run", "--wait", "1s")
	w.advance(plan.LeaseFor + time.Second)
	w.want(0, "run")
	w.settled(2, 2)

	// 130: a signal in the middle of a call. It is finished, and the lease freed.
	if runtime.GOOS != "windows" {
		w.due()
		h, ended := w.runHeld("pool1", "CreateKey")
		if err := w.signal("pool1", os.Interrupt); err != nil {
			t.Fatal(err)
		}
		close(h.let)
		if r := <-ended; r.exit != 130 {
			t.Errorf("interrupted: exit %d\n%s", r.exit, r.said())
		}
		if l := w.record().Lease; l != nil {
			t.Errorf("interrupted, and the lease is still out: %+v", l)
		}
		w.want(0, "run")
		w.settled(3, 3)
	}

	// 1: no endpoint answers properly.
	broken := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusInternalServerError)
	}))
	defer broken.Close()
	cmd := w.command("pool1", "run")
	cmd.Env = append(cmd.Env, sandbox.Env(strings.TrimPrefix(broken.URL, "http://"), region)...)
	if r := w.start(map[string]*exec.Cmd{"pool1": cmd}, func(string) {})[0]; r.exit != 1 {
		t.Errorf("an endpoint that is broken: exit %d\n%s", r.exit, r.said())
	}
	// 13 is the case "drift".
}

func audited(t *testing.T, s suite) {
	w := newWorld(t, s.backend, "retire: {action: disable, unless_used_within: off}").adopted()
	w.due().want(0, "run")
	w.want(0, w.confirmed("rollback", "callers fail")...)
	w.advance(31 * day)
	w.want(0, "run")
	w.due().want(0, "run")
	var d struct {
		Findings []struct {
			Code string `json:"code"`
			Key  string `json:"key"` // none: it is about the table
		} `json:"findings"`
		Keys int `json:"keys"`
	}
	w.document(auditExit(s), &d, "audit")
	for _, f := range d.Findings {
		if f.Key != "" || s.has(deletionProtection) {
			t.Errorf("found %+v", f)
		}
	}
	if d.Keys != 1 {
		t.Errorf("%d keys were audited", d.Keys)
	}
}

// auditExit is 1 where something cannot be read: whether the table is backed up.
func auditExit(s suite) int {
	if s.has(backups) {
		return 0
	}
	return 1
}
