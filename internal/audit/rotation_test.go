package audit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// The automatic rotation of the live version is compared with what the plan says,
// and by default with that of the version before.
func TestAutomaticRotation(t *testing.T) {
	on := func(days int) plan.RotationSeen { return plan.RotationSeen{Every: time.Duration(days) * day} }
	off, unknown := plan.RotationSeen{}, plan.RotationSeen{Unknown: "GetKeyRotationStatus: AccessDeniedException"}
	const (
		enable  = "aws kms enable-key-rotation --region eu-west-1 --key-id k8 --rotation-period-in-days "
		disable = "aws kms disable-key-rotation --region eu-west-1 --key-id k8"
	)
	for _, c := range []struct {
		name         string
		says         plan.AutoRotation
		live, before plan.RotationSeen
		hint         string // "": nothing is found
	}{
		{"it follows", plan.AutoRotation{}, on(365), on(365), ""},
		{"neither", plan.AutoRotation{}, off, off, ""},
		{"it was lost", plan.AutoRotation{}, off, on(200), enable + "200\nor say auto_rotation: in the plan"},
		{"it came", plan.AutoRotation{}, on(365), off, disable + "\nor say auto_rotation: in the plan"},
		{"not known", plan.AutoRotation{}, unknown, on(365), ""},
		{"not known of the one before", plan.AutoRotation{}, off, unknown, ""},
		{"as the plan says", plan.AutoRotation{Every: 180 * day}, on(180), off, ""},
		{"unlike the plan", plan.AutoRotation{Every: 180 * day}, on(365), on(365), enable + "180"},
		{"off, as the plan says", plan.AutoRotation{Off: true}, off, on(365), ""},
		{"on, and the plan says off", plan.AutoRotation{Off: true}, on(365), on(365), disable},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan.Policy{Name: "orders-data", Alias: "alias/orders-data", Region: "eu-west-1", AutoRotation: c.says,
				Schedule: plan.Schedule{Every: 90 * day}}
			r := &plan.Record{
				Schema:     1,
				Generation: 8,
				Step:       plan.Steady,
				Active:     8,
				Versions: []plan.Version{
					{Version: 8, KeyID: "k8", Since: time.Unix(1e9, 0)},
					{Version: 7, KeyID: "k7", State: plan.Draining, Left: time.Unix(1e9, 0),
						DrainUntil: time.Unix(2e9, 0)},
					{Version: 6, KeyID: "k6", State: plan.Draining, Left: time.Unix(1, 0),
						DrainUntil: time.Unix(2e9, 0)},
				},
			}
			found := audit.Key(time.Unix(1e9+60, 0), p, r, audit.Seen{Listing: &plan.ListingSeen{},
				Rotations: map[string]plan.RotationSeen{"k8": c.live, "k7": c.before}})
			i := slices.IndexFunc(found, func(f audit.Finding) bool {
				return f.Code == "auto-rotation" && f.Version == 8
			})
			switch {
			case i < 0 && c.hint != "":
				t.Error("nothing was found")
			case i >= 0 && (strings.TrimSpace(told(found[i])) != found[i].What+"\n\n"+c.hint ||
				found[i].Level != audit.Warning):
				t.Errorf("%+v", found[i])
			}
		})
	}
}
