// Package cmd is the command line: one verb a file, flags, and printing. It
// decides nothing. What happens to a key is plan's, how a run goes is
// internal/rotate's; this package turns arguments into a request and a report
// into text, JSON and an exit code (exit.go, the only place that knows them).
//
// There are no package variables and no init: what a command needs of the
// process comes in as an Env, so that tests run it in their own process.
package cmd
