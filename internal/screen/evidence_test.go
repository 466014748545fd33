package screen

import (
	"testing"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/sample"
)

// The screen of a report, of keys whose stories have all that it can show.
func TestEvidenceScreen(t *testing.T) {
	v, _ := viewOf("audit")
	golden.Compare(t, screens+"evidence.txt", v.Evidence(sample.Evidence()))
}
