// Package metrics writes what a run knows at its end in the text format of Prometheus. It is
// pure: the report of the run and the records come in, and text comes out. It must not call
// AWS, nor know where the text goes.
package metrics
