// Package planfile reads the plan, a YAML file, into plan.Policy values with all
// defaults filled in, and makes the JSON Schema of such files. It refuses whatever
// it does not know, and says of each problem where it stands and what would be
// right. It is pure: it is given bytes, opens no file, and asks AWS nothing.
package planfile
