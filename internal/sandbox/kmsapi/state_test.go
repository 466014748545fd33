package kmsapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

const day = 24 * time.Hour

// TestKeyStates is AWS's table "Key states of AWS KMS keys", for the states a
// key made by KMS can be in.
func TestKeyStates(t *testing.T) {
	const (
		fine     = ""
		off      = "DisabledException"
		going    = "KMSInvalidStateException: is pending deletion."
		notGoing = "KMSInvalidStateException: is not pending deletion."
	)
	policy := `"Policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:*\", ` +
		`\"Resource\": \"*\"}}"`
	for _, c := range []struct{ operation, members, enabled, disabled, deleting string }{
		{"CancelKeyDeletion", ``, notGoing, notGoing, fine},
		{"CreateAlias", `"AliasName": "alias/new", "TargetKeyId": "$KEY"`, fine, fine, going},
		{"CreateGrant", `"GranteePrincipal": "arn:aws:iam::111122223333:role/r", "Operations": ["Encrypt"]`, fine, off,
			going},
		{"Encrypt", `"Plaintext": "AAAA"`, fine, off, going},
		{"Decrypt", `"CiphertextBlob": "$BLOB"`, fine, off, going},
		{"ReEncrypt", `"CiphertextBlob": "$BLOB", "DestinationKeyId": "$KEY"`, fine, off, going},
		{"GenerateDataKey", `"KeySpec": "AES_256"`, fine, off, going},
		{"GenerateDataKeyWithoutPlaintext", `"NumberOfBytes": 7`, fine, off, going},
		{"DeleteAlias", `"AliasName": "alias/old"`, fine, fine, fine},
		{"DescribeKey", ``, fine, fine, fine},
		{"DisableKey", ``, fine, fine, going},
		{"EnableKey", ``, fine, fine, going},
		{"EnableKeyRotation", ``, fine, off, going},
		{"DisableKeyRotation", ``, fine, off, going},
		{"RotateKeyOnDemand", ``, fine, off, going},
		{"GetKeyRotationStatus", ``, fine, fine, fine},
		{"ListKeyRotations", ``, fine, fine, fine},
		{"GetKeyLastUsage", ``, fine, fine, fine},
		{"GetKeyPolicy", ``, fine, fine, fine},
		{"PutKeyPolicy", policy, fine, fine, fine},
		{"ListKeyPolicies", ``, fine, fine, fine},
		{"ListAliases", ``, fine, fine, fine},
		{"ListGrants", ``, fine, fine, fine},
		{"ListResourceTags", ``, fine, fine, fine},
		{"ScheduleKeyDeletion", ``, fine, fine, going},
		{"TagResource", `"Tags": [{"TagKey": "a", "TagValue": "b"}]`, fine, fine, going},
		{"UntagResource", `"TagKeys": ["a"]`, fine, fine, going},
		{"UpdateAlias", `"AliasName": "alias/old", "TargetKeyId": "$KEY"`, fine, fine, going},
		{"UpdateKeyDescription", `"Description": ""`, fine, fine, going},
	} {
		for i, want := range []string{c.enabled, c.disabled, c.deleting} {
			w := newWorld(t)
			id := w.key()
			w.alias("alias/old", id)
			blob := must(w.encrypt(id))
			w.pass(time.Minute)
			switch i {
			case 1:
				w.disable(id)
			case 2:
				w.schedule(id, 7)
			}
			body := `{"KeyId": "$KEY", ` + c.members
			body = strings.TrimRight(body, ", ") + "}"
			body = strings.NewReplacer("$KEY", id, "$BLOB", base64Of(blob)).Replace(body)
			err := w.call(c.operation, body)
			if want == fine {
				if err != nil {
					t.Errorf("%s in state %d: %v", c.operation, i, err)
				}
				continue
			}
			code, text, _ := strings.Cut(want, ": ")
			refused(t, err, code, strings.TrimSpace(keyARN(id)+" "+text))
		}
	}
}

