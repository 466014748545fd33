package iam_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Hints name the role that has a permission: plan's list of them is what the policies
// allow, for a plan that needs all there is.
func TestRolesWith(t *testing.T) {
	var keys []plan.Policy
	for i, usage := range []string{"ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT",
		"ENCAPSULATE_DECAPSULATE"} {
		keys = append(keys, plan.Policy{Name: string(rune('a' + i)), Alias: "alias/" + string(rune('a'+i)),
			Region: "eu-west-1", Table: "keyturn", Usage: usage, Probe: true,
			Retire: plan.Retire{Action: plan.RetireDelete, DeletionWindow: 30 * 24 * time.Hour}})
	}
	allowed := map[string][]string{}
	for _, role := range iam.Roles() {
		parts, err := iam.Write(iam.Request{Role: role, Account: "111122223333",
			Plan:      &planfile.Plan{Region: "eu-west-1", Keys: keys},
			Partition: func(string) string { return "aws" }})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parts[0].Documents {
			for _, s := range d.Statement {
				for _, action := range s.Action {
					if s.Effect == "Allow" && !slices.Contains(allowed[action], string(role)) {
						allowed[action] = append(allowed[action], string(role))
					}
				}
			}
		}
	}
	for _, action := range slices.Sorted(maps.Keys(allowed)) {
		if got := plan.RolesWith(action); !slices.Equal(got, allowed[action]) {
			t.Errorf("%s: plan says %v, the policies allow it to %v", action, got, allowed[action])
		}
	}
	for _, action := range plan.Permissions() {
		if allowed[action] == nil {
			t.Errorf("no role is allowed %s any more", action)
		}
	}
}
