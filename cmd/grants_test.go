package cmd

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// That the grants could not be counted is said, by the dry-run and by the run, and
// the run rotates.
func TestGrantsNotKnown(t *testing.T) {
	c := newCloud(t)
	c.faults(
		sandbox.Fault{Operation: "ListGrants", Kind: sandbox.Refuse, Code: "AccessDeniedException", Message: "not you"},
	)
	const want = "whether there are grants on v1 is not known (KMS denied kms:ListGrants: not you); they would not " +
		"follow the alias"
	if p, exit := c.run("run", "--dry-run"); exit != 0 || !strings.Contains(p.out.String(), "! "+want) {
		t.Errorf("dry-run: exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	p, exit := c.run("run")
	if exit != 0 || !strings.Contains(p.out.String(), "rotated v1 to v2") || !strings.Contains(p.err.String(), want) {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}
