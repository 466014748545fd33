package kit

import (
	"embed"
	"encoding/json"
	"strings"
	"text/template"
)

// The units are also those of the packages.
//
//go:embed templates systemd
var embedded embed.FS

// filled returns a template with its values. Its marks are [[ and ]], for workflows have
// {{ of their own.
func filled(name string, values any) (string, error) {
	t := template.New(name).Delims("[[", "]]").Option("missingkey=error").Funcs(template.FuncMap{"quoted": quoted,
		"hcl": hcl, "body": body, "camel": camel})
	t, err := t.ParseFS(embedded, "templates/"+name)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.ExecuteTemplate(&b, name, values)
	return b.String(), err
}

// quoted returns a text in double quotes, or a list of such texts, as JSON and YAML have it.
func quoted(value any) (string, error) {
	q, err := json.Marshal(value)
	return string(q), err
}

// add adds a filled template to the kit.
func (k *Kit) add(path, template string, values any) error {
	text, err := filled(template, values)
	k.Files = append(k.Files, File{Path: path, Text: text})
	return err
}
