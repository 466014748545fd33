package kit

import (
	"cmp"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// hostPool stands for the pool of a host that was given no name: keyturn takes the host's.
const hostPool = ""

// pools returns the named pools, or the one without a name.
func (q *Request) pools() []string {
	if len(q.Pools) == 0 {
		return []string{hostPool}
	}
	return q.Pools
}

// crontab is what the lines of a pool are made of.
type crontab struct {
	Pool, Pager string
	// Audits says that this pool audits: one is enough.
	Audits bool
	// Variables sign messages.
	Variables []string
}

// longestLine is how long a crontab's line may be, which is cron's limit of its command.
// https://manpages.debian.org/bookworm/cron/crontab.5.en.html
const longestLine = 998

// cron writes a file of crontab lines for each pool.
func (q *Request) cron() (Kit, error) {
	k := Kit{Next: plan.Noted("add the lines to the crontab in every pool, in place of the old command")}
	if strings.Contains(q.Pager, `\%`) || strings.Contains(q.Pager, `\\`) {
		return k, refuse("put it into a script, and name that",
			"--page has %s or %s, which cron itself reads, and each in its own way", `\%`, `\\`)
	}
	for i, pool := range q.pools() {
		// cron ends a command at a %.
		pager := strings.ReplaceAll(cmp.Or(q.Pager, pagerBlank), "%", `\%`)
		lines := crontab{Pool: pool, Pager: pager, Audits: i == 0, Variables: q.variables()}
		if err := k.add(cmp.Or(pool, "keyturn")+".crontab", "crontab", lines); err != nil {
			return k, err
		}
		for line := range strings.Lines(k.Files[i].Text) {
			if len(line) > longestLine {
				return k, refuse("put it into a script, and name that",
					"--page is too long: a line of a crontab has at most %d characters", longestLine)
			}
		}
	}
	return k, nil
}
