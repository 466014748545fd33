// Package document is the JSON of --output json: one type for each format, and how it is
// made of what a command has found.
//
// A format has a version. Fields may be added to a version, never taken away or given
// another meaning. Times are RFC 3339 in UTC; what is not known is absent. docs/json.md
// describes each field.
//
// It must not know how anything is found, nor what a person reads.
package document
