package cmd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan/planfile"
)

// quickstartName is what the embedded plan is called.
const quickstartName = "quickstart.yaml"

// Sizes of a plan file. From largePlan on, with thousands of keys, less garbage is worth more
// time: what the plan needs in memory all the time is most of it. Up to smallPlan a run that finds
// nothing due is over before garbage would take as much memory as the program itself: to
// collect it once would be a tenth of the CPU.
const (
	largePlan = 100_000
	smallPlan = 10_000
)

// loaded is a plan and the key policies it names.
type loaded struct {
	*planfile.Plan
	// path is the file's, as it was named; "" if there is none.
	path string
	text []byte
	// policies holds the contents of the key policies, by their path in the plan.
	policies map[string]string
}

// loadPlan reads the plan for a command. Only with --sandbox it falls back to the
// quickstart.
func loadPlan(env *Env, c *cli.Context) (*loaded, error) {
	return loadPlanOr(env, c, c.Bool("sandbox"))
}

// loadPlanOr reads a plan; quickstart allows the embedded one in its place. That is
// used only if no plan was named and none is here: a typo in --plan must not run
// another plan.
func loadPlanOr(env *Env, c *cli.Context, quickstart bool) (*loaded, error) {
	path, asked := planPath(env, c), env.setting(c, "plan").value != ""
	data, err := readPlan(env, path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked && quickstart && env.Quickstart != nil:
		p, err := planfile.Parse(quickstartName, env.Quickstart)
		if err != nil {
			return nil, err
		}
		return &loaded{Plan: p, text: env.Quickstart}, nil
	case errors.Is(err, fs.ErrNotExist):
		wrong := usage("there is no plan %s", path)
		if asked {
			return nil, wrong.note("check --plan and KEYTURN_PLAN")
		}
		return nil, withoutPlan(c, wrong)
	case err != nil:
		return nil, usage("the plan cannot be read: %v", err)
	}
	p, err := parsePlan(path, data)
	env.plan = p
	return p, err
}

// planPath returns the path of the plan, as it was named.
func planPath(env *Env, c *cli.Context) string {
	return cmp.Or(env.setting(c, "plan").value, "keyturn.yaml")
}

// readPlan reads a plan file; "-" is standard input.
func readPlan(env *Env, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(env.Stdin)
	}
	return os.ReadFile(path)
}

// withoutPlan returns the hint if no plan was named. A person who types a verb with a
// KEY has a plan somewhere, and needs no hint on how to try keyturn.
func withoutPlan(c *cli.Context, wrong *usageError) *usageError {
	if c.Command.ArgsUsage != "" {
		return wrong.note("name it with --plan FILE, or set KEYTURN_PLAN")
	}
	return wrong.note("name it with --plan FILE, or set KEYTURN_PLAN; keyturn run --sandbox needs none")
}

// tuneCollector sets how often garbage is collected, by the size of the plan file in bytes: see
// largePlan and smallPlan. The variable GOGC overrides it.
func tuneCollector(size int) {
	switch {
	case os.Getenv("GOGC") != "":
	case size > largePlan:
		debug.SetGCPercent(50)
	case size < smallPlan:
		debug.SetGCPercent(200)
	}
}

// parsePlan checks a plan and the key policies it names. The error is all that
// is wrong, as planfile.Problems.
func parsePlan(path string, data []byte) (*loaded, error) {
	tuneCollector(len(data))
	p, err := planfile.Parse(path, data)
	if err != nil {
		return nil, err
	}
	policies, problems := readPolicies(p, path, data)
	if len(problems) > 0 {
		return nil, problems
	}
	return &loaded{Plan: p, path: path, text: data, policies: policies}, nil
}

// uri returns the plan file as a URI, relative if its path is; "" if it is no file.
func (l *loaded) uri() string {
	if l.path == "" || l.path == "-" {
		return ""
	}
	u := url.URL{Path: filepath.ToSlash(l.path)}
	if filepath.IsAbs(l.path) {
		u.Scheme = "file"
	}
	return u.String()
}

// readPolicies reads the key policies that a plan names, relative to the
// folder it stands in.
func readPolicies(p *planfile.Plan, path string, data []byte) (map[string]string, planfile.Problems) {
	policies := map[string]string{}
	var problems planfile.Problems
	for _, k := range p.Keys {
		if _, read := policies[k.PolicyPath]; read || k.PolicyPath == "" {
			continue
		}
		file := k.PolicyPath
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(path), file)
		}
		text, err := os.ReadFile(file)
		policies[k.PolicyPath] = string(text)
		if err != nil {
			line, column := placeOf(data, k.PolicyPath)
			problems = append(problems, planfile.Problem{File: path, Line: line, Column: column,
				Message: fmt.Sprintf("the policy of %s cannot be read: %v", k.Name, err),
				Hint:    "a path relative to the plan file"})
			continue
		}
		var document map[string]any
		if err := json.Unmarshal(text, &document); err != nil {
			line, column := 1, 1
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) {
				line, column = placeAt(text, int(syntax.Offset)-1)
			}
			problems = append(problems, planfile.Problem{File: file, Line: line, Column: column,
				Message: fmt.Sprintf("the policy of %s is not a JSON document: %v", k.Name, err)})
		}
	}
	return policies, problems
}

// placeOf finds where a value stands in a plan that has been parsed: after the
// first field called policy that has it.
func placeOf(data []byte, value string) (line, column int) {
	for offset := 0; ; {
		i := bytes.Index(data[offset:], []byte(value))
		if i < 0 {
			return 1, 1
		}
		offset += i
		before := data[bytes.LastIndexByte(data[:offset], '\n')+1 : offset]
		if bytes.Contains(before, []byte("policy")) {
			return placeAt(data, offset)
		}
		offset++
	}
}

// placeAt returns the line and column, from 1, of an offset.
func placeAt(data []byte, offset int) (line, column int) {
	before := data[:min(max(offset, 0), len(data))]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}
