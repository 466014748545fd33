package rotate_test

import (
	"testing"

	"github.com/keyturn/keyturn/internal/rotate"
)

// What before_switch says by its exit code counts, also if it leaves a child
// behind that keeps its output open.
func TestGateThatLeavesAChild(t *testing.T) {
	for command, open := range map[string]bool{
		"sleep 3 & echo ready; exit 0":   true,
		"sleep 3 & echo not yet; exit 1": false,
	} {
		got := rotate.AskGate(t.Context(), rotate.Gate{Command: []string{"sh", "-c", command}})
		if got.Open != open || got.Failed != "" {
			t.Errorf("%s: %+v", command, got)
		}
	}
}
