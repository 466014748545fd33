package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// waiter is the keyturn that a script has waiting.
type waiter struct {
	cmd *exec.Cmd
	// rest is what follows on its stderr.
	rest           *bufio.Reader
	stdout, stderr bytes.Buffer
}

// waiting starts keyturn and lets the script go on as soon as its log says that it
// stands by. waited waits for its end:
//
//	waiting rollback orders-data --wait 20m
//	waited 0
//
// After waited, stdout and stderr are those of that keyturn, as after exits.
func waiting(ts *testscript.TestScript, _ bool, args []string) {
	w := ts.Value("waiter").(*waiter)
	*w = waiter{cmd: exec.Command("keyturn", append(args, "--log", "json")...)}
	w.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "XDG_STATE_HOME", "KEYTURN_POOL", "GORACE",
		"AWS_EC2_METADATA_DISABLED"} {
		w.cmd.Env = append(w.cmd.Env, name+"="+ts.Getenv(name))
	}
	w.cmd.Stdout = &w.stdout
	said, err := w.cmd.StderrPipe()
	ts.Check(err)
	ts.Check(w.cmd.Start())
	ts.Defer(func() { _ = w.cmd.Process.Kill() }) // of one that has ended: no effect
	w.rest = bufio.NewReader(said)
	for {
		line, err := w.rest.ReadString('\n')
		w.stderr.WriteString(line)
		if strings.Contains(line, `"act":"wait"`) {
			return
		}
		if err != nil {
			ts.Fatalf("keyturn %s ended, and has not waited\n%s", strings.Join(args, " "), &w.stderr)
		}
	}
}

func waited(ts *testscript.TestScript, _ bool, args []string) {
	w := ts.Value("waiter").(*waiter)
	_, err := io.Copy(&w.stderr, w.rest)
	ts.Check(err)
	err = w.cmd.Wait()
	got := "0"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else {
		ts.Check(err)
	}
	_, _ = ts.Stdout().Write(w.stdout.Bytes())
	_, _ = ts.Stderr().Write(w.stderr.Bytes())
	if got != args[0] {
		ts.Fatalf("exit %s, want %s\n%s%s", got, args[0], &w.stdout, &w.stderr)
	}
}
