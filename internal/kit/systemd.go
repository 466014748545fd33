package kit

import (
	"cmp"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// systemd writes the units of the packages, what pages when they fail, and the
// variables of each pool.
func (q *Request) systemd() (Kit, error) {
	k := Kit{Next: plan.Noted("the units go to /etc/systemd/system, the .env file of a pool to /etc/default/keyturn, " +
		"and the plan to /etc/keyturn.yaml; then: systemctl enable --now keyturn.timer, and on one pool " +
		"keyturn-audit.timer")}
	for _, unit := range []string{"keyturn.service", "keyturn.timer", "keyturn-audit.service", "keyturn-audit.timer"} {
		text, err := embedded.ReadFile("systemd/" + unit)
		if err != nil {
			return k, err
		}
		k.Files = append(k.Files, File{Path: unit, Text: string(text)})
	}
	for _, unit := range []string{"keyturn.service", "keyturn-audit.service"} {
		if err := k.add(unit+".d/page.conf", "page.conf", nil); err != nil {
			return k, err
		}
	}
	pager := systemdQuoted(cmp.Or(q.Pager, pagerBlank))
	if err := k.add("keyturn-page@.service", "keyturn-page@.service", pager); err != nil {
		return k, err
	}
	for _, pool := range q.pools() {
		variables := crontab{Pool: pool, Variables: q.variables()}
		if err := k.add(cmp.Or(pool, "keyturn")+".env", "pool.env", variables); err != nil {
			return k, err
		}
	}
	return k, nil
}

// systemdQuoted returns a text that stands between single quotes in ExecStart: systemd
// reads escapes, specifiers and variables there too.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
func systemdQuoted(text string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`, "%", "%%", "$", "$$").Replace(text)
}
