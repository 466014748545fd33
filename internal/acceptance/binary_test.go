package acceptance

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

var built = flag.String("binary", "", "the `FILE` of a keyturn that was built before")

// binary is the program under test, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "keyturn-acceptance")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	flag.Parse()
	if binary = *built; binary != "" {
		return runTests(m)
	}
	binary = filepath.Join(dir, "keyturn")
	// Without the race detector: what is tested here is processes, and 32 of
	// them with it would measure the detector.
	build := exec.Command("go", "build", "-o", binary, "github.com/keyturn/keyturn")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the binary: %v\n%s", err, out)
		return 1
	}
	return runTests(m)
}

func runTests(m *testing.M) int {
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 { // a goroutine that outlives the tests fails them
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
