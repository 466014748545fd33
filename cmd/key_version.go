package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// versionNamed returns the version that KEY names, 0 if it is the key alone. A name
// or alias with /v6 is that version, and one that the key never had is a slip.
//
// A key id or ARN was more likely copied from an alert than meant as a version: ids says
// what it stands for.
func (s *session) versionNamed(ctx context.Context, k plan.Policy, text string, ids idMeaning) (int64, error) {
	text = withoutARN(text)
	if text == k.Name || text == k.Alias {
		return 0, nil
	}
	r, err := s.aws.Record(ctx, k)
	if err != nil {
		return 0, err
	}
	if n, ok := versionIn(k, text); ok {
		if r != nil && !r.Knows(n) && !r.Forgotten(n) && !r.Opens(n) {
			return 0, unknownVersion(k, r, n)
		}
		return n, nil // without a record plan refuses, and says why
	}
	if r == nil || ids == idIsKey ||
		ids == idIsNotLive && (r.Active != 0 && r.Live().KeyID == text || openTarget(r) == text) {
		return 0, nil
	}
	n, listed := r.VersionOfKey(text)
	if listed || r.LeftOut == 0 {
		return n, nil
	}
	named, err := s.aws.Named(ctx, k.Region, text)
	for _, name := range named {
		if n, ok := plan.VersionOf(k.Alias, name); ok {
			return n, err
		}
	}
	return 0, err
}

// pickShown returns the keys that a command shows. A version of a key stands for the key; one
// that the key never had is a slip.
func (s *session) pickShown(ctx context.Context, named []string) ([]plan.Policy, error) {
	keys, err := s.pick(ctx, named)
	if err != nil {
		return nil, err
	}
	for _, text := range named {
		for _, k := range keys {
			if _, ok := versionIn(k, withoutARN(text)); !ok {
				continue
			}
			if _, err := s.versionNamed(ctx, k, text, idIsKey); err != nil {
				return nil, err
			}
		}
	}
	return keys, nil
}

// idMeaning is what a key id or an ARN of a version stands for.
type idMeaning int

const (
	// idIsVersion: that version.
	idIsVersion idMeaning = iota
	// idIsNotLive: that version; but that of the one behind the alias, or on its way there,
	// stands for the key: who rolls back by the ARN of the bad version wants away from it.
	idIsNotLive
	// idIsKey: the whole key. Who holds it by what an alert says wants everything stopped.
	idIsKey
)

// onNamed carries out a person's verb on the keys and versions that the command line names, or
// with --all on every key.
func onNamed(env *Env, c *cli.Context, verb plan.Verb, ids idMeaning) error {
	if err := namesKeys(c); err != nil {
		return err
	}
	reason, err := reasonOf(c, verb == plan.VerbHold) // what stops automation is explained to whoever meets it
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	tasks, err := s.tasksNamed(c, plan.Request{Verb: verb, Reason: reason, All: c.Bool("all")}, ids)
	if err != nil {
		return err
	}
	until, err := s.momentOf(c.Context, c.String("until"), "until", true)
	if err != nil {
		return err
	}
	for i := range tasks {
		tasks[i].Request.Until = until
	}
	return s.carry(c.Context, job{dry: c.Bool("dry-run"), tasks: tasks})
}

// tasksNamed returns the tasks of a verb about the keys and versions that the command line
// names, each once; or about every key.
func (s *session) tasksNamed(c *cli.Context, q plan.Request, ids idMeaning) ([]rotate.Task, error) {
	if q.All {
		return rotate.Tasks(s.plan.Keys, q), nil
	}
	var tasks []rotate.Task
	for _, text := range c.Args().Slice() {
		keys, err := s.pick(c.Context, []string{text})
		if err != nil {
			return nil, err
		}
		if q.Version, err = s.versionNamed(c.Context, keys[0], text, ids); err != nil {
			return nil, err
		}
		task := rotate.Task{Policy: &keys[0], Request: q}
		if !slices.ContainsFunc(tasks, func(t rotate.Task) bool {
			return t.Policy.Key() == task.Policy.Key() && t.Request == task.Request
		}) {
			tasks = append(tasks, task)
		}
	}
	return tasks, nil
}

// openTarget returns the KMS key that was made for the open generation; "" if none
// was. The target of a rollback is an old version.
func openTarget(r *plan.Record) string {
	if r.Target == 0 || r.Target != r.Generation {
		return ""
	}
	return r.Next().KeyID
}

func unknownVersion(k plan.Policy, r *plan.Record, n int64) error {
	var names []string
	for _, v := range r.Numbers() {
		names = append(names, plan.VersionName(v))
	}
	list := strings.Join(names, ", ")
	if r.LeftOut > 0 {
		list += "; older ones, up to " + plan.VersionName(r.LeftOut) + ", are not in its record"
	}
	return usage("%s has no %s", k.Name, plan.VersionName(n)).note("its versions, the live one first: %s", list)
}

// onVersion carries out a person's verb on one version of one key, which wants a reason and a
// yes. request makes it of the key and the version; 0 if none was named.
func onVersion(env *Env, c *cli.Context, ids idMeaning,
	request func(k plan.Policy, version int64) (plan.Request, error)) error {
	if err := oneKey(c); err != nil {
		return err
	}
	reason, err := reasonOf(c, true)
	if err != nil {
		return err
	}
	wait, err := waitOf(env, c)
	if err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pick(c.Context, c.Args().Slice())
	if err != nil {
		return err
	}
	k := keys[0]
	version, err := s.versionNamed(c.Context, k, c.Args().First(), ids)
	if err != nil {
		return err
	}
	q, err := request(k, version)
	if err != nil {
		return err
	}
	q.Reason, q.Confirmed = reason, c.IsSet("confirm")
	j := job{wait: wait, dry: c.Bool("dry-run"), tasks: []rotate.Task{{Policy: &k, Request: q}}}
	return s.carryMeant(c.Context, j, c.String("confirm"))
}
