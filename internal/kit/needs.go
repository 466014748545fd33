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
		variables = "make the Secret " + notifySecret + " in the namespace keyturn, which signs the messages of " +
			"notify, with "
		commands = "must be in the image, and /bin/sh for a text: that of a release has no shell"
	case GitHub:
		variables = "make secrets of the repository, which sign the messages of notify: "
		commands = "must be on the runner"
	case Systemd:
		variables = "fill in, in the .env file of a pool, which sign the messages of notify: "
		commands = "must be on each host; they run as the unit, without home folders"
		policies = "the plan reads its key policies from where they stand beside it: "
	case Cron:
		variables = "fill in, in the crontab, which sign the messages of notify: "
		commands = "must be on each host, with their whole path or in the PATH of cron"
		policies = "the plan reads its key policies from where they stand beside it: "
	default: // a kit that runs nothing
		return nil
	}
	var notes []string
	if names := q.variables(); len(names) > 0 {
		notes = append(notes, variables+strings.Join(names, ", ")+"; without it a signed webhook is not sent")
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
