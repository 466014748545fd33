//go:build unix

package peers

import (
	"bytes"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// process is one run of a peer, with all that it starts.
type process struct {
	cmd    *exec.Cmd
	output bytes.Buffer
	exited chan struct{}
	began  time.Time
	took   time.Duration
}

// startProcess starts a command in a process group of its own, so that a signal
// reaches whatever it has started, and nothing is left behind.
func startProcess(t *testing.T, p *process, env []string, command ...string) {
	t.Helper()
	p.cmd = exec.CommandContext(t.Context(), command[0], command[1:]...)
	p.cmd.Env, p.cmd.SysProcAttr = env, &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.Cancel = func() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
	p.exited, p.began = make(chan struct{}), time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // the exit code says how it ended
		p.took = time.Since(p.began)
	}()
	t.Cleanup(func() { <-p.exited })
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
}

// exit waits until the process is over; -1 is a signal.
func (p *process) exit() int {
	<-p.exited
	return p.cmd.ProcessState.ExitCode()
}

// cpu and memory count all that the process has started and waited for; memory is
// the largest resident set of one of them, in bytes.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

func (p *process) memory() int64 {
	usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return int64(usage.Maxrss) << 10 // Linux counts KiB
}
