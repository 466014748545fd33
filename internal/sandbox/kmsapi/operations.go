package kmsapi

import "encoding/json"

// operation is one entry of the API.
type operation struct {
	handle func(*request) (any, error)
	// mutates says that the operation changes keys or aliases.
	mutates bool
	// saves says that there is something to save after it.
	saves bool
}

// reads makes an operation that leaves the state as it is.
func reads[In any](carryOut func(*request, In) (any, error)) operation {
	return operation{handle: decoded(carryOut)}
}

// uses makes a cryptographic operation: it changes no key, but KMS remembers
// when a key was last used, and so must the state.
func uses[In any](carryOut func(*request, In) (any, error)) operation {
	return operation{handle: decoded(carryOut), saves: true}
}

// mutates makes an operation that changes the state when it succeeds.
func mutates[In any](carryOut func(*request, In) (any, error)) operation {
	return operation{handle: decoded(carryOut), mutates: true, saves: true}
}

// decoded puts the parsing of the request's document before an operation.
func decoded[In any](carryOut func(*request, In) (any, error)) func(*request) (any, error) {
	return func(r *request) (any, error) {
		var in In
		if err := json.Unmarshal(r.Body, &in); err != nil {
			return nil, refuse("SerializationException", "")
		}
		return carryOut(r, in)
	}
}

// operations returns all operations that this package has. Any other operation
// of AWS is refused like one that AWS does not have: better no answer than an
// invented success.
func operations() map[string]operation {
	return map[string]operation{
		"CreateKey":            mutates(createKey),
		"DescribeKey":          reads(describeKey),
		"ListKeys":             reads(listKeys),
		"UpdateKeyDescription": mutates(updateKeyDescription),
		"EnableKey":            mutates(enableKey),
		"DisableKey":           mutates(disableKey),
		"ScheduleKeyDeletion":  mutates(scheduleKeyDeletion),
		"CancelKeyDeletion":    mutates(cancelKeyDeletion),
		"GetKeyLastUsage":      reads(getKeyLastUsage),

		"CreateAlias": mutates(createAlias),
		"UpdateAlias": mutates(updateAlias),
		"DeleteAlias": mutates(deleteAlias),
		"ListAliases": reads(listAliases),

		"GetKeyPolicy":     reads(getKeyPolicy),
		"PutKeyPolicy":     mutates(putKeyPolicy),
		"ListKeyPolicies":  reads(listKeyPolicies),
		"TagResource":      mutates(tagResource),
		"UntagResource":    mutates(untagResource),
		"ListResourceTags": reads(listResourceTags),

		"Encrypt":                         uses(encrypt),
		"Decrypt":                         uses(decrypt),
		"ReEncrypt":                       uses(reEncrypt),
		"GenerateDataKey":                 uses(generateDataKey),
		"GenerateDataKeyWithoutPlaintext": uses(generateDataKeyWithoutPlaintext),
		"Sign":                            uses(sign),
		"Verify":                          uses(verify),
		"GenerateMac":                     uses(generateMac),
		"VerifyMac":                       uses(verifyMac),
		"DeriveSharedSecret":              uses(deriveSharedSecret),
		"Encapsulate":                     uses(encapsulate),
		"Decapsulate":                     uses(decapsulate),
		"GetPublicKey":                    reads(getPublicKey),

		"CreateGrant": mutates(createGrant),
		"ListGrants":  reads(listGrants),
		"RetireGrant": mutates(retireGrant),
		"RevokeGrant": mutates(revokeGrant),

		"GetKeyRotationStatus": reads(getKeyRotationStatus),
		"EnableKeyRotation":    mutates(enableKeyRotation),
		"DisableKeyRotation":   mutates(disableKeyRotation),
		"RotateKeyOnDemand":    mutates(rotateKeyOnDemand),
		"ListKeyRotations":     reads(listKeyRotations),
	}
}
