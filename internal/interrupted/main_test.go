//go:build unix

package interrupted

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

var all = flag.Bool("interrupted.all", false, "every interruption at every request")

// binary is the program under test, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	mostlyWaiting()
	dir, err := os.MkdirTemp("", "keyturn-interrupted")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	binary = filepath.Join(dir, "keyturn")
	// Without the race detector, which would be most of what a process does.
	build := exec.Command("go", "build", "-o", binary, "github.com/keyturn/keyturn")
	if out, err := build.CombinedOutput(); err != nil {
		return fail(fmt.Errorf("build the binary: %w\n%s", err, out))
	}
	code := m.Run()
	if err := goleak.Find(); err != nil {
		return max(code, fail(err))
	}
	// A stopped process would stay behind.
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		return max(code, fail(fmt.Errorf("a process was left behind: %d %w", pid, err)))
	}
	return code
}

// mostlyWaiting lets more cases run at once than there are cores, unless the
// command line says how many: each waits most of the time, for the embedded
// AWS's clock, which moves on full seconds, and for the pace at which keyturn
// changes KMS.
func mostlyWaiting() {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "16") // the testing package has defined it
	}
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
