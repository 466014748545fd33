package kit

import (
	"embed"
	"strings"
	"text/template"
)

// The units are also those of the packages.
//
//go:embed templates systemd
var embedded embed.FS

// fixed returns an embedded file as it is.
func fixed(name string) (string, error) {
	text, err := embedded.ReadFile(name)
	return string(text), err
}

// filled returns a template with its values. Its marks are [[ and ]], for workflows have
// {{ of their own.
func filled(name string, values any) (string, error) {
	t, err := template.New(name).Delims("[[", "]]").Option("missingkey=error").ParseFS(embedded, "templates/"+name)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.ExecuteTemplate(&b, name, values)
	return b.String(), err
}
