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
}

// cron writes a file of crontab lines for each pool.
func (q *Request) cron() (Kit, error) {
	k := Kit{Next: plan.Noted("add the lines to the crontab in every pool, in place of the old command")}
	for i, pool := range q.pools() {
		// cron ends a command at a %.
		pager := strings.ReplaceAll(cmp.Or(q.Pager, pagerBlank), "%", `\%`)
		lines := crontab{Pool: pool, Pager: pager, Audits: i == 0}
		if err := k.add(cmp.Or(pool, "keyturn")+".crontab", "crontab", lines); err != nil {
			return k, err
		}
	}
	return k, nil
}
