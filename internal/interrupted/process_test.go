//go:build unix

package interrupted

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// process is one keyturn that was started. Its pool's name is its access key's
// id too, and no two processes of a world have the same.
type process struct {
	t      *testing.T
	pool   string
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr bytes.Buffer
	// exited is closed when the process has ended.
	exited chan struct{}
}

// start starts keyturn with an environment of its own, as cron would give it
// one. It is killed at the test's end if it has not ended by then, also if it
// is stopped.
func (w *world) start(pool string, args ...string) *process {
	w.t.Helper()
	p := &process{t: w.t, pool: pool, exited: make(chan struct{})}
	p.cmd = exec.CommandContext(w.t.Context(), binary, args...)
	p.cmd.Dir = w.dir
	p.cmd.Env = append(sandbox.Env(w.address, region),
		"PATH="+os.Getenv("PATH"), "HOME="+w.dir, "KEYTURN_PLAN="+w.plan, "KEYTURN_POOL="+pool,
		"AWS_ACCESS_KEY_ID="+strings.ToUpper(pool))
	p.cmd.Env = append(p.cmd.Env, w.env...)
	// In a group of its own: should the tests themselves die, by a panic or a
	// time-out, the group is orphaned, and POSIX has what is stopped in it woken
	// and hung up.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // the exit code says how it ended
	}()
	w.t.Cleanup(func() { <-p.exited })
	return p
}

// startHeld starts keyturn and waits until one of its requests is held.
func (w *world) startHeld(pool string, which func(request) bool, where moment, args ...string) (*process, *hold) {
	w.t.Helper()
	h := w.proxy.hold(pool, which, where)
	p := w.start(pool, args...)
	select {
	case <-h.arrived:
	case <-p.exited:
		w.t.Fatalf("%s ended after %d requests: exit %d\n%s%s", pool, w.proxy.requests(pool), p.end(),
			p.stdout.String(), p.stderr.String())
	}
	return p, h
}

// end waits until the process is over and gives its exit code; -1 is a signal.
func (p *process) end() int {
	<-p.exited
	return p.cmd.ProcessState.ExitCode()
}

// ends waits for the process and fails the test unless its exit is one of those.
func (p *process) ends(allowed ...int) int {
	p.t.Helper()
	got := p.end()
	for _, want := range allowed {
		if got == want {
			return got
		}
	}
	p.t.Errorf("%s: exit %d, want one of %v\n%s%s", p.pool, got, allowed, p.stdout.String(), p.stderr.String())
	return got
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%s: %s: %v", p.pool, s, err)
	}
}

// kill ends the process as kill -9 does, and waits until it is gone.
func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// stop stops the process, and waits until all of it stands still.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGSTOP)
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil || !status.Stopped():
			p.t.Fatalf("%s did not stop: %v, status %x", p.pool, err, status)
		default:
			return
		}
	}
}

// resume lets a stopped process go on.
func (p *process) resume() {
	p.t.Helper()
	p.signal(syscall.SIGCONT)
}
