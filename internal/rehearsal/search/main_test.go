package search

import (
	"testing"

	"go.uber.org/goleak"
)

// A run that nobody ends is a goroutine that stays.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
