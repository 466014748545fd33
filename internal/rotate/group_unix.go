//go:build unix

package rotate

import (
	"os/exec"
	"syscall"
)

// endWithChildren has the end of a command's context end the processes that it has started, too:
// it gets a process group of its own.
func endWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
