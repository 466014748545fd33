package cmd

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// A goroutine that outlives the tests fails them. The tests wait more than they
// compute, so many of them go on at once.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
