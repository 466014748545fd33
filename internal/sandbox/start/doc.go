// Package start fills the embedded AWS of --sandbox when its state file is
// made. It makes the lock table and, for each key of the plan, a version that is
// a little older than its period, with the plan's alias, and adopted. So the
// first run has something to rotate.
//
// It uses the real code: the embedded AWS starts in the past, SDK calls make
// keys and aliases, and the runner adopts them. It knows only the embedded AWS,
// and must never be used on a real one.
package start
