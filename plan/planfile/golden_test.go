package planfile_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// update is for every golden file of this package: go test ./plan/planfile -update.
var update = flag.Bool("update", false, "write the golden files")

// golden compares got with the file at path, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs.\n--- got\n%s\n--- want\n%s", filepath.Base(path), got, want)
	}
}
