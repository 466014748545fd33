package document_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// The documents of --output json: their fields are a promise.
func TestDocuments(t *testing.T) {
	c := document.From{Verb: "run", Run: "0a1b2c3d", Pool: "pool-1", Host: "ip-10-2-3-4", Plan: sample.Plan(),
		With: func(h plan.Hint) plan.Hint { return h }}
	r := sample.Report()
	compare(t, "run.json", document.OfRun(c, r, r.Exit(false)))

	compare(t, "verify.json", document.OfVerify(c, sample.Preflight()))

	now := sample.At("2026-12-01T03:12:40Z")
	live := &plan.Version{Version: 2, KeyID: "7c1e0000-0000-0000-0000-000000000000",
		Since: now.Add(-90 * 24 * time.Hour)}
	key := status.Key{Policy: sample.Policy("legacy-export"), State: status.Refused, Text: "REFUSED: alias moved",
		Live: live,
		Then: "stopped", Found: &status.Found{KeyID: "9f31c0de-0000-0000-0000-000000000000", Since: now},
		Refusal: &plan.Refusal{Code: "drift", Hint: plan.Try("keyturn", "adopt", "legacy-export")},
		Old: []status.Version{{Version: 1, KeyID: "11110000-0000-0000-0000-000000000000", KMS: "Enabled",
			DrainUntil: now.Add(24 * time.Hour), Retire: plan.RetireKeep}}}
	compare(t, "status.json", document.OfStatus(c, status.Snapshot{At: now, Account: "123456789012",
		Keys: []status.Key{key}}))
}

func compare(t *testing.T, name string, doc any) {
	t.Helper()
	var b strings.Builder
	document.Write(&b, doc)
	golden.Compare(t, "../../testdata/screens/"+name, b.String())
}
