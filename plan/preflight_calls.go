package plan

import "slices"

// ProbeActions returns the calls that try out a key of a usage.
func ProbeActions() map[string][]string {
	return map[string][]string{
		"ENCRYPT_DECRYPT":         {"kms:Decrypt", "kms:Encrypt"},
		"SIGN_VERIFY":             {"kms:Sign", "kms:Verify"},
		"GENERATE_VERIFY_MAC":     {"kms:GenerateMac", "kms:VerifyMac"},
		"KEY_AGREEMENT":           {"kms:DeriveSharedSecret", "kms:GetPublicKey"},
		"ENCAPSULATE_DECAPSULATE": {"kms:Decapsulate", "kms:Encapsulate"},
	}
}

// NextActions returns the calls that cron makes from here to the end of the next rotation
// of a key, and for the version that it leaves: those of its role that a key like live needs.
func NextActions(p Policy, live KeySeen, rotation RotationSeen) []string {
	return slices.DeleteFunc(Permissions(), func(action string) bool {
		return !slices.Contains(RolesWith(action), RoleCron) || !needed(action, p, live, rotation)
	})
}

// needed reports whether the rotations of a key make a call of cron's.
func needed(action string, p Policy, live KeySeen, rotation RotationSeen) bool {
	for usage, probes := range ProbeActions() {
		if slices.Contains(probes, action) {
			return p.Probe && usage == live.Usage
		}
	}
	switch action {
	case "kms:CancelKeyDeletion", "kms:EnableKey":
		return false // they finish a person's reinstate
	case "kms:GetKeyLastUsage":
		return p.Retire.Action != RetireKeep && !p.Retire.UsageOff
	case "kms:ScheduleKeyDeletion":
		return p.Retire.Action == RetireDelete
	case "kms:GetKeyRotationStatus":
		return RotatesItself(live.Spec, live.Usage)
	case "kms:EnableKeyRotation":
		want := p.AutoRotation.wants(rotation)
		return RotatesItself(live.Spec, live.Usage) && (want.Every > 0 || want.Unknown != "")
	}
	return true
}

// WayOf returns how a preflight finds out whether a call is allowed, and whether KMS's
// DryRun could judge it only with the result of a real use. Those that change something
// are simulated.
func WayOf(action string) (way Way, realUse bool) {
	switch action {
	case "kms:Decrypt", "kms:DeriveSharedSecret", "kms:Encapsulate", "kms:Encrypt", "kms:GenerateMac", "kms:Sign":
		return WayDryRun, false
	case "kms:Decapsulate", "kms:Verify", "kms:VerifyMac":
		return WaySimulated, true
	case "dynamodb:PutItem", "dynamodb:UpdateItem", "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateKey",
		"kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation", "kms:ScheduleKeyDeletion", "kms:TagResource",
		"kms:UpdateAlias":
		return WaySimulated, false
	}
	return WayCalled, false
}
