package github

import (
	"fmt"
	"strings"
)

// Annotation is a message about a line of a file.
type Annotation struct {
	// Level is error or warning.
	Level string
	// File and Line are empty if it is about no file. Column is from 1; 0: it is not known.
	File         string
	Line, Column int
	Title, Text  string
}

const (
	levelError   = "error"
	levelWarning = "warning"
)

// String returns the workflow command, without a line end:
// https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
func (a Annotation) String() string {
	var properties []string
	if a.File != "" {
		properties = append(properties, "file="+property(a.File), fmt.Sprintf("line=%d", max(a.Line, 1)))
	}
	if a.File != "" && a.Column > 0 {
		properties = append(properties, fmt.Sprintf("col=%d", a.Column))
	}
	properties = append(properties, "title="+property(a.Title))
	return "::" + a.Level + " " + strings.Join(properties, ",") + "::" + message(a.Text)
}

// message escapes the text of a command.
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
