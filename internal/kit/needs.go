package kit

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// notifySecret is the Secret of Kubernetes with the variables of notify.
const notifySecret = "keyturn-notify"

// variables returns the environment variables that a run of the plan reads to sign messages.
func (q *Request) variables() []string {
	names := map[string]bool{}
	for _, k := range q.Plan.Keys {
		for _, n := range k.Notify {
			if n.HMACEnv != "" {
				names[n.HMACEnv] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// needs returns notes on what a run of the plan needs where the kit has it run.
func (q *Request) needs() []string {
	var variables, commands, policies string
	switch q.Kind {
	case Kubernetes:
		variables = "make the Secret " + notifySecret + " in the namespace keyturn, with the variables that sign the " +
			"messages of notify: "
		commands = "must be in the image, and /bin/sh for a text: that of a release has no shell"
	case GitHub:
		variables = "make secrets of the repository, with which messages of notify are signed: "
		commands = "must be on the runner"
	case Systemd:
		variables = "fill in, in the .env file of a pool, the variables that sign the messages of notify: "
		commands = "must be on each host; they run as the unit, without home folders"
		policies = "copy its key policies, too: "
	case Cron:
		variables = "fill in, in the crontab, the variables that sign the messages of notify: "
		commands = "must be on each host, with their whole path or in the PATH of cron"
		policies = "copy its key policies, too: "
	case Terraform, CloudFormation:
		if !q.Plan.Named && q.Plan.Name != "keyturn" { // the other kits install the plan as keyturn.yaml
			return []string{"write name: into the plan: the alarm counts only runs whose log says plan " + q.Plan.Name +
				", and that name is the file's"}
		}
		return nil
	default: // a kit that runs nothing
		return nil
	}
	var notes []string
	if names := q.variables(); len(names) > 0 {
		notes = append(notes, variables+strings.Join(names, ", ")+"; without them no signed webhook is sent")
	}
	starts := func(n plan.Notify) bool { return len(n.Command) > 0 }
	for _, k := range q.Plan.Keys {
		if len(k.BeforeSwitch) > 0 || slices.ContainsFunc(k.Notify, starts) {
			notes = append(notes, "the plan starts commands (before_switch, notify): they "+commands)
			break
		}
	}
	if len(q.Source.Policies) > 0 && policies != "" {
		var files []string
		for _, p := range slices.Sorted(maps.Keys(q.Source.Policies)) {
			if !path.IsAbs(p) {
				p = path.Join("/etc", p)
			}
			files = append(files, p)
		}
		notes = append(notes, policies+strings.Join(files, ", "))
	}
	return notes
}
