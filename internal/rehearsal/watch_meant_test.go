package rehearsal

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A key is made, a version named, an old one enabled by a call that no record had
// shown before: that is found.
func TestWatchFindsWhatNobodyMeant(t *testing.T) {
	stage, err := NewStage(&Scene{Name: "meant", Plan: weekly, Prepare: switched})
	if err != nil {
		t.Fatal(err)
	}
	w := stage.World()
	w.Watch.Look("the beginning", "")
	claim := w.Record(0).Claim
	for tag, fits := range map[string]bool{claim.Head: true, "": false, claim.ID: false} {
		body := `{"Tags":[{"TagKey":"keyturn:claim","TagValue":"` + claim.ID +
			`"},{"TagKey":"keyturn:ledger","TagValue":"` + tag + `"}]}`
		if why := w.Watch.sealedBy(&call{operation: "CreateKey", body: []byte(body)}); (why == "") != fits {
			t.Errorf("%s: %q", body, why)
		}
	}
	for _, c := range []struct {
		operation, body string
		meant           bool
	}{
		{"CreateKey", `{}`, false},
		{"CreateKey", `{"Tags":[{"TagKey":"keyturn:claim","TagValue":"nobody's"}]}`, false},
		{"CreateKey", `{"Tags":[{"TagKey":"keyturn:claim","TagValue":"` + w.Record(0).Claim.ID + `"}]}`, true},
		{"CreateAlias", `{"AliasName":"alias/orders-data/v2"}`, true},
		{"CreateAlias", `{"AliasName":"alias/orders-data/v3"}`, false},
		{"CreateAlias", `{"AliasName":"alias/orders-data"}`, false},
		{"EnableKey", `{"KeyId":"` + w.Record(0).Draining()[0].KeyID + `"}`, false},
	} {
		if why := w.Watch.meantBy(&call{operation: c.operation, body: []byte(c.body)}); (why == "") != c.meant {
			t.Errorf("%s %s: %q", c.operation, c.body, why)
		}
	}
}

// switched prepares a world in which the first rotation is over.
func switched(w *World) {
	w.MakeKeys()
	w.Advance(w.Keys[0].Schedule.ShortestPeriod() + day)
	w.Calm("before", plan.Request{})
}
