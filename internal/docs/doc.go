// Package docs tests README.md and docs/: it runs what they show, checks that
// what they name exists, and that what exists is named. It has no code of its
// own.
package docs
