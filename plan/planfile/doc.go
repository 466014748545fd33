// Package planfile reads the plan, a YAML file, into plan.Policy values with all
// defaults filled in, and makes the JSON Schema of such files. It refuses whatever
// it does not know, and reports for each problem its place and what would be right.
// It is pure: it takes bytes, opens no file, and makes no call.
package planfile
