// Package github is what keyturn tells a job of GitHub Actions: annotations, the summary of a
// step, and its outputs. It is made of the JSON documents, and of no text that was printed.
//
// Text in a document is data. The runner takes a line for a command if it begins with ::, or
// has ##[ anywhere; so annotations are escaped as the runner wants it, a summary has no
// Markdown and no HTML but its own, and outputs are numbers. Whatever else keyturn prints in
// such a job, package screen defuses.
//
// It must not know how anything was found, nor where it is written.
package github
