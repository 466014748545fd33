package cmd

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/keyturn/keyturn/internal/screen"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
)

// Env is all that the command line takes from its process.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// StdinTTY, StdoutTTY and StderrTTY report whether each is a terminal: whether
	// commands ask, show progress and use colours.
	StdinTTY, StdoutTTY, StderrTTY bool
	// StdoutWidth and StderrWidth return how many columns each has just now; nil, or 0, if
	// it is no terminal.
	StdoutWidth, StderrWidth func() int

	LookupEnv func(string) (string, bool)
	Hostname  func() (string, error)
	// RunID returns 8 hex digits, new for every run.
	RunID func() string
	// Random, if given, is where runs draw ids and jitter from: that of a test.
	Random io.Reader
	// Host is where a run waits for its turn to change KMS, and before it repeats a
	// write; nil is this machine.
	Host survey.Host

	// Version is "" or "dev" if it is not a release.
	Version string
	// Quickstart is the plan of --sandbox if none is given.
	Quickstart []byte

	// Transport, if given, answers in AWS's place, with --sandbox too: that of a test.
	Transport http.RoundTripper

	// Outside, if given, answers in place of what a plan names outside AWS: that of a test.
	Outside http.RoundTripper

	// color is what --color says; "" is auto. quiet is --quiet, and compact is that a
	// document is one line. They are set by process.
	color          string
	quiet, compact bool
	// github is that a job of GitHub Actions is told of the documents, and plan the last one
	// that was read.
	github    bool
	documents []any
	plan      *loaded
	// explain is set by the session, once there is one.
	explain func(context.Context, error) error
	// ends are what follows once the exit code of the command is known. They do not change it.
	ends []func(*screen.Console, plan.Exit)
	// elapsed returns how long the command has run.
	elapsed func() time.Duration
	// con is the session's, once there is one.
	con *screen.Console
}

// Process returns the Env of this process.
func Process(version string, quickstart []byte) Env {
	tty := func(f *os.File) bool { return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()) }
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdoutWidth: widthOf(os.Stdout), StderrWidth: widthOf(os.Stderr),
		StdinTTY: tty(os.Stdin), StdoutTTY: tty(os.Stdout), StderrTTY: tty(os.Stderr),
		LookupEnv: os.LookupEnv, Hostname: os.Hostname, RunID: newRunID,
		Version: version, Quickstart: quickstart,
	}
}

// widthOf returns how to ask for the width of a terminal.
func widthOf(f *os.File) func() int {
	return func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0 // it is none
		}
		return width
	}
}

// newRunID returns a random name for a run. It stands in the record, in every log
// line and in the User-Agent; 32 bits tell the runs of a year apart.
func newRunID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program first
	return hex.EncodeToString(b[:])
}

// get returns a variable's value; "" if it is not set.
func (e Env) get(name string) string {
	v, _ := e.LookupEnv(name)
	return v
}

// colour reports whether text for a stream may be coloured: https://no-color.org, and
// https://bixense.com/clicolors for CLICOLOR_FORCE.
func (e Env) colour(tty bool) bool {
	switch force := e.get("CLICOLOR_FORCE"); {
	case e.color == colorAlways:
		return true
	case e.color == colorNever, e.get("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return tty && e.get("TERM") != "dumb"
}

// console returns where a command prints.
func (e *Env) console(log bool, same screen.Same) *screen.Console {
	labels := screen.Labels{Release: e.Version, TraceID: traceOf(e.get("TRACEPARENT"))}
	return screen.NewConsole(screen.Streams{Labels: labels,
		Out: e.Stdout, Err: e.Stderr, OutTTY: e.StdoutTTY, ErrTTY: e.StderrTTY,
		OutWidth: e.StdoutWidth, ErrWidth: e.StderrWidth,
		OutColour: e.colour(e.StdoutTTY), ErrColour: e.colour(e.StderrTTY), Log: log, Run: e.RunID(), Same: same,
		Quiet: e.quiet})
}
