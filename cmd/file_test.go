package cmd

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is written replaces a file, and never a device, a pipe, a link or a folder. Metrics
// do not read one either: the run would wait for a pipe's other end.
func TestOnlyAFileIsReplaced(t *testing.T) {
	c := newCloud(t)
	dir := t.TempDir()
	link, folder, socket := filepath.Join(dir, "link"), filepath.Join(dir, "folder"), filepath.Join(dir, "s")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	for _, path := range []string{link, folder, socket} {
		before, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		for line, want := range map[string]int{"run --dry-run --out": 64, "audit --evidence --html": 64,
			"run --metrics": 0} {
			p, exit := c.run(append(strings.Fields(line), path)...)
			if said := p.err.String(); exit != want || !strings.Contains(said, path+" is a ") ||
				!strings.Contains(said, " and no file") {
				t.Errorf("%s %s: exit %d, want %d\n%s", line, path, exit, want, said)
			}
		}
		if after, err := os.Lstat(path); err != nil || after.Mode() != before.Mode() || !os.SameFile(before, after) {
			t.Errorf("%s was %v, is %v (%v)", path, before, after, err)
		}
	}
	left, _ := fs.Glob(os.DirFS(dir), ".*")
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Nor is the plan replaced: without it no pool would rotate any more.
func TestThePlanIsNotReplaced(t *testing.T) {
	c := newCloud(t)
	again := filepath.Join(t.TempDir(), "again.yaml")
	if err := os.Link(c.plan, again); err != nil {
		t.Skip(err)
	}
	before, err := os.ReadFile(c.plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{c.plan, again} {
		for line, want := range map[string]int{"run --dry-run --out": 64, "audit --evidence --html": 64,
			"run --metrics": 0} {
			p, exit := c.run(append(strings.Fields(line), path)...)
			if exit != want || !strings.Contains(p.err.String(), path+" is the plan") {
				t.Errorf("%s: exit %d\n%s", line, exit, &p.err)
			}
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != string(before) {
			t.Errorf("%s is %s (%v)", path, now, err)
		}
	}
}
