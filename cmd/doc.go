// Package cmd is the command line: one verb a file, which turns flags into a request and
// what came of it into a report. It decides nothing, asks AWS nothing by itself, and lays
// no text out. What happens to a key is plan's, how a run goes is internal/rotate's, what
// is read for a look internal/survey's; internal/screen and internal/document show it.
//
// It knows how people and scripts talk to keyturn: who is asked for confirmation, what goes
// to stdout and what to stderr. It must not know a rule of the protocol.
//
// No package variable changes and there is no init: what a command needs of the process
// comes in as an Env, so that tests run it in their own process.
package cmd
