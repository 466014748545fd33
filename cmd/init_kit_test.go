package cmd

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/keyturn/keyturn/internal/document"
)

// kit writes a kit of the cloud's plan and returns its folder.
func (c *cloud) kit(kind string, args ...string) string {
	c.t.Helper()
	dir := filepath.Join(c.t.TempDir(), "kit")
	if p, exit := c.run(append([]string{"init", "--kit", kind, "--out", dir}, args...)...); exit != 0 {
		c.t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	return dir
}

// lines returns the command lines in the files of a folder that start /usr/bin/keyturn.
func lines(t *testing.T, dir string) (all [][]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^[^#\n]*/usr/bin/keyturn ([^;|\n]+)`).FindAllSubmatch(text, -1) {
			all = append(all, strings.Fields(string(m[1])))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// worksOnce runs command lines of a kit on a cloud whose key is due: the first run rotates
// it, and every other line ends with 0.
func worksOnce(t *testing.T, c *cloud, commands [][]string) {
	t.Helper()
	slices.SortStableFunc(commands, func(a, b []string) int { return strings.Compare(b[0], a[0]) }) // run, then audit
	before, ran := c.behind(), map[string]bool{}
	for _, args := range commands {
		for i, a := range args {
			if a == "/etc/keyturn.yaml" {
				args[i] = c.plan
			}
		}
		p, exit := c.run(args...)
		if exit != 0 {
			t.Errorf("%q: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
		}
		if args[0] == "run" && !ran["run"] && !strings.Contains(p.out.String(), "rotated v1 to v2") {
			t.Errorf("%q: %s", args, p.out.String())
		}
		ran[args[0]] = true
	}
	if !ran["run"] || !ran["audit"] {
		t.Errorf("only %q", commands)
	}
	if c.behind() == before {
		t.Error("the alias has not moved")
	}
}

// The lines of a crontab and of the units are commands of this program, and they rotate.
func TestInitKitRuns(t *testing.T) {
	for _, kind := range []string{"cron", "systemd"} {
		t.Run(kind, func(t *testing.T) {
			c := newCloud(t)
			worksOnce(t, c, lines(t, c.kit(kind, "--pools", "web,batch")))
		})
	}
}

// The pods of a CronJob do too: with the arguments, the variables and the files that its
// container has.
func TestInitKitRunsInPods(t *testing.T) {
	c := newCloud(t)
	dir := c.kit("kubernetes", "--pools", "web,batch")
	var commands [][]string
	type variable struct{ Name, Value string }
	for _, job := range []string{"web", "batch", "audit"} {
		var pod struct {
			Containers []struct {
				Args         []string
				Env          []variable
				VolumeMounts []struct {
					Name string
					Path string `yaml:"mountPath"`
				} `yaml:"volumeMounts"`
			}
			Volumes []struct {
				Name      string
				ConfigMap struct{ Items []struct{ Key, Path string } } `yaml:"configMap"`
			}
		}
		readYAML(t, filepath.Join(dir, "cronjob-"+job+".yaml"), "$.spec.jobTemplate.spec.template.spec", &pod)
		one := pod.Containers[0]
		if !slices.Equal(one.Env, []variable{{"KEYTURN_POOL", job}, {"KEYTURN_LOG", "json"}}) ||
			pod.Volumes[0].Name != one.VolumeMounts[0].Name {
			t.Fatalf("%+v", pod)
		}
		mounted, sources := t.TempDir(), configMap(t, dir)
		for _, item := range pod.Volumes[0].ConfigMap.Items {
			if err := os.Link(filepath.Join(dir, sources[item.Key]), filepath.Join(mounted, item.Path)); err != nil {
				t.Fatal(err)
			}
		}
		for i, a := range one.Args {
			one.Args[i] = strings.Replace(a, one.VolumeMounts[0].Path+"/", mounted+"/", 1)
		}
		commands = append(commands, one.Args)
	}
	worksOnce(t, c, commands)
}

// configMap returns the files of the kit by their keys in the ConfigMap.
func configMap(t *testing.T, dir string) map[string]string {
	t.Helper()
	var files []string
	readYAML(t, filepath.Join(dir, "kustomization.yaml"), "$.configMapGenerator[0].files", &files)
	all := map[string]string{}
	for _, f := range files {
		key, file, _ := strings.Cut(f, "=")
		all[key] = file
	}
	return all
}

func readYAML(t *testing.T, file, at string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	path, err := yaml.PathString(at)
	if err == nil {
		err = path.Read(bytes.NewReader(text), into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The steps of a workflow do too: a review only reads.
func TestInitKitRunsInWorkflows(t *testing.T) {
	c := newCloud(t)
	dir := c.kit("github")
	text, err := os.ReadFile(filepath.Join(dir, ".github", "workflows", "keyturn.yml"))
	var d struct {
		Env  map[string]string
		Jobs map[string]struct{ Steps []struct{ Run string } }
	}
	if err == nil {
		err = yaml.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	steps := func(job string) (commands [][]string) {
		for _, s := range d.Jobs[job].Steps {
			if line, ok := strings.CutPrefix(s.Run, "keyturn "); ok {
				line, _, _ = strings.Cut(line, " || ")
				plan := filepath.Join(dir, d.Env["KEYTURN_PLAN"])
				commands = append(commands, strings.Fields(strings.Replace(line, `"$KEYTURN_PLAN"`, plan, 1)))
			}
		}
		return commands
	}
	before := len(c.box.Journal())
	for _, args := range steps("review") {
		if p, exit := c.run(args...); exit != 0 || p.out.Len() == 0 {
			t.Errorf("%q: exit %d\n%s", args, exit, p.err.String())
		}
	}
	for _, e := range c.box.Journal()[before:] {
		if e.Mutates {
			t.Errorf("the review sent %s", e.Operation)
		}
	}
	worksOnce(t, c, append(steps("run"), steps("audit")...))
}

// Nothing is written over what is there, nothing by a dry-run, and nothing is asked of AWS.
func TestInitKitFiles(t *testing.T) {
	c := newCloud(t)
	before := len(c.box.Journal())
	dir := filepath.Join(t.TempDir(), "kit")
	base := []string{"init", "--kit", "systemd", "--out", dir}
	if p, exit := c.run(append(base, "--dry-run")...); exit != 0 || !strings.Contains(p.out.String(), "DRY RUN") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the dry-run made the directory")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "keyturn-audit.timer")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{base, append(base, "--dry-run")} {
		if p, exit := c.run(args...); exit != 64 || !strings.Contains(p.err.String(), "exists and is not overwritten") {
			t.Errorf("%v: exit %d\n%s", args, exit, p.err.String())
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	p, exit := c.run(append(base, "--output", "json")...)
	var d document.InitKit
	if err := json.Unmarshal(p.out.Bytes(), &d); exit != 0 || err != nil || d.Dir != dir || len(d.Blanks) != 1 {
		t.Fatalf("exit %d, %v\n%s%s", exit, err, p.out.String(), p.err.String())
	}
	for _, f := range d.Files {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
	}
	if n := len(c.box.Journal()) - before; n != 0 {
		t.Errorf("AWS was asked %d times", n)
	}
	for _, args := range [][]string{
		{"init", "--kit", "nomad", "--out", dir}, {"init", "--kit", "cron"}, {"init", "--kit", "cron", "--table"},
		{"init", "--kit", "cron", "--out", dir, "--pools", "Web"}, {"init", "--pools", "web", "--iam", "cron"},
	} {
		if p, exit := c.run(args...); exit != 64 {
			t.Errorf("%q: exit %d\n%s", args, exit, p.err.String())
		}
	}
}
