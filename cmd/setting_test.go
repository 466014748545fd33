package cmd

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/urfave/cli/v2"
)

// What reads the flag of a setting itself does not see its variable. Only setting.go may.
func TestSettingsAreReadWithTheirVariables(t *testing.T) {
	own := regexp.MustCompile(`\bc\.(String|IsSet|Path|Value)\("(` + strings.Join(settings, "|") + `)"\)`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if read := own.FindAllString(string(text), -1); read != nil && file != "setting.go" {
			t.Errorf("%s reads %v; Env.setting looks up the variable, too", file, read)
		}
	}
}

// A flag that asks for something cannot be set by the environment: not by its help, not by
// urfave/cli, and not by what the commands look up.
func TestOnlySettingsHaveVariables(t *testing.T) {
	found := map[string]bool{}
	app := newApp(&newProcess().Env)
	for _, c := range app.Commands {
		for _, f := range slices.Concat(c.Flags, app.Flags) {
			name := f.Names()[0]
			s, is := f.(setting)
			if is && (!slices.Contains(settings, name) || len(s.EnvVars) > 0) {
				t.Errorf("%s --%s: a variable sets it", c.Name, name)
			}
			if d, ok := f.(cli.DocGenerationFlag); ok && !is && len(d.GetEnvVars()) > 0 {
				t.Errorf("%s --%s: urfave/cli reads %v", c.Name, name, d.GetEnvVars())
			}
			found[name] = found[name] || is
		}
	}
	for _, name := range settings {
		if !found[name] {
			t.Errorf("--%s is no setting of any command", name)
		}
	}
	looked := map[string]bool{}
	c := newCloud(t)
	for _, args := range append(everyVerb(), []string{"run"}, []string{"run", "--dry-run"}, []string{"validate"},
		[]string{"audit"}, []string{"init", "--table"}, []string{"init", "--match", "alias/*", "--region", "eu-west-1"},
		[]string{"history"}, []string{"cost"}, []string{"version"}) {
		p := newProcess()
		p.LookupEnv = func(name string) (string, bool) {
			looked[name] = true
			v, ok := p.vars[name]
			return v, ok
		}
		c.runIn(t.Context(), p, args...)
	}
	var allowed []string
	for _, name := range settings {
		allowed = append(allowed, variableOf(name))
	}
	for name := range looked {
		if strings.HasPrefix(name, "KEYTURN_") && !slices.Contains(allowed, name) {
			t.Errorf("a command looks up %s", name)
		}
	}
	if len(looked) < len(allowed) {
		t.Errorf("the test sees %v", slices.Collect(maps.Keys(looked)))
	}
}

// A variable sets what its flag does, and the flag counts more. A wrong value is refused by
// the name of what has it.
func TestSettings(t *testing.T) {
	c := newCloud(t)
	p := newProcess()
	p.vars["KEYTURN_OUTPUT"] = "json"
	if _, exit := c.runIn(t.Context(), p, "status"); exit != 13 || !json.Valid(p.out.Bytes()) {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
	if c.runIn(t.Context(), p, "status", "--output", "text"); json.Valid(p.out.Bytes()) {
		t.Error(p.out.String())
	}
	if _, exit := c.runIn(t.Context(), p, "status", "no-such-key"); exit != 64 || !json.Valid(p.out.Bytes()) {
		t.Errorf("an error: exit %d\n%s", exit, p.out.String())
	}
	delete(p.vars, "KEYTURN_OUTPUT")
	if c.runIn(t.Context(), p, "status"); strings.Contains(p.err.String(), `"level"`) {
		t.Error(p.err.String())
	}
	if p, exit := c.run("run", "--dry-run", "--timeout", "0s"); exit != 64 {
		t.Errorf("--timeout 0s: exit %d\n%s", exit, &p.err)
	}
	for name, value := range map[string]string{"output": "csv", "log": "xml", "color": "blue", "timeout": "soon",
		"wait": "soon", "pool": "a\x1bb"} {
		wrong := newProcess()
		wrong.vars[variableOf(name)] = value
		_, exit := c.runIn(t.Context(), wrong, "run", "--dry-run")
		if exit != 64 || !strings.Contains(wrong.err.String(), variableOf(name)+" ") {
			t.Errorf("%s: exit %d\n%s", variableOf(name), exit, wrong.err.String())
		}
		wrong = newProcess()
		_, exit = c.runIn(t.Context(), wrong, "run", "--dry-run", "--"+name, value)
		if exit != 64 || !strings.Contains(wrong.err.String(), "--"+name+" ") {
			t.Errorf("--%s: exit %d\n%s", name, exit, wrong.err.String())
		}
	}
	p = newProcess()
	p.vars["KEYTURN_TIMEOUT"], p.vars["KEYTURN_COLOR"] = "soon", "blue"
	if exit := p.keyturn(t.Context(), "version"); exit != 0 {
		t.Errorf("a command without the flag: exit %d\n%s", exit, p.err.String())
	}
}

// --output jsonl is the document of --output json in one line, of errors too.
func TestJSONLines(t *testing.T) { synctest.Test(t, jsonLines) } // in which both documents have the same times

func jsonLines(t *testing.T) {
	c := newCloud(t)
	for _, args := range [][]string{{"status"}, {"run", "--dry-run"}, {"history"}, {"validate"}, {"audit"}, {"version"},
		{"cost"}, {"init", "--table", "--dry-run"}, {"init", "--iam", "cron"}, {"status", "no-such-key"},
		{"audit", "--evidence"}, {"init", "--match", "alias/*", "--region", "eu-west-1"}} {
		form := func(name string) (any, string) {
			p := newProcess()
			p.RunID = func() string { return "00000000" }
			c.runIn(t.Context(), p, append(slices.Clone(args), "--output", name)...)
			var d any
			if err := json.Unmarshal(p.out.Bytes(), &d); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, p.out.String())
			}
			return d, p.out.String()
		}
		wide, text := form("json")
		line, short := form("jsonl")
		if strings.Count(short, "\n") != 1 || !strings.HasSuffix(short, "\n") || strings.Count(text, "\n") < 3 {
			t.Errorf("%v:\n%s", args, short)
		}
		if !reflect.DeepEqual(wide, line) {
			t.Errorf("%v: %s, and in one line %s", args, text, short)
		}
	}
}

