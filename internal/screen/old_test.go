package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// The line of an old version, of each kind.
func TestOldVersionLines(t *testing.T) {
	now := sample.At("2026-12-01T03:12:40Z")
	used := &plan.UseSeen{LastAt: now.Add(-2 * time.Hour), Operation: "Decrypt", TrackedAt: now.Add(-200 * sample.Day)}
	unused := &plan.UseSeen{TrackedAt: sample.At("2026-04-23T00:00:00Z")}
	denied := &plan.UseSeen{Failed: "AccessDeniedException"}
	over, soon := now.Add(-3*sample.Day), now.Add(7*sample.Day+time.Hour)
	var b strings.Builder
	for _, v := range []status.Version{
		{KMS: "Enabled", DrainUntil: soon, Use: used, Ends: plan.Ending{Action: plan.RetireDisable,
			UnlessUsedWithin: 7 * sample.Day, DeletedAfter: 37 * sample.Day}},
		{KMS: "Enabled", DrainUntil: soon, Use: unused, Ends: plan.Ending{Action: plan.RetireKeep}},
		{KMS: "Enabled", DrainUntil: soon, Use: denied},
		{KMS: "Enabled", DrainUntil: soon, Use: &plan.UseSeen{}},
		{KMS: "Disabled", DrainUntil: soon, Undo: []string{"keyturn", "reinstate", "x/v6"}},
		{KMS: "Enabled", DrainUntil: soon, LookAfter: now.Add(time.Minute)},
		{KMS: "Enabled", DrainUntil: over, Retire: plan.RetireKeep},
		{KMS: "Enabled", DrainUntil: over, Retire: plan.RetireDisable, Use: unused},
		{KMS: "Enabled", DrainUntil: over, Retire: plan.RetireDisable, Use: used, InUse: true, Within: 7 * sample.Day,
			Ends: plan.Ending{Action: plan.RetireDisable, UnlessUsedWithin: 7 * sample.Day}},
		{KMS: "Enabled", DrainUntil: over, Retire: plan.RetireDisable, Use: denied, InUse: true,
			Within: 7 * sample.Day},
		{KMS: "Enabled", DrainUntil: over, Retire: plan.RetireDisable, Use: unused,
			Later: &plan.Later{Version: 6, Until: now.Add(7 * time.Minute),
				Switched: now.Add(-3 * time.Minute)}},
		{KMS: "Enabled", DrainUntil: over, Mark: &plan.Fence{What: "disable", Since: now.Add(-time.Minute)},
			Undo: []string{"keyturn", "reinstate", "x"}},
		{KeptAt: over},
		{KMS: "Disabled", DisabledAt: over, Undo: []string{"keyturn", "reinstate", "x"}},
		{KMS: "Enabled", DisabledAt: over, ByHand: true},
		{KMS: "PendingDeletion", DisabledAt: over, Undo: []string{"keyturn", "reinstate", "x"}},
		{KMS: "PendingDeletion", DisabledAt: over, DeleteAt: soon, Undo: []string{"keyturn", "reinstate", "x"}},
		{DisabledAt: over, DeleteAt: over},
		{Missing: true, DisabledAt: over, DeleteAt: over},
		{Missing: true, DisabledAt: over, DeleteAt: soon},
		{KMS: "PendingDeletion", DisabledAt: over, DeleteAt: over},
		{KMS: "Disabled", DisabledAt: over, DeleteAt: over, Undo: []string{"keyturn", "reinstate", "x"}},
		{KMS: "Disabled", DisabledAt: over, DeleteAt: soon, Undo: []string{"keyturn", "reinstate", "x"}},
		{KMS: "Enabled", DisabledAt: over, DeleteAt: over, ByHand: true},
	} {
		b.WriteString(oldText(now, v, func(words ...string) string { return plan.Shell(words...) }) + "\n")
	}
	golden.Compare(t, screens+"old-versions.txt", b.String())
}