func TestStatesOfPairs(t *testing.T) {
	w := newWorld(t)
	id := w.of(types.KeySpecEccNistP256, types.KeyUsageTypeSignVerify)
	body := `{"KeyId": "` + id + `", "SigningAlgorithm": "ECDSA_SHA_256", "Message": "AAAA", "Signature": "AAAA"}`
	w.disable(id)
	for _, operation := range []string{"Sign", "Verify", "GetPublicKey"} {
		refused(t, w.call(operation, body), "DisabledException", keyARN(id)+" is disabled.")
	}
	w.schedule(id, 7)
	for _, operation := range []string{"Sign", "Verify", "GetPublicKey"} {
		refused(t, w.call(operation, body), "KMSInvalidStateException", keyARN(id)+" is pending deletion.")
	}
}

func TestDeletionComesByItself(t *testing.T) {
	w := newWorld(t)
	gone, kept := w.key(), w.key()
	w.alias("alias/gone", gone)
	w.alias("alias/kept", kept)
	blob := must(w.encrypt(gone))
	w.schedule(gone, 7)
	w.pass(7*day - time.Second)
	if got := w.state(gone); got != types.KeyStatePendingDeletion {
		t.Errorf("a second before the end it is %s", got)
	}
	w.pass(time.Second)

	for _, name := range []string{gone, "alias/gone"} {
		_, err := w.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &name})
		refused(t, err, "NotFoundException", "")
	}
	_, err := w.CancelKeyDeletion(t.Context(), &awskms.CancelKeyDeletionInput{KeyId: &gone})
	refused(t, err, "NotFoundException", "does not exist")
	_, err = w.Decrypt(t.Context(), &awskms.DecryptInput{CiphertextBlob: blob})
	refused(t, err, "AccessDeniedException", "customer master key that does not exist")
	refused(t, w.move("alias/gone", kept), "NotFoundException", "is not found")
	if aliases := must(w.ListAliases(t.Context(), &awskms.ListAliasesInput{})).Aliases; len(aliases) != 1 {
		t.Errorf("aliases are left: %v", aliases)
	}
	if keys := must(w.ListKeys(t.Context(), &awskms.ListKeysInput{})).Keys; len(keys) != 1 || *keys[0].KeyId != kept {
		t.Errorf("keys are left: %v", keys)
	}
	if err := w.claim("alias/gone", kept); err != nil {
		t.Errorf("the name is free again: %v", err)
	}

	w.pass(2 * time.Hour)
	w.state(kept)
	if saved := string(must(w.service.MarshalJSON())); strings.Contains(saved, gone) {
		t.Error("the deleted key is still in the state")
	}
	if got := w.named("alias/gone"); got != kept {
		t.Errorf("the new alias names %s", got)
	}
}

func TestCancelKeyDeletionLeavesTheKeyDisabled(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	out := must(w.ScheduleKeyDeletion(t.Context(), &awskms.ScheduleKeyDeletionInput{KeyId: &id}))
	if *out.PendingWindowInDays != 30 || out.KeyState != types.KeyStatePendingDeletion || *out.KeyId != keyARN(id) ||
		!out.DeletionDate.Equal(w.now.Add(30*day).Truncate(time.Millisecond)) {
		t.Errorf("%+v", out)
	}
	if m := must(w.DescribeKey(t.Context(),
		&awskms.DescribeKeyInput{KeyId: &id})).KeyMetadata; !m.DeletionDate.Equal(*out.DeletionDate) || m.Enabled {
		t.Errorf("%+v", m)
	}
	w.pass(time.Hour)
	cancelled := must(w.CancelKeyDeletion(t.Context(), &awskms.CancelKeyDeletionInput{KeyId: &id}))
	if *cancelled.KeyId != keyARN(id) || w.state(id) != types.KeyStateDisabled {
		t.Errorf("%+v, %s", cancelled, w.state(id))
	}
	w.pass(40 * day)
	must(w.EnableKey(t.Context(), &awskms.EnableKeyInput{KeyId: &id}))
	must(w.encrypt(id))
}

func TestPendingWindow(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	for _, days := range []int32{-1, 0, 6, 31} {
		_, err := w.ScheduleKeyDeletion(t.Context(),
			&awskms.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(days)})
		refused(t, err, "ValidationException", "pendingWindowInDays")
	}
	w.schedule(id, 7)
}