// --quiet prints nothing if all went well, and all of it if not. A document is no text.
func TestQuiet(t *testing.T) {
	c := newCloud(t)
	for _, args := range [][]string{{"run", "--dry-run", "--detailed-exitcode"}, {"run"}, {"audit"}, {"validate"},
		{"status"}, {"verify"}, {"history", "--verify"},
		{"hold", "orders-data", "--reason", "x"}, {"release", "orders-data"}} {
		if p, exit := c.run(append(args, "--quiet")...); exit != 0 && exit != 10 || p.out.Len() > 0 {
			t.Errorf("%v: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
		}
	}
	if c.box == nil || c.gate.count("UpdateAlias") != 1 {
		t.Error("--quiet did not rotate")
	}
	if p, _ := c.run("audit", "-q", "--output", "json"); !json.Valid(p.out.Bytes()) {
		t.Error(p.out.String())
	}
	for _, args := range [][]string{{"audit", "--evidence", "--html", "-"}, {"history"}, {"history", "--export"},
		{"cost"}} {
		if p, exit := c.run(append(args, "--quiet")...); exit != 64 {
			t.Errorf("%v is what is printed: exit %d\n%s", args, exit, p.out.String())
		}
	}
	c.drift()
	for _, verb := range []string{"audit", "status", "verify"} {
		loud, exit := c.run(verb)
		quiet, again := c.run(verb, "--quiet")
		if exit != 13 || again != 13 || quiet.out.String() == "" ||
			strings.Count(quiet.out.String(), "\n") != strings.Count(loud.out.String(), "\n") {
			t.Errorf("%s: exit %d, %d\n%s%s", verb, exit, again, loud.out.String(), quiet.out.String())
		}
	}
	if p, exit := c.run("run", "--quiet", "--wait", "soon"); exit != 64 || p.err.Len() == 0 {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// --timeout ends a run as a signal does, with exit 1: the call under way is finished, no new
// step is begun, and the lease is free for the next run.
func TestTimeout(t *testing.T) { synctest.Test(t, timeout) }

func timeout(t *testing.T) {
	c := newCloud(t)
	came, open := c.gate.close("CreateKey")
	p, ended := newProcess(), make(chan int)
	go func() {
		_, exit := c.runIn(t.Context(), p, "run", "--timeout", "90s", "--output", "json")
		ended <- exit
	}()
	<-came
	time.Sleep(2 * time.Minute)
	open()
	var d struct {
		Exit int
		Keys []struct {
			Exit    int
			Outcome string
			Step    string
		}
	}
	exit := <-ended
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil {
		t.Fatalf("%v\n%s", err, p.out.String())
	}
	if exit != 1 || d.Exit != 1 || d.Keys[0].Exit != 1 || d.Keys[0].Outcome != "interrupted" ||
		!strings.Contains(p.err.String(), "warning: stopped by --timeout: ") ||
		!strings.Contains(p.err.String(), "keyturn: run orders-data: stopped by --timeout\n") {
		t.Errorf("exit %d, %+v\n%s", exit, d, p.err.String())
	}
	if c.gate.count("UpdateAlias") != 0 {
		t.Error("a step was begun after --timeout")
	}
	if p, exit := c.run("run", "--wait", "0s", "--timeout", "1h"); exit != 0 || c.gate.count("UpdateAlias") != 1 {
		t.Errorf("the next run: exit %d\n%s", exit, p.err.String())
	}
}

// A command that only reads ends at its --timeout, too.
func TestTimeoutOfReading(t *testing.T) { synctest.Test(t, timeoutOfReading) }

func timeoutOfReading(t *testing.T) {
	c := newCloud(t)
	came, open := c.gate.close("DescribeKey")
	p, ended := newProcess(), make(chan int)
	go func() {
		_, exit := c.runIn(t.Context(), p, "audit", "--timeout", "1m", "--output", "json")
		ended <- exit
	}()
	<-came
	time.Sleep(2 * time.Minute)
	open()
	if exit := <-ended; exit != 1 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// A setting stands in the help with its variable.
func TestHelpNamesVariables(t *testing.T) {
	p := newProcess()
	p.keyturn(t.Context(), "run", "--help")
	for _, name := range settings {
		if !strings.Contains(p.out.String(), "[$"+variableOf(name)+"]") {
			t.Errorf("no %s in\n%s", variableOf(name), p.out.String())
		}
	}
}
