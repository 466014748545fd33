package trail

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// Two keys that were made for one window were behind the alias: the trail shows it, whoever
// made them. A rollback is no second rotation, nor are keys of a person's verb.
func TestTwoKeysForOneWindow(t *testing.T) {
	h := history()
	h.Events[1].Claim, h.Events[2].Claim = "c2", "c2"
	h.Events = append(h.Events, plan.Event{Rev: 4, At: start.AddDate(0, 0, 93), Run: "run4", Claim: "c4",
		Kind: []plan.EventKind{plan.EventClaim, "by-rollback"}}, plan.Event{Rev: 5, At: start.AddDate(0, 0, 93),
		Run: "run4", Claim: "c4", Kind: []plan.EventKind{plan.EventFinish},
		Calls: []plan.Answered{{Operation: "UpdateAlias", RequestID: "q9", Answer: "yes"}}})
	made := func(key, alias, window string) string {
		return of(90, "CreateKey", mallory, `"requestID":"m-`+key+`","responseElements":{"keyMetadata":{"keyId":"`+key+
			`"}},`+params(`{"tags":[{"tagKey":"keyturn:alias","tagValue":"`+alias+
			`"},{"tagKey":"keyturn:window","tagValue":"`+window+`"}]}`))
	}
	moved := func(day int, key, request string) string {
		return of(day, "UpdateAlias", mallory, `"requestID":"`+request+`",`+
			params(`{"aliasName":"alias/a","targetKeyId":"`+key+`"}`))
	}
	for name, c := range map[string]struct {
		events []string
		finds  int
	}{
		"two for one window": {[]string{made("k2", "alias/a", "w"), made("k7", "alias/a", "w"), moved(91, "k2", "q3"),
			moved(92, "k7", "m8")}, 1},
		"each for its own": {[]string{made("k2", "alias/a", "w"), made("k7", "alias/a", "x"), moved(91, "k2", "q3"),
			moved(92, "k7", "m8")}, 0},
		"the same once more": {[]string{made("k2", "alias/a", "w"), moved(91, "k2", "q3"), moved(92, "k2", "m8")}, 0},
		"by a rollback": {[]string{made("k2", "alias/a", "w"), made("k7", "alias/a", "w"), moved(91, "k2", "q3"),
			moved(93, "k7", "q9")}, 0},
		"of a person's verb": {[]string{made("k2", "alias/a", ""), made("k7", "alias/a", ""), moved(91, "k2", "q3"),
			moved(92, "k7", "m8")}, 0},
		"of another alias": {[]string{made("k2", "alias/a", "w"), made("k7", "alias/b", "w"), moved(91, "k2", "q3"),
			moved(92, "k7", "m8")}, 0},
	} {
		found := 0
		for _, f := range judged(t, h, nil, logOf(c.events...)).Findings {
			if f.Code != plan.CodeDuplicateWindow {
				continue
			}
			if found++; f.KeyID != "k7" || strings.Join(f.Requests, " ") != "q3 m8" ||
				!strings.Contains(f.What, "both were made for window w") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if found != c.finds {
			t.Errorf("%s: found %s", name, fmt.Sprint(found))
		}
	}
}
