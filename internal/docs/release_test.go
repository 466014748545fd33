package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
)

// A release archive has every page that a message or another page points to, and
// what the hook makes for it. Whether goreleaser takes its file is for
// scripts/release-check.sh.
func TestReleaseArchive(t *testing.T) {
	var release struct {
		Before   struct{ Hooks []string }
		Archives []struct{ Files []string }
	}
	if err := yaml.Unmarshal([]byte(read(t, ".goreleaser.yml")), &release); err != nil {
		t.Fatal(err)
	}
	if len(release.Archives) != 1 || len(release.Before.Hooks) != 1 {
		t.Fatalf("%+v", release)
	}
	made := t.TempDir()
	if out, err := exec.Command(filepath.Join(root, release.Before.Hooks[0]), made).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packed := map[string]bool{}
	for _, glob := range release.Archives[0].Files {
		found := 0
		for _, dir := range []string{root, made} {
			files, err := filepath.Glob(filepath.Join(dir, glob))
			if err != nil {
				t.Error(err)
			}
			for _, file := range files {
				name, err := filepath.Rel(dir, file)
				if err != nil {
					t.Error(err)
				}
				if info, err := os.Stat(file); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v, or nothing in it", name, err)
				}
				packed[filepath.ToSlash(name)] = true
				found++
			}
		}
		if found == 0 {
			t.Errorf("there is no %s", glob)
		}
	}
	for name := range pages(t) {
		if !packed[name] {
			t.Errorf("%s is not in the archive", name)
		}
	}
	for _, name := range []string{"man/keyturn.1", "completions/keyturn.bash", "completions/_keyturn",
		"completions/keyturn.fish"} {
		if !packed[name] {
			t.Errorf("%s is not in the archive", name)
		}
	}
}
