package trail

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// The trail has the tag with which a version was made, also where KMS has deleted its key.
// It shows that the ledger up to its claim was rewritten since.
func TestSeals(t *testing.T) {
	sealed := history()
	for i := range sealed.Events {
		sealed.Events[i].Stored = fmt.Sprint("event ", i)
	}
	sealed.Events[1].Claim, sealed.Events[2].Claim = "c2", "c2"
	head := sealed.Events[1].Hash()
	made := func(tags string) string {
		return of(91, "CreateKey", cron, `"requestID":"q1","userAgent":"keyturn/1 run/run2",`+
			`"responseElements":{"keyMetadata":{"keyId":"k2"}},`+params(`{"tags":[`+tags+`]}`))
	}
	seal := func(hash string) string {
		return `{"tagKey":"keyturn:claim","tagValue":"c2"},{"tagKey":"keyturn:ledger","tagValue":"` + hash + `"}`
	}
	for name, c := range map[string]struct {
		event, state, finds string
	}{
		"it fits":              {made(seal(head)), "fits", ""},
		"the ledger was":       {made(seal(strings.Repeat("0", 64))), "broken", "ledger-rewritten"},
		"the trail has no tag": {made(""), "", ""},
		"another operation":    {strings.Replace(made(seal("0")), "CreateKey", "TagResource", 1), "", ""},
	} {
		report := judged(t, sealed, nil, logOf(append(clean(), c.event)...))
		var states, codes []string
		for _, s := range report.Seals {
			states = append(states, string(s.State))
			if s.Version != 2 || s.KeyID != "k2" || s.RequestID != "q1" || s.Claim != (plan.Link{Rev: 2, Hash: head}) {
				t.Errorf("%s: %+v", name, s)
			}
		}
		for _, f := range report.Findings {
			codes = append(codes, string(f.Code))
		}
		if strings.Join(states, " ") != c.state || strings.Join(codes, " ") != c.finds {
			t.Errorf("%s: seals %v, findings %v", name, states, codes)
		}
	}
}
