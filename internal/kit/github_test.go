package kit_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"mvdan.cc/sh/v3/syntax"

	"github.com/keyturn/keyturn/internal/kit"
)

func TestGitHub(t *testing.T) {
	q := request(t, kit.GitHub)
	q.Version, q.Source.Path, q.Source.Copy = "0.1.0", "keys/prod.yaml", false
	q.Source.Policies = map[string]string{"policies/orders.json": "{}"}
	compare(t, "github", write(t, q))

	q = request(t, kit.GitHub)
	q.Account = ""
	compare(t, "github-plain", write(t, q))
}

// The steps are scripts of bash. A run that is not yet possible fails no job, and one that
// needs a person does.
func TestGitHubSteps(t *testing.T) {
	var d struct {
		Jobs map[string]struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal([]byte(text(t, write(t, request(t, kit.GitHub)), ".github/workflows/keyturn.yml")),
		&d); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for job, j := range d.Jobs {
		for _, s := range j.Steps {
			if _, err := syntax.NewParser().Parse(strings.NewReader(s.Run), ""); err != nil {
				t.Errorf("%s: %v", job, err)
			}
			line, ok := strings.CutPrefix(s.Run, "keyturn ")
			for _, exit := range []int{0, 1, 11, 13} {
				if !ok {
					continue
				}
				want := exit
				if (job == "run" || strings.Contains(s.Run, "--dry-run")) && exit == 11 {
					want = 0
				}
				shell := exec.Command("/bin/sh", "-ec", script(t, dir, "keyturn", fmt.Sprint("exit ", exit))+" "+line)
				if _ = shell.Run(); shell.ProcessState == nil || shell.ProcessState.ExitCode() != want {
					t.Errorf("%s, %s, exit %d: %v", job, s.Run, exit, shell.ProcessState)
				}
			}
		}
	}
}

// A path that a shell or GitHub would read as more than a path is refused.
func TestGitHubRefused(t *testing.T) {
	for _, path := range []string{"my plan.yaml", "${{ github.token }}.yaml", "a;b.yaml", "*.yaml", "!a.yaml"} {
		q := request(t, kit.GitHub)
		q.Source.Path = path
		if _, err := kit.Write(q); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
	for _, path := range []string{"/etc/policy.json", "../policy.json"} {
		q := request(t, kit.GitHub)
		q.Source.Policies = map[string]string{path: "{}"}
		if _, err := kit.Write(q); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
}
