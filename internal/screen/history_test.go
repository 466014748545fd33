package screen

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// The verdict on a ledger says no more than was read: a jump leaves revisions out, and
// without a tag nobody knows whether it agrees.
func TestVerdictSaysWhatWasRead(t *testing.T) {
	fits := plan.Seal{Version: 2, KeyID: "k2", Claim: plan.Link{Rev: 1, Hash: "x"}, State: plan.SealFits}
	unread := plan.Seal{Version: 3, KeyID: "k3", State: plan.SealUnread, Why: "denied"}
	jump := []plan.Finding{{Kind: plan.Jump, Text: "a rebuild"}}
	const every, sealed, notKnown = "every revision is there", "sealed up to", "not known"
	for name, c := range map[string]struct {
		seals       []plan.Seal
		findings    []plan.Finding
		says, never []string
	}{
		"all of it":          {[]plan.Seal{fits}, nil, []string{every, sealed}, []string{notKnown}},
		"a rebuild":          {[]plan.Seal{fits}, jump, []string{"but for what a rebuild"}, []string{every}},
		"a tag was not read": {[]plan.Seal{fits, unread}, nil, []string{notKnown, sealed}, []string{every, "is whole"}},
		"none was read": {[]plan.Seal{unread}, nil, []string{"whether it is sealed is not known"},
			[]string{every, "not sealed: no version"}},
	} {
		h := plan.KeyHistory{Key: plan.Policy{Name: "a"}, Seals: c.seals,
			History: plan.History{Events: []plan.Event{{Rev: 1, Stored: "e"}}, Findings: c.findings}}
		text := VerifyText([]plan.KeyHistory{h})
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, text)
			}
		}
		for _, not := range c.never {
			if strings.Contains(text, not) {
				t.Errorf("%s: %q is in\n%s", name, not, text)
			}
		}
	}
}
