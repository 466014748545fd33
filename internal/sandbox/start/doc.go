// Package start puts something into the embedded AWS of --sandbox when
// its state file is made: the lock table, and for each key of the plan a
// version somewhat older than its period, under the plan's alias and adopted,
// as a keyturn that has run for a while would have left it. So the first run
// has something to rotate.
//
// Nothing is faked. The embedded AWS is started as of the past, keys and
// aliases are made by SDK calls, and the adoption is the runner's own. It knows
// the embedded AWS alone, and must never be pointed at a real one.
package start
