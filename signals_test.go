package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/sandbox/start"
	"github.com/keyturn/keyturn/plan/planfile"
)

// A signal ends a run in good order: the call under way is finished, no new
// step is begun, the lease is freed, exit 130. A second interrupt or SIGTERM
// kills. A terminal that goes away sends SIGHUP more than once: that does not.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send")
	}
	const hup, intr, term = syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM
	for name, c := range map[string]struct {
		signals []syscall.Signal
		exit    int
		lease   bool
	}{
		"interrupt":               {[]syscall.Signal{intr}, 130, false},
		"terminate":               {[]syscall.Signal{term}, 130, false},
		"hang up":                 {[]syscall.Signal{hup}, 130, false},
		"hang up, three times":    {[]syscall.Signal{hup, hup, hup}, 130, false},
		"interrupt, then hang up": {[]syscall.Signal{intr, hup}, 130, false},
		"interrupt, twice":        {[]syscall.Signal{intr, intr}, -1, true},
		"hang up, then interrupt": {[]syscall.Signal{hup, intr}, -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			heard(t)
			r := startHeld(t, "keyturn")
			for n, s := range c.signals {
				r.signal(s)
				if n == 0 {
					r.says("a second signal kills")
				}
			}
			if c.lease { // it is dead before its call is let go
				_ = r.cmd.Wait()
			}
			r.ends(c.exit, c.lease)
		})
	}
}

// A SIGHUP that was ignored when keyturn started is none: the run goes on to its
// end.
func TestNohup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send")
	}
	for _, by := range [][]string{{"nohup", "keyturn"}, {"sh", "-c", `trap "" HUP; exec keyturn "$@"`, "sh"}} {
		t.Run(by[0], func(t *testing.T) {
			heard(t)
			r := startHeld(t, by...)
			r.signal(syscall.SIGHUP)
			r.ends(0, false)
		})
	}
}

// Who reads stderr may be gone with the terminal, too. That the run cannot say
// that it was interrupted does not kill it.
func TestHangUpTakesTheReaderAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send")
	}
	heard(t)
	r := startHeld(t, "keyturn")
	if err := r.stderr.Close(); err != nil {
		t.Fatal(err)
	}
	r.signal(syscall.SIGHUP)
	r.signal(syscall.SIGHUP)
	r.ends(130, false)
}

// Nobody may read what a run says: a pager that was left, a logger that died. What could
// not be said is exit 1, and the run does its work all the same and frees its leases.
func TestClosedPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGPIPE")
	}
	server := (&held{hold: closed(), came: make(chan struct{})}).start(t)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("keyturn", "run", "--plan", "testdata/plans/quickstart.yaml")
	run.Env = append(outside(), sandbox.Env(strings.TrimPrefix(server, "http://"), "")...)
	run.Stdout, run.Stderr = writer, writer
	_ = run.Run()
	if got := run.ProcessState.ExitCode(); got != 1 {
		t.Errorf("%v, want exit 1", run.ProcessState)
	}
	status := exec.Command("keyturn", "status", "--output", "json", "--plan", "testdata/plans/quickstart.yaml")
	status.Env = run.Env
	out, err := status.Output()
	var d document.Status
	if err != nil || json.Unmarshal(out, &d) != nil || len(d.Keys) < 3 {
		t.Fatalf("status: %v\n%s", err, out)
	}
	for _, k := range d.Keys {
		if k.Active == nil || k.Active.Version != 2 || k.Lease != nil {
			t.Errorf("%s: active %+v, lease %+v", k.Name, k.Active, k.Lease)
		}
	}
}

func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// heard gives processes that a test starts the default for SIGHUP, also where
// the tests themselves were started by nohup.
func heard(t *testing.T) {
	t.Helper()
	came := make(chan os.Signal, 1)
	signal.Notify(came, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(came) })
}

// heldRun is a run whose CreateKey is held.
type heldRun struct {
	t      *testing.T
	box    *held
	cmd    *exec.Cmd
	stderr io.ReadCloser
	lines  *bufio.Reader
	out    bytes.Buffer
}

// startHeld starts a run and returns once it has made its CreateKey.
func startHeld(t *testing.T, command ...string) *heldRun {
	t.Helper()
	t.Setenv("GORACE", atOnce)
	r := &heldRun{t: t, box: &held{hold: make(chan struct{}), came: make(chan struct{})}}
	server := r.box.start(t)
	args := append(command[1:len(command):len(command)], "run",
		"--plan", "testdata/plans/quickstart.yaml", "--key", "orders-data")
	r.cmd = exec.Command(command[0], args...)
	r.cmd.Env = append(outside(), sandbox.Env(strings.TrimPrefix(server, "http://"), "")...)
	r.cmd.Stdout = &r.out
	var err error
	if r.stderr, err = r.cmd.StderrPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // of one that has ended: no effect
		_ = r.cmd.Process.Kill()
		r.box.letGo()
	})
	r.lines = bufio.NewReader(r.stderr)
	<-r.box.came
	return r
}

func (r *heldRun) signal(s os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// says waits for a line on stderr.
func (r *heldRun) says(text string) {
	r.t.Helper()
	for {
		line, err := r.lines.ReadString('\n')
		if strings.Contains(line, text) {
			return
		}
		if err != nil {
			r.t.Fatalf("it has not said %q: %v", text, err)
		}
	}
}

// ends lets the call go, and checks how the run ends and whether it leaves its
// lease behind.
func (r *heldRun) ends(exit int, lease bool) {
	r.t.Helper()
	r.box.letGo()
	rest, _ := io.ReadAll(r.lines)
	_ = r.cmd.Wait()
	if got := r.cmd.ProcessState.ExitCode(); got != exit {
		r.t.Errorf("exit %d, want %d\n%s%s", got, exit, rest, &r.out)
	}
	status := exec.Command("keyturn", "status", "--output", "json",
		"--plan", "testdata/plans/quickstart.yaml", "--key", "orders-data")
	status.Env = r.cmd.Env
	out, err := status.Output()
	if err != nil || strings.Contains(string(out), `"lease"`) != lease {
		r.t.Errorf("status: %v, want a lease: %t\n%s", err, lease, out)
	}
}

// held is the sandbox of a first start, on loopback, that holds the first
// CreateKey until hold is closed.
type held struct {
	hold, came chan struct{}
	once, let  sync.Once
}

func (h *held) start(t *testing.T) (url string) {
	t.Helper()
	p, err := planfile.Parse("quickstart.yaml", quickstart)
	if err != nil {
		t.Fatal(err)
	}
	box, err := start.Open(t.Context(), filepath.Join(t.TempDir(), "sandbox.json"), p)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreateKey") {
			h.once.Do(func() {
				close(h.came)
				<-h.hold
			})
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// letGo answers the call, also if it was let go before.
func (h *held) letGo() { h.let.Do(func() { close(h.hold) }) }

// outside returns this process's environment, of no job of GitHub Actions.
func outside() []string { return append(os.Environ(), "GITHUB_ACTIONS=") }
