package kit

import (
	"cmp"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
)

// workflowFile is where GitHub looks for a workflow.
const workflowFile = ".github/workflows/keyturn.yml"

// workflow is what a workflow is made of.
type workflow struct {
	Plan, Region, Version, Cron, ReadOnly string
	// Paths are the files whose change is reviewed.
	Paths []string
	// Secrets are the variables that sign messages.
	Secrets []string
}

// plainPath is a path that is one word, for a shell and for GitHub's patterns.
var plainPath = plan.Pattern(`^[a-zA-Z0-9_./-]+$`)

// github writes a workflow: it reviews a change to the plan, runs, and audits. The folder of
// the kit is that of the repository.
func (q *Request) github() (Kit, error) {
	k := Kit{Next: plan.Noted("commit the files to the default branch: GitHub runs schedules of no other")}
	w := workflow{Plan: q.Source.Path, Region: q.Plan.Region, Version: cmp.Or(q.Version, versionBlank),
		Cron: q.roleARN(iam.Cron), ReadOnly: q.roleARN(iam.ReadOnly), Paths: []string{q.Source.Path, workflowFile},
		Secrets: q.variables()}
	policies, err := q.Source.files()
	if err != nil {
		return k, err
	}
	for _, f := range policies {
		w.Paths = append(w.Paths, f.Path)
	}
	for _, p := range w.Paths {
		if !plainPath().MatchString(p) {
			return k, refuse("rename it: letters, digits, and . _ - /", "%q is no path for a workflow", p)
		}
	}
	if k.Files, err = q.Source.copies(); err != nil {
		return k, err
	}
	return k, k.add(workflowFile, "keyturn.yml", w)
}
