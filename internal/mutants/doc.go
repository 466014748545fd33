// Package mutants takes each guard of keyturn out in turn and sees whether the
// rehearsal notices: a search that finds nothing wrong with a program whose
// guards are gone shows nothing about the one that has them.
//
// A mutant is a file in testdata/mutants: which guard, what it reads like
// without it, and with which scenes it is hunted. It knows nothing else; the
// searches are internal/rehearsal/search's. scripts/mutants.sh hunts them all.
package mutants
