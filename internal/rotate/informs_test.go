package rotate_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// What only informs never stops a rotation: it is told that it could not be had.
func TestGrantsThatCannotBeListed(t *testing.T) {
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		{Kind: sandbox.Refuse, Code: "ThrottlingException"},
		{Kind: sandbox.Refuse, Code: "ServiceUnavailableException", Status: 503},
		{Kind: sandbox.Refuse, Code: "NotImplemented", Status: 501},
		{Kind: sandbox.Drop},
	} {
		t.Run(fmt.Sprint(f.Kind, f.Code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				f.Operation = "ListGrants"
				w.fault(f)
				dry := w.pool("dry")
				dry.Dry = true
				if k := only(t, dry.mustRun()); k.GrantsUnknown == "" || !k.Did(plan.CreateKey) {
					t.Errorf("the dry-run does not say that the grants are not known: %+v", k)
				}
				if k := only(t, w.pool("a").mustRun()); k.GrantsUnknown == "" {
					t.Error("the run does not say that the grants are not known")
				}
				rotatedOnce(t, w)
				w.sound()
			})
		})
	}
}
