package docs

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/golden"
)

// docs/audit.md shows what an audit prints in each form. With -update it is written.
func TestAuditExample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := newWorldIn(t, dir, keeping)
		rotated(w)
		tag(alias+"/v2", "keyturn:claim", "another")(w)
		exit, text := w.keyturn("audit")
		if exit != 13 {
			t.Fatalf("exit %d\n%s", exit, text)
		}
		var doc struct{ Findings []json.RawMessage }
		var sarif struct {
			Runs []struct{ Results []json.RawMessage }
		}
		for form, into := range map[string]any{"json": &doc, "sarif": &sarif} {
			_, out, _ := w.run("audit", "--output", form)
			if err := json.Unmarshal([]byte(out), into); err != nil {
				t.Fatalf("%s: %v\n%s", form, err, out)
			}
		}
		example := "```console\n$ keyturn audit\n" + text + "```\n\nThe finding with `--output json`:\n\n```json\n" +
			indented(t, doc.Findings[0]) + "\n```\n\nWith `--output sarif`, as a result:\n\n```json\n" +
			indented(t, sarif.Runs[0].Results[0]) + "\n```\n"
		page := read(t, tamperingPage)
		const begin, end = "<!-- example -->\n", "<!-- end of example -->"
		before, rest, ok := strings.Cut(page, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no place for the example", tamperingPage)
		}
		example = stable(strings.ReplaceAll(example, dir, "/etc"))
		golden.Compare(t, filepath.Join(root, tamperingPage), before+begin+example+end+after)
	})
}

func indented(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
