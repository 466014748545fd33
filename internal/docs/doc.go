// Package docs holds the tests that keep README.md and docs/ honest: what they
// show is run, what they name exists, and what exists is named. It has no code
// of its own.
package docs
