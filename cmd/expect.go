package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/saved"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// A reviewed change: `run --dry-run --out FILE` saves what would be done, somebody approves
// it, and `run --expect FILE` does exactly that or nothing. Whether the decision made now
// is the saved one, package plan says: first for all keys in a dry-run, so that nothing is
// begun if one of them differs, and then once more before each act.

func outFlag() cli.Flag {
	return &cli.StringFlag{Name: "out", Usage: "with --dry-run: save the decision to this `FILE`, for --expect"}
}

func expectFlag() cli.Flag {
	return &cli.StringFlag{Name: "expect", Usage: "carry out exactly the decision saved in this `FILE`, or refuse"}
}

// checkSaved refuses flags that contradict each other.
func checkSaved(env *Env, c *cli.Context) error {
	switch {
	case c.IsSet("out") && !c.Bool("dry-run"):
		return usage("--out saves what a dry-run finds").try(asDry(c)...)
	case c.IsSet("out") && c.IsSet("expect"):
		return usage("--out saves a decision, and --expect carries one out").note("type one of them")
	case c.IsSet("expect") && c.IsSet("key"):
		return usage("the file of --expect says which keys").note("leave --key out, or save a decision about that " +
			"key alone")
	}
	for _, flag := range []string{"out", "expect"} {
		if file := c.String(flag); c.IsSet(flag) && (file == "" || file == "-") {
			return usage("--out and --expect need the name of a file").try("keyturn", "run", "--help")
		}
	}
	return mayReplace(env, c, "--out", c.String("out"))
}

// expect carries out the decisions of a file, or reports why it does not.
func (s *session) expect(ctx context.Context, path string, j job) (*rotate.Report, error) {
	tasks, err := s.saved(path)
	if err != nil {
		return nil, err
	}
	ahead := j
	ahead.tasks, ahead.foresee, ahead.dry, ahead.quiet = tasks, true, true, !j.dry
	report, err := s.do(ctx, ahead)
	if err != nil || j.dry {
		return report, err
	}
	for _, k := range report.Keys {
		if exit := k.Exit(false); exit != plan.ExitDone && exit != plan.ExitBusy {
			report.NotBegun()
			return report, nil
		}
	}
	j.tasks = tasks
	return s.do(ctx, j)
}

// saved reads a file and returns a task for each of its keys.
func (s *session) saved(path string) ([]rotate.Task, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usage("--expect cannot be read: %v", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	file, err := saved.Read(f)
	if err != nil {
		return nil, usage("%s is no saved decision: %v", path, err).hint(
			plan.Try("keyturn", "run", "--dry-run", "--out", path+".new").Noted("saves one"))
	}
	var tasks []rotate.Task
	var gone []string
	for _, d := range file.Decisions() {
		k := s.inPlan(d.Key)
		if k == nil {
			gone = append(gone, d.Key)
			continue
		}
		tasks = append(tasks, rotate.Task{Policy: k, Request: plan.Request{Verb: plan.VerbSchedule, Saved: &d,
			SavedIn: path}})
	}
	if len(gone) > 0 {
		return nil, &notInPlan{keys: gone}
	}
	return tasks, nil
}

// inPlan returns the key of the plan with a record's name; nil if there is none.
func (s *session) inPlan(key string) *plan.Policy {
	for i := range s.plan.Keys {
		if s.plan.Keys[i].Key() == key {
			return &s.plan.Keys[i]
		}
	}
	return nil
}

// notInPlan means that a saved decision is about keys that the plan does not have any more.
type notInPlan struct{ keys []string }

func (e *notInPlan) Error() string {
	shown := e.keys[:min(len(e.keys), screen.Shown)]
	return fmt.Sprintf("what is decided now is not what was saved: the plan does not have %s",
		strings.Join(shown, ", "))
}

// Fault returns the exit code for a person.
func (e *notInPlan) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeUnlikeSaved, Exit: plan.ExitPerson,
		Hint: plan.Try("keyturn", "run", "--dry-run").Noted("shows what would be done now; nothing was done")}
}

// save writes what a dry-run has found, if it has found it for every key.
func (s *session) save(path string, r *rotate.Report) error {
	if left := r.Unsaved(); len(left) > 0 {
		s.con.Warn("unsaved", "nothing was saved to %s: what would be done is not known of all keys", path)
		return nil
	}
	text, err := saved.Of(r, s.env.Version, s.run, s.plan.Name).Text()
	if err != nil {
		return err
	}
	if len(text) > saved.MaxSize {
		return usage("the decision is larger than %d bytes", saved.MaxSize).note("save it for some of the keys, " +
			"with --key")
	}
	err = replaceFile(path, string(text))
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return usage("--out cannot be written: %v", err)
	}
	return err
}
