package rotate_test

import (
	"strings"
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

// However much before_switch says, little of it is kept: the last line, or its
// beginning.
func TestGateThatTalks(t *testing.T) {
	for command, want := range map[string]string{
		"head -c 100000 /dev/zero | tr '\\0' x; echo; echo 2 of 3 know": "2 of 3 know",
		"head -c 100000 /dev/zero | tr '\\0' x":                         strings.Repeat("x", 200),
		"true":                                                          "",
	} {
		if got := rotate.AskGate(t.Context(), rotate.Gate{Command: []string{"sh", "-c", command}}); got.Said != want || !got.Open {
			t.Errorf("%s: %d characters: %.300s %s", command, len(got.Said), got.Said, got.Failed)
		}
	}
}
