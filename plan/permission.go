package plan

import (
	"maps"
	"slices"
)

// The roles of `keyturn init --iam`, by what a command is for.
const (
	RoleCron       = "cron"        // keyturn run
	RoleReadOnly   = "readonly"    // dry-runs, status, audit, history
	RoleBreakGlass = "break-glass" // the verbs of a person
)

// RolesWith returns the roles of `keyturn init --iam` whose policies allow an action;
// none for an action that only a person needs, to make the table.
func RolesWith(action string) []string { return permissions[action] }

// Permissions returns all actions that some role is allowed.
func Permissions() []string { return slices.Sorted(maps.Keys(permissions)) }

// permissions has the roles that have an action. Package iam writes the policies; a test
// there compares them with this list, which hints need.
var permissions = func() map[string][]string {
	all := map[string][]string{}
	for _, some := range []struct{ roles, actions []string }{
		{[]string{RoleCron, RoleReadOnly, RoleBreakGlass}, []string{
			"dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:Query",
			"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants",
			"kms:ListResourceTags",
		}},
		{[]string{RoleCron, RoleBreakGlass}, []string{
			"dynamodb:PutItem", "dynamodb:UpdateItem", "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateKey",
			"kms:Decapsulate", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:DisableKey", "kms:EnableKey",
			"kms:EnableKeyRotation", "kms:Encapsulate", "kms:Encrypt", "kms:GenerateMac", "kms:GetPublicKey",
			"kms:Sign", "kms:TagResource", "kms:UpdateAlias", "kms:Verify", "kms:VerifyMac",
		}},
		{[]string{RoleCron, RoleReadOnly}, []string{"kms:GetKeyLastUsage"}},
		{[]string{RoleCron}, []string{"kms:ScheduleKeyDeletion"}},
		{[]string{RoleReadOnly}, []string{"dynamodb:DescribeContinuousBackups", "dynamodb:Scan",
			"kms:ListKeyRotations", "kms:ListKeys"}},
	} {
		for _, action := range some.actions {
			all[action] = some.roles
		}
	}
	return all
}()
