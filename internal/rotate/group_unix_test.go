//go:build unix

package rotate

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A command that takes too long leaves no process behind: what it started holds the
// pipe open for as long as it lives.
func TestCommandEndsWithChildren(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		c := Command{Command: []string{"/bin/sh", "-c", `sleep 60 >"$PIPE" & wait`}, Env: []string{"PIPE=" + pipe}}
		_, err := c.Run(ctx)
		ended <- err
	}()
	held, err := os.OpenFile(pipe, os.O_RDONLY, 0) // waits until somebody has opened it to write
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close() //nolint:errcheck // it is only read
	cancel()
	if err := <-ended; err == nil {
		t.Error("a command that was ended has succeeded")
	}
	if err := held.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(held); err != nil {
		t.Errorf("a child of the command still runs: %v", err)
	}
}
