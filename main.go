// Command keyturn rotates AWS KMS keys from many pools at once, safely. Every
// pool runs it from cron at the same instant; exactly one rotation happens,
// every other run is a safe no-op, and nothing else has to run.
//
// The packages:
//
//	cmd/                         the command line: one verb a file
//	plan/                        the rules, pure: words, windows, record, Decide, Apply
//	plan/planfile/               the YAML file: reading, checking, JSON Schema
//	kms/                         AWS KMS: looks, changes, the signature fence
//	ddblock/                     the record in DynamoDB: read many, write one under its revision
//	internal/rotate/             the runner: asks plan what to do, does it by kms and ddblock
//	internal/survey/             what status, audit and init read of AWS
//	internal/screen/             text for people
//	internal/document/           the JSON documents
//	internal/github/             what a job of GitHub Actions is told
//	internal/junit/              results as JUnit XML
//	internal/saved/              the file of a saved decision
//	internal/webpage/            the report for an assessor as a page
//	internal/awscall/            clients, AWS's time, what an answer is worth
//	internal/roots/              the roots of TLS, where the system has none
//	internal/parallel/           several things at once, in real or in virtual time
//	internal/status/             the state of a key, for people
//	internal/audit/              whether record, KMS and plan agree
//	internal/trail/              what CloudTrail has recorded, beside the ledgers
//	internal/evidence/           the report for an assessor
//	internal/iam/                the policies that init prints
//	internal/notify/             calls what a plan names outside AWS
//	internal/metrics/            what a run knows at its end, for Prometheus
//	internal/firstplan/          the first plan that init prints
//	internal/kit/                the files of init --kit
//	internal/cost/               what a plan costs in a month
//	internal/rehearsal/          any order and any fault, drawn from a seed, for `keyturn rehearse`
//	internal/rehearsal/search/   every order and every fault, for tests
//	internal/rehearsal/wave/     all pools at once on a plan of due keys, in virtual time
//	internal/sandbox/            an AWS inside this program, for tests and for --sandbox
//	internal/sandbox/start/      what --sandbox begins with
//	internal/sample/             a run with a key of each kind, for tests of what shows one
//	internal/itemsize/           the bytes of an item of DynamoDB, for tests
//	internal/bench/              keyturn measured against a plain program, for docs/performance.md
//	scripts/picture/             draws the picture of README.md
//	docs/                        the protocol, the plan, the record, the runbook
//
// Start reading at plan/doc.go; then plan/decide.go decides what comes next, and
// internal/rotate/rotate.go does it.
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

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	ctx, cancel := untilSignal()
	defer cancel()
	return cmd.Main(ctx, os.Args[1:], cmd.Process(version, quickstart))
}

// untilSignal returns a context that the first signal ends. A run then finishes the
// call in flight, stops before its next change and frees the lease. A second
// interrupt or SIGTERM kills the process. A second SIGHUP does not: when a terminal
// goes away, both the kernel and the shell send one.
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
	// The reader of a pipe may go away with the terminal. By default Go lets SIGPIPE
	// kill the process then; a line that cannot be printed must not kill a run that
	// holds a lease.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		select {
		case <-came:
			signal.Reset(os.Interrupt, syscall.SIGTERM) // before ctx ends: then a second one kills
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
