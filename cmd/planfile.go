package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
)

// quickstartName is what the embedded plan is called.
const quickstartName = "quickstart.yaml"

// loaded is a plan and the key policies it names.
type loaded struct {
	*plan.Plan
	policies map[string]string // contents, by path as written in the plan
}

// loadPlan reads the plan a command is to use. The quickstart stands in only
// with --sandbox, and only if no plan was asked for and none is here: a typo
// in --plan must not run another plan.
func loadPlan(env *Env, c *cli.Context) (*loaded, error) {
	path, asked := c.String("plan"), true
	if path == "" {
		path = env.get("KEYTURN_PLAN")
	}
	if path == "" {
		path, asked = "keyturn.yaml", false
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked && c.Bool("sandbox") && env.Quickstart != nil:
		p, err := plan.ParseFile(quickstartName, env.Quickstart)
		if err != nil {
			return nil, err
		}
		return &loaded{Plan: p}, nil
	case errors.Is(err, fs.ErrNotExist):
		wrong := usage("there is no plan %s", path)
		if asked {
			return nil, wrong.hint("check --plan and KEYTURN_PLAN")
		}
		return nil, wrong.hint("keyturn run --plan FILE, or try it without one: keyturn run --sandbox")
	case err != nil:
		return nil, usage("the plan cannot be read: %v", err)
	}
	p, err := plan.ParseFile(path, data)
	if err != nil {
		return nil, err
	}
	policies, err := readPolicies(p, filepath.Dir(path))
	if err != nil {
		return nil, usage("%s: %v", path, err)
	}
	return &loaded{Plan: p, policies: policies}, nil
}

// readPolicies reads the key policies that a plan names, relative to the
// folder it stands in. All that is wrong with them is told in one go.
func readPolicies(p *plan.Plan, dir string) (map[string]string, error) {
	policies := map[string]string{}
	var wrong []error
	for _, k := range p.Keys {
		if _, read := policies[k.PolicyPath]; read || k.PolicyPath == "" {
			continue
		}
		path := k.PolicyPath
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		data, err := os.ReadFile(path)
		var document map[string]any
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Errorf("policy of %s: %w", k.Name, err))
		case json.Unmarshal(data, &document) != nil:
			wrong = append(wrong, fmt.Errorf("policy of %s: %s is not a JSON document", k.Name, path))
		}
		policies[k.PolicyPath] = string(data)
	}
	return policies, errors.Join(wrong...)
}
