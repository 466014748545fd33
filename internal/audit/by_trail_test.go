package audit_test

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// A call that was undone since names nobody: what disabled the key is not in the trail.
func TestNameChanges(t *testing.T) {
	for _, undone := range []bool{false, true} {
		found := []audit.Finding{{Code: plan.CodeVersionDisabled, Key: "a", KeyID: "k1", What: "v1 is disabled"}}
		change := audit.Change{Key: "a", KeyID: "k1", Operation: "DisableKey", At: noon, By: "mallory"}
		if undone {
			change.Undone = noon.Add(day)
		}
		audit.NameChanges(found, []audit.Change{change})
		if named := strings.Contains(found[0].What, "mallory"); named == undone || found[0].Since.IsZero() != undone {
			t.Errorf("undone %v: %+v", undone, found[0])
		}
	}
}
