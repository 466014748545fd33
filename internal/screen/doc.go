// Package screen is the text that people read: what a run did and what is wrong, the steps
// ahead of a dry-run, status, audit, history, rehearsals, and errors with their hints.
//
// A Console is where a command prints, and a View the screen of one that is about a plan.
// Both are given what they need as values: the package reads no flag, no environment and no
// file, and asks AWS nothing. Text from elsewhere is cleaned here: see table.go and
// terminal.go.
//
// It must not know how a command found what it shows, nor the JSON of --output json.
package screen
