// Package status describes the state of a key at a moment, for people. It is pure:
// record, what KMS shows, and the time come in, and data comes out. It decides
// nothing: it asks package plan what a run would do next, so the screen never says
// anything else than what the run does. It must not call AWS, nor know how a screen
// looks.
package status
