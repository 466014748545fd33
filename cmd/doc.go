// Package cmd is the command line: one verb a file, which turns flags into a request and
// its result into a report. It decides nothing, makes no call itself, and lays out no text.
// plan decides what happens to a key, internal/rotate does it, internal/survey reads what
// status, audit and init show, and internal/screen and internal/document print.
//
// It knows how people and scripts talk to keyturn: who is asked for confirmation, what goes
// to stdout and what to stderr. It must not know a rule of the protocol.
//
// No package variable changes and there is no init: what a command needs of the process
// comes in as an Env, so that tests run it in their own process.
package cmd
