package docs

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// docs/ci.md uses the action with the inputs and commands that it has, and lists them; what
// it shows is YAML.
func TestActionPage(t *testing.T) {
	var action struct {
		Inputs  map[string]any
		Outputs map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	page := read(t, "docs/ci.md")
	for name := range maps.Keys(action.Inputs) {
		if !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("the page does not list the input %s", name)
		}
	}
	for name := range maps.Keys(action.Outputs) {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not name the output %s", name)
		}
	}
	_, list, _ := strings.Cut(read(t, "scripts/action.sh"), "is none of ")
	list, _, _ = strings.Cut(list, `"`)
	commands := strings.Split(list, ", ")
	uses := 0
	for _, b := range blocks(page) {
		if b.language != "yaml" {
			continue
		}
		var shown struct {
			Jobs map[string]struct {
				Steps []struct {
					Uses string
					With map[string]any
				}
			}
		}
		if err := yaml.Unmarshal([]byte(strings.Join(b.lines, "\n")), &shown); err != nil {
			t.Errorf("line %d: %v", b.line, err)
		}
		for name, job := range shown.Jobs {
			for _, step := range job.Steps {
				if !strings.HasPrefix(step.Uses, "keyturn/keyturn@") {
					continue
				}
				uses++
				for input := range step.With {
					if action.Inputs[input] == nil {
						t.Errorf("%s: the action has no input %s", name, input)
					}
				}
				if command, _ := step.With["command"].(string); !slices.Contains(commands, command) {
					t.Errorf("%s: command %v is none of %v", name, step.With["command"], commands)
				}
			}
		}
	}
	if uses < 3 || len(commands) < 5 {
		t.Errorf("the test sees %d uses and %v", uses, commands)
	}
}
