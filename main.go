// Command keyturn rotates AWS KMS keys from many pools at once, safely. Every
// pool runs it from cron at the same instant; exactly one rotation happens,
// every other run is a safe no-op, and nothing else has to run.
//
// The packages:
//
//	cmd/               the command line: one verb a file
//	plan/              the rules, pure: words, windows, record, Decide, Apply
//	plan/planfile/     the YAML file: reading, checking, JSON Schema
//	kms/               AWS KMS: look, perform one step, the signature fence
//	ddblock/           the record in DynamoDB: read many, write one under its revision
//	internal/rotate/   the runner: the one place where plan, kms and ddblock meet
//	internal/survey/   what status, audit and init read of AWS
//	internal/screen/   text for people
//	internal/document/  the JSON documents
//	internal/awscall/  clients, AWS's time, what an answer is worth
//	internal/status/   what a record amounts to, for people
//	internal/audit/    whether record, KMS and plan agree
//	internal/iam/, internal/firstplan/   what init prints: policies, a first plan
//	internal/rehearsal/  any order and any fault, drawn from a seed, for `keyturn rehearse`
//	internal/rehearsal/search/  every order and every fault, for tests
//	internal/sandbox/  an AWS inside this program, for tests and for --sandbox
//	internal/sandbox/start/  what --sandbox begins with
//	docs/              the protocol, the plan, the record, the runbook
//
// Start reading at plan/doc.go.
package main

import (
	"context"
	_ "embed" // the quickstart plan
	"os"
	"os/signal"
	"syscall"

	"github.com/keyturn/keyturn/cmd"
)

//go:embed testdata/plans/quickstart.yaml
var quickstart []byte

var version = "dev" // set by the linker

func main() { os.Exit(run()) }

func run() int {
	ctx, cancel := untilSignal()
	defer cancel()
	return cmd.Main(ctx, os.Args[1:], cmd.Process(version, quickstart))
}

// untilSignal returns a context that the first signal ends: what is under way is
// finished or stopped before its next effect, the lease is freed. After it an
// interrupt or SIGTERM kills. A further SIGHUP does not: when a terminal goes
// away, a process gets two, from the kernel and from its shell.
//
// A SIGHUP that was ignored when keyturn started, as under nohup, stays ignored:
// signal.Notify would override that.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(came, syscall.SIGHUP)
	}
	// When the terminal goes away, so do the readers of its pipes. A line that cannot
	// be printed must not kill a run that holds a lease; by default Go lets SIGPIPE
	// do so.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		select {
		case <-came:
			signal.Reset(os.Interrupt, syscall.SIGTERM) // first: whoever sees ctx end may rely on it
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
