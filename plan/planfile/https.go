package planfile

import "github.com/keyturn/keyturn/plan"

// Which runs ping.
const (
	PingWinner = "winner"
	PingEvery  = "every"
)

var (
	httpsForm      = plan.Pattern(`^https://[A-Za-z0-9._:\[\]-]+(/[^\s?#\x00-\x1f\x7f]*)?$`)
	httpsQueryForm = plan.Pattern(`^https://[A-Za-z0-9._:\[\]-]+(/[^\s#\x00-\x1f\x7f]*)?$`)
)

// httpsText is an address of HTTPS, without a user: a password in it would stand in logs of
// proxies. Its path is often a secret.
func httpsText(into *setting[string], query bool) unshown {
	rule := textRule{least: 1, most: 2048, form: httpsForm,
		hint: "an address such as https://example.com/path, without a user, ? or #"}
	if query {
		rule.form, rule.hint = httpsQueryForm, "an address such as https://example.com/path, without a user or #"
	}
	return unshown{textOf(into, rule)}
}
