package cmd

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// Who has a record rebuilt reads which versions are kept only because nobody
// knows better, before it is done and after.
func TestRebuiltTellsWhatIsKept(t *testing.T) {
	now := at("2026-12-01T03:25:08Z")
	const kept = "v1: nobody knows"
	k := rotate.KeyReport{
		Policy: policy("orders-data"),
		Record: &plan.Record{Step: plan.Steady, Generation: 3, Active: &plan.Active{Version: 2, Since: now}},
		Trace:  []rotate.Trace{{Act: plan.Act{Kind: plan.WriteRebuild}}},
		Why:    []plan.Reason{{Code: "rebuild", Text: "what was seen"}, {Code: plan.TermsUnknown, Text: kept}},
	}
	if got := summarize(k, now); !strings.HasSuffix(got.then, "; "+kept) {
		t.Errorf("%+v", got)
	}
	if got := dryLine(k, &rotate.Report{Finished: now}); !strings.HasSuffix(got, "; "+kept) {
		t.Errorf("dry: %s", got)
	}
}
