//go:build unix

package peers

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var all = flag.Bool("peers.all", false, "eight processes of each peer in all cases, some minutes; "+
	"-update writes the table of docs/peers.md")

// binary is keyturn, built once for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	dir, err := os.MkdirTemp("", "keyturn-peers")
	if err == nil {
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
		binary = filepath.Join(dir, "keyturn")
		var out []byte
		build := exec.Command("go", "build", "-o", binary, "github.com/keyturn/keyturn")
		if out, err = build.CombinedOutput(); err != nil {
			err = fmt.Errorf("build the binary: %w\n%s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
