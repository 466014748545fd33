// Package cmd is the command line: one verb a file, flags, and printing. It
// decides nothing. What happens to a key is plan's, how a run goes is
// internal/rotate's, how a key is doing internal/status's and internal/audit's;
// this package turns arguments into a request and a report into text, JSON and
// an exit code (exit.go, the only place that knows them).
//
// It knows how people and scripts talk to keyturn: whom to ask for confirmation,
// what goes to stdout and what to stderr, what to type next. It must not know a
// rule of the protocol, and makes no call of its own that changes KMS or writes
// a record; `init` makes the table.
//
// No package variable changes and there is no init: what a command needs of the
// process comes in as an Env, so that tests run it in their own process.
package cmd
