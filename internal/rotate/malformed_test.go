package rotate_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// A record that cannot be understood stops its own key and no other.
func TestMalformedRecordStopsItsKeyOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"  - alias: alias/other\n")
		spoilt := w.plan.Keys[0]
		w.forge(spoilt, func(it attrs) { it["step"] = &types.AttributeValueMemberS{Value: "dancing"} })
		before := w.names(spoilt.Alias)
		report := w.pool("a").run(t.Context())
		if k := report.Keys[0]; k.Outcome != plan.Refused || k.Refusal.Code != "malformed-record" {
			t.Errorf("the spoilt key: %s %+v", k.Outcome, k.Refusal)
		}
		if w.names(spoilt.Alias) != before {
			t.Error("the spoilt key was rotated")
		}
		if r := w.record(w.plan.Keys[1]); r.Generation != 2 {
			t.Errorf("the other key: %s", r)
		}
	})
}

// What is malformed in the events of a record stops a run that has something to do for
// the key. One that has nothing to do does not read them.
func TestMalformedEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		before := w.names(key.Alias)
		good := w.item(key)["events"]
		spoilt := &types.AttributeValueMemberS{Value: "none"}
		w.forge(key, func(it attrs) { it["events"] = spoilt })
		if k := w.pool("a").run(t.Context()).Keys[0]; k.Outcome != plan.Refused ||
			k.Refusal.Code != "malformed-record" || w.names(key.Alias) != before {
			t.Errorf("due: %s %+v", k.Outcome, k.Refusal)
		}
		w.forge(key, func(it attrs) { it["events"] = good })
		w.pool("b").mustRun()
		w.forge(key, func(it attrs) { it["events"] = spoilt })
		if k := w.pool("c").run(t.Context()).Keys[0]; k.Outcome != plan.Settled || k.Record.Events != nil {
			t.Errorf("nothing due: %s %+v", k.Outcome, k.Refusal)
		}
	})
}
