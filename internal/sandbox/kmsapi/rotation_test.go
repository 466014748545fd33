package kmsapi_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func TestRotateOnDemand(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.key()
	before := must(w.encrypt(id))
	first := *must(w.open(before, nil, nil)).KeyMaterialId
	for range 25 {
		w.pass(time.Hour)
		must(w.RotateKeyOnDemand(ctx, &awskms.RotateKeyOnDemandInput{KeyId: &id}))
	}
	_, err := w.RotateKeyOnDemand(ctx, &awskms.RotateKeyOnDemandInput{KeyId: &id})
	refused(t, err, "LimitExceededException", "")
	w.reload()
	after := must(w.encrypt(id))
	if got := *must(w.open(before, nil, nil)).KeyMaterialId; got != first {
		t.Errorf("the old ciphertext was opened with %s", got)
	}
	last := *must(w.open(after, nil, nil)).KeyMaterialId
	if m := must(w.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &id})).KeyMetadata; last == first ||
		*m.CurrentKeyMaterialId != last {
		t.Errorf("%s encrypts, %s is current", last, *m.CurrentKeyMaterialId)
	}
	if n := len(must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id})).Rotations); n != 25 {
		t.Errorf("%d rotations", n)
	}
	all := must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id,
		IncludeKeyMaterial: types.IncludeKeyMaterialAllKeyMaterial})).Rotations
	if len(all) != 26 || *all[0].KeyMaterialId != first || all[0].RotationDate != nil ||
		all[25].KeyMaterialState != types.KeyMaterialStateCurrent ||
		!all[25].RotationDate.Equal(w.now.Truncate(time.Millisecond)) ||
		all[25].RotationType != types.RotationTypeOnDemand {
		t.Errorf("%+v", all)
	}
}

func TestAutomaticRotation(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.key()
	status := func() *awskms.GetKeyRotationStatusOutput {
		t.Helper()
		return must(w.GetKeyRotationStatus(ctx, &awskms.GetKeyRotationStatusInput{KeyId: &id}))
	}
	if status().KeyRotationEnabled {
		t.Error("on from the start")
	}
	before := must(w.encrypt(id))
	must(w.EnableKeyRotation(ctx, &awskms.EnableKeyRotationInput{KeyId: &id, RotationPeriodInDays: aws.Int32(90)}))
	if s := status(); !s.KeyRotationEnabled || *s.RotationPeriodInDays != 90 ||
		!s.NextRotationDate.Equal(w.now.Add(90*day).Truncate(time.Millisecond)) {
		t.Errorf("%+v", s)
	}
	w.pass(200 * day)
	rotations := must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id})).Rotations
	if len(rotations) != 2 || rotations[1].RotationType != types.RotationTypeAutomatic ||
		!rotations[1].RotationDate.Equal(w.now.Add(-20*day).Truncate(time.Millisecond)) {
		t.Errorf("%+v", rotations)
	}
	must(w.open(before, nil, nil))
	w.schedule(id, 7)
	if status().KeyRotationEnabled {
		t.Error("on while pending deletion")
	}
	must(w.CancelKeyDeletion(ctx, &awskms.CancelKeyDeletionInput{KeyId: &id}))
	if !status().KeyRotationEnabled {
		t.Error("the cancelled deletion lost the schedule")
	}
	w.pass(200 * day)
	if n := len(must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id})).Rotations); n != 2 {
		t.Errorf("%d rotations; a disabled key does not rotate", n)
	}
	must(w.EnableKey(ctx, &awskms.EnableKeyInput{KeyId: &id}))
	if n := len(must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id})).Rotations); n <= 2 {
		t.Error("the schedule does not go on")
	}
	must(w.DisableKeyRotation(ctx, &awskms.DisableKeyRotationInput{KeyId: &id}))
	was := len(must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id})).Rotations)
	w.pass(400 * day)
	if n := len(must(w.ListKeyRotations(ctx, &awskms.ListKeyRotationsInput{KeyId: &id})).Rotations); n != was {
		t.Errorf("%d rotations, %d before", n, was)
	}
}

func TestKeysThatDoNotRotate(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for _, id := range []string{
		w.of(types.KeySpecEccNistP256, types.KeyUsageTypeSignVerify),
		w.of(types.KeySpecHmac256, types.KeyUsageTypeGenerateVerifyMac),
		w.create(awskms.CreateKeyInput{Origin: types.OriginTypeExternal}),
	} {
		for _, operation := range []string{"EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"} {
			refused(t, w.call(operation, `{"KeyId": "`+id+`"}`), "UnsupportedOperationException", "")
		}
		if must(w.GetKeyRotationStatus(ctx, &awskms.GetKeyRotationStatusInput{KeyId: &id})).KeyRotationEnabled {
			t.Error("it says it rotates")
		}
	}
	id := w.key()
	for _, days := range []int32{89, 2561} {
		_, err := w.EnableKeyRotation(ctx, &awskms.EnableKeyRotationInput{KeyId: &id, RotationPeriodInDays: &days})
		refused(t, err, "ValidationException", "rotationPeriodInDays")
	}
}
