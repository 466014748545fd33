package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// Only what makes something with an old version, long after its switch, is a finding; and
// it is none if keyturn itself may have tried the version for a rollback.
func TestUsedAfterSwitch(t *testing.T) {
	left := noon.Add(-20 * day)
	used := func(operation string, at time.Time) func(*scene) {
		return func(c *scene) { c.s.Use["k2"] = plan.UseSeen{Operation: operation, LastAt: at, TrackedAt: left} }
	}
	rollback := func(at, end time.Time) func(*scene) {
		return func(c *scene) {
			used("Encrypt", noon.Add(-2*day))(c)
			c.r.Rev = 5
			c.r.Events = append(c.r.Events[:2:2],
				plan.Event{Rev: 3, Kind: []plan.EventKind{plan.EventClaim, "by-rollback"}, Claim: "r", Version: 2,
					At: at},
				plan.Event{Rev: 4, Kind: []plan.EventKind{"renew"}, Claim: "r", At: at.Add(time.Minute)},
				plan.Event{Rev: 5, Kind: []plan.EventKind{plan.EventAbandon}, GaveUp: "r", At: end})
		}
	}
	for name, c := range map[string]struct {
		change func(*scene)
		found  bool
	}{
		"not used":                {func(*scene) {}, false},
		"encrypts":                {used("Encrypt", noon), true},
		"makes data keys":         {used("GenerateDataKeyWithoutPlaintext", noon), true},
		"signs":                   {used("Sign", noon), true},
		"makes MACs":              {used("GenerateMac", noon), true},
		"decrypts":                {used("Decrypt", noon), false},
		"verifies":                {used("Verify", noon), false},
		"verifies MACs":           {used("VerifyMac", noon), false},
		"reads or writes":         {used("ReEncrypt", noon), false},
		"soon after the switch":   {used("Encrypt", left.Add(59*time.Minute)), false},
		"an hour after it":        {used("Encrypt", left.Add(61*time.Minute)), true},
		"tried for a rollback":    {rollback(noon.Add(-2*day-time.Minute), noon.Add(-2*day+time.Minute)), false},
		"before a rollback":       {rollback(noon.Add(-day), noon.Add(-day+time.Minute)), true},
		"after a rollback":        {rollback(noon.Add(-4*day), noon.Add(-3*day)), true},
		"the ledger was not read": {func(c *scene) { used("Encrypt", noon)(c); c.s.Ledgered = false }, false},
		"when it left is not known": {func(c *scene) {
			used("Encrypt", noon)(c)
			c.r.Entry(2).LeftUnknown = true
		}, false},
	} {
		s := inOrder()
		c.change(s)
		found := slices.ContainsFunc(audit.Key(noon, s.p, s.r, s.s), func(f audit.Finding) bool {
			return f.Code == plan.CodeUsedAfterSwitch && f.Version == 2
		})
		if found != c.found {
			t.Errorf("%s: found: %v", name, found)
		}
	}
}
