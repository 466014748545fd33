package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
)

// A release archive and a package have every page that a message or another page points
// to, and what the hook makes for them. Whether goreleaser takes its file is for
// scripts/release-check.sh.
func TestReleaseArchive(t *testing.T) {
	var release struct {
		Before   struct{ Hooks []string }
		Archives []struct{ Files []string }
		Packages []struct{ Contents []struct{ Src string } } `yaml:"nfpms"`
	}
	if err := yaml.Unmarshal([]byte(read(t, ".goreleaser.yml")), &release); err != nil {
		t.Fatal(err)
	}
	if len(release.Archives) != 1 || len(release.Before.Hooks) != 1 || len(release.Packages) != 1 {
		t.Fatalf("%+v", release)
	}
	made := t.TempDir()
	if out, err := exec.Command(filepath.Join(root, release.Before.Hooks[0]), made).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	archived := files(t, made, release.Archives[0].Files)
	var globs []string
	for _, c := range release.Packages[0].Contents {
		globs = append(globs, c.Src)
	}
	packaged := files(t, made, globs)
	for name := range pages(t) {
		if !archived[name] {
			t.Errorf("%s is not in the archive", name)
		}
		if !packaged[name] && name != "CONTRIBUTING.md" {
			t.Errorf("%s is not in the packages", name)
		}
	}
	completions := []string{"completions/keyturn.bash", "completions/_keyturn", "completions/keyturn.fish"}
	for _, name := range append(slices.Clone(completions), "man/keyturn.1", "licenses/go.txt") {
		if !archived[name] {
			t.Errorf("%s is not in the archive", name)
		}
	}
	for _, name := range append(completions, "packaged/keyturn.1.gz", "licenses/go.txt",
		"internal/kit/systemd/keyturn.timer") {
		if !packaged[name] {
			t.Errorf("%s is not in the packages", name)
		}
	}
	if _, err := os.Stat(filepath.Join(made, "packaged", "tmp.tar")); err != nil {
		t.Error(err) // what the Dockerfile adds
	}
}

// files returns those that match, of the repository and of what the hook has made. A
// pattern that matches nothing fails the test, and an empty file does.
func files(t *testing.T, made string, globs []string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, glob := range globs {
		found := 0
		for _, dir := range []string{root, made} {
			matches, err := filepath.Glob(filepath.Join(dir, glob))
			if err != nil {
				t.Error(err)
			}
			for _, file := range matches {
				name, err := filepath.Rel(dir, file)
				if err != nil {
					t.Error(err)
				}
				if info, err := os.Stat(file); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v, or nothing in it", name, err)
				}
				all[filepath.ToSlash(name)] = true
				found++
			}
		}
		if found == 0 {
			t.Errorf("there is no %s", glob)
		}
	}
	return all
}
