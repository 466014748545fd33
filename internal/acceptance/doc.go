// Package acceptance holds tests that start the real binary, many times at
// once, and kill it for real, against an AWS endpoint on loopback. It has no
// code of its own.
package acceptance
