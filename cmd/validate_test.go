package cmd

import (
	"path/filepath"
	"testing"
)

// The plans that the pages point to are valid where they stand, with the files
// that they name.
func TestCommittedPlansValidate(t *testing.T) {
	files, err := filepath.Glob("../testdata/plans/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	p := newProcess()
	if exit := p.keyturn(t.Context(), append([]string{"validate"}, files...)...); exit != 0 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}
