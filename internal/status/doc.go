// Package status says what the record of a key amounts to at a moment, for
// people. It is pure: record, what KMS shows, and the time come in, data comes
// out, and package cmd prints it. It decides nothing: what a run would do next
// it asks package plan, so the screen cannot say one thing and the run do
// another. It must not call AWS, nor know how a screen looks.
package status
