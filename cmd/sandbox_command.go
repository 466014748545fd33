package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// withServer runs a command while a sandbox serves, and ends as it does. A
// signal is for the command: keyturn passes it on and waits.
func withServer(ctx context.Context, box *sandbox.Sandbox, listener net.Listener, region string, command []string,
	env *Env) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	served := make(chan error, 1)
	go func() { served <- box.Serve(serving, listener) }()

	child := exec.CommandContext(ctx, command[0], command[1:]...)
	child.Env = append(without(os.Environ(), sandbox.UnsetEnv()), sandbox.Env(listener.Addr().String(), region)...)
	child.Stdin, child.Stdout, child.Stderr = env.Stdin, screen.Bare(env.Stdout), screen.Bare(env.Stderr)
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = 10 * time.Second
	err := child.Run()
	stop()
	if served := <-served; served != nil && err == nil {
		return served
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return end(plan.Exit(exitStatus(exit)))
	case errors.Is(err, exec.ErrNotFound) || child.ProcessState == nil:
		return usage("%s cannot be run: %v", command[0], err)
	}
	return fmt.Errorf("run %s: %w", command[0], err)
}

// exitStatus returns a command's exit code as a shell has it: 128 and the signal's
// number if one ended it.
func exitStatus(e *exec.ExitError) int {
	if code := e.ExitCode(); code >= 0 {
		return code
	}
	if w, ok := e.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return int(plan.ExitFailed)
}

// without leaves variables out of an environment.
func without(environ, names []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(names, name)
	})
}
