package screen

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// The last line of verify counts warnings: they are no answer that the next rotation needs.
func TestVerifyCountsWarnings(t *testing.T) {
	yes := plan.Check{Key: "orders-data", About: plan.AboutKey, Known: plan.KnownYes, Way: plan.WayLooked}
	unwarned := plan.Check{Key: "orders-data", About: "a hold", Known: plan.KnownYes, Way: plan.WayLooked, Warns: true}
	held := unwarned
	held.Known = plan.KnownNo
	for want, checks := range map[string][]plan.Check{
		"every answer is yes": {yes, unwarned},
		"every answer that the next rotation needs is yes; 1 warning":  {yes, held},
		"every answer that the next rotation needs is yes; 2 warnings": {yes, held, held},
	} {
		v, _ := viewOf("verify")
		text := v.Verify(plan.Preflight{Checks: checks})
		if !strings.HasSuffix(text, "\n"+want+"\n") {
			t.Errorf("want %q at the end of\n%s", want, text)
		}
	}
}
