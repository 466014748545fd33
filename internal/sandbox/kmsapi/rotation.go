package kmsapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// rotation is the schedule of a key's automatic rotation.
type rotation struct {
	Enabled bool      `json:"enabled"`
	Days    int       `json:"days,omitempty"`
	Next    time.Time `json:"next,omitzero"`
}

// rotationsOnDemand is the quota of on-demand rotations in a key's life.
const rotationsOnDemand = 25

type enableKeyRotationInput struct {
	KeyId                string
	RotationPeriodInDays *int
}

// enableKeyRotation starts the schedule again, also where there is one already.
func enableKeyRotation(r *request, in enableKeyRotationInput) (any, error) {
	days := 365
	if in.RotationPeriodInDays != nil {
		days = *in.RotationPeriodInDays
	}
	if err := within(90, 2560, "rotationPeriodInDays", days); err != nil {
		return nil, err
	}
	k, err := r.rotatable(in.KeyId)
	if err != nil {
		return nil, err
	}
	k.Rotation.set(r.Now, rotation{Enabled: true, Days: days, Next: r.Now.Add(period(days))})
	return nil, nil
}

func disableKeyRotation(r *request, in keyInput) (any, error) {
	k, err := r.rotatable(in.KeyId)
	if err != nil {
		return nil, err
	}
	k.Rotation.set(r.Now, rotation{})
	return nil, nil
}

// rotateKeyOnDemand gives the key new material under the same id. AWS takes a
// while for it; here it is done at once. It has no token that would make it
// idempotent, and leaves the automatic schedule as it is.
func rotateKeyOnDemand(r *request, in keyInput) (any, error) {
	k, err := r.rotatable(in.KeyId)
	if err != nil {
		return nil, err
	}
	done := 0
	for _, m := range k.Materials {
		if m.Rotation == onDemand {
			done++
		}
	}
	if done >= rotationsOnDemand {
		return nil, refuse("LimitExceededException", "%s was rotated on demand %d times; the quota is %d.", r.arn(k),
			done, rotationsOnDemand)
	}
	if err := r.addMaterial(k); err != nil {
		return nil, err
	}
	k.Materials[len(k.Materials)-1].Rotation = onDemand
	return keyIDOutput{k.ID}, nil
}

// rotatable finds the key of a mutation that only symmetric encryption keys
// with material made by KMS know, and only while they are enabled.
func (r *request) rotatable(id string) (*key, error) {
	k, err := r.target(id)
	switch {
	case err != nil:
		return nil, err
	case k.spec().kind != symmetric:
		return nil, refuse("UnsupportedOperationException",
			"You cannot perform this operation on a non-symmetric key or a key with non-ENCRYPT_DECRYPT key usage.")
	case k.Origin != "AWS_KMS":
		return nil, refuse("UnsupportedOperationException", "%s origin is %s which is not valid for this operation.",
			r.arn(k), k.Origin)
	}
	return k, notEnabled(r.arn(k), k.Status.current().State)
}

// catchUp does the automatic rotations that have come due since the key was
// last looked at; not while it is disabled or pending deletion (API reference,
// GetKeyRotationStatus). The new material follows from the old one, so that it
// is the same whether or not the state was saved in between.
func (k *key) catchUp(now time.Time) {
	for {
		schedule := k.Rotation.current()
		if !schedule.Enabled || now.Before(schedule.Next) || k.Status.current().State != enabled {
			return
		}
		derive := hmac.New(sha256.New, k.material().Secret)
		derive.Write([]byte("automatic rotation"))
		m := material{Secret: derive.Sum(nil), Since: schedule.Next, Rotation: automatic}
		id := sha256.Sum256(append([]byte(k.ID), m.Secret...))
		m.ID = hex.EncodeToString(id[:])
		k.Materials = append(k.Materials, m)
		schedule.Next = schedule.Next.Add(period(schedule.Days))
		k.Rotation.set(now, schedule)
	}
}

func period(days int) time.Duration { return time.Duration(days) * 24 * time.Hour }
